//! What the universe keeps of each type, pool, shape and kind of node.

use crate::karpenter::amounts::Amounts;
use crate::karpenter::bits::Bits;
use crate::karpenter::input::CapacityType;
use crate::karpenter::labels::KeyId;
use crate::karpenter::requirements::Requirements;
use crate::karpenter::taint::{Taint, Toleration};
use greenroom_scheduler::money::Rate;

/// The number of a pod shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeId(pub u32);

/// The number of a kind of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKindId(pub u32);

/// An offering, its labels as numbers.
#[derive(Clone, Copy, Debug)]
pub struct OfferingEntry {
    /// The type's place in the catalogue.
    pub of: u32,
    /// The zone's value number.
    pub zone: u32,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// Its price.
    pub price: Rate,
    /// The reservation's place, for reserved ones.
    pub reservation: Option<u32>,
}

/// A capacity reservation.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct ReservationEntry {
    pub(in crate::karpenter) value: usize,
    pub(in crate::karpenter) capacity: u32,
}

/// An instance type, its labels as numbers.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct TypeEntry {
    pub(in crate::karpenter) name: String,
    pub(in crate::karpenter) requirements: Requirements,
    pub(in crate::karpenter) capacity: Amounts,
    pub(in crate::karpenter) allocatable: Amounts,
    /// Its offerings' places.
    pub(in crate::karpenter) offerings: core::ops::Range<usize>,
}

/// Types of a pool on which the same daemons would run.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct DaemonGroup {
    pub(in crate::karpenter) types: Bits,
    /// In the order of the catalogue.
    pub(in crate::karpenter) order: Vec<u32>,
    pub(in crate::karpenter) overhead: Option<Amounts>,
    pub(in crate::karpenter) ports: Vec<u16>,
}

/// A pool that may open claims.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct Template {
    /// Its place in [`Universe::pools`].
    pub(in crate::karpenter) pool: usize,
    pub(in crate::karpenter) taints: Vec<Taint>,
    pub(in crate::karpenter) requirements: Requirements,
    pub(in crate::karpenter) types: Bits,
    pub(in crate::karpenter) groups: Vec<DaemonGroup>,
    /// Of each type of the catalogue: what is left of it for pods beside the daemons.
    pub(in crate::karpenter) room: Vec<Amounts>,
}

/// A pool's limits.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct PoolEntry {
    pub(in crate::karpenter) name: String,
    /// Resources that are limited, and how far.
    pub(in crate::karpenter) limits: Vec<(usize, i64)>,
    pub(in crate::karpenter) nodes_max: Option<i64>,
}

/// One of the ways in which a pod is tried: its own wishes, then fewer and fewer of them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::karpenter) struct Attempt {
    pub(in crate::karpenter) requirements: Requirements,
    pub(in crate::karpenter) tolerations: Vec<Toleration>,
    /// Of each template: whether its taints are tolerated.
    pub(in crate::karpenter) tolerates: Vec<bool>,
}

/// A pod shape.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct Shape {
    pub(in crate::karpenter) requests: Amounts,
    pub(in crate::karpenter) ports: Vec<u16>,
    pub(in crate::karpenter) attempts: Vec<Attempt>,
    /// The number of its first attempt, counted over all shapes.
    pub(in crate::karpenter) first_attempt: usize,
}

/// A kind of node.
#[derive(Clone, Debug)]
pub(in crate::karpenter) struct NodeKind {
    pub(in crate::karpenter) pool: Option<usize>,
    pub(in crate::karpenter) requirements: Requirements,
    pub(in crate::karpenter) taints: Vec<Taint>,
    pub(in crate::karpenter) capacity: Amounts,
    pub(in crate::karpenter) allocatable: Amounts,
    /// Resources that the node knows at all.
    pub(in crate::karpenter) places: Vec<usize>,
    /// What the daemons that belong there ask for.
    pub(in crate::karpenter) daemons: Amounts,
}

/// The keys that the model itself looks at.
#[derive(Clone, Copy, Debug)]
pub(in crate::karpenter) struct Keys {
    pub(in crate::karpenter) zone: KeyId,
    pub(in crate::karpenter) capacity_type: KeyId,
    pub(in crate::karpenter) reservation: KeyId,
    pub(in crate::karpenter) hostname: KeyId,
    pub(in crate::karpenter) instance_type: KeyId,
}
