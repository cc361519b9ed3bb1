//! A fleet as Karpenter sees it: its node pools, the pods that wait for room in it, and the room
//! that its nodes have.
//!
//! Pods of a fleet fit its pools alone, by taint and selector, so each fleet has a small universe
//! of its own instead of a part in one of all fleets.

use super::super::Plan;
use super::catalogue::{self, BOUGHT_COUNT, capacity_of, place_of};
use super::claim_id;
use super::node::KarpenterNode;
use crate::ec2::{Market, Pool};
use crate::karpenter::amounts::{Amounts, CPU_AT, GPU, MEMORY_AT, PODS_AT, ResourceList};
use crate::karpenter::bits::Bits;
use crate::karpenter::config::KarpenterConfig;
use crate::karpenter::disruption::{Disruption, PoolCount, PoolPolicy};
use crate::karpenter::input::{InstanceType, NodeSpec, Policies};
use crate::karpenter::labels::{CAPACITY_TYPE, INSTANCE_TYPE, NODE_POOL, WELL_KNOWN, ZONE};
use crate::karpenter::launch::Launch;
use crate::karpenter::round::{PendingPod, PoolUse, RoundNode};
use crate::karpenter::scratch::Scratch;
use crate::karpenter::universe::{NodeKindId, ShapeId, Universe};
use greenroom_scheduler::id::{FleetId, TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec;
use greenroom_scheduler::time::{Span, Time};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Prices are looked up again after so long (aws:pkg/controllers/providers/pricing: on-demand and
/// spot alike).
const PRICES_KEPT: Span = Span::from_secs(12 * 3600);

/// No place in a list.
const NOWHERE: u32 = u32::MAX;

/// Types and zones of a launch as EC2 takes them.
pub(super) type Overrides = Arc<[(TypeId, ZoneId)]>;

/// What a pod asks for, and how its node must be bought, if that matters.
pub(super) type Wish = (Resources, Option<CapacityType>);

/// A fleet.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) id: FleetId,
    spec: spec::Fleet,
    pub(super) universe: Universe,
    pub(super) scratch: Scratch,
    types: Vec<InstanceType>,
    /// Of each type of the whole catalogue: its place in the universe.
    place_of_type: Vec<u32>,
    zones: usize,
    priced_at: Time,
    gpu_at: Option<usize>,
    /// What pods ask for here, and how their nodes must be bought: few different ones.
    shapes: Vec<(Wish, ShapeId)>,
    /// The least that any of them asks for, of each resource.
    least: Resources,
    /// Of each pool and offering: the kind of node that it makes.
    kinds: Vec<Option<NodeKindId>>,
    /// Pods that kube-scheduler found no node for, in no order.
    pub(super) pending: Vec<PendingPod>,
    /// The runners behind them, by their slots.
    pub(super) pending_slots: Vec<u32>,
    /// Nodes that are not going and have room for the least pod, by their slots.
    pub(super) roomy: BTreeSet<u32>,
    /// Nodes that are ready, not going, and without a pod, by their slots.
    pub(super) empty: BTreeSet<u32>,
    /// How nodes go again.
    pub(super) disruption: Disruption,
    /// What budgets count, by pool.
    pub(super) counts: Vec<PoolCount>,
    /// When the loop of disruption looks next, where it does.
    pub(super) disrupt_at: Option<Time>,
    /// Nodes that are not going.
    pub(super) used: Vec<PoolUse>,
    /// Nodes that were chosen to go and have pods that must move.
    pub(super) crowded: u32,
    /// The launch that was worked out last, as EC2 takes it.
    last_launch: Option<(Arc<Launch>, Overrides)>,
}

impl Model {
    pub(super) fn new(
        plan: &Plan,
        config: &KarpenterConfig,
        id: FleetId,
        spec: spec::Fleet,
        market: &mut Market,
        now: Time,
    ) -> Self {
        let types = catalogue::types(plan, &spec, market, now);
        let pools = catalogue::pools(plan, &spec);
        let policies = Policies {
            min_values: config.min_values_policy,
            preferences: config.preference_policy,
        };
        let universe = Universe::new(&types, &pools, &[], policies, WELL_KNOWN)
            .expect("a catalogue has each type once and four resources in all");
        let mut place_of_type = vec![NOWHERE; plan.catalogue.len()];
        for (place, id) in spec.types.iter().enumerate() {
            place_of_type[id.index()] = place as u32;
        }
        let (zones, offerings) = (plan.ec2.zones.len(), universe.offerings().len());
        Self {
            id,
            scratch: Scratch::new(),
            place_of_type,
            zones,
            priced_at: now,
            gpu_at: universe.resource_place(GPU),
            shapes: Vec::new(),
            least: Resources { cpu_milli: u32::MAX, memory_mib: u32::MAX, gpu: u32::MAX },
            kinds: vec![None; offerings * pools.len()],
            pending: Vec::new(),
            pending_slots: Vec::new(),
            roomy: BTreeSet::new(),
            empty: BTreeSet::new(),
            disruption: Disruption::new(
                vec![PoolPolicy::from(config); pools.len()],
                config.spot_to_spot,
                now,
            ),
            counts: vec![PoolCount::default(); pools.len()],
            disrupt_at: None,
            used: vec![PoolUse::default(); pools.len()],
            crowded: 0,
            last_launch: None,
            spec,
            universe,
            types,
        }
    }

    /// Prices as Karpenter knows them: up to twelve hours old.
    pub(super) fn reprice(&mut self, market: &mut Market, now: Time) {
        if now.since(self.priced_at) < PRICES_KEPT {
            return;
        }
        self.priced_at = now;
        let mut changed = false;
        for at in 0..self.universe.offerings().len() {
            let price = market.price(self.pool_of(at as u32), now);
            changed |= self.universe.reprice(at, price);
        }
        if changed {
            self.scratch = Scratch::new();
            self.last_launch = None;
        }
    }

    /// What EC2 calls an offering.
    pub(super) fn pool_of(&self, offering: u32) -> Pool {
        let offering = offering as usize;
        let of_type = offering / (self.zones * BOUGHT_COUNT);
        Pool {
            instance_type: self.spec.types[of_type],
            zone: ZoneId((offering / BOUGHT_COUNT % self.zones) as u32),
            capacity: capacity_of(offering),
        }
    }

    /// The offering that EC2 calls so; every pool that it gives was among what it was asked for.
    pub(super) fn offering_of(&self, pool: Pool) -> u32 {
        let place = self.place_of_type[pool.instance_type.index()] as usize;
        let in_zone = place * self.zones + pool.zone.index();
        (in_zone * BOUGHT_COUNT + place_of(pool.capacity)) as u32
    }

    /// Nodes that count against the fleet's limit.
    pub(super) fn nodes(&self) -> u32 {
        self.used.first().map_or(0, |used| used.nodes)
    }

    /// What ran out, numbered for all fleets alike, as this fleet's universe numbers it.
    pub(super) fn lacking(&self, of_all: &Bits) -> Bits {
        let a_type = self.zones * BOUGHT_COUNT;
        let own = of_all.iter().filter_map(|number| {
            let place = self.place_of_type[number / a_type];
            (place != NOWHERE).then(|| place as usize * a_type + number % a_type)
        });
        own.collect()
    }

    /// The shape of a pod.
    pub(super) fn shape(&mut self, plan: &Plan, wish: Wish) -> ShapeId {
        let known = self.shapes.iter().find(|(of, _)| *of == wish);
        if let Some((_, shape)) = known {
            return *shape;
        }
        let (request, _) = wish;
        let pools = 0..self.universe.pools_count();
        let pools: Vec<&str> = pools.map(|pool| self.universe.pool_name(pool)).collect();
        let pod = catalogue::pod(plan, &self.spec, wish, &pools);
        let shape = self.universe.shape(&pod).expect("every node has what pods ask for");
        self.shapes.push((wish, shape));
        self.least = Resources {
            cpu_milli: self.least.cpu_milli.min(request.cpu_milli),
            memory_mib: self.least.memory_mib.min(request.memory_mib),
            gpu: self.least.gpu.min(request.gpu),
        };
        shape
    }

    /// How many shapes are known: with a new one more nodes may have room.
    pub(super) fn shapes_count(&self) -> usize {
        self.shapes.len()
    }

    /// The kind of node that an offering makes of a pool's claim.
    pub(super) fn kind(&mut self, pool: usize, offering: u32) -> NodeKindId {
        let at = pool * self.universe.offerings().len() + offering as usize;
        if let Some(kind) = self.kinds[at] {
            return kind;
        }
        let entry = self.universe.offerings()[offering as usize];
        let of_type = &self.types[entry.of as usize];
        let own = of_type
            .requirements
            .iter()
            .filter_map(|line| Some((line.key.clone(), line.values.first()?.clone())));
        let given = [
            (NODE_POOL, self.universe.pool_name(pool)),
            (INSTANCE_TYPE, of_type.name.as_str()),
            (CAPACITY_TYPE, entry.capacity_type.label()),
            (ZONE, self.universe.zone_name(&entry)),
        ];
        let given = given.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let capacity = of_type.capacity.clone();
        let left = |(name, amount): (&String, &i64)| {
            (name.clone(), amount - of_type.overhead.get(name).copied().unwrap_or(0))
        };
        let allocatable: ResourceList = capacity.iter().map(left).collect();
        let labels = own.chain(given).collect();
        let spec = NodeSpec { labels, taints: Vec::new(), capacity, allocatable };
        let kind = self.universe.node_kind(&spec).expect("its type has no more resources");
        self.kinds[at] = Some(kind);
        kind
    }

    /// Amounts of what pods have of a node.
    fn amounts(&self, of: Resources, pods: u32) -> Amounts {
        let mut amounts = Amounts::ZERO;
        amounts.put(CPU_AT, i64::from(of.cpu_milli));
        amounts.put(MEMORY_AT, i64::from(of.memory_mib) << 20);
        amounts.put(PODS_AT, i64::from(pods));
        if let Some(at) = self.gpu_at {
            amounts.put(at, i64::from(of.gpu));
        }
        amounts
    }

    /// A node as Solve takes it.
    pub(super) fn round_node(
        &self,
        node: &KarpenterNode,
        under_consolidate_after: bool,
    ) -> RoundNode {
        RoundNode {
            kind: node.kind,
            name: claim_id(node.id).0,
            initialized: node.initialized_at.is_some(),
            used: self.amounts(node.used, node.pods.len() as u32),
            used_by_daemons: Amounts::ZERO,
            ports: Vec::new(),
            under_consolidate_after,
        }
    }

    /// Whether a node has room for the least pod.
    pub(super) fn has_room(&self, node: &KarpenterNode) -> bool {
        (node.pods.len() as u32) < node.pods_max && self.least.fits(node.size.minus(node.used))
    }

    /// A node counts against the limits of its pool, from its launch until it is going.
    pub(super) fn count(&mut self, node: &KarpenterNode) {
        let capacity = *self.universe.kind_capacity(node.kind);
        let used = &mut self.used[node.pool];
        used.capacity = used.capacity.plus(&capacity);
        // The fleet's limit on nodes is one for all of its pools.
        for used in &mut self.used {
            used.nodes += 1;
        }
    }

    pub(super) fn discount(&mut self, node: &KarpenterNode) {
        let capacity = *self.universe.kind_capacity(node.kind);
        let used = &mut self.used[node.pool];
        used.capacity = used.capacity.minus(&capacity);
        for used in &mut self.used {
            used.nodes -= 1;
        }
    }

    /// What a launch asks EC2 for.
    pub(super) fn overrides(&mut self, launch: &Arc<Launch>) -> Overrides {
        if let Some((last, overrides)) = &self.last_launch
            && Arc::ptr_eq(last, launch)
        {
            return overrides.clone();
        }
        let of = |offering: u32| {
            let pool = self.pool_of(offering);
            (pool.instance_type, pool.zone)
        };
        let overrides: Overrides = launch.overrides.iter().map(|o| of(o.offering)).collect();
        self.last_launch = Some((launch.clone(), overrides.clone()));
        overrides
    }
}
