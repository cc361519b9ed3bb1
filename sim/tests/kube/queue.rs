//! kube-scheduler's pace and patience.

use super::world::{BAKED, World, node, node_spec, pinned, pod_spec, runner, size, swift};
use expect_test::expect;
use greenroom_scheduler::time::Span;
use greenroom_sim::kube::{Config, Output, Phase, PodSpec, Priority};
use std::num::NonZeroU32;

fn big_node() -> greenroom_sim::kube::NodeSpec {
    let allocatable = size(u32::MAX, u32::MAX);
    greenroom_sim::kube::NodeSpec { allocatable, pods_max: u32::MAX, ..node_spec() }
}

#[test]
fn attempts_are_serial_to_the_microsecond() {
    let config = Config { attempt_us: 3_700, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.node(0, big_node());
    for serial in 0..1_000 {
        world.create(serial, &pinned(0));
    }
    world.rest();
    for serial in 0..1_000 {
        let ends_us = (u64::from(serial) + 1) * 3_700;
        assert_eq!(world.bound_at(serial), Some(ends_us.div_ceil(1_000)));
    }
}

#[test]
fn by_default_5000_pods_are_bound_in_the_time_that_was_measured() {
    let mut world = World::new(Config::default(), vec![BAKED]);
    world.node(0, big_node());
    for serial in 0..5_000 {
        world.create(serial, &pinned(0));
    }
    world.rest();
    // A burst of 100, then 50 a second; measured: 92 s.
    let last_s = world.bound_at(4_999).unwrap() / 1_000;
    assert!((92..=99).contains(&last_s), "{last_s} s");
}

#[test]
fn a_pod_that_finds_no_node_backs_off_and_is_called_by_events() {
    let config = Config { backoff_initial_ms: 1_000, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.create(0, &pinned(0));
    assert_eq!(world.cluster.phase(runner(0)), Some(Phase::Unschedulable));
    world.until(400);
    // Its node comes within the back-off, and goes before that ends.
    world.node(0, node_spec());
    assert_eq!(world.cluster.phase(runner(0)), Some(Phase::Backoff));
    world.until(500);
    world.call(|cluster, step| cluster.cordon(step, node(0)));
    world.until(2_000);
    assert_eq!(world.cluster.phase(runner(0)), Some(Phase::Unschedulable));
    // The second back-off, 2 s, runs from the second failure at 1.0 s.
    world.call(|cluster, step| cluster.uncordon(step, node(0)));
    world.until(10_000);
    expect![[r"
        0 r0 unschedulable
        3000 r0 bound to n0
        3000 r0 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn a_pod_for_a_node_that_boots_is_bound_as_soon_as_that_is_ready() {
    let config = Config { backoff_initial_ms: 1_000, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.create(0, &pinned(3));
    world.until(45_000);
    world.node(3, node_spec());
    assert_eq!(world.bound_at(0), Some(45_000));
}

#[test]
fn back_off_doubles_to_its_bound() {
    let config = Config { backoff_initial_ms: 1_000, flush_after_ms: 0, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.create(0, &pod_spec());
    // Each look of the flush, every 30 s, brings it back at once: 10 s have always passed.
    world.until(3_600_000);
    assert_eq!(world.log.len(), 1, "said once: {}", world.text());
    world.node(0, node_spec());
    // Tried last at the flush of this very instant: the longest back-off runs from there.
    world.rest();
    assert_eq!(world.bound_at(0), Some(3_610_000));
}

#[test]
fn patience_ends_after_five_minutes() {
    let config = Config { backoff_initial_ms: 1_000, ..swift() };
    for (ready_ms, bound_ms) in [(299_500, 299_500), (300_500, 302_000)] {
        let mut world = World::new(config, vec![BAKED]);
        world.create(0, &pod_spec());
        world.until(ready_ms);
        world.node(0, node_spec());
        world.until(400_000);
        // The vain attempt at 300 s is seen by the back-off after it.
        assert_eq!(world.bound_at(0), Some(bound_ms));
    }
}

#[test]
fn runners_go_before_placeholders() {
    let config = Config { attempt_us: 10_000, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.node(0, node_spec());
    let placeholder = PodSpec { priority: Priority::Placeholder, ..pod_spec() };
    for serial in 0..3 {
        world.create(serial, &placeholder);
    }
    world.create(3, &pod_spec());
    world.rest();
    let order: Vec<u32> = world
        .log
        .iter()
        .filter_map(|(_, output)| match output {
            Output::Bound { runner, .. } => Some(runner.serial),
            _ => None,
        })
        .collect();
    // The first was under way already.
    assert_eq!(order, [0, 3, 1, 2]);
}

#[test]
fn a_deleted_pod_leaves_its_place_to_the_next() {
    let config = Config { backoff_initial_ms: 1_000, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    let whole = PodSpec { size: size(16_000, 65_536), ..pod_spec() };
    world.node(0, node_spec());
    for serial in 0..3 {
        world.create(serial, &whole);
    }
    world.until(100);
    // Pod 1 is called for the room, but backs off still; it is deleted, and pod 2 gets the room.
    world.call(|cluster, step| cluster.delete_pod(step, runner(0), Span::ZERO));
    assert_eq!(world.cluster.phase(runner(1)), Some(Phase::Backoff));
    assert_eq!(world.cluster.phase(runner(2)), Some(Phase::Unschedulable));
    world.until(200);
    world.call(|cluster, step| cluster.delete_pod(step, runner(1), Span::ZERO));
    world.until(5_000);
    assert_eq!(world.bound_at(2), Some(1_000));
    assert_eq!(world.bound_at(1), None);
}

#[test]
fn the_client_limit_holds_bindings_and_not_attempts() {
    let config =
        Config { attempt_us: 1_000, binds_per_s: NonZeroU32::new(10), binds_burst: 2, ..swift() };
    let mut world = World::new(config, vec![BAKED]);
    world.node(0, node_spec());
    for serial in 0..4 {
        world.create(serial, &pod_spec());
    }
    world.until(4);
    // All have a node; two are bound.
    assert!((0..4).all(|serial| {
        let phase = world.cluster.phase(runner(serial)).unwrap();
        phase == Phase::Binding || phase == Phase::Starting || phase == Phase::Running
    }));
    world.rest();
    let at: Vec<_> = (0..4).map(|serial| world.bound_at(serial).unwrap()).collect();
    assert_eq!(at, [1, 2, 101, 201]);
}
