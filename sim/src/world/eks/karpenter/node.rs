//! A claim of Karpenter's and the node that it becomes.

use crate::karpenter::round::Claim;
use crate::karpenter::termination::Termination;
use crate::karpenter::universe::{NodeKindId, ShapeId};
use greenroom_scheduler::command::Refusal;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Time;

/// No place in a list.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A pod on a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passenger {
    pub(super) runner: RunnerId,
    pub(super) shape: ShapeId,
    /// When it started, where that matters: protection can last for a time from then.
    pub(super) started: Option<Time>,
}

/// What Karpenter knows of one of its claims.
#[derive(Debug)]
pub(super) struct KarpenterNode {
    pub(super) id: NodeId,
    pub(super) fleet: FleetId,
    /// The pool that opened the claim.
    pub(super) pool: usize,
    pub(super) claim: Claim,
    /// Whether there is a machine; `offering`, `kind`, `size` and `pods_max` say nothing before.
    pub(super) is_launched: bool,
    pub(super) offering: u32,
    pub(super) kind: NodeKindId,
    pub(super) size: Resources,
    pub(super) pods_max: u32,
    pub(super) initialized_at: Option<Time>,
    /// What the pods on it ask for, and which they are.
    pub(super) used: Resources,
    pub(super) pods: Vec<Passenger>,
    pub(super) last_pod_event: Option<Time>,
    /// Until when pods are promised to it.
    pub(super) nominated_until: Time,
    /// Whether it was chosen to go, or is going.
    pub(super) is_chosen: bool,
    /// How it is going.
    pub(super) leaving: Option<Termination>,
    pub(super) is_instance_ending: bool,
    /// What EC2 said when it gave nothing.
    pub(super) refused: Option<Refusal>,
    /// Whether pods on it must move.
    pub(super) is_crowded: bool,
    /// Whether its fleet lists it among those with room, and those without pods.
    pub(super) is_roomy: bool,
    pub(super) is_empty: bool,
    /// Whether its pool's budgets count it as there, and as going.
    pub(super) is_counted: bool,
    pub(super) is_counted_going: bool,
}

impl KarpenterNode {
    pub(super) fn new(id: NodeId, fleet: FleetId, claim: Claim) -> Self {
        Self {
            id,
            fleet,
            pool: claim.pool,
            claim,
            is_launched: false,
            offering: 0,
            kind: NodeKindId(0),
            size: Resources::default(),
            pods_max: 0,
            initialized_at: None,
            used: Resources::default(),
            pods: Vec::new(),
            last_pod_event: None,
            nominated_until: Time::ZERO,
            is_chosen: false,
            leaving: None,
            is_instance_ending: false,
            refused: None,
            is_crowded: false,
            is_roomy: false,
            is_empty: false,
            is_counted: false,
            is_counted_going: false,
        }
    }

    /// Whether new pods may still be planned onto it.
    pub(super) const fn is_active(&self) -> bool {
        self.is_launched && !self.is_chosen
    }
}
