//! Karpenter in the world: what it hears of pods and nodes, and what it makes of it.
//!
//! Its parts are those of [`crate::karpenter`]; here they are given this world's pods, nodes and
//! instance types, and what they want is carried out. Left out, beside what is left out there: one
//! loop of disruption for all node pools (each fleet has its own here), and drift.

mod catalogue;
mod disrupt;
mod fleet;
mod launch;
mod leave;
mod node;
mod pods;
mod round;
mod views;

use super::Eks;
use super::timer::{Own, Timer};
use crate::engine::outbox::Outbox;
use crate::engine::queue::Queue;
use crate::engine::timers::Timers;
use crate::karpenter::config::KarpenterConfig;
use crate::karpenter::provisioner::{ClaimId, Input, Output, Provisioner};
use crate::karpenter::round::{Claim, RoundNode};
use fleet::Model;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::slab::Naming;
use greenroom_scheduler::time::Time;
use greenroom_scheduler::verdict::Verdict;
use node::KarpenterNode;
use std::collections::VecDeque;

/// Karpenter's own state in the world.
#[derive(Debug)]
pub(super) struct Karpenter {
    config: KarpenterConfig,
    provisioner: Provisioner,
    /// When the provisioner's timer is set for.
    provision_at: Option<Time>,
    /// What the provisioner wants, until it is done; used again.
    wants: Vec<Output>,
    /// By number; a fleet is there from its first pod without a node.
    fleets: Vec<Option<Box<Model>>>,
    /// By slot.
    nodes: Vec<Option<Box<KarpenterNode>>>,
    names: Naming<NodeId>,
    /// Claims that EC2 has not answered: while there are any, no round is begun.
    unanswered: u32,
    /// Of each runner, by its slot: its place among its fleet's pending pods.
    pending_at: Vec<u32>,
    /// What the last Solve found, until it is used.
    solved: round::Solved,
    /// Used again by each round.
    round_nodes: Vec<RoundNode>,
    /// When each node expires, in order; some are gone by then.
    expiring: VecDeque<(Time, NodeId)>,
}

impl Karpenter {
    pub(super) fn new(config: &KarpenterConfig) -> Self {
        Self {
            provisioner: Provisioner::new(config),
            config: config.clone(),
            provision_at: None,
            wants: Vec::new(),
            fleets: Vec::new(),
            nodes: Vec::new(),
            names: Naming::default(),
            unanswered: 0,
            pending_at: Vec::new(),
            solved: round::Solved::default(),
            round_nodes: Vec::new(),
            expiring: VecDeque::new(),
        }
    }

    fn node_mut(&mut self, id: NodeId) -> Option<&mut KarpenterNode> {
        let node = self.nodes.get_mut(id.index())?.as_deref_mut()?;
        (node.id == id).then_some(node)
    }

    /// A fleet and a node of it.
    fn with_fleet(&mut self, id: NodeId) -> Option<(&mut Model, &mut KarpenterNode)> {
        let node = self.nodes.get_mut(id.index())?.as_deref_mut().filter(|node| node.id == id)?;
        let model = self.fleets.get_mut(node.fleet.index())?.as_deref_mut()?;
        Some((model, node))
    }

    fn hear(&mut self, now: Time, input: Input) {
        self.provisioner.handle(now, input, &mut self.wants);
    }

    /// Sets the provisioner's timer where it has changed.
    fn set_timer(&mut self, timers: &mut Queue<Timer>) {
        let next = self.provisioner.next_at();
        if next == self.provision_at {
            return;
        }
        self.provision_at = next;
        match next {
            Some(at) => timers.set(at, Timer::Own(Own::Provision, 0)),
            None => timers.cancel(Timer::Own(Own::Provision, 0)),
        }
    }

    /// Whether nodes stay although nothing is on them, as long as the run goes on.
    pub(super) fn keeps_nodes(&self) -> bool {
        use crate::karpenter::budget::{NodesAllowed, Reason};
        use crate::karpenter::config::Consolidation;
        let never = |budget: &crate::karpenter::budget::Budget| {
            let none = matches!(budget.nodes, NodesAllowed::Count(0) | NodesAllowed::Percent(0));
            let of_empty = budget.reasons.as_ref().is_none_or(|r| r.contains(&Reason::Empty));
            none && of_empty && budget.schedule.is_none()
        };
        self.config.consolidation == Consolidation::Off || self.config.budgets.iter().any(never)
    }
}

/// A node's claim, by the name that the world gave it.
const fn claim_id(node: NodeId) -> ClaimId {
    ClaimId((node.serial as u64) << 32 | node.slot as u64)
}

/// The node of a claim.
const fn node_of(claim: ClaimId) -> NodeId {
    NodeId { serial: (claim.0 >> 32) as u32, slot: claim.0 as u32 }
}

/// A runner as termination numbers pods.
const fn number_of(runner: RunnerId) -> u64 {
    (runner.serial as u64) << 32 | runner.slot as u64
}

/// The runner of such a number.
const fn runner_of(pod: u64) -> RunnerId {
    RunnerId { serial: (pod >> 32) as u32, slot: pod as u32 }
}

impl Eks {
    /// The provisioner's timer rings.
    pub(super) fn provision<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        if let Some(karpenter) = &mut self.karpenter {
            karpenter.provision_at = None;
        }
        self.tell_karpenter(now, Input::Tick, out);
    }

    /// Karpenter is told something, and does what follows.
    pub(super) fn tell_karpenter<S: Sink>(
        &mut self,
        now: Time,
        input: Input,
        out: &mut Outbox<'_, S>,
    ) {
        if let Some(karpenter) = &mut self.karpenter {
            karpenter.hear(now, input);
            self.heed_karpenter(now, out);
        }
    }

    /// Does what the provisioner wants.
    pub(super) fn heed_karpenter<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        let mut done = 0;
        loop {
            let Some(karpenter) = &mut self.karpenter else { return };
            let Some(&want) = karpenter.wants.get(done) else {
                karpenter.wants.clear();
                karpenter.set_timer(&mut self.timers);
                return;
            };
            done += 1;
            match want {
                Output::Solve => {
                    let took = karpenter.solve(now, self.account.market());
                    karpenter.hear(now, Input::Solving(took));
                }
                Output::Commit => self.commit(now, out),
                Output::Launch(claim) => self.begin_launch(now, node_of(claim)),
                Output::Delete(claim, why) => self.give_claim_up(now, node_of(claim), why, out),
            }
        }
    }

    /// A new claim; its launch follows at once.
    fn create_claim<S: Sink>(
        &mut self,
        now: Time,
        fleet: FleetId,
        mut claim: Claim,
        verdict: Verdict,
        out: &mut Outbox<'_, S>,
    ) -> Option<NodeId> {
        let karpenter = self.karpenter.as_mut()?;
        let id = karpenter.names.give();
        claim.pods = Vec::new();
        if id.index() >= karpenter.nodes.len() {
            karpenter.nodes.resize_with(id.index() + 1, || None);
        }
        karpenter.nodes[id.index()] = Some(Box::new(KarpenterNode::new(id, fleet, claim)));
        karpenter.unanswered += 1;
        karpenter.hear(now, Input::Created(claim_id(id)));
        self.add_node(id, fleet, out);
        out.fact(&Fact::NodeJudged { node: id, verdict });
        self.expire_later(now, id);
        Some(id)
    }
}
