//! Budgets: how many nodes of a pool may be going at once (core:pkg/apis/v1/nodepool.go).

use super::constants::BUDGET_PERCENT;
use super::cron::Cron;
use greenroom_scheduler::time::{Span, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a disruption is for; budgets can tell them apart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No pod is on the node.
    Empty,
    /// Fewer or cheaper nodes could carry its pods.
    Underutilized,
    /// The node is not as its pool says. Accepted, so that budgets can be copied; drift itself is
    /// not modelled.
    Drifted,
}

/// A budget: how many nodes of a pool may go at once. Of several the least counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// A count, as in `"5"`, or a share of the pool's nodes, rounded up, as in `"10%"`.
    #[schemars(with = "String")]
    pub nodes: NodesAllowed,
    /// What it is for. Default: everything.
    #[serde(default)]
    pub reasons: Option<Vec<Reason>>,
    /// When it begins to hold, as cron in UTC (five fields, or `@hourly` and the like). Default:
    /// always; needs `duration_s`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub schedule: Option<Cron>,
    /// For how long it holds from then on, in seconds. Needs `schedule`.
    #[serde(default)]
    pub duration_s: Option<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            nodes: NodesAllowed::Percent(BUDGET_PERCENT),
            reasons: None,
            schedule: None,
            duration_s: None,
        }
    }
}

impl Budget {
    /// Whether it holds now: its schedule began within its duration. Without a schedule it always
    /// does.
    pub fn is_active(&self, now: Time) -> bool {
        match (&self.schedule, self.duration_s) {
            (Some(schedule), Some(duration)) => {
                schedule.began_within(now, Span::from_secs(u64::from(duration)))
            }
            _ => true,
        }
    }

    fn concerns(&self, reason: Reason) -> bool {
        self.reasons.as_ref().is_none_or(|reasons| reasons.contains(&reason))
    }
}

/// Nodes of a pool of `nodes` that may be going at once for this reason: the least of the budgets
/// that hold now, without bound where none does.
pub fn allowed(budgets: &[Budget], reason: Reason, nodes: u32, now: Time) -> u32 {
    budgets
        .iter()
        .filter(|budget| budget.concerns(reason) && budget.is_active(now))
        .map(|budget| budget.nodes.of(nodes))
        .min()
        .unwrap_or(u32::MAX)
}

/// A count of nodes or a share of a pool's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum NodesAllowed {
    /// So many.
    Count(u32),
    /// So many hundredths, rounded up: 10 % of one node is one node.
    Percent(u32),
}

impl NodesAllowed {
    /// How many of `nodes` that is.
    pub fn of(self, nodes: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (u64::from(nodes) * u64::from(percent)).div_ceil(100) as u32,
        }
    }
}

impl FromStr for NodesAllowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("found {text:?}, expected a count such as \"5\" or \"10%\"");
        let parsed = match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().filter(|p| *p <= 100).map(Self::Percent),
            None => text.parse().ok().map(Self::Count),
        };
        parsed.ok_or_else(wrong)
    }
}

impl TryFrom<String> for NodesAllowed {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<NodesAllowed> for String {
    fn from(nodes: NodesAllowed) -> Self {
        match nodes {
            NodesAllowed::Count(count) => count.to_string(),
            NodesAllowed::Percent(percent) => format!("{percent}%"),
        }
    }
}
