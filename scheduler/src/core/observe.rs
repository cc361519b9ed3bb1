//! Forgets every event and takes the world as it is.

use super::Core;
use crate::id::{FleetId, NodeId, RunnerId};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::slab::Slab;
use crate::snapshot::{SeenNode, Snapshot, Stopped};
use crate::time::Time;
use crate::view::ahead::Ahead;
use crate::view::fleet::Fleet;
use crate::view::list::{Link, List};
use crate::view::load::Load;
use crate::view::node::{Node, Phase, Purpose, Shelf};
use crate::view::places::Places;
use crate::view::runner::{self, Runner};
use crate::wakes::Wake;
use alloc::vec::Vec;

/// Runners and nodes as they were known before.
struct Before {
    runners: Slab<RunnerId, Runner>,
    nodes: Slab<NodeId, Node>,
}

impl Core {
    /// Replaces everything that was learned from events by what a full listing shows. Only what
    /// cannot be listed stays: settings, limits, money spent, re-runs, the names that were given
    /// out, and commands that nobody answered yet, since a listing may be older than their effect.
    pub(super) fn observe(&mut self, seen: &Snapshot) {
        let before = self.forget();
        for (id, counts) in &seen.sets {
            if let Some(set) = self.state.view.set_mut(*id) {
                set.counts = *counts;
                set.acquiring = 0;
                set.patch.saw_answer();
            }
        }
        for node in &seen.nodes {
            self.see_node(node, before.nodes.get(node.node));
        }
        for seen in &seen.runners {
            let known = before.runners.get(seen.runner);
            let leaves = known.is_some_and(|known| known.phase == runner::Phase::Leaving);
            let runner = Runner {
                set: seen.set,
                node: seen.node,
                job: seen.job,
                phase: if leaves { runner::Phase::Leaving } else { runner::Phase::There },
                seen: true,
                since: known.map_or(self.state.now, |known| known.since),
                working_since: known.and_then(|known| known.working_since),
                link: Link::default(),
            };
            self.see_runner(seen.runner, runner);
        }
        self.keep_unanswered(&before);
        let nodes = self.state.view.nodes.iter();
        let mut nodes: Vec<(Time, NodeId)> = nodes.map(|(id, node)| (node.since, id)).collect();
        // The one that has been empty longest comes to stand last.
        nodes.sort_unstable();
        let runners: Vec<RunnerId> = self.state.view.runners.iter().map(|(id, _)| id).collect();
        for &(_, id) in &nodes {
            self.shelve_seen(id);
        }
        self.state.view.node_names.resume(nodes.into_iter().map(|(_, id)| id));
        self.state.view.runner_names.resume(runners.into_iter());
        self.weather_observed();
        self.strand_seen();
        for foresight in &seen.foreseen {
            self.foreseen(foresight);
        }
        self.wake_for_oldest();
        for (fleet, due_at) in self.state.pasts.dues() {
            self.state.wakes.set(due_at, Wake::Fleet(FleetId(fleet as u32)));
        }
        self.touch_all();
    }

    /// Claims and runners that were asked for, and that the listing does not show yet.
    fn keep_unanswered(&mut self, before: &Before) {
        for (id, node) in before.nodes.iter().filter(|(_, node)| !node.seen) {
            let (ready, cordoned, stopped) = (false, false, None);
            let (fleet, machine) = (node.fleet, None);
            let asked = SeenNode { node: id, fleet, machine, ready, cordoned, stopped };
            self.see_node(&asked, Some(node));
            if let Some(node) = self.state.view.nodes.get_mut(id) {
                node.seen = false;
            }
        }
        for (id, runner) in before.runners.iter() {
            let stands = runner.node.is_none_or(|node| self.state.view.nodes.get(node).is_some());
            if !runner.seen && stands {
                self.see_runner(id, Runner { link: Link::default(), ..*runner });
            }
        }
    }

