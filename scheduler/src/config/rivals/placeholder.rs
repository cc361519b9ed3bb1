//! Keys of `placeholder`.

use super::MACHINES_MAX;
use crate::config::Check;
use crate::config::policy::KEEP_ALIVE_S_MAX;
use crate::policy::placeholder::Placeholder;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of `placeholder`, as in the fork's runner definitions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of keys of placeholder")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlaceholderConfig {
    /// Placeholder pairs that each pool of nodes always has (proactive_capacity), up to a million.
    /// In 2026 the fork went from 30 over 15 and 5 to 0; the default is its last but one.
    pub proactive_capacity: u32,
    /// Most new pairs at each recalculation, 1 to a million.
    pub burst_max: u32,
    /// Clusters that share the queue, 1 to 100.
    pub shards: u32,
    /// From which age on a job is everybody's, in seconds, 0 to 86,400.
    pub overdue_s: f64,
    /// Time between two recalculations, in seconds, 0.001 to 86,400.
    pub recalculate_s: f64,
    /// How long an empty node stays beyond the pairs, in seconds, 0 to 86,400. Default: what a node
    /// takes to start.
    pub keep_alive_s: Option<f64>,
}

impl Default for PlaceholderConfig {
    fn default() -> Self {
        Self {
            proactive_capacity: 5,
            burst_max: 30,
            shards: 1,
            overdue_s: 900.0,
            recalculate_s: 30.0,
            keep_alive_s: None,
        }
    }
}

impl PlaceholderConfig {
    pub(in crate::config) fn resolved(self) -> Placeholder {
        Placeholder {
            pairs: self.proactive_capacity,
            burst_max: self.burst_max,
            shards: self.shards,
            overdue: Span::from_secs_f64(self.overdue_s),
            every: Span::from_secs_f64(self.recalculate_s),
        }
    }

    pub(in crate::config) fn check(self, check: &mut Check<'_>) {
        check.count("proactive_capacity", self.proactive_capacity, 0..=MACHINES_MAX);
        check.count("burst_max", self.burst_max, 1..=MACHINES_MAX);
        check.count("shards", self.shards, 1..=100);
        check.number("overdue_s", self.overdue_s, 0.0..=KEEP_ALIVE_S_MAX);
        check.number("recalculate_s", self.recalculate_s, 0.001..=KEEP_ALIVE_S_MAX);
        if let Some(keep_alive_s) = self.keep_alive_s {
            check.number("keep_alive_s", keep_alive_s, 0.0..=KEEP_ALIVE_S_MAX);
        }
    }
}
