//! How fast Solve is on bursts of CI runners: six shapes, about a thousand types, three zones,
//! spot and on-demand; with and without a cap on the size of nodes.
//!
//! The mix follows the measured one (30 % 1 vCPU/2 GiB, 25 % 2/4, 20 % 2/7, 12 % 4/16, 5 % 15/30,
//! 8 % arm64 4/8), so that times stand beside those of the real code: 7.8 s for 5,000 pods without
//! a cap, 224 s with one, on two vCPU.
#![allow(clippy::print_stderr, clippy::unwrap_used, missing_docs)]

mod burst;

use burst::{GIB, burst, shape};
use criterion::{Criterion, criterion_group, criterion_main};
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::Time;
use greenroom_sim::karpenter::bits::Bits;
use greenroom_sim::karpenter::config::KarpenterConfig;
use greenroom_sim::karpenter::disruption::{
    Disruption, NodeView, PodView, PoolPolicy, Protection, View,
};
use greenroom_sim::karpenter::input::NodeSpec;
use greenroom_sim::karpenter::launch::launch;
use greenroom_sim::karpenter::round::{ReservedMode, Round};
use greenroom_sim::karpenter::universe::{ShapeId, Universe};
use greenroom_sim::karpenter::{scratch::Scratch, solve::solve};
use std::collections::BTreeMap;
use std::time::Duration;

static NOTHING: Bits = Bits::new();

fn bursts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("karpenter_solve");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for (count, cap_vcpu) in [
        (100, None),
        (1000, None),
        (5000, None),
        (100, Some(16)),
        (1000, Some(16)),
        (2000, Some(16)),
        (5000, Some(16)),
    ] {
        let (universe, pods) = burst(count, cap_vcpu);
        let unavailable = Bits::new();
        let round = Round {
            pods: &pods,
            nodes: &[],
            without: &NOTHING,
            used: &[],
            unavailable: &unavailable,
            reserved: ReservedMode::Strict,
            work_ns_max: u64::MAX,
        };
        let mut scratch = Scratch::new();
        let solution = solve(&universe, &round, &mut scratch);
        eprintln!(
            "{count} pods, {} types, cap {cap_vcpu:?}: {} nodes, real code about {:.1} s, {:?}",
            universe.types_count(),
            solution.claims.len(),
            solution.work.total_ns() as f64 / 1e9,
            solution.work
        );
        let cap = cap_vcpu.map_or_else(|| "uncapped".to_owned(), |cap| format!("cap{cap}"));
        group.bench_function(format!("{count}_{cap}"), |bencher| {
            bencher.iter(|| solve(&universe, &round, &mut scratch).claims.len());
        });
    }
    group.finish();
}

/// What the simulated world asks for all day: a few pods at a time, and launches.
fn rounds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("karpenter_round");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    for count in [20, 100] {
        let (universe, pods) = burst(count, Some(16));
        let mut scratch = Scratch::new();
        group.bench_function(format!("{count}_pods_and_launches"), |bencher| {
            bencher.iter(|| {
                let unavailable = Bits::new();
                let round = Round {
                    pods: &pods,
                    nodes: &[],
                    without: &NOTHING,
                    used: &[],
                    unavailable: &unavailable,
                    reserved: ReservedMode::Strict,
                    work_ns_max: u64::MAX,
                };
                let solution = solve(&universe, &round, &mut scratch);
                let launched = |claim| launch(&universe, claim, &unavailable, &mut scratch).is_ok();
                solution.claims.iter().map(launched).filter(|ok| *ok).count()
            });
        });
        let mut turn = 0;
        group.bench_function(format!("{count}_pods_after_capacity_ran_out"), |bencher| {
            bencher.iter(|| {
                turn += 1;
                let unavailable = [turn % 100].into_iter().collect();
                let round = Round {
                    pods: &pods,
                    nodes: &[],
                    without: &NOTHING,
                    used: &[],
                    unavailable: &unavailable,
                    reserved: ReservedMode::Strict,
                    work_ns_max: u64::MAX,
                };
                solve(&universe, &round, &mut scratch).claims.len()
            });
        });
    }
    group.finish();
}

/// A look of disruption at 1,500 nodes: all protected, as with do-not-disrupt, and none.
fn looks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("karpenter_disruption_look");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    for (name, protection) in [("protected", Protection::Always), ("open", Protection::None)] {
        let (mut universe, _) = burst(100, Some(16));
        let shape = universe.shape(&shape(4, 16, "amd64")).unwrap();
        let nodes = busy_nodes(&mut universe, shape, protection);
        let mut scratch = Scratch::new();
        let policy = PoolPolicy::from(&KarpenterConfig::default());
        group.bench_function(format!("1500_nodes_{name}"), |bencher| {
            bencher.iter(|| {
                let mut disruption = Disruption::new(vec![policy.clone()], false, Time::ZERO);
                let view =
                    View { nodes: &nodes, left_out: &[], pending: &[], unavailable: &NOTHING };
                let mut outputs = Vec::new();
                disruption.step(Time::ZERO, &universe, &view, &mut scratch, &mut outputs);
                disruption.next_at()
            });
        });
    }
    group.finish();
}

/// Nodes of 16 vCPU on spot that are three quarters full, so that none can be spared: the dearest
/// outcome of a look.
fn busy_nodes(universe: &mut Universe, shape: ShapeId, protection: Protection) -> Vec<NodeView> {
    let offering = universe
        .offerings()
        .iter()
        .position(|o| universe.type_name(o.of as usize) == "m7i.4xlarge")
        .unwrap();
    let list = |cpu: i64| {
        BTreeMap::from([
            ("cpu".to_owned(), cpu),
            ("memory".to_owned(), 60 * GIB),
            ("pods".to_owned(), 110),
        ])
    };
    let kind = universe
        .node_kind(&NodeSpec {
            labels: BTreeMap::from([
                ("karpenter.sh/nodepool".to_owned(), "ci".to_owned()),
                ("kubernetes.io/arch".to_owned(), "amd64".to_owned()),
            ]),
            taints: Vec::new(),
            capacity: list(16_000),
            allocatable: list(15_800),
        })
        .unwrap();
    let pod = PodView {
        uid: 0,
        shape,
        created_s: None,
        started: Some(Time::ZERO),
        daemon: false,
        ending: false,
        protection,
        priority: 0,
        deletion_cost: 0,
    };
    (0..1500)
        .map(|serial| NodeView {
            id: NodeId { serial, slot: serial },
            kind,
            name: u64::from(serial),
            pool: Some(0),
            offering: offering as u32,
            initialized_at: Some(Time::ZERO),
            ready: true,
            deleting: false,
            instance_ending: false,
            nominated_until: Time::ZERO,
            do_not_disrupt: false,
            hosts_buffer: false,
            last_pod_event: None,
            pods: vec![pod.clone(); 3],
        })
        .collect()
}

criterion_group!(benches, bursts, rounds, looks);
criterion_main!(benches);
