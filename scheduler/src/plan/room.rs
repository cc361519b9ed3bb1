//! Real room: how many jobs a runner set can hold, as GitHub is told.
//!
//! Where two clusters serve one label, each with a runner set of its own, GitHub gives a job to
//! whichever has room. A set that promises any number would keep jobs that the other could run.

use crate::core::Core;
use crate::id::{FleetId, SetId};
use crate::spec::PolicySpec;

impl Core {
    /// Most jobs that a set can hold: what its team, its pool and the nodes of its fleet allow, and
    /// while EC2 refuses machines no more than have a runner; none if the policy promises any number.
    pub(super) fn real_room(&self, id: SetId, policy: PolicySpec) -> Option<u32> {
        if !self.dial()?.capacity {
            return None;
        }
        let view = &self.state.view;
        let set = view.set(id)?;
        let fleet = view.fleet(set.spec.fleet)?;
        if set.misfit {
            return Some(0);
        }
        if fleet.closed {
            return Some(set.runners);
        }
        let of_team = view.team(set.spec.team).and_then(|team| team.spec.max);
        let of_pool = view.pool(set.spec.pool).and_then(|pool| pool.spec.max);
        // How many places a node has is known where nodes are cut to pods; else it is any number.
        let of_nodes = fleet.spec.nodes_max.zip(fleet.spec.pods_per_node_max);
        let of_nodes = of_nodes.map(|(nodes, pods)| nodes.saturating_mul(pods));
        let limits = [of_team, of_pool, of_nodes, Some(policy.set_max())];
        limits.into_iter().flatten().min()
    }

    /// When EC2 begins or ceases to refuse a fleet machines, its sets have other room.
    pub(super) fn note_closed(&mut self, id: FleetId) {
        if !self.dial().is_some_and(|dial| dial.capacity) {
            return;
        }
        let is_paused = self.is_paused(id);
        let Some(fleet) = self.state.view.fleet_mut(id) else { return };
        if core::mem::replace(&mut fleet.closed, is_paused) == is_paused {
            return;
        }
        for place in 0..self.state.view.sets.len() as u32 {
            if self.state.view.set(SetId(place)).is_some_and(|set| set.spec.fleet == id) {
                self.touch_set(SetId(place));
            }
        }
    }

    /// While machines are refused a set has the room that its runners are.
    pub(crate) fn note_runner(&mut self, id: SetId) {
        let fleet = self.state.view.set(id).and_then(|set| self.state.view.fleet(set.spec.fleet));
        if fleet.is_some_and(|fleet| fleet.closed) {
            self.touch_set(id);
        }
    }

    /// A limit changed: all have other room.
    pub(crate) fn note_limits(&mut self) {
        if self.dial().is_some_and(|dial| dial.capacity) {
            for place in 0..self.state.view.sets.len() as u32 {
                self.touch_set(SetId(place));
            }
        }
    }
}
