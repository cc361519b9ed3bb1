//! Keys of `cron`.

use super::{MACHINES_MAX, periods};
use crate::config::Check;
use crate::config::CronHours;
use crate::config::policy::KEEP_ALIVE_S_MAX;
use crate::policy::cron::Cron;
use crate::policy::schedule::{Period, Schedule};
use crate::time::Span;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Parameters of `cron`, as in terraform-aws-github-runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of keys of cron")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CronConfig {
    /// Pools by the hour (pool_config): idle instances are topped up to the size.
    pub pool: Vec<CronPool>,
    /// Idle instances that are not scaled down (idle_config); the first that holds is taken.
    pub idle: Vec<CronIdle>,
    /// How long an instance runs before it may be scaled down (minimum_running_time_in_minutes), in
    /// seconds, 0 to 86,400.
    pub minimum_running_time_s: f64,
    /// Time between two runs of scale-down and pool, in seconds, 0.001 to 86,400.
    pub schedule_s: f64,
    /// Most instances of each pool of nodes (runners_maximum_count, 3 there), 1 to a million.
    /// Default: a million, since a comparison at 3 would measure nothing but the limit.
    pub runners_maximum_count: u32,
}

/// A pool by the hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table { schedule, size }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CronPool {
    /// When, such as `"* 8-18 * * mon-fri"`.
    pub schedule: CronHours,
    /// Idle instances then.
    pub size: u32,
}

/// Idle instances by the hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table { cron, idle_count }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CronIdle {
    /// When, such as `"* 8-18 * * mon-fri"`.
    pub cron: CronHours,
    /// Idle instances that stay then.
    pub idle_count: u32,
}

impl Default for CronConfig {
    fn default() -> Self {
        Self {
            pool: Vec::new(),
            idle: Vec::new(),
            minimum_running_time_s: 300.0,
            schedule_s: 300.0,
            runners_maximum_count: MACHINES_MAX,
        }
    }
}

impl CronConfig {
    pub(in crate::config) fn resolved(&self) -> Cron {
        Cron { every: Span::from_secs_f64(self.schedule_s), max: self.runners_maximum_count }
    }

    pub(in crate::config) fn schedule(&self) -> Schedule {
        let pool = |pool: &CronPool| Period { hours: pool.schedule.hours(), count: pool.size };
        let idle = |idle: &CronIdle| Period { hours: idle.cron.hours(), count: idle.idle_count };
        Schedule {
            pool: self.pool.iter().map(pool).collect(),
            idle: self.idle.iter().map(idle).collect(),
        }
    }

    pub(in crate::config) fn check(&self, check: &mut Check<'_>) {
        let least = self.minimum_running_time_s;
        check.number("minimum_running_time_s", least, 0.0..=KEEP_ALIVE_S_MAX);
        check.number("schedule_s", self.schedule_s, 0.001..=KEEP_ALIVE_S_MAX);
        check.count("runners_maximum_count", self.runners_maximum_count, 1..=MACHINES_MAX);
        periods(check, "pool", self.pool.len());
        periods(check, "idle", self.idle.len());
    }
}
