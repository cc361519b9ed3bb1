//! Small worlds for the tests of Karpenter: a few types, pools and pods.

use greenroom_scheduler::money::Rate;
use greenroom_sim::karpenter::input::{
    CapacityType, InstanceType, NodePool, NodeSpec, Offering, PodSpec, Policies,
};
use greenroom_sim::karpenter::labels::WELL_KNOWN;
use greenroom_sim::karpenter::requirement::{Operator, Selector};
use greenroom_sim::karpenter::universe::{NodeKindId, Universe};
use std::collections::BTreeMap;

pub(crate) const CPU_LABEL: &str = "karpenter.k8s.aws/instance-cpu";
pub(crate) const FAMILY: &str = "karpenter.k8s.aws/instance-family";
pub(crate) const SIZE: &str = "karpenter.k8s.aws/instance-size";
pub(crate) const BOUGHT: &str = "karpenter.sh/capacity-type";
pub(crate) const ZONE: &str = "topology.kubernetes.io/zone";

/// Prices in thousandths of a dollar an hour.
pub(crate) fn offering(zone: &str, capacity_type: CapacityType, milli_usd: u32) -> Offering {
    Offering {
        zone: zone.to_owned(),
        capacity_type,
        price: Rate::from_micros_per_hour(milli_usd * 1000),
        available: true,
        reservation: None,
    }
}

pub(crate) fn amounts(cpu_milli: i64, memory_mib: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([("cpu".to_owned(), cpu_milli), ("memory".to_owned(), memory_mib << 20)])
}

/// A type with twice as many GiB as vCPUs and 110 pods.
pub(crate) fn sized(name: &str, vcpu: i64, offerings: Vec<Offering>) -> InstanceType {
    let mut capacity = amounts(vcpu * 1000, vcpu * 2048);
    capacity.insert("pods".to_owned(), 110);
    InstanceType {
        name: name.to_owned(),
        requirements: vec![
            Selector::is_in(CPU_LABEL, &[&vcpu.to_string()]),
            Selector::is_in("kubernetes.io/arch", &["amd64"]),
        ],
        capacity,
        overhead: BTreeMap::new(),
        offerings,
    }
}

/// `t2`, `t4`, `t8` and `t16` in one zone: 50 milli-dollars a vCPU on demand, 17.5 on spot.
pub(crate) fn ladder() -> Vec<InstanceType> {
    [2_u32, 4, 8, 16]
        .map(|vcpu| {
            let offerings = vec![
                offering("z1", CapacityType::Spot, vcpu * 35 / 2),
                offering("z1", CapacityType::OnDemand, vcpu * 50),
            ];
            sized(&format!("t{vcpu}"), i64::from(vcpu), offerings)
        })
        .to_vec()
}

pub(crate) fn line(key: &str, operator: Operator, values: &[&str]) -> Selector {
    Selector { operator, ..Selector::is_in(key, values) }
}

pub(crate) fn pool(name: &str, requirements: Vec<Selector>) -> NodePool {
    NodePool { name: name.to_owned(), requirements, ..NodePool::default() }
}

pub(crate) fn pod(cpu_milli: i64) -> PodSpec {
    PodSpec { requests: amounts(cpu_milli, 100), ..PodSpec::default() }
}

pub(crate) fn universe(types: &[InstanceType], pools: &[NodePool]) -> Universe {
    Universe::new(types, pools, &[], Policies::default(), WELL_KNOWN).unwrap()
}

/// A node of a pool, launched as one of the universe's offerings.
pub(crate) fn kind_of(
    universe: &mut Universe,
    types: &[InstanceType],
    offering: usize,
) -> NodeKindId {
    let entry = universe.offerings()[offering];
    let it = &types[entry.of as usize];
    let labels = [
        ("karpenter.sh/nodepool", "pool".to_owned()),
        ("node.kubernetes.io/instance-type", it.name.clone()),
        (BOUGHT, entry.capacity_type.label().to_owned()),
        (ZONE, universe.zone_name(&entry).to_owned()),
    ];
    let labels = labels.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let spec = NodeSpec {
        labels,
        taints: Vec::new(),
        capacity: it.capacity.clone(),
        allocatable: it.capacity.clone(),
    };
    universe.node_kind(&spec).unwrap()
}

/// The place of the offering of a type bought in a way.
pub(crate) fn offering_of(universe: &Universe, name: &str, capacity_type: CapacityType) -> usize {
    let of = |o: &&greenroom_sim::karpenter::universe::OfferingEntry| {
        universe.type_name(o.of as usize) == name && o.capacity_type == capacity_type
    };
    let found = universe.offerings().iter().find(of).copied().unwrap();
    universe
        .offerings_of(found.of as usize)
        .find(|&at| universe.offerings()[at].capacity_type == capacity_type)
        .unwrap()
}
