//! A fleet as Karpenter would be configured for it: a node pool, and its instance types at the
//! prices of the day.

use super::super::Plan;
use super::fleet::Wish;
use crate::catalogue;
use crate::ec2::{Market, Pool};
use crate::karpenter::amounts::{CPU, GPU, MEMORY, NODES, PODS, ResourceList};
use crate::karpenter::input::{CapacityType, InstanceType, NodePool, Offering, PodSpec};
use crate::karpenter::labels::{CAPACITY_TYPE, INSTANCE_SIZE, INSTANCE_TYPE, NODE_POOL};
use crate::karpenter::node_pool::NodePoolConfig;
use crate::karpenter::requirement::{Operator, Selector};
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec;
use greenroom_scheduler::time::Time;
use std::collections::BTreeMap;

/// How a type's size is told to a pool's requirements (aws:pkg/apis/v1/labels.go).
const INSTANCE_CPU: &str = "karpenter.k8s.aws/instance-cpu";

/// The pool of nodes within the cap on size, where none is configured.
const WITHIN_CAP: &str = "fleet";
/// The pool of larger nodes, for runners that fit on no other. Nobody can configure one of this
/// name: keys of pools hold no space.
const OVER_CAP: &str = "fleet, larger";

/// Ways to buy a type in a zone, in the order of its offerings.
const BOUGHT: [CapacityType; 2] = [CapacityType::Spot, CapacityType::OnDemand];
pub(super) const BOUGHT_COUNT: usize = BOUGHT.len();

/// The same as the core and EC2 name it.
pub(super) const fn capacity_of(offering: usize) -> model::CapacityType {
    match offering % BOUGHT_COUNT {
        0 => model::CapacityType::Spot,
        _ => model::CapacityType::OnDemand,
    }
}

/// The place of a way to buy among a type's offerings in a zone.
pub(super) const fn place_of(capacity: model::CapacityType) -> usize {
    match capacity {
        model::CapacityType::Spot => 0,
        model::CapacityType::OnDemand => 1,
    }
}

fn bought_as(capacity: model::CapacityType) -> &'static str {
    BOUGHT[place_of(capacity)].label()
}

/// Amounts by name, as Karpenter counts them. GPUs are named only where there are some.
fn named(of: Resources, pods: Option<u32>) -> ResourceList {
    let mut list = BTreeMap::from([
        (CPU.to_owned(), i64::from(of.cpu_milli)),
        (MEMORY.to_owned(), i64::from(of.memory_mib) << 20),
    ]);
    if let Some(pods) = pods {
        list.insert(PODS.to_owned(), i64::from(pods));
    }
    if of.gpu > 0 {
        list.insert(GPU.to_owned(), i64::from(of.gpu));
    }
    list
}

/// The instance types of a fleet, in the order of its spec: each zone in turn, spot before
/// on-demand. What daemons take counts as the machine's own overhead.
pub(super) fn types(
    plan: &Plan,
    fleet: &spec::Fleet,
    market: &mut Market,
    now: Time,
) -> Vec<InstanceType> {
    let of = |id: &TypeId| Some((*id, plan.catalogue.get(*id)?));
    fleet
        .types
        .iter()
        .filter_map(of)
        .map(|(id, kind)| one(plan, fleet, id, kind, market, now))
        .collect()
}

fn one(
    plan: &Plan,
    fleet: &spec::Fleet,
    id: TypeId,
    kind: &catalogue::InstanceType,
    market: &mut Market,
    now: Time,
) -> InstanceType {
    let machine =
        Resources { cpu_milli: kind.vcpu * 1_000, memory_mib: kind.memory_mib, gpu: kind.gpu };
    let mut offerings = Vec::new();
    for (number, zone) in plan.ec2.zones.iter().enumerate() {
        for (place, capacity_type) in BOUGHT.into_iter().enumerate() {
            let capacity = capacity_of(place);
            let pool = Pool { instance_type: id, zone: ZoneId(number as u32), capacity };
            offerings.push(Offering {
                zone: zone.clone(),
                capacity_type,
                price: market.price(pool, now),
                available: true,
                reservation: None,
            });
        }
    }
    InstanceType {
        name: kind.name.to_string(),
        requirements: vec![
            Selector::is_in(INSTANCE_CPU, &[&kind.vcpu.to_string()]),
            Selector::is_in(INSTANCE_SIZE, &[kind.size()]),
        ],
        capacity: named(machine, Some(pods_max(plan, fleet, id))),
        overhead: named(machine.minus(plan.allocatable(id)), None),
        offerings,
    }
}

/// Most runner pods on a node of a type: `maxPods` of the fleet's kubelets where it is set.
pub(super) fn pods_max(plan: &Plan, fleet: &spec::Fleet, id: TypeId) -> u32 {
    plan.pods_max(id).min(fleet.pods_per_node_max.unwrap_or(u32::MAX))
}

