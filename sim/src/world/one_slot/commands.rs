//! Commands: carried out at once, or refused.

use super::OneSlot;
use super::nodes::{Node, Runner};
use super::timer::Timer;
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::random::Purpose;
use greenroom_scheduler::command::{Action, Command, Outcome, Refusal};
use greenroom_scheduler::event::{Event, Machine, NodeChange, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId, SetId, ZoneId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Time;

/// The place of an id in a table, made if need be.
fn cell<T>(table: &mut Vec<Option<T>>, index: usize) -> &mut Option<T> {
    if index >= table.len() {
        table.resize_with(index + 1, || None);
    }
    &mut table[index]
}

impl OneSlot {
    pub(super) fn carry_out<S: Sink>(
        &mut self,
        now: Time,
        command: &Command,
        out: &mut Outbox<'_, S>,
    ) {
        let outcome = match &command.action {
            Action::CreateRunner { runner, set, node, .. } => {
                self.create_runner(now, *runner, *set, *node, out)
            }
            Action::RemoveRunner { runner } => self.remove_runner(*runner, out),
            Action::ClaimNode { node, fleet, types, capacity, .. } => {
                let instance_type = types.first().copied();
                self.claim_node(now, *node, *fleet, instance_type, *capacity, out)
            }
            Action::DeleteNode { node } => self.delete_node(now, *node, out),
            Action::StartNode { node } => self.start_node(now, *node, out),
            Action::StopNode { node } => self.stop_node(now, *node, out),
            // GitHub assigns without limit here, so what is advertised changes nothing.
            Action::AdvertiseCapacity { .. } => Outcome::Done,
            _ => Outcome::Refused(Refusal::Mode),
        };
        // What was done shows by itself, and at once; an answer would say it a second time.
        if outcome != Outcome::Done {
            out.tell(Event::Finished { command: command.id, outcome });
        }
    }

    fn create_runner<S: Sink>(
        &mut self,
        now: Time,
        runner: RunnerId,
        set: SetId,
        node: Option<NodeId>,
        out: &mut Outbox<'_, S>,
    ) -> Outcome {
        let there = self.runners.get(runner.index()).and_then(Option::as_ref);
        if there.is_some_and(|there| there.id == runner) {
            return Outcome::Already;
        }
        let Some(node) = node else { return Outcome::Refused(Refusal::Mode) };
        let Some(place) = self.nodes.get_mut(node.index()).and_then(Option::as_mut) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        if place.id != node || !place.ready {
            return Outcome::Refused(Refusal::NotFound);
        }
        if place.runner.is_some() {
            return Outcome::Refused(Refusal::Busy);
        }
        (place.runner, place.used) = (Some(runner), true);
        *cell(&mut self.runners, runner.index()) =
            Some(Runner { id: runner, set, node, job: None });
        if set.index() >= self.sets.len() {
            self.sets.resize_with(set.index() + 1, super::jobs::SetQueue::default);
        }
        out.fact(&Fact::RunnerCreated { runner, set });
        out.fact(&Fact::RunnerBound { runner, node });
        self.runner_ready(now, runner, set, out);
        Outcome::Done
    }

    fn remove_runner<S: Sink>(&mut self, id: RunnerId, out: &mut Outbox<'_, S>) -> Outcome {
        let cell = self.runners.get_mut(id.index());
        let Some(runner) = cell.and_then(|cell| cell.take_if(|runner| runner.id == id)) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        if runner.job.is_some() {
            self.runners[id.index()] = Some(runner);
            return Outcome::Refused(Refusal::Busy);
        }
        self.sets[runner.set.index()].idle.retain(|idle| *idle != id);
        self.runner_ends(runner, RunnerEnd::Removed, out);
        Outcome::Done
    }

    fn claim_node<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        fleet: FleetId,
        instance_type: Option<greenroom_scheduler::id::TypeId>,
        capacity: CapacityType,
        out: &mut Outbox<'_, S>,
    ) -> Outcome {
        let Some(instance_type) = instance_type else {
            return Outcome::Refused(Refusal::InsufficientCapacity);
        };
        let place = cell(&mut self.nodes, id.index());
        if place.is_some_and(|node| node.id == id) {
            return Outcome::Already;
        }
        let machine =
            Machine { instance_type, zone: ZoneId(0), capacity, rate: self.parameters.rate };
        let (launched_at, ready, runner, used, stock) = (now, false, None, false, None);
        *place = Some(Node { id, fleet, machine, launched_at, ready, runner, used, stock });
        self.open_nodes += 1;
        out.fact(&Fact::NodeClaimed { node: id, fleet });
        out.fact(&Fact::NodeLaunched { node: id, fleet, machine });
        out.tell(Event::NodeChanged { node: id, fleet, change: NodeChange::Launched(machine) });
        let stream = &mut self.parameters.streams.stream(Purpose::Boot, self.launches);
        self.launches += 1;
        let boot = self.parameters.boot.sample(stream);
        self.timers.set(now + boot, Timer::NodeReady(id.slot));
        Outcome::Done
    }

    fn delete_node<S: Sink>(&mut self, now: Time, id: NodeId, out: &mut Outbox<'_, S>) -> Outcome {
        let there = self.nodes.get(id.index()).and_then(Option::as_ref);
        let Some(&node) = there.filter(|node| node.id == id) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        if node.runner.is_some() {
            return Outcome::Refused(Refusal::Busy);
        }
        self.timers.cancel(Timer::NodeReady(id.slot));
        self.timers.cancel(Timer::NodeStopped(id.slot));
        let fleet = node.fleet;
        if node.stock.is_some() {
            self.leave_stock(now, node, out);
        } else {
            self.node_ends(now, node, NodeEnd::Deleted, out);
        }
        let change = NodeChange::Gone(NodeEnd::Deleted);
        out.tell(Event::NodeChanged { node: id, fleet, change });
        Outcome::Done
    }
}