    fn forget(&mut self) -> Before {
        self.state.wakes.clear();
        self.state.intents.wake_set = false;
        let view = &mut self.state.view;
        let before = Before {
            runners: core::mem::take(&mut view.runners),
            nodes: core::mem::take(&mut view.nodes),
        };
        for set in view.sets.iter_mut().flatten() {
            (set.runners, set.busy, set.granted, set.denied) = (0, 0, 0, 0);
            (set.surplus_since, set.spare, set.queued, set.blocked) =
                (None, List::default(), false, None);
            set.retry = None;
            // Which of those that wait were foreseen is not listed; they are served like all others.
            set.ahead = Ahead::default();
            // Whether GitHub knows it cannot be listed, so it is said once more.
            set.advertised = None;
        }
        for fleet in view.fleets.iter_mut().flatten() {
            let (spec, spot, breaker) = (fleet.spec.clone(), fleet.spot, fleet.breaker);
            let (grown_at, shrunk_at) = (fleet.grown_at, fleet.shrunk_at);
            let (lengths, mix) = (core::mem::take(&mut fleet.lengths), fleet.mix);
            let (pools, sets) = (core::mem::take(&mut fleet.pools), fleet.sets);
            let anew = Fleet::new(spec, self.state.now);
            *fleet =
                Fleet { grown_at, shrunk_at, breaker, pools, sets, spot, lengths, mix, ..anew };
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
        before
    }

    fn see_node(&mut self, seen: &SeenNode, before: Option<&Node>) {
        if self.state.view.nodes.id_at(seen.node.slot).is_some() {
            return;
        }
        // A claim from before this core was there counts as the node that it would claim for one.
        let is_unknown = seen.machine.is_none() && before.is_none();
        let guess = is_unknown.then(|| self.first_choice(seen.fleet));
        let Some(settings) = self.state.settings.as_ref() else { return };
        let Some(fleet) = self.state.view.fleet(seen.fleet) else { return };
        let of_type = seen.machine.and_then(|m| settings.types.get(m.instance_type.index()));
        let pods_limit = fleet.spec.pods_per_node_max.unwrap_or(u32::MAX);
        // What a claim is counted with is not listed: it is as it was asked for.
        let asked = before.filter(|_| seen.machine.is_none());
        let (size, pods_max) = match (of_type, asked) {
            (Some(of_type), _) => (of_type.allocatable, of_type.pods_max.min(pods_limit)),
            (None, Some(asked)) => (asked.size, asked.pods_max),
            (None, None) => guess.unwrap_or_default(),
        };
        let leaves = before.is_some_and(|before| before.phase == Phase::Leaving);
        // An order to start or to stop may be on its way, or younger than the listing.
        let asked = before.filter(|before| before.asked).map(|before| before.phase);
        let phase = match (seen.ready, seen.cordoned) {
            _ if leaves => Phase::Leaving,
            _ if before.is_some_and(|before| before.phase == Phase::Spent) => Phase::Spent,
            (_, true) => Phase::Cordoned,
            _ if seen.stopped.is_some() && asked == Some(Phase::Coming) => Phase::Coming,
            _ if seen.stopped == Some(Stopped::Now) => Phase::Stopped,
            _ if seen.stopped == Some(Stopped::Soon) => Phase::Stopping,
            (true, false) if asked == Some(Phase::Stopping) => Phase::Stopping,
            (true, false) => Phase::Ready,
            (false, false) => Phase::Coming,
        };
        let asked = asked == Some(phase);
        let of_first = fleet.pools.first().and_then(|pool| self.state.view.pool(*pool));
        let of_first = of_first.map_or_else(Resources::default, |pool| pool.spec.request);
        let was_empty = before.filter(|node| node.pods == 0 && node.phase == Phase::Ready);
        let capacity = before.map_or(CapacityType::OnDemand, |node| node.capacity);
        let claimed_for = before.map_or(of_first, |node| node.claimed_for);
        let node = Node {
            fleet: seen.fleet,
            claimed_for,
            capacity: seen.machine.map_or(capacity, |machine| machine.capacity),
            machine: seen.machine,
            seen: true,
            phase,
            ready: seen.ready,
            shelf: Shelf::None,
            places: Places::default(),
            size,
            purpose: before.map_or(Purpose::Level, |node| node.purpose),
            asked,
            used: before.is_some_and(|node| node.used),
            turns: before.map_or(0, |node| node.turns),
            whole: Node::whole(size, claimed_for, pods_max),
            room: size,
            pods_max,
            pods: 0,
            since: was_empty.map_or(self.state.now, |node| node.since),
            closing: before.is_some_and(|node| node.closing),
            launched_at: before.map_or(self.state.now, |node| node.launched_at),
            zones_asked: before.map_or(0, |node| node.zones_asked),
            deletions: before.map_or(0, |node| node.deletions),
            link: Link::default(),
        };
        self.state.view.nodes.insert(seen.node, node);
        if let Some(fleet) = self.state.view.fleet_mut(seen.fleet) {
            fleet.nodes += 1;
            fleet.offered.add(node.offered());
            fleet.count(&node);
            if node.machine.is_some_and(|machine| machine.capacity == CapacityType::Spot) {
                fleet.spot.running += 1;
            }
        }
    }

    /// What a claim of a fleet is counted with of which nothing else is known.
    fn first_choice(&mut self, id: FleetId) -> (Resources, u32) {
        let view = &self.state.view;
        let of_first = view.fleet(id).and_then(|fleet| fleet.pools.first());
        let Some(request) = of_first.and_then(|pool| view.pool(*pool)).map(|p| p.spec.request)
        else {
            return (Resources::default(), 0);
        };
        let shape = self.shape(id, request, 1, CapacityType::OnDemand);
        shape.map(|shape| (shape.size, shape.pods_max)).unwrap_or_default()
    }

    fn see_runner(&mut self, id: RunnerId, runner: Runner) {
        let request = self.request_of(runner.set);
        let view = &mut self.state.view;
        if view.runners.id_at(id.slot).is_some() {
            return;
        }
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
            node.used = true;
            node.room = node.room.minus(request);
            let fleet = node.fleet;
            if let Some(fleet) = view.fleet_mut(fleet) {
                fleet.pods += 1;
            }
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
    pub fn waiting(&self, fleet: FleetId) -> Load {
        self.state.view.fleet(fleet).map_or_else(Load::default, |known| known.waiting)
    }
}
