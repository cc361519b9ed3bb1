//! Nodes and the runners on them.

use super::OneSlot;
use crate::engine::outbox::Outbox;
use greenroom_scheduler::event::{Event, Machine, NodeChange, NodeEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId, SetId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::time::Time;

/// A runner that exists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runner {
    pub(super) id: RunnerId,
    pub(super) set: SetId,
    pub(super) node: NodeId,
    pub(super) job: Option<u32>,
}

/// A node that is billed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    pub(super) fleet: FleetId,
    pub(super) machine: Machine,
    pub(super) launched_at: Time,
    pub(super) ready: bool,
    pub(super) runner: Option<RunnerId>,
    /// Whether a runner was ever on it since it was launched or started.
    pub(super) used: bool,
    /// Whether it is stopped: then it is not billed as a node that runs.
    pub(super) stock: Option<Stock>,
}

/// How far the stop of a node has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stock {
    /// It is being stopped.
    Soon,
    /// It can be started, and is paid for as a stopped one since then.
    Since(Time),
}

impl OneSlot {
    pub(super) fn node_ready<S: Sink>(&mut self, slot: u32, out: &mut Outbox<'_, S>) {
        let node = self.nodes[slot as usize].as_mut().expect("its end cancels the timer");
        node.ready = true;
        out.fact(&Fact::NodeReady { node: node.id });
        out.tell(Event::NodeChanged {
            node: node.id,
            fleet: node.fleet,
            change: NodeChange::Ready,
        });
    }

    /// A node ends and is billed.
    pub(super) fn node_ends<S: Sink>(
        &mut self,
        now: Time,
        node: Node,
        end: NodeEnd,
        out: &mut Outbox<'_, S>,
    ) {
        self.nodes[node.id.index()] = None;
        self.life_ends(now, node, end, out);
    }

    /// A node that runs does so no longer, and is billed.
    pub(super) fn life_ends<S: Sink>(
        &mut self,
        now: Time,
        node: Node,
        end: NodeEnd,
        out: &mut Outbox<'_, S>,
    ) {
        self.open_nodes -= 1;
        let charge = charge(node.machine.rate, node.launched_at, now);
        self.bill_micros += charge.as_micros();
        out.fact(&Fact::NodeGone { node: node.id, end });
        out.fact(&Fact::NodeBilled { node: node.id, charge });
    }
}

/// Started seconds, each at its share of the hour's price, rounded half up once.
fn charge(rate: Rate, from: Time, until: Time) -> Money {
    let seconds = i64::try_from(until.since(from).as_ms().div_ceil(1000)).unwrap_or(i64::MAX);
    Money::from_micros((seconds * i64::from(rate.as_micros_per_hour()) + 1800) / 3600)
}
