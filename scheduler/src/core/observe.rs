//! Forgets every event and takes the world as it is.

use super::Core;
use crate::id::{NodeId, RunnerId};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::slab::Slab;
use crate::snapshot::{SeenNode, Snapshot};
use crate::view::fleet::Fleet;
use crate::view::list::{Link, List};
use crate::view::load::Load;
use crate::view::node::{Node, Phase, Shelf};
use crate::view::runner::{self, Runner};
use alloc::vec::Vec;

impl Core {
    /// Replaces everything that was learned from events by what a full listing shows. Only what
    /// cannot be listed stays: settings, limits, money spent, re-runs, and the names that were
    /// given out.
    pub(super) fn observe(&mut self, seen: &Snapshot) {
        self.forget();
        for (id, counts) in &seen.sets {
            if let Some(set) = self.state.view.set_mut(*id) {
                set.counts = *counts;
                set.patch.saw_answer();
            }
        }
        for node in &seen.nodes {
            self.see_node(node);
        }
        for seen in &seen.runners {
            let runner = Runner {
                set: seen.set,
                node: seen.node,
                job: seen.job,
                phase: runner::Phase::There,
                since: self.state.now,
                link: Link::default(),
            };
            self.see_runner(seen.runner, runner);
        }
        let nodes: Vec<NodeId> = self.state.view.nodes.iter().map(|(id, _)| id).collect();
        let runners: Vec<RunnerId> = self.state.view.runners.iter().map(|(id, _)| id).collect();
        for &id in &nodes {
            self.shelve_seen(id);
        }
        self.state.view.node_names.resume(nodes.into_iter());
        self.state.view.runner_names.resume(runners.into_iter());
        self.touch_all();
    }

    fn forget(&mut self) {
        self.state.wakes.clear();
        self.state.intents.queue.clear();
        self.state.intents.wake_set = false;
        let view = &mut self.state.view;
        view.runners = Slab::default();
        view.nodes = Slab::default();
        for set in view.sets.iter_mut().flatten() {
            (set.runners, set.busy, set.granted, set.denied) = (0, 0, 0, 0);
            (set.surplus_since, set.spare, set.queued, set.blocked) =
                (None, List::default(), false, false);
            set.offers.clear();
        }
        for fleet in view.fleets.iter_mut().flatten() {
            let (spec, spot) = (fleet.spec.clone(), fleet.spot);
            let (pools, sets) = (core::mem::take(&mut fleet.pools), fleet.sets);
            *fleet = Fleet { pools, sets, spot, ..Fleet::new(spec, self.state.now) };
            fleet.spot.running = 0;
        }
        for pool in view.pools.iter_mut().flatten() {
            pool.runners = 0;
            pool.blocked.clear();
        }
        for team in view.teams.iter_mut().flatten() {
            team.runners = 0;
            team.blocked.clear();
        }
    }

    fn see_node(&mut self, seen: &SeenNode) {
        let Some(settings) = self.state.settings.as_ref() else { return };
        let Some(fleet) = self.state.view.fleet(seen.fleet) else { return };
        let of_type = seen.machine.and_then(|m| settings.types.get(m.instance_type.index()));
        let size = of_type.map(|t| t.allocatable).unwrap_or_default();
        let pods_max =
            of_type.map_or(1, |t| t.pods_max).min(fleet.spec.pods_per_node_max.unwrap_or(u32::MAX));
        let phase = match (seen.ready, seen.cordoned) {
            (_, true) => Phase::Cordoned,
            (true, false) => Phase::Ready,
            (false, false) => Phase::Coming,
        };
        let of_first = fleet.pools.first().and_then(|pool| self.state.view.pool(*pool));
        let node = Node {
            fleet: seen.fleet,
            claimed_for: of_first.map_or_else(Resources::default, |pool| pool.spec.request),
            capacity: seen.machine.map_or(CapacityType::OnDemand, |machine| machine.capacity),
            machine: seen.machine,
            phase,
            shelf: Shelf::None,
            size,
            room: size,
            pods_max,
            pods: 0,
            since: self.state.now,
            deletions: 0,
            link: Link::default(),
        };
        self.state.view.nodes.insert(seen.node, node);
        if let Some(fleet) = self.state.view.fleet_mut(seen.fleet) {
            fleet.nodes += 1;
            fleet.offered.add(node.offered());
            if phase == Phase::Coming {
                fleet.coming.add(node.offered());
            }
            if node.machine.is_some_and(|machine| machine.capacity == CapacityType::Spot) {
                fleet.spot.running += 1;
            }
        }
    }

    fn see_runner(&mut self, id: RunnerId, runner: Runner) {
        let request = self.request_of(runner.set);
        let view = &mut self.state.view;
        view.runners.insert(id, runner);
        let Some(set) = view.sets.get_mut(runner.set.index()).and_then(Option::as_mut) else {
            return;
        };
        set.runners += 1;
        let spec = set.spec;
        if runner.job.is_some() {
            set.busy += 1;
        } else {
            set.spare.push_front(&mut view.runners, id.slot);
        }
        if let Some(pool) = view.pool_mut(spec.pool) {
            pool.runners += 1;
        }
        if let Some(team) = view.team_mut(spec.team) {
            team.runners += 1;
        }
        if let Some(node) = runner.node.and_then(|node| view.nodes.get_mut(node)) {
            node.pods += 1;
            node.room = node.room.minus(request);
        }
    }

    fn shelve_seen(&mut self, id: NodeId) {
        let view = &mut self.state.view;
        let Some(fleet) = view.nodes.get(id).map(|node| node.fleet) else { return };
        if let Some(fleet) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            fleet.shelve(&mut view.nodes, id);
        }
    }

    /// Load that waits in a fleet; for tests of conservation.
    pub fn waiting(&self, fleet: crate::id::FleetId) -> Load {
        self.state.view.fleet(fleet).map_or_else(Load::default, |known| known.waiting)
    }
}
