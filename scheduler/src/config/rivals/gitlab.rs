//! Keys of `gitlab`.

use super::{MACHINES_MAX, periods, thousandths};
use crate::config::Check;
use crate::config::CronHours;
use crate::config::policy::KEEP_ALIVE_S_MAX;
use crate::policy::gitlab::Gitlab;
use crate::policy::schedule::{Period, Schedule};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Parameters of `gitlab`, as in the runner's `[runners.machine]`; the defaults are those of the
/// example of its documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of keys of gitlab")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GitlabConfig {
    /// Machines that stay idle (IdleCount), up to a million. With 0 a machine is created for each
    /// job; otherwise jobs run only on machines that were created to be idle.
    pub idle_count: u32,
    /// Fewest idle machines beside a scale factor (IdleCountMin), up to a million.
    pub idle_count_min: u32,
    /// Idle machines for each machine in use, up to `idle_count` (IdleScaleFactor), 0 to 1,000.
    /// 0 is none: `idle_count` alone.
    pub idle_scale_factor: f64,
    /// How long more idle machines than are wanted stay (IdleTime), in seconds, 0 to 86,400.
    pub idle_time_s: f64,
    /// Most machines of each pool of nodes (limit), 1 to a million. Default: a million.
    pub limit: u32,
    /// Most machines in creation at once (MaxGrowthRate), 1 to a million. Default: a million.
    pub max_growth_rate: u32,
    /// Other idle counts by the hour. The last one that holds is taken.
    pub periods: Vec<GitlabPeriod>,
}

/// An idle count by the hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table { hours, idle_count }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GitlabPeriod {
    /// When, such as `"* 9-17 * * mon-fri"`.
    pub hours: CronHours,
    /// Machines that stay idle then.
    pub idle_count: u32,
}

impl Default for GitlabConfig {
    fn default() -> Self {
        Self {
            idle_count: 5,
            idle_count_min: 1,
            idle_scale_factor: 0.0,
            idle_time_s: 600.0,
            limit: MACHINES_MAX,
            max_growth_rate: MACHINES_MAX,
            periods: Vec::new(),
        }
    }
}

impl GitlabConfig {
    pub(in crate::config) fn resolved(&self) -> Gitlab {
        Gitlab {
            idle_count: self.idle_count,
            idle_count_min: self.idle_count_min,
            factor_milli: thousandths(self.idle_scale_factor),
            limit: self.limit,
            growth_max: self.max_growth_rate,
        }
    }

    pub(in crate::config) fn schedule(&self) -> Schedule {
        let period = |p: &GitlabPeriod| Period { hours: p.hours.hours(), count: p.idle_count };
        Schedule { pool: Vec::new(), idle: self.periods.iter().map(period).collect() }
    }

    pub(in crate::config) fn check(&self, check: &mut Check<'_>) {
        check.count("idle_count", self.idle_count, 0..=MACHINES_MAX);
        check.count("idle_count_min", self.idle_count_min, 0..=MACHINES_MAX);
        check.number("idle_scale_factor", self.idle_scale_factor, 0.0..=1_000.0);
        if self.idle_scale_factor > 0.0 && self.idle_count_min == 0 && self.idle_count > 0 {
            // Nothing would ever be in use, and so nothing idle.
            check.fault("idle_count_min", 0, "1 at least, beside an idle_scale_factor");
        }
        check.number("idle_time_s", self.idle_time_s, 0.0..=KEEP_ALIVE_S_MAX);
        check.count("limit", self.limit, 1..=MACHINES_MAX);
        check.count("max_growth_rate", self.max_growth_rate, 1..=MACHINES_MAX);
        periods(check, "periods", self.periods.len());
    }
}
