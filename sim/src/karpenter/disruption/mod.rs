//! Disruption: which nodes go because they are empty, or because fewer or cheaper ones would do
//! (core:…/disruption/controller.go).
//!
//! Every ten seconds the methods are tried in their order; the first that proposes something makes
//! the loop wait fifteen seconds, look again, and act if the proposal still holds. Drift, pod
//! disruption budgets and static pools are not modelled. Where the real code follows the order of
//! a map, the lower number comes first.

mod balanced;
mod candidate;
mod methods;
mod queue;
mod replace;
mod view;

pub use methods::Method;
pub use queue::CommandNumber;
pub use view::{
    NodeView, PodView, PoolCount, PoolPolicy, Protection, View, nominated_until,
    nominated_until_by_default, pod_event,
};

use super::constants::{CONSOLIDATED_REST, DISRUPTION_POLL, VALIDATION_DELAY};
use super::provisioner::ClaimId;
use super::round::Claim;
use super::scratch::Scratch;
use super::universe::Universe;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::{Span, Time};
use methods::{Found, Proposal};
use queue::{Ending, Queue};
use replace::Look;
use std::collections::BTreeSet;

/// What disruption wants.
#[derive(Clone, Debug)]
pub enum Output {
    /// Mark the nodes as being deleted, so that nothing new is put on them; create the claim that
    /// replaces them, if there is one, and tell which it is
    /// ([`Disruption::replaced_by`]); promise the other nodes to pods.
    Start {
        /// Its number.
        command: CommandNumber,
        /// What found it.
        method: Method,
        /// Nodes that are to go.
        nodes: Vec<NodeId>,
        /// What is to come instead.
        replacement: Option<Box<Claim>>,
        /// Nodes that stay and that pods will move to.
        onto: Vec<NodeId>,
    },
    /// Delete the nodes: they drain, then end.
    Delete {
        /// The command that is done.
        command: CommandNumber,
        /// Its nodes.
        nodes: Vec<NodeId>,
    },
    /// The replacement did not come: the nodes stay, unmarked.
    RollBack {
        /// The command that failed.
        command: CommandNumber,
        /// Its nodes.
        nodes: Vec<NodeId>,
    },
}

#[derive(Clone, Debug)]
enum Phase {
    /// The next look.
    Polling(Time),
    /// A proposal waits to be looked at again.
    Validating(Time, Box<Proposal>),
}

/// Karpenter's disruption side.
#[derive(Clone, Debug)]
pub struct Disruption {
    policies: Vec<PoolPolicy>,
    spot_to_spot: bool,
    phase: Phase,
    /// Counts changes of the cluster that could make consolidation possible.
    epoch: u64,
    epoch_at: Time,
    /// Of each method the epoch in which it found nothing.
    rests: [Option<u64>; Method::ALL.len()],
    /// Pools that the last single-node look did not reach.
    unseen: BTreeSet<usize>,
    queue: Queue,
    next_command: u64,
}

impl Disruption {
    /// Rules of each pool, in the universe's order of pools; the first look is at `now`.
    pub const fn new(policies: Vec<PoolPolicy>, spot_to_spot: bool, now: Time) -> Self {
        Self {
            policies,
            spot_to_spot,
            phase: Phase::Polling(now),
            epoch: 0,
            epoch_at: now,
            rests: [None; Method::ALL.len()],
            unseen: BTreeSet::new(),
            queue: Queue::new(),
            next_command: 0,
        }
    }

    /// The rules of each pool.
    pub fn policies(&self) -> &[PoolPolicy] {
        &self.policies
    }

    /// A pod was bound or is gone, or a node or claim came, became ready, was marked or is gone:
    /// consolidation may be possible that was not.
    pub const fn changed(&mut self, now: Time) {
        self.epoch += 1;
        self.epoch_at = now;
    }

    /// The claim that a command asked for.
    pub fn replaced_by(&mut self, command: CommandNumber, claim: ClaimId) {
        self.queue.replaced_by(command, claim);
    }

    /// A claim's node is ready for pods.
    pub fn claim_initialized(&mut self, now: Time, claim: ClaimId) {
        self.queue.initialized(now, claim);
    }

    /// A claim is gone before its node was ready.
    pub fn claim_lost(&mut self, now: Time, claim: ClaimId) {
        self.queue.lost(now, claim);
    }

