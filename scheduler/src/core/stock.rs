//! The stock of stopped nodes: into it, and out of it again.

use super::Core;
use crate::command::{Action, Outcome, Refusal};
use crate::event::NodeEnd;
use crate::id::{FleetId, NodeId};
use crate::intent::Subject;
use crate::view::fleet::Retry;
use crate::view::node::{Node, Phase, Purpose};
use crate::wakes::Wake;

impl Core {
    /// Asks for the start of a stopped node, for runners that wait.
    pub(crate) fn start_node(&mut self, id: NodeId) {
        let now = self.state.now;
        self.turn(id, |node| {
            (node.phase, node.purpose, node.since) = (Phase::Coming, Purpose::Queue, now);
            (node.room, node.ready, node.used) = (node.size, false, false);
        });
        let wish = self.state.view.nodes.get(id).map_or(0, |node| node.turns);
        let command = Subject::StartNode { node: id, wish }.id();
        if self.send(command, Action::StartNode { node: id }) {
            self.await_outcome(command);
        }
    }

    /// Asks for the stop of a node that is ready and carries nothing.
    pub(crate) fn stop_node(&mut self, id: NodeId) {
        self.turn(id, |node| (node.phase, node.ready) = (Phase::Stopping, false));
        let wish = self.state.view.nodes.get(id).map_or(0, |node| node.turns);
        let command = Subject::StopNode { node: id, wish }.id();
        if self.send(command, Action::StopNode { node: id }) {
            self.await_outcome(command);
        }
    }

    /// A start or a stop is asked for.
    fn turn(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        self.change_node(id, |node| {
            change(node);
            node.asked = true;
            node.turns = node.turns.wrapping_add(1);
        });
    }

    /// Changes how far a node has come, and everything that is counted by it.
    fn change_node(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        let view = &mut self.state.view;
        let Some(node) = view.nodes.get_mut(id) else { return };
        let before = *node;
        change(node);
        let after = *node;
        if let Some(fleet) = view.fleets.get_mut(after.fleet.index()).and_then(Option::as_mut) {
            fleet.discount(&before);
            fleet.count(&after);
            fleet.shelve(&mut view.nodes, id);
        }
        self.touch_fleet(after.fleet);
    }

    /// A node can be started from now on.
    pub(super) fn node_stopped(&mut self, id: NodeId, _fleet: FleetId) {
        let is_due = |node: &Node| node.phase == Phase::Stopping;
        if self.state.view.nodes.get(id).is_some_and(is_due) {
            self.change_node(id, |node| (node.phase, node.asked) = (Phase::Stopped, false));
        }
    }

    pub(super) fn start_finished(&mut self, id: NodeId, wish: u32, outcome: Outcome) {
        self.turn_finished(id, (Phase::Coming, wish), outcome, |node| {
            node.phase = Phase::Stopped;
        });
    }

    /// What cannot be stopped is a node like any other.
    pub(super) fn stop_finished(&mut self, id: NodeId, wish: u32, outcome: Outcome) {
        let now = self.state.now;
        self.turn_finished(id, (Phase::Stopping, wish), outcome, |node| {
            (node.phase, node.purpose, node.since) = (Phase::Ready, Purpose::Level, now);
            node.ready = true;
        });
    }

    /// A start or a stop was answered: it was carried out, or `back` takes the wish back, and the
    /// fleet pauses before the next.
    fn turn_finished(
        &mut self,
        id: NodeId,
        (phase, wish): (Phase, u32),
        outcome: Outcome,
        back: impl FnOnce(&mut Node),
    ) {
        let Some(node) = self.state.view.nodes.get_mut(id) else { return };
        if !node.asked || node.phase != phase || Subject::wish(node.turns) != wish {
            return;
        }
        let fleet = node.fleet;
        match outcome {
            Outcome::Done | Outcome::Already => node.asked = false,
            Outcome::Unknown => {}
            Outcome::Refused(Refusal::NotFound) => self.node_gone(id, fleet, NodeEnd::Deleted),
            Outcome::Refused(why) => {
                self.change_node(id, |node| {
                    back(node);
                    node.asked = false;
                });
                let now = self.state.now;
                let Some(fleet_known) = self.state.view.fleet_mut(fleet) else { return };
                let retry = Retry::after(fleet_known.retry, now, why);
                fleet_known.retry = Some(retry);
                self.state.wakes.set(retry.at, Wake::Fleet(fleet));
            }
        }
    }
}
