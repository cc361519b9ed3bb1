//! Where pods go: the choices of a naive scheduler that looks at every node.

use super::world::{BAKED, World, node, node_spec, pod_spec, runner, size, swift};
use greenroom_scheduler::id::FleetId;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Span;
use greenroom_sim::kube::{
    Answer, Config, Constraint, Labels, NodeSpec, Phase, PodSpec, Priority, Scoring,
};
use proptest::prelude::*;

/// A node as the naive scheduler keeps it.
#[derive(Clone, Copy)]
struct Naive {
    serial: u32,
    spec: NodeSpec,
    used: Resources,
    pods: u32,
    cordoned: bool,
}

/// The published formula, with wide signed integers and without shortcuts.
fn score(scoring: Scoring, used: Resources, pod: Resources, allocatable: Resources) -> i64 {
    let each = |used: u32, pod: u32, capacity: u32| {
        let (requested, capacity) = (i64::from(used) + i64::from(pod), i64::from(capacity));
        match scoring {
            Scoring::LeastAllocated => (capacity - requested) * 100 / capacity,
            Scoring::MostAllocated => requested * 100 / capacity,
        }
    };
    let cpu = each(used.cpu_milli, pod.cpu_milli, allocatable.cpu_milli);
    let memory = each(used.memory_mib, pod.memory_mib, allocatable.memory_mib);
    i64::midpoint(cpu, memory)
}

