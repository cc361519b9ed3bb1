//! Node pools as a user writes them: how the nodes of every fleet are split.

use greenroom_scheduler::config::Check;
use greenroom_scheduler::model::CapacityType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `spec.weight` of a NodePool lies between 1 and this.
const WEIGHT_MAX: u32 = 100;
/// `minValues` of a requirement lies between 1 and this.
const MIN_VALUES_MAX: u32 = 50;

/// A node pool: key `karpenter.node_pool.NAME`. Every fleet has one of each; what a fleet itself
/// allows (instance types, ways to buy, size, count) holds for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table of a node pool's keys")]
pub struct NodePoolConfig {
    /// Greater is tried first, 1 to 100 (`spec.weight`). Default: after all that have one; equal
    /// ones in descending order of their names, as in the real code.
    pub weight: Option<u32>,
    /// How its nodes may be bought. Default: as the fleet's.
    pub capacity: Vec<CapacityType>,
    /// The largest node in vCPU. Default: as the fleet's.
    pub cpu_max: Option<u32>,
    /// Different instance types that a claim must be left with, 1 to 50 (`minValues`). Default: 1.
    pub instance_types_min: Option<u32>,
    /// The most that its nodes may have together (`spec.limits`), in each fleet. Default: no limit.
    pub limits: LimitsConfig,
}

/// What nodes may have together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { cpu, memory_gib }")]
pub struct LimitsConfig {
    /// vCPUs. Default: no limit.
    pub cpu: Option<u32>,
    /// Memory in GiB. Default: no limit.
    pub memory_gib: Option<u32>,
}

impl NodePoolConfig {
    /// Adds everything that makes no sense.
    pub(super) fn check(&self, check: &mut Check<'_>) {
        if let Some(weight) = self.weight {
            check.count("weight", weight, 1..=WEIGHT_MAX);
        }
        if let Some(least) = self.instance_types_min {
            check.count("instance_types_min", least, 1..=MIN_VALUES_MAX);
        }
        if let Some(most) = self.cpu_max {
            check.count("cpu_max", most, 1..=u32::MAX);
        }
    }
}
