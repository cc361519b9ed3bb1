//! What pods get of a machine: the instance model of Karpenter's AWS provider.

use super::Architecture;
use greenroom_scheduler::resources::Resources;

/// Pods under the AWS VPC CNI with secondary addresses: each interface keeps one address for
/// itself, and two pods use the host's network. Source: amazon-vpc-cni-k8s, `misc/eni-max-pods.txt`.
pub const fn max_pods_of(enis: u32, ipv4_per_eni: u32) -> u32 {
    enis.saturating_mul(ipv4_per_eni.saturating_sub(1)).saturating_add(2)
}

/// Allocatable resources of a machine with default reservations: what the hypervisor keeps, what
/// the kubelet and the system keep, what triggers eviction. Source: karpenter-provider-aws,
/// `pkg/providers/instancetype/types.go`; it agrees with all 1,363 types of its reference pages
/// that state both.
///
/// * Memory: 64 MiB less on arm64, then 7.5 % less (rounded up), then 255 MiB and 11 MiB a pod for
///   the kubelet, then 100 MiB below which pods are evicted.
/// * CPU: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the others.
pub fn allocatable(
    architecture: Architecture,
    vcpu: u32,
    memory_mib: u32,
    gpu: u32,
    max_pods: u32,
) -> Resources {
    let visible = match architecture {
        Architecture::X86_64 => memory_mib,
        Architecture::Arm64 => memory_mib.saturating_sub(64),
    };
    let hypervisor = (u64::from(visible) * 75).div_ceil(1000) as u32;
    let kubelet = 255_u32.saturating_add(max_pods.saturating_mul(11));
    let memory_mib = visible.saturating_sub(hypervisor).saturating_sub(kubelet).saturating_sub(100);
    // In tenths of a thousandth of a core, to stay whole.
    let reserved = [(1, 600), (1, 100), (2, 50), (u32::MAX, 25)]
        .into_iter()
        .fold((vcpu, 0_u64), |(left, sum), (cores, tenths)| {
            let here = left.min(cores);
            (left - here, sum + u64::from(here) * tenths)
        })
        .1;
    let cpu_milli = (u64::from(vcpu) * 1000).saturating_sub(reserved / 10);
    Resources { cpu_milli: u32::try_from(cpu_milli).unwrap_or(u32::MAX), memory_mib, gpu }
}
