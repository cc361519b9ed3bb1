//! One round of Solve: what is asked and what comes out.

use super::amounts::Amounts;
use super::bits::Bits;
use super::requirements::Requirements;
use super::universe::{NodeKindId, ShapeId, Universe};
use super::work::Work;
use std::sync::Arc;

/// A pod to be placed.
#[derive(Clone, Copy, Debug)]
pub struct PendingPod {
    /// What it asks for.
    pub shape: ShapeId,
    /// When it was created, in whole seconds: the API keeps no more. Without: before all others.
    pub created_s: Option<i64>,
    /// Orders pods created in the same second, as the text of a UID does.
    pub uid: u64,
    /// Whether the pod runs on a node that Karpenter would like to remove, and so may not move to
    /// a node that still waits out `consolidateAfter`.
    pub is_candidate: bool,
}

/// A node that exists or is on its way.
#[derive(Clone, Debug)]
pub struct RoundNode {
    /// What is the same for all of its kind.
    pub kind: NodeKindId,
    /// Orders nodes, as the text of a name does.
    pub name: u64,
    /// Whether pods may be bound.
    pub initialized: bool,
    /// What the pods on it ask for together, daemons among them.
    pub used: Amounts,
    /// What the daemons among them ask for.
    pub used_by_daemons: Amounts,
    /// Ports that they bind.
    pub ports: Vec<u16>,
    /// Whether `consolidateAfter` has not run out since the last pod came or went.
    pub under_consolidate_after: bool,
}

/// What to do when a reservation has no room left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReservedMode {
    /// Wait for it, as provisioning does.
    #[default]
    Strict,
    /// Buy otherwise, as disruption does.
    Fallback,
}

/// What counts against a pool's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// What the machines have together.
    pub capacity: Amounts,
    /// How many there are.
    pub nodes: u32,
}

impl PoolUse {
    /// The same without a node.
    #[must_use]
    pub fn without(self, capacity: &Amounts) -> Self {
        Self { capacity: self.capacity.minus(capacity), nodes: self.nodes.saturating_sub(1) }
    }

    /// The sum over nodes, by pool.
    pub fn of_nodes<'n>(
        universe: &Universe,
        nodes: impl IntoIterator<Item = &'n RoundNode>,
    ) -> Vec<Self> {
        let mut used = vec![Self::default(); universe.pools_count()];
        for node in nodes {
            if let Some(pool) = universe.kind_pool(node.kind) {
                used[pool].capacity = used[pool].capacity.plus(universe.kind_capacity(node.kind));
                used[pool].nodes += 1;
            }
        }
        used
    }
}

/// A round's input. What is not here is in the [`super::universe::Universe`].
#[derive(Clone, Copy, Debug)]
pub struct Round<'a> {
    /// Pods to place, in any order.
    pub pods: &'a [PendingPod],
    /// Nodes that are not being deleted and may have room, in any order. Full ones may be left
    /// out; they are then not counted as work.
    pub nodes: &'a [RoundNode],
    /// Nodes that are to be thought away, as places in `nodes`.
    pub without: &'a Bits,
    /// What the nodes of each pool have together, full ones too, those being deleted or
    /// thought away not.
    pub used: &'a [PoolUse],
    /// Offerings that ran out of capacity lately.
    pub unavailable: &'a Bits,
    /// How reservations are treated.
    pub reserved: ReservedMode,
    /// Solve stops after this much work and returns what it has, as the real one does after a
    /// minute. In units of [`Work::total_ns`].
    pub work_ns_max: u64,
}

/// Why a pod could not be placed by one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// No pool has a usable type.
    NoPool,
    /// The pool's count of nodes is used up.
    NodeLimit,
    /// Every type would exceed the pool's limits.
    Limits,
    /// A taint is not tolerated.
    Taint,
    /// Labels disagree.
    Requirements,
    /// No type has the labels, the size and an available offering at once.
    InstanceType,
    /// Too few different values would be left.
    MinValues,
    /// A reservation has no room left.
    Reserved,
}

impl Refusal {
    /// A word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoPool => "no-pool",
            Self::NodeLimit => "node-limit",
            Self::Limits => "limits",
            Self::Taint => "taint",
            Self::Requirements => "requirements",
            Self::InstanceType => "no-instance-type",
            Self::MinValues => "min-values",
            Self::Reserved => "reserved",
        }
    }
}

/// A node that Solve wants.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The pool that opened it.
    pub pool: usize,
    /// Its pods, as places in [`Round::pods`], in the order in which they joined.
    pub pods: Vec<u32>,
    /// Types that it may become, as places in the catalogue, cheapest first, 600 at most.
    pub types: Arc<[u32]>,
    /// What its node may be, by pool and pods.
    pub allowed: Arc<Requirements>,
    /// What its node must be: the same, with the capacity types that can be had today.
    pub requirements: Arc<Requirements>,
    /// What its pods ask for, and a share for daemons.
    pub requests: Amounts,
    /// Whether `karpenter.sh/nodeclaim-min-values-relaxed` says so; shared by the pool's claims.
    pub min_values_relaxed: bool,
}

/// What Solve makes of a round.
#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// New nodes, in the order in which Solve holds them at the end.
    pub claims: Vec<Claim>,
    /// Nodes that exist and pods that go there, as places in the round, in order of placement.
    pub placed: Vec<(u32, u32)>,
    /// Pods that cannot be placed, and what each pool said, ordered by pod.
    pub unschedulable: Vec<(u32, Vec<Refusal>)>,
    /// Pods that were not reached before the work bound, ordered.
    pub unreached: Vec<u32>,
    /// What it cost.
    pub work: Work,
}