    /// When [`Self::step`] is to be called.
    pub fn next_at(&self) -> Time {
        let own = match &self.phase {
            Phase::Polling(at) | Phase::Validating(at, _) => *at,
        };
        self.queue.next_at().map_or(own, |queue| queue.min(own))
    }

    /// Whether nothing is under way: no proposal waits to be looked at again, no command for its
    /// replacement.
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Polling(_)) && self.queue.next_at().is_none()
    }

    /// Whether a look now would be over at once: no method has found anything since the last
    /// change.
    pub fn rests(&self, now: Time) -> bool {
        self.is_idle()
            && now.since(self.epoch_at) < CONSOLIDATED_REST
            && self.rests.iter().all(|rest| *rest == Some(self.epoch))
    }

    /// Looks before now found nothing, since there was nothing to find: the next one is the first
    /// of the same rhythm that is not over.
    pub fn skip_to(&mut self, now: Time) {
        if let Phase::Polling(at) = &mut self.phase
            && *at < now
        {
            let poll = DISRUPTION_POLL.as_ms();
            *at += Span::from_ms(now.since(*at).as_ms().div_ceil(poll) * poll);
        }
    }

    /// Does what is due now.
    pub fn step(
        &mut self,
        now: Time,
        universe: &Universe,
        view: &View<'_>,
        scratch: &mut Scratch,
        outputs: &mut Vec<Output>,
    ) {
        for ending in self.queue.step(now) {
            self.changed(now);
            outputs.push(match ending {
                Ending::Delete(command, nodes) => Output::Delete { command, nodes },
                Ending::RollBack(command, nodes) => Output::RollBack { command, nodes },
            });
        }
        match &self.phase {
            Phase::Polling(at) if *at <= now => {
                self.look(now, universe, view, scratch, 0);
            }
            Phase::Validating(at, _) if *at <= now => {
                let polling = Phase::Polling(now);
                let Phase::Validating(_, proposal) = core::mem::replace(&mut self.phase, polling)
                else {
                    return;
                };
                self.validate(now, universe, view, scratch, proposal, outputs);
            }
            _ => {}
        }
    }

    /// Tries the methods from the given one on.
    fn look(
        &mut self,
        now: Time,
        universe: &Universe,
        view: &View<'_>,
        scratch: &mut Scratch,
        first: usize,
    ) {
        if now.since(self.epoch_at) >= CONSOLIDATED_REST {
            self.changed(now);
        }
        if self.rests[first..].iter().all(|rest| *rest == Some(self.epoch)) {
            self.phase = Phase::Polling(now + DISRUPTION_POLL);
            return;
        }
        let mut look = Look::new(now, universe, view, &self.policies, self.spot_to_spot, scratch);
        for (number, method) in Method::ALL.into_iter().enumerate().skip(first) {
            if self.rests[number] == Some(self.epoch) {
                continue;
            }
            match look.run(method, &mut self.unseen) {
                Found::Proposal(proposal) => {
                    let at = now + look.took + VALIDATION_DELAY;
                    self.phase = Phase::Validating(at, proposal);
                    return;
                }
                Found::Nothing { may_rest: true } => self.rests[number] = Some(self.epoch),
                Found::Nothing { may_rest: false } => {}
            }
        }
        self.phase = Phase::Polling(now + look.took + DISRUPTION_POLL);
    }

    fn validate(
        &mut self,
        now: Time,
        universe: &Universe,
        view: &View<'_>,
        scratch: &mut Scratch,
        proposal: Box<Proposal>,
        outputs: &mut Vec<Output>,
    ) {
        let method = proposal.method;
        let mut look = Look::new(now, universe, view, &self.policies, self.spot_to_spot, scratch);
        let Some(valid) = look.validate(proposal) else {
            // The methods after it get their turn in the same look.
            let next = Method::ALL.iter().position(|m| *m == method).map_or(0, |at| at + 1);
            self.look(now, universe, view, scratch, next);
            return;
        };
        let command = CommandNumber(self.next_command);
        self.next_command += 1;
        self.changed(now);
        let Proposal { nodes, replacement, onto, .. } = *valid;
        self.queue.add(now, command, nodes.clone(), replacement.is_some());
        let replacement = replacement.map(Box::new);
        outputs.push(Output::Start { command, method, nodes, replacement, onto });
        // Having acted, the loop looks again at once.
        self.phase = Phase::Polling(now);
    }
}
