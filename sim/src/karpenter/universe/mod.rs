//! What stays the same from round to round, prepared once: types, pools, daemons, pod shapes.

mod daemons;
mod entries;
mod pods;
mod pools;
mod types;

pub(super) use entries::{
    DaemonGroup, Keys, NodeKind, PoolEntry, ReservationEntry, Shape, Template, TypeEntry,
};
pub use entries::{NodeKindId, OfferingEntry, ShapeId};

use super::amounts::{Amounts, RESOURCES_MAX, ResourceList, Resources};
use super::bits::Bits;
use super::input::{CapacityType, InstanceType, NodePool, NodeSpec, PodSpec, Policies};
use super::labels::{CAPACITY_TYPE, HOSTNAME, INSTANCE_TYPE, Labels, RESERVATION, ZONE};
use super::round::RoundNode;
use super::taint::Effect;
use greenroom_scheduler::money::Rate;
use std::collections::BTreeMap;

/// Why a world cannot be modelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UniverseError {
    /// More different resources than a run can have.
    #[error("{who}: more than {RESOURCES_MAX} different resources")]
    TooManyResources {
        /// The type, pool, node or pod that names one too many.
        who: String,
    },
    /// Two of a kind with one name.
    #[error("{what} {name:?} is given twice")]
    Twice {
        /// What they are.
        what: &'static str,
        /// Their name.
        name: String,
    },
}

/// Everything that outlives a round.
#[derive(Clone, Debug)]
pub struct Universe {
    pub(super) labels: Labels,
    pub(super) resources: Resources,
    pub(super) policies: Policies,
    pub(super) keys: Keys,
    /// Value numbers of `reserved`, `spot`, `on-demand`.
    pub(super) capacity_values: [usize; 3],
    pub(super) types: Vec<TypeEntry>,
    pub(super) offerings: Vec<OfferingEntry>,
    /// Offerings that can be had at all.
    pub(super) sold: Bits,
    pub(super) reservations: Vec<ReservationEntry>,
    pub(super) pools: Vec<PoolEntry>,
    pub(super) templates: Vec<Template>,
    pub(super) shapes: Vec<Shape>,
    pub(super) kinds: Vec<NodeKind>,
    pub(super) attempts: usize,
    tolerate_preferences: bool,
    daemons: Vec<PodSpec>,
    shape_of: BTreeMap<PodSpec, ShapeId>,
    kind_of: BTreeMap<NodeSpec, NodeKindId>,
}

impl Universe {
    /// Prepares types, pools and daemons. `well_known` are the labels that a pod may select on
    /// although no pool names them, [`super::labels::WELL_KNOWN`] in a real cluster.
    pub fn new(
        types: &[InstanceType],
        pools: &[NodePool],
        daemons: &[PodSpec],
        policies: Policies,
        well_known: &[&str],
    ) -> Result<Self, UniverseError> {
        let mut labels = Labels::new(well_known);
        let keys = Keys {
            zone: labels.key(ZONE),
            capacity_type: labels.key(CAPACITY_TYPE),
            reservation: labels.key(RESERVATION),
            hostname: labels.key(HOSTNAME),
            instance_type: labels.key(INSTANCE_TYPE),
        };
        let capacity_values =
            CapacityType::ALL.map(|bought| labels.value(keys.capacity_type, bought.label()));
        let mut universe = Self {
            labels,
            resources: Resources::default(),
            policies,
            keys,
            capacity_values,
            types: Vec::with_capacity(types.len()),
            offerings: Vec::new(),
            sold: Bits::new(),
            reservations: Vec::new(),
            pools: Vec::new(),
            templates: Vec::new(),
            shapes: Vec::new(),
            kinds: Vec::new(),
            attempts: 0,
            tolerate_preferences: pools.iter().any(|pool| {
                pool.taints.iter().any(|taint| taint.effect == Effect::PreferNoSchedule)
            }),
            daemons: daemons.to_vec(),
            shape_of: BTreeMap::new(),
            kind_of: BTreeMap::new(),
        };
        universe.add_types(types)?;
        universe.add_pools(pools)?;
        Ok(universe)
    }

