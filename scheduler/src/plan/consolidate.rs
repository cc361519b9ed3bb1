//! Consolidation: which nodes are given back.

use crate::command::Action;
use crate::core::Core;
use crate::decision::Decision;
use crate::id::{FleetId, NodeId};
use crate::intent::Subject;
use crate::policy::growth::next_round;
use crate::spec::PolicySpec;
use crate::view::node::Phase;
use crate::wakes::Wake;

impl Core {
    /// Gives up nodes on their way that nobody waits for any more, the one asked for last first,
    /// since it would be ready last. Ends at the first that somebody waits for.
    pub(super) fn cancel_unwanted(&mut self, id: FleetId) {
        let Some(settings) = self.state.settings.as_ref() else { return };
        if !settings.cancel_launches {
            return;
        }
        let budget = settings.disruptions_max;
        loop {
            let Some(fleet) = self.state.view.fleet(id) else { return };
            let nodes = &self.state.view.nodes;
            let Some(node) = fleet.starting.front().and_then(|slot| nodes.id_at(slot)) else {
                return;
            };
            // Asked once: a launch that cannot be cancelled is given back when it is empty.
            let Some(known) = nodes.get(node).filter(|node| node.deletions == 0) else { return };
            let mut others = fleet.coming;
            others.sub(known.offered());
            let request = fleet.queue.front().map(|set| self.request_of(*set)).unwrap_or_default();
            if fleet.waiting.pods_above(others, request) > 0
                || budget.is_some_and(|most| fleet.leaving >= most)
            {
                return;
            }
            let (after, waiting) = (self.state.now.since(known.since), fleet.waiting.pods as u32);
            self.explain(Decision::Cancel { node, after, waiting });
            self.delete_node(id, node);
        }
    }

    /// Gives back the nodes that were empty for the fleet's keep-alive, the longest empty first.
    pub(super) fn release_empty(&mut self, id: FleetId, policy: PolicySpec) {
        if !policy.releases_empty_nodes() {
            return;
        }
        let budget = self.state.settings.as_ref().and_then(|s| s.disruptions_max);
        loop {
            let now = self.state.now;
            let Some((node, release_at, keep_alive)) = self.next_released(id) else { return };
            let Some(fleet) = self.state.view.fleet(id) else { return };
            let Some(known) = self.state.view.nodes.get(node) else { return };
            let since = known.since;
            let guaranteed = self.guaranteed_kept(id, known.places());
            let keep_alive = keep_alive.max(guaranteed.unwrap_or_default());
            let release_at = release_at.max(since + keep_alive);
            // One that is kept for a job that is foreseen, or hot, stays: a change of either touches
            // the fleet. But it makes way where those that wait fit on none, and no more are allowed.
            let yields = self.is_at_most(id) && !fleet.queue.is_empty();
            if !yields && !self.is_spare(id, node, self.hot_nodes(id, policy)) {
                return;
            }
            // So does one that the policy's own count wants idle.
            if policy.counts_machines() {
                let left = fleet.places.free.saturating_sub(known.places.free);
                let seen = self.seen(id, policy);
                if left < policy.idle_wanted(&seen) {
                    return;
                }
            }
            let (every, cooldown) = policy.release_pace();
            let mut due = release_at;
            if let Some(last) = fleet.shrunk_at.filter(|last| *last != now) {
                due = due.max(last + cooldown);
            }
            let due = next_round(due.max(now), every);
            if due > now {
                // Where keep-alives differ, an earlier one may be due than a wake-up was set for, and who
                // is kept longer may lose that before its time is up.
                if !fleet.wake_set || guaranteed.is_some() || self.is_keep_alive_learned() {
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
            if let Some(fleet) = self.state.view.fleet_mut(id).filter(|_| !cooldown.is_zero()) {
                fleet.shrunk_at = Some(now);
            }
            if let Some((have, want)) = self.stock_wants(id, policy) {
                self.explain(Decision::Stop { node, have, want });
                self.stop_node(node);
                continue;
            }
            self.explain(Decision::Release { node, idle: now.since(since), keep_alive });
            self.delete_node(id, node);
            if policy.counts_machines() {
                // It may be missed: then it is made anew, as with the rivals.
                self.touch_fleet(id);
            }
        }
    }

    /// Gives back the nodes that had their one runner.
    pub(super) fn release_spent(&mut self, id: FleetId) {
        let budget = self.state.settings.as_ref().and_then(|s| s.disruptions_max);
        loop {
            let Some(fleet) = self.state.view.fleet(id) else { return };
            let node = fleet.spent.back().and_then(|slot| self.state.view.nodes.id_at(slot));
            let Some(node) = node else { return };
            // A node that leaves frees the budget and touches the fleet again.
            if budget.is_some_and(|most| fleet.leaving >= most) {
                return;
            }
            self.explain(Decision::Spent { node });
            self.delete_node(id, node);
        }
    }

    /// Asks for the deletion of a node that carries nothing.
    pub(crate) fn delete_node(&mut self, fleet: FleetId, id: NodeId) {
        let view = &mut self.state.view;
        let Some(node) = view.nodes.get_mut(id) else { return };
        let before = *node;
        node.phase = Phase::Leaving;
        node.deletions = node.deletions.wrapping_add(1);
        let (after, wish) = (*node, node.deletions);
        if let Some(known) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            known.discount(&before);
            known.count(&after);
            known.shelve(&mut view.nodes, id);
        }
        let command = Subject::DeleteNode { node: id, wish }.id();
        if self.send(command, Action::DeleteNode { node: id }) {
            self.await_outcome(command);
        }
    }
}
