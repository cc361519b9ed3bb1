//! The parts of the policy `greenroom` that follow from the dial.

use super::Check;
use crate::dial::{Dial, SpotDial};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// The dial where nobody set it: what an hour of a waiting job is worth, in USD.
pub const WAIT_VALUE_USD_PER_HOUR: f64 = 20.0;

/// What the policy `greenroom` derives from the value of waiting (`wait_value_usd_per_hour`, 20 where
/// it is not set); each part can be switched off to see what it brings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of dial keys")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DialConfig {
    /// Whether spot is chosen by job: iff the estimated hazard (by type, zone and age) is below what
    /// the job's saving is worth. Without it `spot.hazard_per_hour_max` alone counts. Default: true.
    pub spot_by_job: bool,
    /// Whether pools that took a node back or had none of late are left to others. Default: true.
    pub calm_pools_first: bool,
    /// Instance types that a claim of spot lists at least, where the pool allows so many, 1 to 60.
    /// Default: 10.
    pub spot_types_min: u32,
    /// Most of all spot nodes that one type in one zone may have, 0 to 1, where a claim can do without
    /// it. Default: a third.
    pub spot_share_max: f64,
    /// Whether no job that is likely long starts on a node that EC2 may take back. Default: true.
    pub heed_hints: bool,
    /// Whether a job that is likely not to end within EC2's notice has a node on demand made ready for
    /// its second attempt. Default: true.
    pub twins: bool,
    /// What an interruption costs beside the lost work: until the job runs again, in seconds, 0 to
    /// 86,400. Default: 120.
    pub restart_s: f64,
    /// Whether quota that frees in a pool goes to the runner set that has least for its weight, which
    /// is its service class and grows as it waits. Default: true.
    pub fair_shares: bool,
    /// Whether GitHub is told how many jobs a set has real room for, so that another cluster with the
    /// same label gets the rest. Alone a cluster gains nothing by it. Default: false.
    pub real_room: bool,
}

impl Default for DialConfig {
    fn default() -> Self {
        Self {
            spot_by_job: true,
            calm_pools_first: true,
            spot_types_min: 10,
            spot_share_max: 1.0 / 3.0,
            heed_hints: true,
            twins: true,
            restart_s: 120.0,
            fair_shares: true,
            real_room: false,
        }
    }
}

impl DialConfig {
    /// What the core is told of it, where there are so many zones.
    pub fn resolved(self, wait_value: Option<f64>, zones: u32) -> Dial {
        let spot = SpotDial {
            calm_first: self.calm_pools_first,
            types_min: self.spot_types_min,
            share_max: self.spot_share_max,
            hints: self.heed_hints,
            twins: self.twins,
            restart: Span::from_secs_f64(self.restart_s),
        };
        Dial {
            wait_value: wait_value.unwrap_or(WAIT_VALUE_USD_PER_HOUR),
            zones,
            spot: self.spot_by_job.then_some(spot),
            fair: self.fair_shares,
            capacity: self.real_room,
        }
    }

    /// Everything that makes no sense.
    pub fn check(self, check: &mut Check<'_>) {
        check.count("spot_types_min", self.spot_types_min, 1..=60);
        check.number("spot_share_max", self.spot_share_max, 0.0..=1.0);
        check.number("restart_s", self.restart_s, 0.0..=86_400.0);
    }
}
