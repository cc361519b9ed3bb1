//! Every pod ends once, in order, and takes the room that it was given.

use super::world::{BAKED, World, node, node_spec, pinned, pod_spec, runner, secs, size, swift};
use greenroom_scheduler::id::FleetId;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::kube::{
    Answer, Config, Constraint, End, Image, ImageId, Labels, NodeSpec, Output, Phase, PodSpec,
    Priority, Spans,
};
use proptest::prelude::*;
use std::num::NonZeroU32;

#[test]
fn a_pod_takes_exactly_the_spans_of_its_steps() {
    let config = Config { attempt_us: 3_700, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.node(0, node_spec());
    let spans =
        Spans { bind: secs(0.02), cached: secs(0.13), start: secs(2.0), ..Spans::default() };
    world.now_ms = 1_000;
    world.create(0, &PodSpec { spans, ..pod_spec() });
    world.until(10_000);
    let finished = world.call(|it, step| it.finish_pod(step, runner(0), secs(1.5)));
    assert_eq!(finished, Answer::Done);
    let again = world.call(|it, step| it.finish_pod(step, runner(0), secs(1.5)));
    assert_eq!(again, Answer::Already);
    world.rest();
    let after = world.call(|it, step| it.finish_pod(step, runner(0), secs(1.5)));
    assert_eq!(after, Answer::NotFound);
    assert_eq!(
        world.text(),
        "1024 r0 bound to n0\n3154 r0 started on n0\n11500 r0 ended on n0: Finished\n"
    );
}

#[test]
fn names_are_checked() {
    let mut world = World::new(swift(), vec![BAKED]);
    world.node(0, node_spec());
    assert_eq!(world.create(0, &pod_spec()), Answer::Done);
    assert_eq!(world.create(0, &pod_spec()), Answer::Already);
    let other = greenroom_scheduler::id::RunnerId { serial: 9, slot: 0 };
    assert_eq!(world.call(|it, step| it.create_pod(step, other, &pod_spec())), Answer::Taken);
    assert_eq!(world.call(|it, step| it.delete_pod(step, other, Span::ZERO)), Answer::NotFound);
    assert_eq!(world.cluster.protect_pod(other, true), Answer::NotFound);
    assert_eq!(world.cluster.node_registered(node(0), &node_spec()), Answer::Already);
    let elsewhere = greenroom_scheduler::id::NodeId { serial: 9, slot: 0 };
    assert_eq!(world.cluster.node_registered(elsewhere, &node_spec()), Answer::Taken);
    for answer in [
        world.call(|it, step| it.node_ready(step, elsewhere)),
        world.call(|it, step| it.cordon(step, elsewhere)),
        world.call(|it, step| it.uncordon(step, elsewhere)),
        world.call(|it, step| it.node_gone(step, elsewhere)),
        world.call(|it, step| it.drain(step, elsewhere, None)),
        world.call(|it, step| it.pre_pull(step, elsewhere, ImageId(0), Span::ZERO)),
    ] {
        assert_eq!(answer, Answer::NotFound);
    }
}

#[test]
fn a_pod_waits_for_its_own_node_and_not_for_the_next_in_its_slot() {
    let mut world = World::new(swift(), vec![BAKED]);
    world.create(0, &pinned(0));
    let next = greenroom_scheduler::id::NodeId { serial: 7, slot: 0 };
    assert_eq!(world.cluster.node_registered(next, &node_spec()), Answer::Done);
    world.call(|it, step| it.node_ready(step, next));
    world.until(1_000);
    assert_eq!(world.cluster.phase(runner(0)), Some(Phase::Unschedulable));
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Create { pod: PodSpec },
    Delete { pick: usize, grace_ms: u64 },
    Finish { pick: usize, clean_up_ms: u64 },
    Node { serial: u32, spec: NodeSpec },
    Ready(u32),
    Gone(u32),
    Cordon(u32),
    Uncordon(u32),
    Drain { serial: u32, force: bool },
    PrePull { serial: u32, image: u32 },
    Pass(u64),
}

fn pods() -> impl Strategy<Value = PodSpec> {
    let sizes = prop::sample::select(vec![
        size(4_000, 16_384),
        size(1_000, 2_048),
        size(7_000, 9_000),
        size(0, 0),
    ]);
    let constraint = prop_oneof![
        (0_u32..6).prop_map(|serial| Constraint::Node(node(serial))),
        (0_u32..2, prop::option::of(Just(CapacityType::Spot)), 0_u32..2).prop_map(
            |(fleet, capacity, labels)| Constraint::Fleet {
                fleet: FleetId(fleet),
                capacity,
                labels: Labels(labels),
            }
        ),
    ];
    let priority = prop_oneof![3 => Just(Priority::Runner), 1 => Just(Priority::Placeholder)];
    let ms = |most: u64| (0..most).prop_map(Span::from_ms);
    let spans =
        (ms(30), ms(200), ms(3_000), ms(2_000)).prop_map(|(bind, cached, pull_overhead, start)| {
            Spans { bind, cached, pull_overhead, start }
        });
    (sizes, constraint, priority, any::<bool>(), 0_u32..4, spans).prop_map(
        |(size, constraint, priority, protected, image, spans)| {
            let image = ImageId(image);
            PodSpec { size, constraint, priority, protected, image, spans }
        },
    )
}

fn moves() -> impl Strategy<Value = Move> {
    let spec = (0_u32..2, 2_u32..20, 0_u32..2).prop_map(|(fleet, pods_max, labels)| NodeSpec {
        fleet: FleetId(fleet),
        pods_max,
        labels: Labels(labels),
        image_disk_mb: 2_000,
        ..node_spec()
    });
    let serial = || 0_u32..6;
    prop_oneof![
        10 => pods().prop_map(|pod| Move::Create { pod }),
        2 => (any::<usize>(), 0_u64..3_000)
            .prop_map(|(pick, grace_ms)| Move::Delete { pick, grace_ms }),
        4 => (any::<usize>(), 0_u64..3_000)
            .prop_map(|(pick, clean_up_ms)| Move::Finish { pick, clean_up_ms }),
        3 => (serial(), spec).prop_map(|(serial, spec)| Move::Node { serial, spec }),
        3 => serial().prop_map(Move::Ready),
        1 => serial().prop_map(Move::Gone),
        1 => serial().prop_map(Move::Cordon),
        1 => serial().prop_map(Move::Uncordon),
        1 => (serial(), any::<bool>()).prop_map(|(serial, force)| Move::Drain { serial, force }),
        1 => (serial(), 0_u32..4).prop_map(|(serial, image)| Move::PrePull { serial, image }),
        8 => (0_u64..8_000).prop_map(Move::Pass),
    ]
}

fn images() -> Vec<Image> {
    let image = |compressed_mb, start_disk_mb, baked| Image {
        compressed_mb,
        unpacked_mb: compressed_mb * 2,
        start_disk_mb,
        baked,
    };
    vec![image(0, 0, true), image(300, 0, false), image(500, 100, false), image(10, 800, true)]
}

fn configs() -> impl Strategy<Value = Config> {
    (0_u32..5_000, any::<bool>(), prop::option::of(1_u32..3), prop::option::of(50_u32..200))
        .prop_map(|(attempt_us, limits, parallel, registry)| {
            let defaults = Config::default();
            Config {
                attempt_us,
                pulls_parallel_max: parallel.and_then(NonZeroU32::new),
                registry_mb_per_s: registry.and_then(NonZeroU32::new),
                eviction_ms: 1_500,
                binds_per_s: defaults.binds_per_s.filter(|_| limits),
                pull_requests_per_s: defaults.pull_requests_per_s.filter(|_| limits),
                ..defaults
            }
        })
}

fn apply(world: &mut World, made: &mut u32, step: Move) {
    let pick_of = |pick: usize, made: u32| runner((pick % made.max(1) as usize) as u32);
    match step {
        Move::Create { pod } => {
            assert_eq!(world.create(*made, &pod), Answer::Done);
            *made += 1;
        }
        Move::Delete { pick, grace_ms } => {
            let (pod, grace) = (pick_of(pick, *made), Span::from_ms(grace_ms));
            world.call(|it, step| it.delete_pod(step, pod, grace));
        }
        Move::Finish { pick, clean_up_ms } => {
            let (pod, clean_up) = (pick_of(pick, *made), Span::from_ms(clean_up_ms));
            world.call(|it, step| it.finish_pod(step, pod, clean_up));
        }
        Move::Node { serial, spec } => {
            if world.cluster.node_registered(node(serial), &spec) == Answer::Done {
                world.watched.retain(|(other, _)| *other != node(serial));
                world.watched.push((node(serial), spec));
            }
        }
        Move::Ready(serial) => {
            world.call(|it, step| it.node_ready(step, node(serial)));
        }
        Move::Gone(serial) => {
            world.call(|it, step| it.node_gone(step, node(serial)));
        }
        Move::Cordon(serial) => {
            world.call(|it, step| it.cordon(step, node(serial)));
        }
        Move::Uncordon(serial) => {
            world.call(|it, step| it.uncordon(step, node(serial)));
        }
        Move::Drain { serial, force } => {
            let force_at = force.then(|| Time::from_ms(world.now_ms + 3_000));
            world.call(|it, step| it.drain(step, node(serial), force_at));
        }
        Move::PrePull { serial, image } => {
            world.call(|it, step| it.pre_pull(step, node(serial), ImageId(image), secs(1.0)));
        }
        Move::Pass(ms) => world.until(world.now_ms + ms),
    }
}

/// What each pod went through, in the order in which it was said.
fn check_story(world: &World, made: u32) {
    let mut bound = vec![None; made as usize];
    let mut started = vec![false; made as usize];
    let mut ended = vec![false; made as usize];
    for (_, output) in &world.log {
        match *output {
            Output::Bound { runner, node } => {
                assert!(bound[runner.index()].replace(node).is_none(), "{runner} bound twice");
                assert!(!ended[runner.index()]);
            }
            Output::Started { runner, node } => {
                assert_eq!(bound[runner.index()], Some(node), "{runner}");
                assert!(!std::mem::replace(&mut started[runner.index()], true));
                assert!(!ended[runner.index()]);
            }
            Output::Unschedulable { runner } | Output::Pulling { runner, .. } => {
                assert!(!started[runner.index()] && !ended[runner.index()], "{runner}");
            }
            Output::Ended { runner, node, why } => {
                assert_eq!(node, bound[runner.index()], "{runner}");
                assert!(why != End::Finished || started[runner.index()], "{runner}");
                assert!(!std::mem::replace(&mut ended[runner.index()], true), "{runner} twice");
            }
            Output::Pulled { .. } | Output::Drained { .. } => {}
        }
    }
    assert!(ended.iter().all(|ended| *ended), "some pod never ended");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever happens, in whatever order: each pod ends exactly once, its story is in order, no
    /// node ever holds more than it can, and nothing is left when all is gone.
    #[test]
    fn every_pod_ends_once(config in configs(), moves in prop::collection::vec(moves(), 1..150)) {
        let mut world = World::new(config, images());
        let mut made = 0;
        for step in moves {
            apply(&mut world, &mut made, step);
        }
        world.until(world.now_ms + 2_000);
        for serial in 0..6 {
            if let Some(view) = world.cluster.node(node(serial)) {
                let there = (0..made).filter(|&pod| {
                    let phase = world.cluster.phase(runner(pod));
                    let here = world.cluster.node_of(runner(pod)) == Some(node(serial));
                    here && phase.is_some()
                });
                // Those that are being bound are on it as well.
                prop_assert!(there.count() as u32 <= view.pods);
            }
        }
        for pod in 0..made {
            world.call(|it, step| it.delete_pod(step, runner(pod), Span::from_ms(10)));
        }
        world.until(world.now_ms + 60_000);
        for serial in 0..6 {
            if let Some(view) = world.cluster.node(node(serial)) {
                prop_assert_eq!((view.pods, view.promised), (0, 0));
                prop_assert_eq!(view.used, size(0, 0));
            }
            world.call(|it, step| it.node_gone(step, node(serial)));
        }
        check_story(&world, made);
        world.rest();
        prop_assert!(world.timers.is_empty());
    }

    /// Little's law, as an identity: room taken, integrated over time, is the sum over pods of
    /// size times stay. And the same inputs say the same.
    #[test]
    fn room_over_time_is_size_times_stay(
        jobs in prop::collection::vec((0_u64..400, 1_u64..5_000, 0_usize..3), 1..80),
    ) {
        let sizes = [size(4_000, 16_384), size(1_000, 2_048), size(7_000, 9_000)];
        let run = || {
            let mut world = World::new(swift(), vec![BAKED]);
            for serial in 0..3 {
                world.node(serial, node_spec());
            }
            let mut ends: Vec<(u64, u32)> = Vec::new();
            let (mut room, mut made, mut at) = (0_u64, 0_u32, 0_u64);
            let mut arrivals = jobs.iter();
            let mut next = arrivals.next();
            while next.is_some() || !ends.is_empty() || made > world.log.iter().filter(|(_, output)| {
                matches!(output, Output::Ended { .. })
            }).count() as u32 {
                let arrive = next.map_or(u64::MAX, |(gap, ..)| at + gap);
                let until = ends.first().map_or(arrive, |(end, _)| arrive.min(*end));
                let used: u64 = (0..3)
                    .map(|serial| u64::from(world.cluster.node(node(serial)).unwrap().used.cpu_milli))
                    .sum();
                room += used * (until - world.now_ms);
                world.until(until);
                if until == arrive {
                    let &(_, _, kind) = next.unwrap();
                    at = arrive;
                    world.create(made, &PodSpec { size: sizes[kind], ..pod_spec() });
                    made += 1;
                    next = arrivals.next();
                } else {
                    let (_, serial) = ends.remove(0);
                    world.call(|it, step| it.finish_pod(step, runner(serial), Span::ZERO));
                }
                world.until(until);
                for (started_at, output) in &world.log {
                    let Output::Started { runner: it, .. } = output else { continue };
                    let end = started_at + jobs[it.index()].1;
                    let known = ends.iter().any(|(_, serial)| *serial == it.serial);
                    if world.cluster.phase(*it) == Some(Phase::Running) && !known {
                        ends.push((end, it.serial));
                    }
                }
                ends.sort_unstable();
            }
            let stays: u64 = (0..made)
                .map(|serial| {
                    let from = world.bound_at(serial).unwrap();
                    let ended = |output: &Output| {
                        matches!(output, Output::Ended { runner, .. } if runner.serial == serial)
                    };
                    let stay = world.when(ended).unwrap() - from;
                    stay * u64::from(sizes[jobs[serial as usize].2].cpu_milli)
                })
                .sum();
            (room, stays, world.text())
        };
        let (room, stays, text) = run();
        prop_assert_eq!(room, stays);
        prop_assert_eq!(text, run().2);
    }
}
