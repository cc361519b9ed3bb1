//! A team.

use super::Check;
use crate::model::{Forge, ServiceClass};
use crate::money::Money;
use crate::spec;
use alloc::borrow::ToOwned;
use serde::{Deserialize, Serialize};

/// A thousand million USD a month is a slip, and still far from what money can hold.
const BUDGET_USD_MAX: f64 = 1e9;

/// A team and its limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of a team's keys")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TeamConfig {
    /// Most runners at once, over all pools. Default: no limit.
    pub max: Option<u32>,
    /// Runners that the team can have at once in each pool with a `max` (or under `fixed`) that
    /// it has jobs for, however many others want. What it does not use others borrow, down to what
    /// it may still claim; nothing is taken from a running job. Default: 0.
    pub guaranteed: u32,
    /// Most modelled money in USD in 730 hours; above it nothing new is launched for the team.
    /// Default: no limit.
    pub budget_usd_per_month: Option<f64>,
    /// How much waiting matters to it, to the policy `greenroom`: `interactive` (75 USD an hour where
    /// the dial `wait_value_usd_per_hour` stands at 20), `standard` (the dial) or `batch` (1). Default:
    /// by what set each job off: pull requests and merge queues are interactive, schedules batch,
    /// all else standard.
    pub service_class: Option<ServiceClass>,
    /// Whether its runners share nodes with no other team.
    pub isolated: bool,
    /// The GitHub instance of its jobs, `cloud` or `enterprise`. Default: what the trace says,
    /// otherwise `cloud`.
    pub forge: Option<Forge>,
}

impl TeamConfig {
    /// What the core is told of it.
    pub fn resolved(&self, name: &str) -> spec::Team {
        spec::Team {
            name: name.to_owned(),
            max: self.max,
            guaranteed: self.guaranteed,
            budget_per_month: self.budget_usd_per_month.map(Money::from_usd),
            isolated: self.isolated,
            service_class: self.service_class,
        }
    }

    /// Everything that makes no sense.
    pub fn check(&self, check: &mut Check<'_>) {
        if let Some(max) = self.max {
            check.count("max", max, 1..=u32::MAX);
            if self.guaranteed > max {
                check.fault("guaranteed", self.guaranteed, alloc::format!("max = {max} at most"));
            }
        }
        if let Some(budget) = self.budget_usd_per_month {
            check.number("budget_usd_per_month", budget, 0.0..=BUDGET_USD_MAX);
        }
    }
}