    /// How many instance types there are.
    pub const fn types_count(&self) -> usize {
        self.types.len()
    }

    /// The name of a type by its place in the catalogue.
    pub fn type_name(&self, place: usize) -> &str {
        &self.types[place].name
    }

    /// Every offering; a set of them is a set of places in this list.
    pub fn offerings(&self) -> &[OfferingEntry] {
        &self.offerings
    }

    /// Gives an offering another price, and says whether it is another. What a
    /// [`super::scratch::Scratch`] remembers was worked out with the old one: it has to be made
    /// anew.
    pub fn reprice(&mut self, offering: usize, price: Rate) -> bool {
        let before = core::mem::replace(&mut self.offerings[offering].price, price);
        before != price
    }

    /// The least that any pod asks for, of each resource.
    pub(super) fn least_requests(&self) -> Amounts {
        let requests = self.shapes.iter().map(|shape| shape.requests);
        requests.reduce(|least, own| least.min(&own)).unwrap_or_default()
    }

    /// Whether a node has room for so much, what its daemons still need aside.
    pub(super) fn has_room(&self, node: &RoundNode, wanted: &Amounts) -> bool {
        let kind = &self.kinds[node.kind.0 as usize];
        wanted.fits(&kind.allocatable.minus_at(&node.used, &kind.places))
    }

    /// The offerings of a type, as places in [`Self::offerings`].
    pub fn offerings_of(&self, place: usize) -> core::ops::Range<usize> {
        self.types[place].offerings.clone()
    }

    /// The name of an offering's zone.
    pub fn zone_name(&self, offering: &OfferingEntry) -> &str {
        self.labels.text(self.keys.zone, offering.zone as usize)
    }

    /// The number of pools.
    pub const fn pools_count(&self) -> usize {
        self.pools.len()
    }

    /// The name of a pool. Pools are numbered in the order in which they are tried.
    pub fn pool_name(&self, pool: usize) -> &str {
        &self.pools[pool].name
    }

    /// Where amounts of a resource are kept, if any is asked for or had.
    pub fn resource_place(&self, name: &str) -> Option<usize> {
        self.resources.known_place(name)
    }

    /// Amounts by name.
    pub fn amounts(&mut self, list: &ResourceList) -> Result<Amounts, UniverseError> {
        self.named_amounts(list, || "amounts".to_owned()).map(|(amounts, _)| amounts)
    }

    /// What the machine of a kind of node has.
    pub fn kind_capacity(&self, kind: NodeKindId) -> &Amounts {
        &self.kinds[kind.0 as usize].capacity
    }

    /// The pool of a kind of node, if it is one of the universe's.
    pub fn kind_pool(&self, kind: NodeKindId) -> Option<usize> {
        self.kinds[kind.0 as usize].pool
    }

    /// What a pod of the shape asks for, itself counted as one of `pods`.
    pub fn shape_requests(&self, shape: ShapeId) -> &Amounts {
        &self.shapes[shape.0 as usize].requests
    }

    /// Whether a pool's nodes have more together than its limits say, so that no claim of it may
    /// be created (core:…/provisioning/provisioner.go, Create). What is just at the limit may
    /// still be created: a round can overshoot.
    pub fn exceeds_limits(&self, pool: usize, capacity: &Amounts, nodes: u32) -> bool {
        let entry = &self.pools[pool];
        entry.limits.iter().any(|&(at, limit)| capacity.at(at) > limit)
            || entry.nodes_max.is_some_and(|limit| i64::from(nodes) > limit)
    }

    /// Ports of its node that a pod of the shape binds.
    pub fn shape_ports(&self, shape: ShapeId) -> &[u16] {
        &self.shapes[shape.0 as usize].ports
    }

    fn named_amounts(
        &mut self,
        list: &ResourceList,
        who: impl Fn() -> String,
    ) -> Result<(Amounts, Vec<usize>), UniverseError> {
        self.resources.amounts(list).ok_or_else(|| UniverseError::TooManyResources { who: who() })
    }
}
