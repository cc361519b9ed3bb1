//! How fast pods are packed: 5,000 of CI's six shapes onto about a thousand real types, with and without
//! a cap on the size of nodes; 5,000 of thirty shapes, and of 5,000 different ones, onto 400 types.
//!
//! Beside it stands what the model of Karpenter makes of the same pods in the minute that the real one
//! gives a round: 666 pods/s on 400 types, 642 on a thousand, 22 with a cap of 16 vCPU, so that it leaves
//! 3,100 of 5,000 for the next round.
#![allow(clippy::print_stderr, clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod burst;

use burst::{GIB, SHAPES, burst, types};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::pack::amounts::Amounts;
use greenroom_scheduler::pack::{
    Group, Kind, Market, Problem, STEPS_AT_LEISURE, STEPS_USUAL, Scope, pack,
};
use greenroom_sim::karpenter::bits::Bits;
use greenroom_sim::karpenter::requirement::Selector;
use greenroom_sim::karpenter::round::{ReservedMode, Round};
use greenroom_sim::karpenter::{scratch::Scratch, solve::solve};
use std::time::{Duration, Instant};

static NOTHING: Bits = Bits::new();

const PODS: u32 = 5_000;

/// The thousand types as packing takes them: every offering a kind, two scopes by instruction set.
fn thousand(cap_vcpu: Option<u64>) -> (Market, Vec<Group>) {
    let (mut kinds, mut scopes) = (Vec::new(), [Scope::default(), Scope::default()]);
    for of in types() {
        let list = |of: &std::collections::BTreeMap<String, i64>, pods: u64| {
            let amount = |key: &str| of.get(key).copied().unwrap_or(0) as u64;
            Amounts([amount("cpu"), amount("memory"), 0, 0, pods])
        };
        let pods = of.capacity["pods"] as u64;
        let is_arm = of.requirements.contains(&Selector::is_in("kubernetes.io/arch", &["arm64"]));
        for sold in &of.offerings {
            scopes[usize::from(is_arm)].insert(kinds.len());
            let offers = list(&of.capacity, pods).minus(&list(&of.overhead, 0));
            let counts = list(&of.capacity, 1);
            kinds.push(Kind { offers, counts, rate: sold.price, limit: None });
        }
    }
    let groups = SHAPES.map(|(share, vcpu, gib, arch)| Group {
        asks: Amounts([vcpu as u64 * 1000, (gib * GIB) as u64, 0, 0, 1]),
        count: PODS * share as u32 / 100,
        scope: u32::from(arch == "arm64"),
        pods_max: u32::MAX,
        lasts: 1,
    });
    (Market::new(&kinds, &scopes, cap_vcpu.map(|cap| cap * 1000)), groups.to_vec())
}

/// Karpenter's own benchmark: 400 made-up types, one for each number of processors, and pods of five
/// times six sizes; with `odd`, as many sizes as pods.
fn four_hundred(odd: bool, cap_vcpu: Option<u64>) -> (Market, Vec<Group>) {
    let kinds: Vec<Kind> = (1..=400_u64)
        .flat_map(|cpu| {
            let gib = 2 * cpu;
            let price = 25_000 * cpu + 1_000 * gib;
            [100, 70].map(|percent| Kind {
                offers: Amounts([cpu * 1000 - 100, (gib << 30) - (10 << 20), 0, 0, cpu * 10]),
                counts: Amounts([cpu * 1000, gib << 30, 0, 0, 1]),
                rate: Rate::from_micros_per_hour((price * percent / 100) as u32),
                limit: None,
            })
        })
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    for number in 0..u64::from(PODS) {
        let cpu = [100, 250, 500, 1000, 1500][number as usize % 5];
        let mib = [100, 256, 512, 1024, 2048, 4096][number as usize / 5 % 6];
        let more = if odd { number } else { 0 };
        let asks = Amounts([cpu + more % 97, (mib << 20) + (more << 12), 0, 0, 1]);
        match groups.iter_mut().find(|group| group.asks == asks) {
            Some(group) => group.count += 1,
            None => groups.push(Group { asks, count: 1, scope: 0, pods_max: u32::MAX, lasts: 1 }),
        }
    }
    let scope: Scope = (0..kinds.len()).collect();
    (Market::new(&kinds, &[scope], cap_vcpu.map(|cap| cap * 1000)), groups)
}

/// What the model of Karpenter makes of the thousand types in one round of a minute.
fn tell_karpenter(cap_vcpu: Option<u32>) {
    let (universe, pods) = burst(PODS as usize, cap_vcpu);
    let round = Round {
        pods: &pods,
        nodes: &[],
        without: &NOTHING,
        used: &[],
        unavailable: &NOTHING,
        reserved: ReservedMode::Strict,
        work_ns_max: 60_000_000_000,
    };
    let solution = solve(&universe, &round, &mut Scratch::new());
    eprintln!(
        "Karpenter, cap {cap_vcpu:?}: {} pods placed on {} nodes after {:.1} s, {} left",
        pods.len() - solution.unreached.len(),
        solution.claims.len(),
        solution.work.total_ns() as f64 / 1e9,
        solution.unreached.len()
    );
}

fn packing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pack");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    group.throughput(Throughput::Elements(PODS.into()));
    for cap in [None, Some(16)] {
        tell_karpenter(cap);
        let cap = cap.map(u64::from);
        let name = cap.map_or_else(|| "uncapped".to_owned(), |cap| format!("cap{cap}"));
        let cases = [
            ("1000_types", thousand(cap)),
            ("400_types", four_hundred(false, cap)),
            ("400_types_all_pods_differ", four_hundred(true, cap)),
        ];
        for (case, (market, groups)) in cases {
            let problem = Problem { groups: &groups, rooms: &[], limits: &[] };
            for (steps, how) in
                [(0, "one_way"), (STEPS_USUAL, "usual"), (STEPS_AT_LEISURE, "at_leisure")]
            {
                let start = Instant::now();
                let plan = pack(&market, &problem, steps);
                eprintln!(
                    "{case}, {name}, {how}: {} nodes, {:.3} $/h, {} left, {:.0} pods/s",
                    plan.nodes(),
                    plan.micros_per_hour(&market) as f64 / 1e6,
                    plan.unplaced(),
                    f64::from(PODS) / start.elapsed().as_secs_f64()
                );
            }
            group.bench_function(format!("{case}_{name}"), |bencher| {
                bencher.iter(|| pack(&market, &problem, STEPS_USUAL));
            });
        }
    }
    group.finish();
    criterion
        .bench_function("pack/order_6000_offerings", |bencher| bencher.iter(|| thousand(None).0));
}

criterion_group!(benches, packing);
criterion_main!(benches);