/// The node pools of a fleet. The cap on size is a requirement, as whoever configures Karpenter
/// for CI would write it; where larger types exist one more pool has them, which only runners that
/// fit on no smaller one select.
pub(super) fn pools(plan: &Plan, fleet: &spec::Fleet) -> Vec<NodePool> {
    let configured = plan.karpenter.node_pool.iter();
    let mut pools: Vec<NodePool> =
        configured.filter_map(|(name, config)| within_cap(fleet, name, config)).collect();
    if pools.is_empty() {
        // Also where no configured pool may be bought as this fleet may: its runners would wait
        // for ever.
        pools.extend(within_cap(fleet, WITHIN_CAP, &NodePoolConfig::default()));
    }
    let cap = cap(plan, fleet);
    let is_larger = |id: &TypeId| plan.catalogue.get(*id).is_some_and(|kind| kind.vcpu > cap);
    if fleet.types.iter().any(is_larger) {
        pools.push(NodePool {
            name: OVER_CAP.to_owned(),
            requirements: vec![
                Selector::is_in(CAPACITY_TYPE, &bought(&fleet.capacity)),
                vcpus(Operator::Gt, cap),
            ],
            limits: nodes_limit(fleet).collect(),
            ..NodePool::default()
        });
    }
    pools
}

/// The largest node in vCPU of any pool but that for larger ones.
fn cap(plan: &Plan, fleet: &spec::Fleet) -> u32 {
    let pools = plan.karpenter.node_pool.values();
    let own = pools.filter(|pool| !ways(fleet, pool).is_empty()).map(|pool| pool.cpu_max);
    let most = own.map(|most| most.unwrap_or(u32::MAX)).max().unwrap_or(u32::MAX);
    most.min(fleet.cpu_milli_max / 1_000)
}

fn vcpus(operator: Operator, count: u32) -> Selector {
    Selector { operator, ..Selector::is_in(INSTANCE_CPU, &[&count.to_string()]) }
}

fn bought(ways: &[model::CapacityType]) -> Vec<&'static str> {
    ways.iter().map(|&capacity| bought_as(capacity)).collect()
}

fn nodes_limit(fleet: &spec::Fleet) -> impl Iterator<Item = (String, i64)> {
    fleet.nodes_max.map(|most| (NODES.to_owned(), i64::from(most))).into_iter()
}

/// How a pool's nodes may be bought for a fleet.
fn ways(fleet: &spec::Fleet, config: &NodePoolConfig) -> Vec<model::CapacityType> {
    let may =
        |way: &model::CapacityType| config.capacity.is_empty() || config.capacity.contains(way);
    fleet.capacity.iter().copied().filter(may).collect()
}

/// A pool within the fleet's cap; none where it can be bought in no way of the fleet's.
fn within_cap(fleet: &spec::Fleet, name: &str, config: &NodePoolConfig) -> Option<NodePool> {
    let ways = ways(fleet, config);
    if ways.is_empty() {
        return None;
    }
    let cap = config.cpu_max.unwrap_or(u32::MAX).min(fleet.cpu_milli_max / 1_000);
    let mut requirements =
        vec![Selector::is_in(CAPACITY_TYPE, &bought(&ways)), vcpus(Operator::Lte, cap)];
    if let Some(least) = config.instance_types_min {
        requirements.push(Selector {
            key: INSTANCE_TYPE.to_owned(),
            operator: Operator::Exists,
            values: Vec::new(),
            min_values: Some(least),
        });
    }
    let cpu = config.limits.cpu.map(|cpu| (CPU.to_owned(), i64::from(cpu) * 1_000));
    let memory = config.limits.memory_gib.map(|gib| (MEMORY.to_owned(), i64::from(gib) << 30));
    Some(NodePool {
        name: name.to_owned(),
        weight: config.weight.unwrap_or(0),
        requirements,
        limits: nodes_limit(fleet).chain(cpu).chain(memory).collect(),
        ..NodePool::default()
    })
}

/// What a runner's pod asks for. It selects pools only where there are some on either side of the
/// cap.
pub(super) fn pod(plan: &Plan, fleet: &spec::Fleet, wish: Wish, pools: &[&str]) -> PodSpec {
    let (request, capacity) = wish;
    let cap = cap(plan, fleet);
    let within = |id: &TypeId| {
        let small = plan.catalogue.get(*id).is_some_and(|kind| kind.vcpu <= cap);
        small && request.fits(plan.allocatable(*id))
    };
    let is_within = fleet.types.iter().any(within);
    let selected: Vec<&str> =
        pools.iter().copied().filter(|name| (*name != OVER_CAP) == is_within).collect();
    let is_split = selected.len() < pools.len();
    let required = is_split.then(|| vec![Selector::is_in(NODE_POOL, &selected)]);
    let bought =
        capacity.map(|capacity| (CAPACITY_TYPE.to_owned(), bought_as(capacity).to_owned()));
    PodSpec {
        requests: named(request, None),
        node_selector: bought.into_iter().collect(),
        required: required.into_iter().collect(),
        ..PodSpec::default()
    }
}
