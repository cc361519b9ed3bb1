//! A pool: one runner class.

use super::{Architecture, Check, Cpu, Memory};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::spec;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The dearest minute of GitHub's own runners is under 1 USD (2026); a hundred times that is a
/// slip of units.
const USD_PER_MINUTE_MAX: f64 = 100.0;

/// Most GPUs of one EC2 machine are 16; more is a slip.
const GPU_MAX: u32 = 64;

/// Images of CI runners reach some tens of GB; a disk of a node holds no terabytes of them.
const IMAGE_GB_MAX: f64 = 2_000.0;

/// A pool: one runner class. A job goes to the pool whose name is its class, or whose labels hold
/// all of the job's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of a pool's keys")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PoolConfig {
    /// Most runners at once, over all teams. Default: no limit.
    pub max: Option<u32>,
    /// Who runs the machines: `aws` (nodes of your account) or `hosted` (GitHub; nothing is
    /// launched, minutes are paid).
    pub kind: PoolKind,
    /// Price of a minute in USD, for `hosted`: each started minute of a job counts whole. Default:
    /// none; a hosted pool needs it.
    pub usd_per_minute: Option<f64>,
    /// Labels that jobs may ask for. Default: the pool's name.
    pub labels: Vec<String>,
    /// What one runner asks for. Default: what the job says, otherwise 4 vCPU and 16 GiB.
    pub requests: Option<Requests>,
    /// Whether its nodes may carry no other pool, whatever another pool says.
    pub isolated: bool,
    /// Whether its nodes must have local NVMe disks.
    pub nvme: bool,
    /// The instruction set of its nodes. Default: x86-64.
    pub arch: Option<Architecture>,
    /// Instance families its nodes may be of, such as `m7i`. Default: any.
    pub families: Vec<String>,
    /// Instance types its nodes may be of, such as `m7i.4xlarge`. Default: any.
    pub instance_types: Vec<String>,
    /// The largest node in vCPU, so that one long job does not pin a large machine. Default: any
    /// size that the world's own default allows.
    pub cpu_max: Option<u32>,
    /// How nodes may be bought, the first that is fit first. Default: spot, then on-demand.
    pub capacity: Vec<CapacityType>,
    /// Most runner pods on one node. Default: as many as its type takes.
    pub pods_per_node_max: Option<u32>,
    /// Most nodes at once. Default: no limit.
    pub nodes_max: Option<u32>,
    /// Size of its runner image in GB (10^9 bytes, compressed). Default: the world's own.
    pub image_gb: Option<f64>,
    /// Name of the nodes that it shares with the other pools that say the same name. Default: nodes
    /// of its own.
    pub nodes: Option<String>,
}

/// Who runs the machines of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PoolKind {
    /// Nodes in your own account.
    #[default]
    Aws,
    /// GitHub, at a price per minute.
    Hosted,
}

/// What one runner asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { cpu, memory, gpu }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Requests {
    /// vCPUs: 4, "4" or "3500m". Default: 4.
    pub cpu: Option<Cpu>,
    /// Memory with its unit: "16GiB". Default: 16 GiB.
    pub memory: Option<Memory>,
    /// Whole GPUs. Default: 0.
    pub gpu: u32,
}

impl Requests {
    /// As numbers, with the size of a job without one filled in.
    pub fn resolved(self) -> Resources {
        let plain = Resources::JOB_DEFAULT;
        Resources {
            cpu_milli: self.cpu.map_or(plain.cpu_milli, |cpu| cpu.milli),
            memory_mib: self.memory.map_or(plain.memory_mib, |memory| memory.mib),
            gpu: self.gpu,
        }
    }
}

impl PoolConfig {
    /// What the core is told of it.
    pub fn resolved(&self, name: &str) -> spec::Pool {
        spec::Pool {
            name: name.to_owned(),
            request: self.requests.unwrap_or_default().resolved(),
            max: self.max,
            hosted: self.kind == PoolKind::Hosted,
        }
    }

    /// Everything that makes no sense.
    pub fn check(&self, check: &mut Check<'_>) {
        const POSITIVE: core::ops::RangeInclusive<u32> = 1..=u32::MAX;
        for (key, value) in [
            ("max", self.max),
            ("cpu_max", self.cpu_max),
            ("pods_per_node_max", self.pods_per_node_max),
            ("nodes_max", self.nodes_max),
        ] {
            if let Some(value) = value {
                check.count(key, value, POSITIVE);
            }
        }
        if let Some(image_gb) = self.image_gb {
            check.number("image_gb", image_gb, 0.0..=IMAGE_GB_MAX);
        }
        if let Some(requests) = self.requests {
            check.under("requests").count("gpu", requests.gpu, 0..=GPU_MAX);
        }
        for (key, list) in [
            ("labels", &self.labels),
            ("families", &self.families),
            ("instance_types", &self.instance_types),
        ] {
            if list.iter().any(String::is_empty) {
                check.fault(key, "an empty name", "names");
            }
        }
        if self.capacity.len() == 2 && self.capacity[0] == self.capacity[1]
            || self.capacity.len() > 2
        {
            check.fault(
                "capacity",
                "the same value twice",
                "each of spot and on-demand once at most",
            );
        }
        if self.nodes.as_deref() == Some("") {
            check.fault("nodes", "an empty name", "the name that pools share");
        }
        if self.isolated && self.nodes.is_some() {
            check.fault(
                "nodes",
                "a name to share nodes by, beside isolated = true",
                "one of the two",
            );
        }
        match self.kind {
            PoolKind::Aws => {
                if let Some(price) = self.usd_per_minute {
                    check.fault("usd_per_minute", price, "no such key unless kind = \"hosted\"");
                }
            }
            PoolKind::Hosted => self.check_hosted(check),
        }
    }

    fn check_hosted(&self, check: &mut Check<'_>) {
        match self.usd_per_minute {
            Some(price) => check.number("usd_per_minute", price, 0.0..=USD_PER_MINUTE_MAX),
            None => check.fault(
                "usd_per_minute",
                "nothing",
                "a price in USD a minute, since kind = \"hosted\"",
            ),
        }
        for (key, given) in [
            ("isolated", self.isolated),
            ("nvme", self.nvme),
            ("families", !self.families.is_empty()),
            ("instance_types", !self.instance_types.is_empty()),
            ("cpu_max", self.cpu_max.is_some()),
            ("capacity", !self.capacity.is_empty()),
            ("pods_per_node_max", self.pods_per_node_max.is_some()),
            ("nodes_max", self.nodes_max.is_some()),
            ("nodes", self.nodes.is_some()),
        ] {
            if given {
                let expected = "no such key beside kind = \"hosted\": GitHub owns those machines";
                check.fault(key, "a wish for nodes", expected);
            }
        }
    }
}
