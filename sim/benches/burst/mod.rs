//! Bursts of CI runners: six shapes, about a thousand types, three zones, spot and on-demand; with and
//! without a cap on the size of nodes.
//!
//! The mix follows the measured one (30 % 1 vCPU/2 GiB, 25 % 2/4, 20 % 2/7, 12 % 4/16, 5 % 15/30,
//! 8 % arm64 4/8).

use greenroom_scheduler::money::Rate;
use greenroom_sim::karpenter::input::{
    CapacityType, InstanceType, NodePool, Offering, PodSpec, Policies,
};
use greenroom_sim::karpenter::labels::WELL_KNOWN;
use greenroom_sim::karpenter::requirement::{Operator, Selector};
use greenroom_sim::karpenter::round::PendingPod;
use greenroom_sim::karpenter::universe::Universe;
use std::collections::BTreeMap;

pub(crate) const GIB: i64 = 1 << 30;
const FAMILIES: [(&str, &str, u32); 27] = [
    ("5", "amd64", 96),
    ("5a", "amd64", 86),
    ("5ad", "amd64", 103),
    ("5d", "amd64", 113),
    ("5dn", "amd64", 136),
    ("5n", "amd64", 119),
    ("5zn", "amd64", 165),
    ("6a", "amd64", 86),
    ("6i", "amd64", 96),
    ("6id", "amd64", 119),
    ("6idn", "amd64", 159),
    ("6in", "amd64", 139),
    ("7a", "amd64", 116),
    ("7i", "amd64", 101),
    ("7i-flex", "amd64", 96),
    ("8i", "amd64", 106),
    ("8i-flex", "amd64", 101),
    ("8a", "amd64", 121),
    ("6g", "arm64", 77),
    ("6gd", "arm64", 90),
    ("6gn", "arm64", 99),
    ("7g", "arm64", 82),
    ("7gd", "arm64", 107),
    ("7gn", "arm64", 125),
    ("8g", "arm64", 90),
    ("8gd", "arm64", 118),
    ("8gn", "arm64", 137),
];
const SIZES: [(&str, i64); 12] = [
    ("medium", 1),
    ("large", 2),
    ("xlarge", 4),
    ("2xlarge", 8),
    ("4xlarge", 16),
    ("8xlarge", 32),
    ("12xlarge", 48),
    ("16xlarge", 64),
    ("24xlarge", 96),
    ("metal-24xl", 96),
    ("48xlarge", 192),
    ("96xlarge", 384),
];

pub(crate) fn types() -> Vec<InstanceType> {
    let mut types = Vec::new();
    for (category, memory_each, dearer) in [("c", 2, 89), ("m", 4, 100), ("r", 8, 131)] {
        for (generation, arch, price) in FAMILIES {
            for (size, vcpu) in SIZES {
                types.push(instance_type(
                    category,
                    generation,
                    size,
                    arch,
                    vcpu,
                    vcpu * memory_each,
                    vcpu as u32 * price * dearer * 5,
                ));
            }
        }
    }
    types
}

fn instance_type(
    category: &str,
    generation: &str,
    size: &str,
    arch: &str,
    vcpu: i64,
    memory_gib: i64,
    price_micros: u32,
) -> InstanceType {
    let family = format!("{category}{generation}");
    let labels: [(&str, String); 7] = [
        ("kubernetes.io/arch", arch.to_owned()),
        ("kubernetes.io/os", "linux".to_owned()),
        ("karpenter.k8s.aws/instance-category", category.to_owned()),
        ("karpenter.k8s.aws/instance-family", family.clone()),
        ("karpenter.k8s.aws/instance-size", size.to_owned()),
        ("karpenter.k8s.aws/instance-cpu", vcpu.to_string()),
        ("karpenter.k8s.aws/instance-memory", (memory_gib * 1024).to_string()),
    ];
    let list = |cpu: i64, memory: i64, pods: i64| {
        BTreeMap::from([
            ("cpu".to_owned(), cpu),
            ("memory".to_owned(), memory),
            ("pods".to_owned(), pods),
        ])
    };
    let mut offerings = Vec::new();
    for zone in ["z1", "z2", "z3"] {
        for (capacity_type, share) in [(CapacityType::Spot, 35), (CapacityType::OnDemand, 100)] {
            offerings.push(Offering {
                zone: zone.to_owned(),
                capacity_type,
                price: Rate::from_micros_per_hour(price_micros / 100 * share),
                available: true,
                reservation: None,
            });
        }
    }
    InstanceType {
        name: format!("{family}.{size}"),
        requirements: labels.iter().map(|(key, value)| Selector::is_in(key, &[value])).collect(),
        capacity: list(vcpu * 1000, memory_gib * GIB / 1000 * 925, 234),
        overhead: list(80 + vcpu * 3, GIB + vcpu * GIB / 50, 0),
        offerings,
    }
}

pub(crate) fn shape(vcpu: i64, gib: i64, arch: &str) -> PodSpec {
    PodSpec {
        requests: BTreeMap::from([
            ("cpu".to_owned(), vcpu * 1000),
            ("memory".to_owned(), gib * GIB),
        ]),
        node_selector: BTreeMap::from([
            ("kubernetes.io/arch".to_owned(), arch.to_owned()),
            ("karpenter.sh/nodepool".to_owned(), "ci".to_owned()),
        ]),
        ..PodSpec::default()
    }
}

/// Share in percent, vCPUs, GiB and instruction set of each shape.
pub(crate) const SHAPES: [(usize, i64, i64, &str); 6] = [
    (30, 1, 2, "amd64"),
    (25, 2, 4, "amd64"),
    (20, 2, 7, "amd64"),
    (12, 4, 16, "amd64"),
    (5, 15, 30, "amd64"),
    (8, 4, 8, "arm64"),
];

pub(crate) fn burst(count: usize, cap_vcpu: Option<u32>) -> (Universe, Vec<PendingPod>) {
    let requirements = cap_vcpu.map(|cap| Selector {
        key: "karpenter.k8s.aws/instance-cpu".to_owned(),
        operator: Operator::Lt,
        values: vec![(cap + 1).to_string()],
        min_values: None,
    });
    let pool = NodePool {
        name: "ci".to_owned(),
        requirements: requirements.into_iter().collect(),
        ..NodePool::default()
    };
    let mut universe =
        Universe::new(&types(), &[pool], &[], Policies::default(), WELL_KNOWN).unwrap();
    let mut pods = Vec::with_capacity(count);
    for (share, vcpu, gib, arch) in SHAPES {
        let shape = universe.shape(&shape(vcpu, gib, arch)).unwrap();
        for _ in 0..count * share / 100 {
            let uid = pods.len() as u64;
            pods.push(PendingPod { shape, created_s: Some(0), uid, is_candidate: false });
        }
    }
    (universe, pods)
}
