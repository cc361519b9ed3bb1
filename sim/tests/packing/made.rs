//! Made-up problems on real instance types, held against the model of Karpenter that agrees with
//! every recorded outcome.

use super::judge::{Judged, judge};
use greenroom_sim::catalogue::{Architecture, Catalogue, InstanceType};
use greenroom_sim::random::{Purpose, Stream, Streams};
use serde_json::{Value, json};

const GIB: u64 = 1 << 30;

/// Draws for one problem.
struct Draw(Stream);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        (self.0.unit() * most as f64) as usize
    }

    fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

fn instance_type(of: &InstanceType, draw: &mut Draw) -> Value {
    let arch = if of.architecture == Architecture::Arm64 { "arm64" } else { "amd64" };
    let bytes = |mib: u32| u64::from(mib) << 20;
    let (cpu, memory) = (of.vcpu * 1000, bytes(of.memory_mib) / 1000 * 925);
    let free = of.allocatable;
    let mut offerings = Vec::new();
    for zone in ["z1", "z2", "z3"] {
        let full = of.on_demand.as_usd_per_hour();
        let spot = full * (0.25 + draw.0.unit() * 0.3);
        let spot = (spot * 1e6).round() / 1e6;
        for (bought, price) in [("spot", spot), ("on-demand", full)] {
            let available = !draw.happens(8);
            offerings.push(
                json!({ "zone": zone, "capacity_type": bought, "price": price, "available": available }),
            );
        }
    }
    json!({
        "name": &*of.name,
        "labels": {
            "karpenter.k8s.aws/instance-family": of.family(),
            "karpenter.k8s.aws/instance-cpu": of.vcpu.to_string(),
            "kubernetes.io/arch": arch,
        },
        "capacity": { "cpu_milli": cpu, "memory_bytes": memory, "pods": of.max_pods },
        "overhead": {
            "cpu_milli": cpu - free.cpu_milli,
            "memory_bytes": memory.saturating_sub(bytes(free.memory_mib)),
        },
        "offerings": offerings,
    })
}

fn pod(number: usize, sizes: &[(u64, u64)], wishes: bool, draw: &mut Draw) -> Value {
    let (cpu, memory) = draw.one(sizes);
    let mut selector = serde_json::Map::new();
    if wishes {
        if draw.happens(25) {
            let arch = draw.one(&["amd64", "amd64", "arm64"]);
            selector.insert("kubernetes.io/arch".to_owned(), arch.into());
        }
        if draw.happens(10) {
            let zone = draw.one(&["z1", "z2", "z3"]);
            selector.insert("topology.kubernetes.io/zone".to_owned(), zone.into());
        }
        if draw.happens(15) {
            let bought = draw.one(&["spot", "on-demand"]);
            selector.insert("karpenter.sh/capacity-type".to_owned(), bought.into());
        }
    }
    json!({
        "name": format!("p{number:04}"),
        "cpu_milli": cpu,
        "memory_bytes": memory,
        "created": 0,
        "node_selector": selector,
        "tolerations": [{ "key": "ci", "operator": "Exists" }],
    })
}

/// A problem: a handful of types or hundreds, runner sizes or odd ones, with and without a size cap,
/// daemons, wishes, several pools and limits.
fn problem(seed: u64) -> String {
    let mut draw = Draw(Streams::new(seed).stream(Purpose::Choice, 4_711));
    let catalogue = Catalogue::embedded();
    let plain: Vec<&InstanceType> = catalogue
        .iter()
        .map(|(_, of)| of)
        .filter(|of| of.gpu == 0 && !of.is_metal() && of.generation().is_some_and(|g| g >= 5))
        .filter(|of| of.allocatable.cpu_milli >= 900 && ["c", "m", "r"].contains(&of.category()))
        .collect();
    let many = draw.happens(20);
    let kinds = if many { 150 } else { 4 + draw.below(12) };
    let mut chosen: Vec<&InstanceType> = (0..kinds).map(|_| draw.one(&plain)).collect();
    chosen.sort_by_key(|of| &of.name);
    chosen.dedup_by_key(|of| &of.name);
    let types: Vec<Value> = chosen.iter().map(|of| instance_type(of, &mut draw)).collect();
    let runners: Vec<(u64, u64)> = [(1, 2), (2, 4), (2, 7), (4, 16), (15, 30), (4, 8)]
        .map(|(cpu, gib)| (cpu * 1000, gib * GIB))
        .to_vec();
    let odd: Vec<(u64, u64)> = (0..=draw.below(40))
        .map(|_| (100 + draw.below(8_000) as u64, (64 + draw.below(24_000) as u64) << 20))
        .collect();
    let sizes = if draw.happens(50) { runners } else { odd };
    let wishes = draw.happens(50);
    let count = if draw.happens(25) { 200 + draw.below(200) } else { 1 + draw.below(50) };
    let pods: Vec<Value> = (0..count).map(|n| pod(n, &sizes, wishes, &mut draw)).collect();
    let mut pools = Vec::new();
    for number in 0..=draw.below(2) {
        let mut requirements = Vec::new();
        if draw.happens(40) {
            let most = draw.one(&["9", "17", "33"]);
            requirements.push(json!({
                "key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": [most],
            }));
        }
        let mut pool = json!({
            "name": format!("pool{number}"),
            "requirements": requirements,
            "taints": [{ "key": "ci", "effect": "NoSchedule" }],
        });
        if draw.happens(15) {
            pool["limits"] = json!({ "cpu_milli": 1000 * (8 + draw.below(200)) });
        }
        pools.push(pool);
    }
    let daemons: Vec<Value> = (0..draw.below(3))
        .map(|n| {
            json!({
                "name": format!("d{n}"), "cpu_milli": 50 * (n + 1), "memory_bytes": 200 << 20,
                "tolerations": [{ "operator": "Exists" }],
            })
        })
        .collect();
    let input = json!({
        "instance_types": types, "node_pools": pools, "daemons": daemons, "pods": pods,
    });
    let file =
        json!({ "id": seed.to_string(), "behaviour": "made", "input": input, "expected": {} });
    file.to_string()
}

#[test]
fn no_made_problem_costs_more_than_with_karpenter() {
    // More of them: PACKING_SEEDS=1000 cargo test --release -p greenroom-sim packing
    let seeds: u64 = std::env::var("PACKING_SEEDS").map_or(60, |n| n.parse().unwrap());
    let (mut sums, mut wrong, mut cheaper) = ([0.0, 0.0], Vec::new(), 0);
    for seed in 0..seeds {
        let judged = judge(&problem(seed));
        let Judged { own_usd, karpenter_usd, unplaced, faults, .. } = &judged;
        sums[0] += own_usd;
        sums[1] += karpenter_usd;
        cheaper += u64::from(*own_usd < karpenter_usd - 1e-9);
        if *own_usd > karpenter_usd + 1e-9 || unplaced[0] > unplaced[1] || !faults.is_empty() {
            wrong.push(format!("seed {seed}: {judged:?}"));
        }
    }
    eprintln!(
        "{seeds} made inputs, {cheaper} cheaper: {:.4} $/h against Karpenter's {:.4}, {:.1} % less",
        sums[0],
        sums[1],
        100.0 - 100.0 * sums[0] / sums[1]
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
