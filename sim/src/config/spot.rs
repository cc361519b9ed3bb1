//! Spot: when the core leaves it, and how the market behaves.

use crate::ec2;
use greenroom_scheduler::config::Check;
use greenroom_scheduler::spec::SpotRule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the core leaves spot for on-demand, and how the simulated market behaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table of spot keys")]
pub struct SpotConfig {
    /// Most interruptions per node hour that spot may have before on-demand is taken. Default: any
    /// number.
    pub hazard_per_hour_max: Option<f64>,
    /// How long nodes may wait for spot capacity before on-demand is taken, in seconds. Default:
    /// 10, one round of Karpenter.
    pub deadline_s: Option<f64>,
    /// For how long spot is left after it had no capacity or was too hazardous, in seconds.
    /// Default: 1,800, RunsOn's circuit breaker.
    pub recovery_s: Option<f64>,
    /// The market: prices, capacity, interruptions.
    pub market: ec2::SpotConfig,
}

impl SpotConfig {
    fn rule(&self) -> greenroom_scheduler::config::SpotConfig {
        let plain = greenroom_scheduler::config::SpotConfig::default();
        greenroom_scheduler::config::SpotConfig {
            hazard_per_hour_max: self.hazard_per_hour_max,
            deadline_s: self.deadline_s.unwrap_or(plain.deadline_s),
            recovery_s: self.recovery_s.unwrap_or(plain.recovery_s),
        }
    }

    /// What the core is told of it.
    pub fn resolved(&self) -> SpotRule {
        self.rule().resolved()
    }

    /// Everything that makes no sense.
    pub fn check(&self, check: &mut Check<'_>) {
        self.rule().check(check);
    }
}