/// A pod's lot, from the published constants of SplitMix64.
fn lot(serial: u32) -> u64 {
    let z = u64::from(serial).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The best nodes in order of their ids, of which the lot takes one.
fn choose(scoring: Scoring, nodes: &[Naive], serial: u32, pod: &PodSpec) -> Option<u32> {
    let wanted = |node: &Naive| match pod.constraint {
        Constraint::Node(id) => id.serial == node.serial,
        Constraint::Fleet { fleet, capacity, labels } => {
            node.spec.fleet == fleet
                && capacity.is_none_or(|capacity| capacity == node.spec.capacity)
                && labels.0 & node.spec.labels.0 == labels.0
        }
    };
    let mut fits: Vec<(i64, u32)> = nodes
        .iter()
        .filter(|node| {
            !node.cordoned
                && wanted(node)
                && node.pods < node.spec.pods_max
                && node.used.plus(pod.size).fits(node.spec.allocatable)
        })
        .map(|node| (score(scoring, node.used, pod.size, node.spec.allocatable), node.serial))
        .collect();
    let best = fits.iter().map(|(score, _)| *score).max()?;
    fits.retain(|(score, _)| *score == best);
    fits.sort_unstable_by_key(|(_, serial)| *serial);
    Some(fits[(lot(serial) % fits.len() as u64) as usize].1)
}

#[derive(Clone, Debug)]
enum Move {
    Create { kind: usize, fleet: u32, spot: Option<bool>, labels: u32 },
    Finish(usize),
    Delete(usize),
    Cordon(usize),
    Uncordon(usize),
}

fn moves() -> impl Strategy<Value = Move> {
    let create = (0_usize..5, 0_u32..2, prop::option::weighted(0.3, any::<bool>()), 0_u32..2)
        .prop_map(|(kind, fleet, spot, labels)| Move::Create { kind, fleet, spot, labels });
    prop_oneof![
        8 => create,
        3 => any::<usize>().prop_map(Move::Finish),
        1 => any::<usize>().prop_map(Move::Delete),
        1 => any::<usize>().prop_map(Move::Cordon),
        1 => any::<usize>().prop_map(Move::Uncordon),
    ]
}

fn node_kinds() -> impl Strategy<Value = NodeSpec> {
    let kinds = prop::sample::select(vec![
        (size(16_000, 65_536), 110),
        (size(15_890, 58_567), 8),
        (size(7_910, 30_000), 29),
        (size(64_000, 120_000), 3),
    ]);
    (kinds, 0_u32..2, any::<bool>(), 0_u32..4).prop_map(
        |((allocatable, pods_max), fleet, spot, labels)| NodeSpec {
            allocatable,
            pods_max,
            fleet: FleetId(fleet),
            capacity: if spot { CapacityType::Spot } else { CapacityType::OnDemand },
            labels: Labels(labels),
            ..node_spec()
        },
    )
}

const POD_SIZES: [Resources; 5] = [
    size(4_000, 16_384),
    size(2_000, 4_096),
    size(8_000, 10_000),
    size(500, 20_000),
    size(1_333, 3_777),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Same nodes, same pods, same choices, whatever came and went before.
    #[test]
    fn every_choice_is_that_of_the_naive_scheduler(
        specs in prop::collection::vec(node_kinds(), 1..12),
        moves in prop::collection::vec(moves(), 1..120),
        most in any::<bool>(),
    ) {
        let scoring = if most { Scoring::MostAllocated } else { Scoring::LeastAllocated };
        let mut world = World::new(Config { scoring, ..swift() }, vec![BAKED]);
        let mut nodes = Vec::new();
        for (serial, &spec) in (0..).zip(&specs) {
            world.node(serial, spec);
            let (used, pods, cordoned) = (Resources::default(), 0, false);
            nodes.push(Naive { serial, spec, used, pods, cordoned });
        }
        // Pods on nodes: serial, size, node.
        let mut live: Vec<(u32, Resources, usize)> = Vec::new();
        let mut serial = 0;
        for step in moves {
            match step {
                Move::Create { kind, fleet, spot, labels } => {
                    let capacity = spot.map(|spot| {
                        if spot { CapacityType::Spot } else { CapacityType::OnDemand }
                    });
                    let constraint = Constraint::Fleet {
                        fleet: FleetId(fleet), capacity, labels: Labels(labels),
                    };
                    let pod = PodSpec { size: POD_SIZES[kind], constraint, ..pod_spec() };
                    let expected = choose(scoring, &nodes, serial, &pod);
                    world.create(serial, &pod);
                    world.until(world.now_ms);
                    let found = world.cluster.node_of(runner(serial)).map(|node| node.serial);
                    prop_assert_eq!(found, expected, "pod {}", serial);
                    if let Some(chosen) = found {
                        nodes[chosen as usize].used = nodes[chosen as usize].used.plus(pod.size);
                        nodes[chosen as usize].pods += 1;
                        live.push((serial, pod.size, chosen as usize));
                    } else {
                        // Out of the way: those that wait are looked at by another law.
                        let delete = runner(serial);
                        world.call(|it, step| it.delete_pod(step, delete, Span::ZERO));
                    }
                    serial += 1;
                }
                Move::Finish(pick) | Move::Delete(pick) if !live.is_empty() => {
                    let (serial, size, at) = live.swap_remove(pick % live.len());
                    nodes[at].used = nodes[at].used.minus(size);
                    nodes[at].pods -= 1;
                    let gone = runner(serial);
                    let answer = world.call(|it, step| if pick.is_multiple_of(2) {
                        it.finish_pod(step, gone, Span::ZERO)
                    } else {
                        it.delete_pod(step, gone, Span::ZERO)
                    });
                    prop_assert_eq!(answer, Answer::Done);
                }
                Move::Cordon(pick) => {
                    let at = pick % nodes.len();
                    nodes[at].cordoned = true;
                    world.call(|it, step| it.cordon(step, node(at as u32)));
                }
                Move::Uncordon(pick) => {
                    let at = pick % nodes.len();
                    nodes[at].cordoned = false;
                    world.call(|it, step| it.uncordon(step, node(at as u32)));
                }
                Move::Finish(_) | Move::Delete(_) => {}
            }
            for node in &nodes {
                let view = world.cluster.node(self::node(node.serial)).unwrap();
                prop_assert_eq!(view.used, node.used);
                prop_assert_eq!(view.pods, node.pods);
                prop_assert_eq!(view.open, !node.cordoned);
            }
        }
    }

    /// Once the scheduler has nothing to do: no pod waits while a node would take it, no runner
    /// waits while placeholders could make room for it, and no promise is open.
    #[test]
    fn nobody_waits_for_room_that_is_there(
        specs in prop::collection::vec(node_kinds(), 1..8),
        moves in prop::collection::vec((moves(), any::<bool>(), any::<bool>()), 1..160),
        attempt_us in prop::sample::select(vec![0_u32, 700, 3_700]),
        preemption_ms in prop::sample::select(vec![0_u64, 5, 50]),
    ) {
        let config = Config { attempt_us, preemption_ms, ..swift() };
        let mut world = World::new(config, vec![BAKED]);
        for (serial, &spec) in (0..).zip(&specs) {
            world.node(serial, spec);
        }
        let mut cordoned = vec![false; specs.len()];
        let mut pods: Vec<(u32, PodSpec)> = Vec::new();
        let mut serial = 0;
        for (step, low, rest) in moves {
            match step {
                Move::Create { kind, fleet, spot, labels } => {
                    let constraint = match spot {
                        Some(true) => Constraint::Node(node(serial % specs.len() as u32)),
                        _ => Constraint::Fleet {
                            fleet: FleetId(fleet), capacity: None, labels: Labels(labels),
                        },
                    };
                    let priority = if low { Priority::Placeholder } else { Priority::Runner };
                    let pod = PodSpec { size: POD_SIZES[kind], constraint, priority, ..pod_spec() };
                    world.create(serial, &pod);
                    pods.push((serial, pod));
                    serial += 1;
                }
                Move::Finish(pick) | Move::Delete(pick) if !pods.is_empty() => {
                    let (serial, _) = pods.swap_remove(pick % pods.len());
                    world.call(|it, step| it.delete_pod(step, runner(serial), Span::ZERO));
                }
                Move::Cordon(pick) => {
                    let at = pick % specs.len();
                    cordoned[at] = true;
                    world.call(|it, step| it.cordon(step, node(at as u32)));
                }
                Move::Uncordon(pick) => {
                    let at = pick % specs.len();
                    cordoned[at] = false;
                    world.call(|it, step| it.uncordon(step, node(at as u32)));
                }
                Move::Finish(_) | Move::Delete(_) => {}
            }
            if !rest {
                world.until(world.now_ms + 1);
                continue;
            }
            world.until(world.now_ms + 5_000);
            let nodes: Vec<Naive> = (0..).zip(&specs).map(|(serial, &spec)| {
                let view = world.cluster.node(node(serial)).unwrap();
                assert_eq!(view.promised, 0, "a promise is open");
                let cordoned = cordoned[serial as usize];
                Naive { serial, spec, used: view.used, pods: view.pods, cordoned }
            }).collect();
            let mut bare = nodes.clone();
            for (serial, pod) in &pods {
                let low = pod.priority == Priority::Placeholder;
                if let Some(at) = world.cluster.node_of(runner(*serial)).filter(|_| low) {
                    let node = &mut bare[at.index()];
                    node.used = node.used.minus(pod.size);
                    node.pods -= 1;
                }
            }
            for (serial, pod) in &pods {
                if world.cluster.phase(runner(*serial)) != Some(Phase::Unschedulable) {
                    continue;
                }
                let low = pod.priority == Priority::Placeholder;
                let nodes = if low { &nodes } else { &bare };
                let place = choose(Scoring::LeastAllocated, nodes, *serial, pod);
                prop_assert_eq!(place, None, "pod {} waits", serial);
            }
        }
    }

    /// The order in which nodes become ready in one instant changes nothing for pods that come
    /// after.
    #[test]
    fn nodes_may_become_ready_in_any_order(
        specs in prop::collection::vec(node_kinds(), 1..10),
        kinds in prop::collection::vec(0_usize..5, 1..60),
        order in any::<prop::sample::Index>(),
    ) {
        let run = |turn: usize| {
            let mut world = World::new(swift(), vec![BAKED]);
            for place in 0..specs.len() {
                let at = (place + turn) % specs.len();
                world.node(at as u32, specs[at]);
            }
            for (serial, &kind) in (0..).zip(&kinds) {
                world.create(serial, &PodSpec { size: POD_SIZES[kind], ..pod_spec() });
            }
            world.until(world.now_ms);
            world.text()
        };
        prop_assert_eq!(run(0), run(order.index(specs.len())));
    }
}

#[test]
fn least_allocated_spreads_and_most_allocated_packs() {
    for (scoring, expected) in
        [(Scoring::LeastAllocated, [1, 1, 1, 1]), (Scoring::MostAllocated, [0, 0, 0, 4])]
    {
        let mut world = World::new(Config { scoring, ..swift() }, vec![BAKED]);
        for serial in 0..4 {
            world.node(serial, node_spec());
        }
        for serial in 0..4 {
            world.create(serial, &pod_spec());
        }
        world.rest();
        let mut counts = [0, 1, 2, 3].map(|at| world.cluster.node(node(at)).unwrap().pods);
        counts.sort_unstable();
        assert_eq!(counts, expected);
    }
}

#[test]
fn lots_fall_evenly() {
    let mut world = World::new(swift(), vec![BAKED]);
    for serial in 0..10 {
        world.node(serial, node_spec());
    }
    let mut counts = [0_u32; 10];
    for serial in 0..10_000 {
        world.create(serial, &pod_spec());
        world.rest();
        counts[world.cluster.node_of(runner(serial)).unwrap().index()] += 1;
        world.call(|cluster, step| cluster.finish_pod(step, runner(serial), Span::ZERO));
    }
    // Mean 1,000, standard deviation 30: five of them on either side.
    assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
}
