//! The world as last observed, indexed so that each event touches only what it changes.

pub mod ahead;
pub mod fleet;
pub mod list;
pub mod load;
pub mod node;
pub mod places;
pub mod runner;
pub mod set;

use crate::id::{FleetId, NodeId, PoolId, RunnerId, SetId, TeamId};
use crate::slab::{Naming, Slab};
use crate::spec::{Pool, Team};
use crate::time::Time;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use fleet::Fleet;
use node::Node;
use runner::Runner;
use serde::{Deserialize, Serialize};
use set::Set;

/// Everything the core knows of the world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Pools by id.
    pub pools: Vec<Option<Limited<Pool>>>,
    /// Teams by id.
    pub teams: Vec<Option<Limited<Team>>>,
    /// Fleets by id.
    pub fleets: Vec<Option<Fleet>>,
    /// Runner sets by id.
    pub sets: Vec<Option<Set>>,
    /// Runners that exist or were asked for.
    pub runners: Slab<RunnerId, Runner>,
    /// Nodes that exist or were asked for.
    pub nodes: Slab<NodeId, Node>,
    /// Names of runners.
    pub runner_names: Naming<RunnerId>,
    /// Names of nodes that the core claims.
    pub node_names: Naming<NodeId>,
}

/// Something with a most: who uses it up, and who waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limited<T> {
    /// What it is.
    pub spec: T,
    /// Runner sets that share it.
    pub sets: u32,
    /// Runners that exist, were asked for, or were granted and wait for a place.
    pub runners: u32,
    /// Sets that were refused a runner, first come first served. Each at most once.
    pub blocked: VecDeque<SetId>,
    /// For a pool: the sets whose team is guaranteed runners in it, team by team.
    pub guaranteed: Vec<(TeamId, SetId)>,
    /// Modelled money spent since `month_from`, in micro-dollars.
    pub spent_micros: i64,
    /// When the present month of 730 hours began.
    pub month_from: Time,
}

impl<T> Limited<T> {
    /// Nobody uses it yet.
    pub const fn new(spec: T) -> Self {
        Self {
            spec,
            sets: 0,
            runners: 0,
            blocked: VecDeque::new(),
            guaranteed: Vec::new(),
            spent_micros: 0,
            month_from: Time::ZERO,
        }
    }
}

/// Puts `thing` at `index` of a table that grows.
pub fn put<T>(table: &mut Vec<Option<T>>, index: usize, thing: T) {
    if index >= table.len() {
        table.resize_with(index + 1, || None);
    }
    table[index] = Some(thing);
}

impl View {
    /// A set that was announced.
    pub fn set(&self, id: SetId) -> Option<&Set> {
        self.sets.get(id.index())?.as_ref()
    }

    /// A set that was announced, to change.
    pub fn set_mut(&mut self, id: SetId) -> Option<&mut Set> {
        self.sets.get_mut(id.index())?.as_mut()
    }

    /// A fleet that was announced.
    pub fn fleet(&self, id: FleetId) -> Option<&Fleet> {
        self.fleets.get(id.index())?.as_ref()
    }

    /// A fleet that was announced, to change.
    pub fn fleet_mut(&mut self, id: FleetId) -> Option<&mut Fleet> {
        self.fleets.get_mut(id.index())?.as_mut()
    }

    /// A pool that was announced.
    pub fn pool(&self, id: PoolId) -> Option<&Limited<Pool>> {
        self.pools.get(id.index())?.as_ref()
    }

    /// A pool that was announced, to change.
    pub fn pool_mut(&mut self, id: PoolId) -> Option<&mut Limited<Pool>> {
        self.pools.get_mut(id.index())?.as_mut()
    }

    /// A team that was announced.
    pub fn team(&self, id: TeamId) -> Option<&Limited<Team>> {
        self.teams.get(id.index())?.as_ref()
    }

    /// A team that was announced, to change.
    pub fn team_mut(&mut self, id: TeamId) -> Option<&mut Limited<Team>> {
        self.teams.get_mut(id.index())?.as_mut()
    }
}
