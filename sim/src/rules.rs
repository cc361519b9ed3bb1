//! What the configuration says of pools and teams, with defaults filled in.

use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Fleet, Pool, Team};
use std::collections::BTreeMap;

/// The name of the team of jobs whose trace names none.
pub const NO_TEAM: &str = "(no team)";

/// What a pool is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRule {
    /// As the core sees it.
    pub spec: Pool,
    /// Whether `spec.request` is only a default that the trace's sizes replace.
    pub size_from_trace: bool,
    /// Set for GitHub-hosted classes: price of a minute.
    pub hosted_per_minute: Option<Money>,
    /// Pools of the same fleet name share nodes.
    pub fleet_name: String,
    /// Its fleet; instance and owner are filled in for each.
    pub fleet: Fleet,
    /// The image of its runners, by its place in the world's list.
    pub image: u32,
}

/// What the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Pools by name.
    pub pools: BTreeMap<String, PoolRule>,
    /// Any other pool, which gets its own name and a fleet of its own name.
    pub other_pool: PoolRule,
    /// Teams by name.
    pub teams: BTreeMap<String, Team>,
}

impl Rules {
    /// What the pool of this name is.
    pub fn pool(&self, name: &str, size: Option<Resources>) -> PoolRule {
        let mut rule = self.pools.get(name).unwrap_or(&self.other_pool).clone();
        if !self.pools.contains_key(name) {
            rule.spec.name = if name.is_empty() { "default".into() } else { name.into() };
            if rule.fleet_name.is_empty() {
                rule.fleet_name.clone_from(&rule.spec.name);
            }
        }
        if rule.size_from_trace
            && let Some(size) = size
        {
            rule.spec.request = size;
        }
        rule
    }

    /// What the team of this name is.
    pub fn team(&self, name: &str) -> Team {
        self.teams.get(name).cloned().unwrap_or_else(|| Team {
            name: if name.is_empty() { NO_TEAM.into() } else { name.into() },
            max: None,
            budget_per_month: None,
            isolated: false,
        })
    }
}

/// A pool rule for nodes that are all alike, as the one-slot world has them.
pub fn plain_pool(keep_alive: greenroom_scheduler::time::Span) -> PoolRule {
    PoolRule {
        spec: Pool {
            name: String::new(),
            request: Resources::JOB_DEFAULT,
            max: None,
            hosted: false,
        },
        size_from_trace: false,
        hosted_per_minute: None,
        fleet_name: String::new(),
        fleet: Fleet {
            forge: Forge::Cloud,
            team: None,
            types: vec![greenroom_scheduler::id::TypeId(0)],
            capacity: vec![CapacityType::OnDemand],
            pods_per_node_max: None,
            nodes_max: None,
            keep_alive,
            cpu_milli_max: u32::MAX,
        },
        image: 0,
    }
}
