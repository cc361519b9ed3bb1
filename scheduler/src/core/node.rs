//! The life of nodes: claimed, ready, taken back, gone.

use super::Core;
use crate::command::Action;
use crate::decision::{Decision, Nonsense};
use crate::event::{Machine, NodeChange, NodeEnd};
use crate::id::{FleetId, NodeId};
use crate::intent::Subject;
use crate::model::{CapacityType, NodesBy};
use crate::resources::Resources;
use crate::time::Time;
use crate::view::list::Link;
use crate::view::load::Load;
use crate::view::node::{Node, Phase, Purpose, Shelf};
use crate::view::places::Places;

impl Core {
    pub(super) fn node_changed(&mut self, id: NodeId, change: NodeChange) {
        let by_core =
            self.state.settings.as_ref().is_none_or(|settings| settings.nodes_by == NodesBy::Core);
        let Some(fleet) = self.state.view.nodes.get(id).map(|node| node.fleet) else {
            // Karpenter's nodes are its own business; the core only counts its own.
            if by_core {
                self.ignore(Nonsense::UnknownNode);
            }
            return;
        };
        match change {
            NodeChange::Launched(machine) => self.node_launched(id, fleet, machine),
            NodeChange::Ready => self.node_ready(id, fleet),
            // Karpenter does nothing on a rebalance recommendation, and neither do most policies: the
            // notice, if it comes, is what counts.
            NodeChange::Rebalance => self.node_hinted(id, fleet),
            NodeChange::Notice { reclaim_at } => self.node_noticed(id, fleet, reclaim_at),
            NodeChange::Stopped => self.node_stopped(id, fleet),
            NodeChange::Gone(end) => self.node_gone(id, fleet, end),
        }
    }

