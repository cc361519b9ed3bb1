//! Consolidation: which nodes are given back.

use crate::command::Action;
use crate::core::Core;
use crate::decision::Decision;
use crate::id::{FleetId, NodeId};
use crate::intent::Subject;
use crate::spec::PolicySpec;
use crate::view::node::Phase;
use crate::wakes::Wake;

impl Core {
    /// Gives back the nodes that were empty for the fleet's keep-alive, the longest empty first.
    pub(super) fn release_empty(&mut self, id: FleetId, policy: PolicySpec) {
        if !policy.releases_empty_nodes() {
            return;
        }
        let budget = self.state.settings.as_ref().and_then(|s| s.disruptions_max);
        loop {
            let now = self.state.now;
            let Some(fleet) = self.state.view.fleet(id) else { return };
            let keep_alive = fleet.spec.keep_alive;
            let Some(node) = fleet.empty.back().and_then(|s| self.state.view.nodes.id_at(s)) else {
                return;
            };
            let since = self.state.view.nodes.get(node).map_or(now, |known| known.since);
            let due = since + keep_alive;
            if due > now {
                if !fleet.wake_set {
                    self.state.wakes.set(due, Wake::Fleet(id));
                    if let Some(fleet) = self.state.view.fleet_mut(id) {
                        fleet.wake_set = true;
                    }
                }
                return;
            }
            // A node that leaves frees the budget and touches the fleet again.
            if budget.is_some_and(|most| fleet.leaving >= most) {
                return;
            }
            self.explain(Decision::Release { node, idle: now.since(since), keep_alive });
            self.delete_node(id, node);
        }
    }

    /// Asks for the deletion of a node that carries nothing.
    pub(super) fn delete_node(&mut self, fleet: FleetId, id: NodeId) {
        let view = &mut self.state.view;
        let Some(node) = view.nodes.get_mut(id) else { return };
        node.phase = Phase::Leaving;
        node.deletions = node.deletions.wrapping_add(1);
        let wish = node.deletions;
        if let Some(known) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            known.leaving += 1;
            known.shelve(&mut view.nodes, id);
        }
        let command = Subject::DeleteNode { node: id, wish }.id();
        if self.send(command, Action::DeleteNode { node: id }) {
            self.await_outcome(command);
        }
    }
}
