//! Keys of `taskcluster`.

use super::{MACHINES_MAX, at_most, thousandths};
use crate::config::Check;
use crate::config::policy::KEEP_ALIVE_S_MAX;
use crate::policy::taskcluster::Taskcluster;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of `taskcluster`, as in a worker pool's definition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of keys of taskcluster")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskclusterConfig {
    /// Workers for each pending task (scalingRatio), 0.001 to 1,000.
    pub scaling_ratio: f64,
    /// Fewest workers of each pool of nodes (minCapacity), up to a million.
    pub min_capacity: u32,
    /// Most workers of each pool of nodes (maxCapacity), 1 to a million. Default: a million.
    pub max_capacity: u32,
    /// How long an idle worker stays, in seconds, 0 to 86,400. Firefox CI has 120, 150 and 300.
    pub idle_timeout_s: f64,
    /// Time between two looks of the provisioner, in seconds, 0.001 to 86,400.
    pub loop_s: f64,
}

impl Default for TaskclusterConfig {
    fn default() -> Self {
        Self {
            scaling_ratio: 1.0,
            min_capacity: 0,
            max_capacity: MACHINES_MAX,
            idle_timeout_s: 120.0,
            loop_s: 10.0,
        }
    }
}

impl TaskclusterConfig {
    pub(in crate::config) fn resolved(self) -> Taskcluster {
        Taskcluster {
            ratio_milli: thousandths(self.scaling_ratio),
            min: self.min_capacity,
            max: self.max_capacity,
            every: Span::from_secs_f64(self.loop_s),
        }
    }

    pub(in crate::config) fn check(self, check: &mut Check<'_>) {
        check.number("scaling_ratio", self.scaling_ratio, 0.001..=1_000.0);
        check.count("max_capacity", self.max_capacity, 1..=MACHINES_MAX);
        at_most(check, "min_capacity", self.min_capacity, "max_capacity", self.max_capacity);
        check.number("idle_timeout_s", self.idle_timeout_s, 0.0..=KEEP_ALIVE_S_MAX);
        check.number("loop_s", self.loop_s, 0.001..=KEEP_ALIVE_S_MAX);
    }
}
