//! Commands under way: nodes that wait for their replacement (core:…/disruption/queue.go).

use crate::karpenter::constants::{
    QUEUE_POLL, QUEUE_TIMEOUT_EACH, QUEUE_TIMEOUT_MAX, QUEUE_TIMEOUT_MIN,
};
use crate::karpenter::provisioner::ClaimId;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::{Span, Time};

/// A command, numbered in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandNumber(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// For the world to say which claim replaces the nodes.
    ForClaim,
    ForNode(ClaimId),
    /// The replacement is gone.
    Lost,
    /// For nothing any more.
    Ready,
}

#[derive(Clone, Debug)]
struct Executing {
    number: CommandNumber,
    nodes: Vec<NodeId>,
    started: Time,
    next_poll: Time,
    waiting: Waiting,
}

/// How a command ended.
pub(super) enum Ending {
    Delete(CommandNumber, Vec<NodeId>),
    RollBack(CommandNumber, Vec<NodeId>),
}

/// At most one command a node, so no longer than the list of nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    commands: Vec<Executing>,
}

impl Queue {
    pub(super) const fn new() -> Self {
        Self { commands: Vec::new() }
    }

    pub(super) fn add(
        &mut self,
        now: Time,
        number: CommandNumber,
        nodes: Vec<NodeId>,
        is_replaced: bool,
    ) {
        let waiting = if is_replaced { Waiting::ForClaim } else { Waiting::Ready };
        self.commands.push(Executing { number, nodes, started: now, next_poll: now, waiting });
    }

    pub(super) fn replaced_by(&mut self, number: CommandNumber, claim: ClaimId) {
        let mut commands = self.commands.iter_mut();
        if let Some(command) = commands.find(|command| command.number == number)
            && command.waiting == Waiting::ForClaim
        {
            command.waiting = Waiting::ForNode(claim);
        }
    }

    pub(super) fn initialized(&mut self, now: Time, claim: ClaimId) {
        self.settle(now, claim, Waiting::Ready);
    }

    pub(super) fn lost(&mut self, now: Time, claim: ClaimId) {
        self.settle(now, claim, Waiting::Lost);
    }

    fn settle(&mut self, now: Time, claim: ClaimId, waiting: Waiting) {
        let waits = |command: &&mut Executing| command.waiting == Waiting::ForNode(claim);
        if let Some(command) = self.commands.iter_mut().find(waits) {
            command.waiting = waiting;
            command.next_poll = on_grid(command.started, now);
        }
    }

    /// The next look at a command that has something to be seen.
    pub(super) fn next_at(&self) -> Option<Time> {
        let timeout = self.timeout();
        self.commands
            .iter()
            .map(|command| match command.waiting {
                Waiting::Ready | Waiting::Lost => command.next_poll,
                Waiting::ForClaim | Waiting::ForNode(_) => {
                    on_grid(command.started, command.started + timeout + Span::from_ms(1))
                }
            })
            .min()
    }

    /// Commands that end now.
    pub(super) fn step(&mut self, now: Time) -> Vec<Ending> {
        let timeout = self.timeout();
        let mut endings = Vec::new();
        self.commands.retain_mut(|command| {
            if command.next_poll > now {
                return true;
            }
            let nodes = &mut command.nodes;
            if command.waiting == Waiting::Ready {
                endings.push(Ending::Delete(command.number, core::mem::take(nodes)));
            } else if command.waiting == Waiting::Lost || now.since(command.started) > timeout {
                endings.push(Ending::RollBack(command.number, core::mem::take(nodes)));
            } else {
                command.next_poll = on_grid(command.started, now + Span::from_ms(1));
                return true;
            }
            false
        });
        endings
    }

    /// With many nodes under way the cloud is expected to be slower.
    fn timeout(&self) -> Span {
        let nodes: u64 = self.commands.iter().map(|command| command.nodes.len() as u64).sum();
        let span = Span::from_ms(QUEUE_TIMEOUT_EACH.as_ms().saturating_mul(nodes));
        span.clamp(QUEUE_TIMEOUT_MIN, QUEUE_TIMEOUT_MAX)
    }
}

/// The first look at or after a time, looks being a second apart from the start.
fn on_grid(started: Time, at: Time) -> Time {
    let poll = QUEUE_POLL.as_ms();
    started + Span::from_ms(at.since(started).as_ms().div_ceil(poll) * poll)
}
