//! One instance type.

use super::Architecture;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::resources::Resources;

/// What is known of one instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// The name, such as `m7i.xlarge`.
    pub name: Box<str>,
    /// The instruction set.
    pub architecture: Architecture,
    /// Virtual CPUs; account quotas count these.
    pub vcpu: u32,
    /// Nominal memory in MiB.
    pub memory_mib: u32,
    /// Baseline network bandwidth in Mbit/s; 0 when unknown.
    pub network_mbps: u32,
    /// Local NVMe in GB; 0 when there is none.
    pub local_nvme_gb: u32,
    /// Whole GPUs.
    pub gpu: u32,
    /// The model of GPU, such as `t4`.
    pub gpu_name: Option<Box<str>>,
    /// Network interfaces.
    pub enis: u32,
    /// IPv4 addresses of each interface.
    pub ipv4_per_eni: u32,
    /// Pods at most.
    pub max_pods: u32,
    /// What pods get of it.
    pub allocatable: Resources,
    /// The on-demand price.
    pub on_demand: Rate,
    /// How far spot lies below on-demand, in percent of it; unknown when the advisor omits it.
    pub spot_saving_percent: Option<u8>,
    /// Share of instances interrupted in a month: 0 is under 5 %, 1 is 5-10, 2 is 10-15, 3 is
    /// 15-20, 4 is over 20.
    pub spot_interruption_bucket: Option<u8>,
}

impl InstanceType {
    /// The family: what stands before the dot, such as `c7gd`.
    pub fn family(&self) -> &str {
        self.name.split_once('.').map_or(&self.name, |(family, _)| family)
    }

    /// The size: what stands behind the dot, such as `2xlarge`.
    pub fn size(&self) -> &str {
        self.name.split_once('.').map_or("", |(_, size)| size)
    }

    /// The letters before the generation, such as `c`, `im` or `inf`.
    pub fn category(&self) -> &str {
        let family = self.family();
        family.find(|c: char| c.is_ascii_digit()).map_or(family, |digit| &family[..digit])
    }

    /// The generation, such as 7 of `c7gd`; `None` for a name without one.
    pub fn generation(&self) -> Option<u32> {
        let digits = &self.family()[self.category().len()..];
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok()
    }

    /// Whether there is no hypervisor.
    pub fn is_metal(&self) -> bool {
        self.size().starts_with("metal")
    }
}
