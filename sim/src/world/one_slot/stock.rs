//! Nodes that are stopped, and started again.
//!
//! To the books, a stop ends a node's life and a start begins another; what a stopped node costs,
//! and what preparing one costs beyond the time it ran, are lines beside the machines.

use super::OneSlot;
use super::nodes::{Node, Stock};
use super::timer::Timer;
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::{Event, NodeChange, NodeEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::{Span, Time};

impl OneSlot {
    /// A node that is ready and carries nothing leaves service, and can be started a while later.
    pub(super) fn stop_node<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        out: &mut Outbox<'_, S>,
    ) -> Outcome {
        let Some(tier) = self.parameters.stopped else { return Outcome::Refused(Refusal::Mode) };
        let Some(node) = self.there(id) else { return Outcome::Refused(Refusal::NotFound) };
        if node.stock.is_some() {
            return Outcome::Already;
        }
        if node.runner.is_some() {
            return Outcome::Refused(Refusal::Busy);
        }
        if !node.ready {
            return Outcome::Refused(Refusal::Forbidden);
        }
        self.nodes[id.index()] = Some(Node { stock: Some(Stock::Soon), ready: false, ..node });
        self.life_ends(now, node, NodeEnd::Stopped, out);
        // A node that was claimed for the stock was prepared while it booted.
        let done = if node.used { Span::ZERO } else { now.since(node.launched_at) };
        self.charge_stopped(node, tier.prepare.saturating_sub(done), 1.0, out);
        self.timers.set(now + tier.stop, Timer::NodeStopped(id.slot));
        Outcome::Done
    }

    pub(super) fn node_stopped<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let node = self.nodes[slot as usize].as_mut().expect("its end cancels the timer");
        node.stock = Some(Stock::Since(now));
        let (node, fleet) = (node.id, node.fleet);
        out.tell(Event::NodeChanged { node, fleet, change: NodeChange::Stopped });
    }

    /// A stopped node begins another life, billed from now.
    pub(super) fn start_node<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        out: &mut Outbox<'_, S>,
    ) -> Outcome {
        let Some(tier) = self.parameters.stopped else { return Outcome::Refused(Refusal::Mode) };
        let Some(node) = self.there(id) else { return Outcome::Refused(Refusal::NotFound) };
        match node.stock {
            None => return Outcome::Already,
            Some(Stock::Soon) => return Outcome::Refused(Refusal::Forbidden),
            Some(Stock::Since(_)) => self.leave_stock(now, node, out),
        }
        let Node { fleet, machine, .. } = node;
        let (launched_at, used, stock) = (now, false, None);
        self.nodes[id.index()] = Some(Node { launched_at, used, stock, ..node });
        self.open_nodes += 1;
        out.fact(&Fact::NodeClaimed { node: id, fleet });
        out.fact(&Fact::NodeLaunched { node: id, fleet, machine });
        out.tell(Event::NodeChanged { node: id, fleet, change: NodeChange::Launched(machine) });
        self.timers.set(now + tier.start, Timer::NodeReady(id.slot));
        Outcome::Done
    }

    /// A node that was stopped is so no longer, and what it cost meanwhile is billed.
    pub(super) fn leave_stock<S: Sink>(&mut self, now: Time, node: Node, out: &mut Outbox<'_, S>) {
        self.nodes[node.id.index()] = None;
        if let (Some(tier), Some(Stock::Since(since))) = (self.parameters.stopped, node.stock) {
            self.charge_stopped(node, now.since(since), tier.price_ratio, out);
        }
    }

    fn there(&self, id: NodeId) -> Option<Node> {
        self.nodes.get(id.index()).copied().flatten().filter(|node| node.id == id)
    }

    /// Node time at a share of its price, rounded to the micro-dollar once.
    fn charge_stopped<S: Sink>(
        &mut self,
        node: Node,
        time: Span,
        ratio: f64,
        out: &mut Outbox<'_, S>,
    ) {
        if time.is_zero() {
            return;
        }
        let per_hour = f64::from(node.machine.rate.as_micros_per_hour()) * ratio;
        let micros = libm::round(time.as_secs_f64() / 3600.0 * per_hour) as i64;
        self.bill_micros += micros;
        let charge = Money::from_micros(micros);
        out.fact(&Fact::StoppedBilled { fleet: node.fleet, charge });
    }
}
