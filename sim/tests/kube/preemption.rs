//! Placeholders make room for runners, and drains empty nodes.

use super::world::{BAKED, World, node, node_spec, pinned, pod_spec, runner, size, swift};
use expect_test::expect;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::kube::{Answer, Config, NodeSpec, PodSpec, Priority};

fn placeholder() -> PodSpec {
    PodSpec { priority: Priority::Placeholder, ..pod_spec() }
}

fn small_node() -> NodeSpec {
    NodeSpec { allocatable: size(8_000, 32_768), ..node_spec() }
}

fn config() -> Config {
    Config { preemption_ms: 700, eviction_ms: 2_000, ..swift() }
}

#[test]
fn a_runner_takes_the_room_of_a_placeholder() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &placeholder());
    world.create(1, &placeholder());
    world.until(1_000);
    world.create(2, &pod_spec());
    // A placeholder never drives another out.
    world.create(3, &placeholder());
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r1 bound to n0
        0 r0 started on n0
        0 r1 started on n0
        1000 r3 unschedulable
        1700 r1 ended on n0: Preempted
        1700 r2 bound to n0
        1700 r2 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn promised_room_is_nobody_elses() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &PodSpec { size: size(8_000, 32_768), ..placeholder() });
    world.create(1, &PodSpec { size: size(5_000, 16_384), ..pod_spec() });
    // It would fit once the placeholder is gone, but not beside the runner that is coming.
    world.create(2, &pod_spec());
    let view = world.cluster.node(node(0)).unwrap();
    assert_eq!((view.pods, view.promised), (1, 1));
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r2 unschedulable
        700 r0 ended on n0: Preempted
        700 r1 bound to n0
        700 r1 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn promised_room_keeps_free_room_with_it() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &placeholder());
    world.create(1, &PodSpec { size: size(2_000, 1_024), ..pod_spec() });
    world.until(10);
    // It needs the placeholder's 4 vCPU and one of the two that are free.
    world.create(2, &PodSpec { size: size(5_000, 1_024), ..pod_spec() });
    world.create(3, &PodSpec { size: size(2_000, 1_024), ..pod_spec() });
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r1 bound to n0
        0 r0 started on n0
        0 r1 started on n0
        10 r3 unschedulable
        710 r0 ended on n0: Preempted
        710 r2 bound to n0
        710 r2 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn a_runner_is_called_when_the_rest_of_its_room_is_placeholders() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &placeholder());
    world.create(1, &pod_spec());
    world.create(2, &PodSpec { size: size(8_000, 1_024), ..pod_spec() });
    world.until(1_000);
    world.call(|cluster, step| cluster.finish_pod(step, runner(1), Span::ZERO));
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r1 bound to n0
        0 r2 unschedulable
        0 r0 started on n0
        0 r1 started on n0
        1000 r1 ended on n0: Finished
        1700 r0 ended on n0: Preempted
        1700 r2 bound to n0
        1700 r2 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn two_runners_share_the_room_of_one_large_placeholder() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &PodSpec { size: size(8_000, 32_768), ..placeholder() });
    world.until(10);
    world.create(1, &pod_spec());
    world.create(2, &pod_spec());
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r0 started on n0
        710 r0 ended on n0: Preempted
        710 r1 bound to n0
        710 r2 bound to n0
        710 r1 started on n0
        710 r2 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn who_is_deleted_while_its_promise_is_ready_leaves_it_to_the_next() {
    let config = Config { backoff_initial_ms: 1_000, preemption_ms: 0, ..config() };
    let mut world = World::new(config, vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &PodSpec { size: size(8_000, 32_768), ..placeholder() });
    world.create(1, &PodSpec { size: size(8_000, 32_768), ..pod_spec() });
    world.create(2, &PodSpec { size: size(8_000, 32_768), ..pod_spec() });
    world.until(100);
    world.call(|cluster, step| cluster.delete_pod(step, runner(1), Span::ZERO));
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r0 ended on n0: Preempted
        0 r2 unschedulable
        100 r1 ended: Deleted
        1000 r2 bound to n0
        1000 r2 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn the_node_with_the_fewest_victims_is_taken() {
    let mut world = World::new(config(), vec![BAKED]);
    // Two halves on one node, a whole on the other: one victim there.
    world.node(0, small_node());
    let half = PodSpec { size: size(4_000, 16_384), ..pinned(0) };
    world.create(0, &PodSpec { priority: Priority::Placeholder, ..half });
    world.create(1, &PodSpec { priority: Priority::Placeholder, ..half });
    world.node(1, small_node());
    world.create(2, &PodSpec { size: size(8_000, 32_768), ..placeholder() });
    world.until(10);
    world.create(3, &PodSpec { size: size(8_000, 32_768), ..pod_spec() });
    world.until(5_000);
    assert_eq!(world.cluster.node_of(runner(3)), Some(node(1)));
    assert!(world.cluster.phase(runner(0)).is_some() && world.cluster.phase(runner(1)).is_some());
}

#[test]
fn who_waits_for_victims_and_is_deleted_leaves_their_room_to_others() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &PodSpec { size: size(8_000, 32_768), ..placeholder() });
    world.create(1, &PodSpec { size: size(8_000, 32_768), ..pod_spec() });
    world.create(2, &PodSpec { size: size(8_000, 32_768), ..pod_spec() });
    world.until(100);
    world.call(|cluster, step| cluster.delete_pod(step, runner(1), Span::ZERO));
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        0 r2 unschedulable
        100 r1 ended: Deleted
        700 r0 ended on n0: Preempted
        700 r2 bound to n0
        700 r2 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn a_promise_ends_with_its_node() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &PodSpec { size: size(8_000, 32_768), ..placeholder() });
    world.create(1, &pod_spec());
    world.until(100);
    world.call(|cluster, step| cluster.node_gone(step, node(0)));
    world.until(200);
    world.node(1, small_node());
    world.until(5_000);
    expect![[r"
        0 r0 bound to n0
        100 r0 ended on n0: NodeLost
        100 r1 unschedulable
        200 r1 bound to n1
        200 r1 started on n1
    "]]
    .assert_eq(&world.text());
}

#[test]
fn a_drain_leaves_protected_pods_alone_until_it_is_forced() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, node_spec());
    world.create(0, &PodSpec { protected: true, ..pod_spec() });
    world.create(1, &pod_spec());
    world.create(2, &pod_spec());
    world.until(1_000);
    assert_eq!(world.cluster.protect_pod(runner(2), true), Answer::Done);
    let force_at = Some(Time::from_ms(60_000));
    world.call(|cluster, step| cluster.drain(step, node(0), force_at));
    let again = world.call(|cluster, step| cluster.drain(step, node(0), None));
    assert_eq!(again, Answer::Already);
    world.until(30_000);
    let finish = Span::from_ms(500);
    world.call(|cluster, step| cluster.finish_pod(step, runner(2), finish));
    world.until(100_000);
    expect![[r"
        0 r0 bound to n0
        0 r1 bound to n0
        0 r2 bound to n0
        0 r0 started on n0
        0 r1 started on n0
        0 r2 started on n0
        3000 r1 ended on n0: Evicted
        30500 r2 ended on n0: Finished
        62000 r0 ended on n0: Evicted
        62000 n0 drained
    "]]
    .assert_eq(&world.text());
}

#[test]
fn a_drain_that_is_given_up_takes_pods_again() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, small_node());
    world.create(0, &PodSpec { protected: true, ..pod_spec() });
    world.until(10);
    let force_at = Some(Time::from_ms(1_000));
    world.call(|cluster, step| cluster.drain(step, node(0), force_at));
    world.create(1, &pod_spec());
    world.until(500);
    world.call(|cluster, step| cluster.uncordon(step, node(0)));
    world.until(100_000);
    expect![[r"
        0 r0 bound to n0
        0 r0 started on n0
        10 r1 unschedulable
        500 r1 bound to n0
        500 r1 started on n0
    "]]
    .assert_eq(&world.text());
}

#[test]
fn an_empty_node_is_drained_at_once() {
    let mut world = World::new(config(), vec![BAKED]);
    world.node(0, node_spec());
    world.call(|cluster, step| cluster.drain(step, node(0), None));
    assert_eq!(world.text(), "0 n0 drained\n");
}
