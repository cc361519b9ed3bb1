//! The small sections, and what must agree between sections.

use super::{Check, PolicyConfig, PolicyName};
use crate::model::NodesBy;
use crate::spec::SpotRule;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Who claims nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { by }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodesConfig {
    /// Who claims nodes: `core`, or `karpenter`. Default: `karpenter` under the policy `arc`, which
    /// implies it, otherwise `core`.
    pub by: Option<NodesBy>,
}

impl NodesConfig {
    /// Who claims nodes under a policy.
    pub fn resolved(self, policy: PolicyName) -> NodesBy {
        self.by.unwrap_or(match policy {
            PolicyName::Arc => NodesBy::Karpenter,
            _ => NodesBy::Core,
        })
    }
}

/// When the core leaves spot for on-demand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of spot keys")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpotConfig {
    /// Most interruptions per node hour that spot may have before on-demand is taken. Default: any
    /// number.
    pub hazard_per_hour_max: Option<f64>,
    /// How long nodes may wait for spot capacity before on-demand is taken, in seconds.
    pub deadline_s: f64,
    /// For how long spot is left after it had no capacity or was too hazardous, in seconds. The
    /// default is RunsOn's circuit breaker.
    pub recovery_s: f64,
}

impl Default for SpotConfig {
    fn default() -> Self {
        Self { hazard_per_hour_max: None, deadline_s: 10.0, recovery_s: 1_800.0 }
    }
}

impl SpotConfig {
    /// What the core is told of it.
    pub fn resolved(self) -> SpotRule {
        SpotRule {
            hazard_per_hour_max: self.hazard_per_hour_max,
            deadline: Span::from_secs_f64(self.deadline_s),
            recovery: Span::from_secs_f64(self.recovery_s),
        }
    }

    /// Everything that makes no sense.
    pub fn check(self, check: &mut Check<'_>) {
        const DAY_S: f64 = 86_400.0;
        if let Some(hazard) = self.hazard_per_hour_max {
            check.number("hazard_per_hour_max", hazard, 0.0..=3_600.0);
        }
        check.number("deadline_s", self.deadline_s, 0.0..=DAY_S);
        check.number("recovery_s", self.recovery_s, 0.0..=DAY_S);
    }
}

/// Of two that both want to decide about machines one must be told so.
///
/// `arc` is a rule about pods: whoever asks for it and for nodes claimed by the core asks for two
/// different things.
pub fn check_agreement(nodes: NodesConfig, policy: &PolicyConfig, check: &mut Check<'_>) {
    if policy.name == PolicyName::Arc && nodes.by == Some(NodesBy::Core) {
        let expected = "\"karpenter\" (or nothing), since policy.name = \"arc\" implies it";
        check.under("nodes").fault("by", "\"core\"", expected);
    }
    if policy.name.claims_itself() && nodes.by == Some(NodesBy::Karpenter) {
        let name = policy.name;
        let expected = alloc::format!(
            "\"core\" (or nothing), since policy.name = \"{name}\" launches machines"
        );
        check.under("nodes").fault("by", "\"karpenter\"", expected);
    }
}