    /// Records a node that was just asked for.
    pub(crate) fn node_asked(
        &mut self,
        id: NodeId,
        fleet: FleetId,
        capacity: CapacityType,
        (size, claimed_for): (Resources, Resources),
        pods_max: u32,
        purpose: Purpose,
    ) {
        let node = Node {
            fleet,
            capacity,
            machine: None,
            seen: false,
            phase: Phase::Coming,
            ready: false,
            shelf: Shelf::None,
            places: Places::default(),
            size,
            purpose,
            asked: false,
            used: false,
            turns: 0,
            claimed_for,
            whole: Node::whole(size, claimed_for, pods_max),
            room: size,
            pods_max,
            pods: 0,
            since: self.state.now,
            closing: false,
            launched_at: self.state.now,
            zones_asked: 0,
            deletions: 0,
            link: Link::default(),
        };
        let view = &mut self.state.view;
        view.nodes.insert(id, node);
        if let Some(known) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            known.nodes += 1;
            known.offered.add(node.offered());
            known.count(&node);
            known.shelve(&mut view.nodes, id);
        }
    }

    fn node_launched(&mut self, id: NodeId, fleet: FleetId, machine: Machine) {
        let now = self.state.now;
        let pods_limit = self.state.view.fleet(fleet).and_then(|f| f.spec.pods_per_node_max);
        let Some(of_type) = self
            .state
            .settings
            .as_ref()
            .and_then(|settings| settings.types.get(machine.instance_type.index()))
        else {
            return self.ignore(Nonsense::UnknownNode);
        };
        let (size, pods_max) =
            (of_type.allocatable, of_type.pods_max.min(pods_limit.unwrap_or(u32::MAX)));
        let view = &mut self.state.view;
        let (Some(node), Some(known)) =
            (view.nodes.get_mut(id), view.fleets.get_mut(fleet.index()).and_then(Option::as_mut))
        else {
            return;
        };
        node.seen = true;
        node.asked &= node.phase != Phase::Coming;
        let is_first = node.machine.replace(machine).is_none();
        if is_first {
            node.launched_at = now;
        }
        if is_first && machine.capacity == CapacityType::Spot {
            known.spot.count(now);
            known.spot.running += 1;
            (known.spot.dry, node.zones_asked) = (0, 0);
        }
        let launched = *node;
        let was_paused = known.retry.take().is_some();
        if machine.capacity == CapacityType::Spot {
            known.spot.refused_since = None;
        }
        node.capacity = machine.capacity;
        let same = (node.size, node.pods_max) == (size, pods_max);
        if is_first {
            self.spot_launched(&launched, now);
        }
        let view = &mut self.state.view;
        let (Some(node), Some(known)) =
            (view.nodes.get_mut(id), view.fleets.get_mut(fleet.index()).and_then(Option::as_mut))
        else {
            return;
        };
        if same {
            // The first choice, as nearly always: it offers what was counted on.
            node.room = size;
            if was_paused {
                self.touch_fleet(fleet);
            }
            return;
        }
        let before = node.offered();
        (node.size, node.room, node.pods_max) = (size, size, pods_max);
        node.whole = Node::whole(size, node.claimed_for, pods_max);
        let after = node.offered();
        let counts = Places::of(node);
        known.places.replace(core::mem::replace(&mut node.places, counts), counts);
        known.offered.sub(before);
        known.offered.add(after);
        let mut is_news = was_paused;
        if node.is_coming() && before != after {
            known.coming.sub(before);
            known.coming.add(after);
            is_news = true;
        }
        if is_news {
            self.touch_fleet(fleet);
        }
    }

    fn node_ready(&mut self, id: NodeId, fleet: FleetId) {
        let now = self.state.now;
        let view = &mut self.state.view;
        let (Some(node), Some(known)) =
            (view.nodes.get_mut(id), view.fleets.get_mut(fleet.index()).and_then(Option::as_mut))
        else {
            return;
        };
        node.ready = true;
        if node.phase == Phase::Coming {
            known.discount(node);
            (node.phase, node.since, node.asked) = (Phase::Ready, now, false);
            known.count(node);
            known.shelve(&mut view.nodes, id);
            self.touch_fleet(fleet);
        }
    }

    fn node_noticed(&mut self, id: NodeId, fleet: FleetId, reclaim_at: Time) {
        let now = self.state.now;
        let view = &mut self.state.view;
        let (Some(node), Some(known)) =
            (view.nodes.get_mut(id), view.fleets.get_mut(fleet.index()).and_then(Option::as_mut))
        else {
            return;
        };
        // A notice may be told twice, and a node that leaves is counted when it is gone.
        if !matches!(node.phase, Phase::Coming | Phase::Ready | Phase::Spent) {
            return;
        }
        known.discount(node);
        node.phase = Phase::Cordoned;
        known.spot.count(now);
        known.spot.interruptions += 1.0;
        known.breaker.saw_interruption(now);
        let noticed = *node;
        known.shelve(&mut view.nodes, id);
        self.spot_interrupted(&noticed);
        // Where Karpenter owns the node, it hears of the notice itself.
        let is_own = self.state.settings.as_ref().is_none_or(|s| s.nodes_by == NodesBy::Core);
        if is_own {
            self.explain(Decision::Cordon { node: id, reclaim_at: Some(reclaim_at) });
            let number = self.other_number();
            self.send(Subject::Other(number).id(), Action::CordonNode { node: id });
            self.prepare_twins(id, fleet, reclaim_at);
        }
        self.touch_fleet(fleet);
    }

    pub(super) fn node_gone(&mut self, id: NodeId, fleet: FleetId, end: NodeEnd) {
        let now = self.state.now;
        let is_counted = self.state.settings.as_ref().is_none_or(|settings| {
            settings.disruptions_max.is_some()
                || settings.policy.keeps_capacity()
                || settings.policy.counts_leaving()
        });
        let view = &mut self.state.view;
        let mut is_news = true;
        if let Some(known) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            known.unshelve(&mut view.nodes, id);
            if let Some(node) = view.nodes.get(id) {
                // A node that was given back was written off when its deletion was asked for. Its
                // end matters only where nodes are counted.
                is_news =
                    node.phase != Phase::Leaving || is_counted || known.spec.nodes_max.is_some();
                known.nodes = known.nodes.saturating_sub(1);
                known.offered.sub(node.offered());
                known.pods = known.pods.saturating_sub(node.pods);
                known.discount(node);
                if node.machine.is_some_and(|machine| machine.capacity == CapacityType::Spot) {
                    known.spot.count(now);
                    known.spot.running = known.spot.running.saturating_sub(1);
                    if end == NodeEnd::Reclaimed && node.phase != Phase::Cordoned {
                        known.spot.interruptions += 1.0;
                        known.breaker.saw_interruption(now);
                    }
                }
            }
        }
        let gone = view.nodes.remove(id);
        view.node_names.take_back(id);
        if let Some(node) = gone {
            if end == NodeEnd::Reclaimed && node.phase != Phase::Cordoned {
                self.spot_interrupted(&node);
            }
            self.spot_ended(&node);
        }
        if is_news {
            self.touch_fleet(fleet);
        }
        if gone.is_some_and(|node| node.pods > 0) {
            self.strand_runners_of(id);
        }
    }

    /// What nodes of a fleet on their way will offer.
    pub fn coming(&self, fleet: FleetId) -> Load {
        self.state.view.fleet(fleet).map_or_else(Load::default, |known| known.coming)
    }
}
