//! Placement: which node each granted runner goes to.
//!
//! A runner is created when its place is ready, not before: so it takes whatever place frees
//! first, a new node's or an old one's.

use crate::core::Core;
use crate::decision::{Decision, Placement};
use crate::id::{FleetId, NodeId, SetId};
use crate::model::NodesBy;
use crate::resources::Resources;
use crate::view::list::List;
use crate::view::load::Load;

/// How many nodes of a list are tried for one runner. The lists are in order of last use, so the
/// likely ones come first; a fleet whose first dozens of nodes are all too full for this size is
/// better served by a new node than by a walk over all the others.
const PROBES_MAX: usize = 32;

impl Core {
    /// Gives places to the sets of a fleet in turn, while there are any.
    pub(super) fn place_waiting(&mut self, id: FleetId, nodes_by: NodesBy) {
        let Some(fleet) = self.state.view.fleet(id) else { return };
        // The first so many of the queue may still find a place; room only shrinks, so who found none
        // is not tried again.
        let mut hopeful = fleet.queue.len();
        let policy = self.state.settings.as_ref().map(|settings| settings.policy);
        let is_mixed = hopeful > 1 && policy.is_some_and(|p| self.packs_mixed(id, p).is_some());
        while hopeful > 0 {
            let Some(fleet) = self.state.view.fleet_mut(id) else { return };
            if nodes_by == NodesBy::Core && fleet.empty.is_empty() && fleet.partial.is_empty() {
                return;
            }
            let place = if is_mixed { self.largest_waiting(id, hopeful) } else { 0 };
            let Some(fleet) = self.state.view.fleet_mut(id) else { return };
            let Some(set) = fleet.queue.remove(place) else { return };
            let granted = self.state.view.set(set).map_or(0, |set| set.granted);
            let placed = granted > 0 && self.place_one(id, set, nodes_by);
            let known = self.state.view.set_mut(set).expect("queued sets are known");
            if known.granted == 0 {
                known.queued = false;
                hopeful -= 1;
                // The place may be a new node's: then nothing else of the set was touched.
                self.explain_set(set);
            } else {
                hopeful -= usize::from(!placed);
                if let Some(fleet) = self.state.view.fleet_mut(id) {
                    // Its next turn is after the other hopeful ones, or in the next plan.
                    let place = if placed { hopeful - 1 } else { fleet.queue.len() };
                    fleet.queue.insert(place, set);
                }
            }
        }
    }

    /// Finds a place for one runner of a set and asks for it.
    fn place_one(&mut self, fleet: FleetId, set: SetId, nodes_by: NodesBy) -> bool {
        if self.take_back_excess(set) {
            return false;
        }
        let request = self.request_of(set);
        let place = match nodes_by {
            NodesBy::Karpenter => None,
            NodesBy::Core => match self.find_place(fleet, set, request) {
                Some(place) => Some(place),
                None => return false,
            },
        };
        let Some(runner) = self.create_runner(set, request, place.map(|(node, _)| node)) else {
            return false;
        };
        if let Some((node, why)) = place {
            self.explain(Decision::Place { runner, node, why });
        }
        if let Some(known) = self.state.view.set_mut(set) {
            known.granted -= 1;
        }
        if let Some(known) = self.state.view.fleet_mut(fleet) {
            known.waiting.sub(Load::of(request, 1));
        }
        true
    }

    /// The most recently used node with room: one that runs others first, so that empty nodes can
    /// run out.
    fn find_place(
        &mut self,
        id: FleetId,
        set: SetId,
        request: Resources,
    ) -> Option<(NodeId, Placement)> {
        let fleet = self.state.view.fleet(id)?;
        let (partial, empty) = (fleet.partial, fleet.empty);
        if let Some(node) = self.probe(partial, request) {
            let runners = self.state.view.nodes.get(node)?.pods;
            return Some((node, Placement::BesideOthers { runners }));
        }
        let node = self.probe(empty, request)?;
        let idle = self.state.now.since(self.state.view.nodes.get(node)?.since);
        // What was ready or free just now goes to who waits, foreseen or not: nodes are launched for
        // both, and whoever waits longest has the first.
        // And whoever can have no node of its own does not see one stand idle.
        let is_kept = !idle.is_zero() && !self.is_spare(id, node, 0) && !self.is_at_most(id);
        if is_kept && self.state.view.set(set).is_some_and(|set| set.first_call() == 0) {
            self.explain_kept(id);
            return None;
        }
        self.note_use(id, idle);
        Some((node, Placement::MostRecentlyUsed { idle }))
    }

    /// The first node of a list, among [`PROBES_MAX`], with room for `request`.
    fn probe(&mut self, list: List, request: Resources) -> Option<NodeId> {
        let nodes = &mut self.state.view.nodes;
        let mut next = list.front();
        for _ in 0..PROBES_MAX {
            let id = nodes.id_at(next?)?;
            if nodes.get(id)?.has_room(request) {
                return Some(id);
            }
            next = List::after(nodes, id.slot);
        }
        None
    }
}
