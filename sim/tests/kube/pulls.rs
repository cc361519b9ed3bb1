//! Pulls: closed forms, and a brute-force integration.

use super::world::{World, node, node_spec, pinned, pod_spec, secs, size, swift};
use greenroom_scheduler::time::Span;
use greenroom_sim::kube::config::{EXTERNALS_COPY_DISK_MB, NODE_DISK_MB_PER_S};
use greenroom_sim::kube::{
    Answer, Config, Constraint, Image, ImageId, NodeSpec, Output, Phase, PodSpec, Spans,
};
use proptest::prelude::*;
use std::num::NonZeroU32;

fn image(compressed_mb: u32) -> Image {
    let unpacked_mb = compressed_mb * 5 / 2;
    Image { compressed_mb, unpacked_mb, start_disk_mb: 0, baked: false }
}

fn pre_pull(world: &mut World, at: u32, image: u32, overhead: Span) -> Answer {
    world.call(|cluster, step| cluster.pre_pull(step, node(at), ImageId(image), overhead))
}

fn close(found_ms: u64, expected_ms: u64, tolerance_ms: u64, what: &str) {
    let off = found_ms.abs_diff(expected_ms);
    assert!(off <= tolerance_ms, "{what}: {found_ms} ms, not {expected_ms} ms");
}

/// Disk: 2,000 + 5,000 bytes written for 2,000 pulled, at 131 MB/s.
const ALONE_MS: u64 = 7_000 * 1_000 / 131 + 1;

#[test]
fn n_equal_pulls_take_n_times_as_long() {
    for n in 1..=8 {
        let mut world = World::new(swift(), vec![image(2_000); n]);
        world.node(0, node_spec());
        for image in 0..n {
            pre_pull(&mut world, 0, image as u32, Span::ZERO);
        }
        world.rest();
        for image in 0..n {
            close(world.pulled_at(image as u32), n as u64 * ALONE_MS, n as u64, "shared");
        }
    }
}

#[test]
fn pulls_on_different_nodes_do_not_meet() {
    let mut world = World::new(swift(), vec![image(2_000)]);
    for serial in 0..20 {
        world.node(serial, node_spec());
        pre_pull(&mut world, serial, 0, Span::ZERO);
    }
    world.rest();
    assert_eq!(world.log.len(), 20);
    assert!(world.log.iter().all(|(at, _)| at.abs_diff(ALONE_MS) <= 1));
}

#[test]
fn one_by_one_ends_with_the_same_total_and_earlier_on_average() {
    let one = NonZeroU32::new(1);
    let config = Config { pulls_parallel_max: one, ..swift() };
    let mut world = World::new(config, vec![image(2_000); 5]);
    world.node(0, node_spec());
    for image in 0..5 {
        pre_pull(&mut world, 0, image, Span::ZERO);
    }
    world.rest();
    for image in 0..5 {
        close(world.pulled_at(image), u64::from(image + 1) * ALONE_MS, 5, "in order");
    }
}

#[test]
fn a_single_pull_is_no_faster_than_one_pull_can_be() {
    let fast = NodeSpec { disk_mb_per_s: 4_000, ..node_spec() };
    let mut world = World::new(swift(), vec![image(610); 2]);
    world.node(0, fast);
    pre_pull(&mut world, 0, 0, Span::ZERO);
    pre_pull(&mut world, 0, 1, Span::ZERO);
    world.rest();
    // 61 MB/s each, and the node could do more than both.
    close(world.pulled_at(0), 10_000, 1, "first");
    close(world.pulled_at(1), 10_000, 1, "second");
}

#[test]
fn a_slow_network_is_shared_as_a_slow_disk_is() {
    let slow = NodeSpec { network_mb_per_s: 20, disk_mb_per_s: 100_000, ..node_spec() };
    let mut world = World::new(swift(), vec![image(100), image(100), image(300)]);
    world.node(0, slow);
    for image in 0..3 {
        pre_pull(&mut world, 0, image, Span::ZERO);
    }
    world.rest();
    // A third each until 300 MB are through, then the big one alone.
    close(world.pulled_at(0), 15_000, 1, "small");
    close(world.pulled_at(1), 15_000, 1, "small");
    close(world.pulled_at(2), 25_000, 2, "big");
}

#[test]
fn what_the_registry_sends_is_shared_by_all_nodes() {
    let registry_mb_per_s = NonZeroU32::new(100);
    let config = Config { registry_mb_per_s, ..swift() };
    let mut world = World::new(config, vec![image(100)]);
    for serial in 0..10 {
        world.node(serial, node_spec());
        pre_pull(&mut world, serial, 0, Span::ZERO);
    }
    world.until(5_000);
    // Half is through when five nodes vanish; the rest share what is left over.
    for serial in 0..5 {
        world.call(|cluster, step| cluster.node_gone(step, node(serial)));
    }
    world.rest();
    assert_eq!(world.log.len(), 5);
    for (at, _) in &world.log {
        // 20 MB/s each from then on.
        close(*at, 7_500, 2, "after the loss");
    }
}

#[test]
fn the_registry_answers_at_its_rate() {
    let config =
        Config { registry_pulls_per_s: NonZeroU32::new(2), registry_pulls_burst: 3, ..swift() };
    let mut world = World::new(config, vec![image(0)]);
    for serial in 0..10 {
        world.node(serial, node_spec());
        pre_pull(&mut world, serial, 0, secs(1.0));
    }
    world.rest();
    let at: Vec<u64> = world.log.iter().map(|(at, _)| *at).collect();
    let expected: Vec<u64> = (0..10).map(|nth: u64| 1_001 + nth.saturating_sub(2) * 500).collect();
    assert!(at.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 1), "{at:?}");
}

#[test]
fn measured_pulls_come_out_within_an_eighth() {
    for (compressed_mb, measured_s) in [(126, 12.0), (432, 17.0), (1_130, 38.0)] {
        let mut world = World::new(swift(), vec![image(compressed_mb)]);
        world.node(0, node_spec());
        pre_pull(&mut world, 0, 0, secs(7.4));
        world.rest();
        let found_s = world.pulled_at(0) as f64 / 1000.0;
        let off = (found_s / measured_s - 1.0).abs();
        assert!(off < 0.125, "{compressed_mb} MB: {found_s} s, measured {measured_s} s");
    }
}

#[test]
fn a_burst_of_32_that_copies_externals_takes_its_nine_minutes() {
    let start_disk_mb = EXTERNALS_COPY_DISK_MB;
    let image = Image { start_disk_mb, baked: true, ..Image::default() };
    let mut world = World::new(swift(), vec![image]);
    world.node(0, NodeSpec { disk_mb_per_s: NODE_DISK_MB_PER_S, ..node_spec() });
    let pod = PodSpec { size: size(500, 1_024), ..pinned(0) };
    for serial in 0..32 {
        world.create(serial, &pod);
    }
    world.rest();
    close(world.started_at(31).unwrap(), 545_000, 1_000, "burst");
    let mut alone = World::new(swift(), vec![image]);
    alone.node(0, node_spec());
    alone.create(0, &pod);
    alone.rest();
    close(alone.started_at(0).unwrap(), 545_000 / 32, 100, "alone");
}

#[test]
fn pods_of_one_image_share_its_pull_and_the_next_finds_it() {
    let mut world = World::new(swift(), vec![image(2_000)]);
    world.node(0, node_spec());
    let spans = Spans {
        cached: secs(0.13),
        pull_overhead: secs(7.4),
        start: secs(2.0),
        ..Spans::default()
    };
    let pod = PodSpec { spans, size: size(1_000, 1_024), ..pinned(0) };
    for serial in 0..4 {
        world.create(serial, &pod);
    }
    world.rest();
    for serial in 0..4 {
        close(world.started_at(serial).unwrap(), 7_400 + ALONE_MS + 2_000, 1, "first pods");
    }
    let at = world.now_ms;
    world.create(4, &pod);
    world.rest();
    assert_eq!(world.started_at(4), Some(at + 2_130));
}

#[test]
fn the_kubelet_refuses_requests_over_its_limit_for_ten_seconds() {
    let config = Config { attempt_us: 0, binds_per_s: None, ..Config::default() };
    let mut world = World::new(config, vec![image(2_000)]);
    world.node(0, node_spec());
    let pod = PodSpec { size: size(400, 1_024), ..pinned(0) };
    for serial in 0..32 {
        world.create(serial, &pod);
    }
    let waiting = |world: &World| {
        let pulls = |serial: &u32| {
            world.cluster.phase(super::world::runner(*serial)) == Some(Phase::Pulling)
        };
        (0..32).filter(pulls).count()
    };
    assert_eq!(waiting(&world), 10);
    world.until(9_999);
    assert_eq!(waiting(&world), 10);
    // The bucket is full again: ten of the 22 are let in, the others wait 20 s more.
    world.until(10_000);
    assert_eq!(waiting(&world), 20);
    world.until(30_000);
    assert_eq!(waiting(&world), 30);
    let said = |said: &&(u64, Output)| matches!(said.1, Output::Pulling { .. });
    assert_eq!(world.log.iter().filter(said).count(), 32);
    world.rest();
    assert!((0..32).all(|serial| world.started_at(serial).is_some()));
    // The last two came back after 10 + 20 + 40 s and found the image there.
    let late = (0..32).filter(|&serial| world.started_at(serial) == Some(70_000)).count();
    assert_eq!(late, 2);
}

#[test]
fn the_limit_belongs_to_the_node_and_not_to_its_slot() {
    let config = Config { attempt_us: 0, binds_per_s: None, ..Config::default() };
    let mut world = World::new(config, vec![image(100)]);
    for serial in 0..2 {
        let id = greenroom_scheduler::id::NodeId { serial, slot: 0 };
        world.call(|cluster, step| {
            cluster.node_registered(id, &node_spec());
            cluster.node_ready(step, id);
        });
        let constraint = Constraint::Node(id);
        let pod = PodSpec { constraint, size: size(400, 1_024), ..pod_spec() };
        for nth in 0..20 {
            world.create(serial * 20 + nth, &pod);
        }
        let pulls = |nth: &u32| {
            let pod = super::world::runner(serial * 20 + nth);
            world.cluster.phase(pod) == Some(Phase::Pulling)
        };
        assert_eq!((0..20).filter(pulls).count(), 10);
        world.call(|cluster, step| cluster.node_gone(step, id));
    }
}

#[test]
fn images_leave_a_full_disk_when_nobody_uses_them() {
    let small = NodeSpec { image_disk_mb: 8_000, ..node_spec() };
    let mut world = World::new(swift(), vec![image(1_000), image(1_000), image(1_000)]);
    world.node(0, small);
    for serial in 0..3 {
        let pod = PodSpec { image: ImageId(serial), ..pinned(0) };
        world.create(serial, &pod);
        world.rest();
        let runner = super::world::runner(serial);
        world.call(|cluster, step| cluster.finish_pod(step, runner, Span::ZERO));
        world.now_ms += 1;
    }
    // 3,500 MB each: two fit.
    let has = |image| world.cluster.has_image(node(0), ImageId(image));
    assert!(!has(0) && has(1) && has(2));
    assert_eq!(pre_pull(&mut world, 0, 2, Span::ZERO), Answer::Already);
    assert_eq!(pre_pull(&mut world, 0, 0, Span::ZERO), Answer::Done);
}

#[test]
fn pulls_and_flows_die_with_their_node() {
    let copying = Image { start_disk_mb: 1_000, baked: true, ..Image::default() };
    let mut world = World::new(swift(), vec![image(2_000), copying]);
    world.node(0, node_spec());
    world.create(0, &pinned(0));
    world.create(1, &PodSpec { image: ImageId(1), ..pinned(0) });
    world.until(3_000);
    world.call(|cluster, step| cluster.node_gone(step, node(0)));
    assert!(world.timers.is_empty());
    world.node(1, node_spec());
    let constraint = Constraint::Node(node(1));
    world.create(2, &PodSpec { constraint, ..pod_spec() });
    world.rest();
    close(world.started_at(2).unwrap(), 3_000 + ALONE_MS, 2, "on a fresh node");
}

/// A pull in the brute-force model: when it begins, what it moves, what is left, when it ended.
struct Brute {
    begins_ms: f64,
    network_mb: f64,
    disk_mb: f64,
    left: f64,
    ended_ms: f64,
}

/// Small steps: in each, every flow gets an even share of each resource that it uses.
fn integrate(flows: &mut [Brute], network: f64, disk: f64, pull_max: f64) {
    const STEP_MS: f64 = 0.1;
    let mut now = 0.0;
    while flows.iter().any(|flow| flow.left > 0.0) {
        let there = |flow: &Brute| flow.begins_ms <= now && flow.left > 0.0;
        let count = |uses: fn(&Brute) -> bool| {
            flows.iter().filter(|flow| there(flow) && uses(flow)).count() as f64
        };
        let on_network = count(|flow| flow.network_mb > 0.0);
        let on_disk = count(|flow| flow.disk_mb > 0.0);
        for flow in flows.iter_mut().filter(|flow| there(flow)) {
            let pace = |mb: f64, mb_per_s: f64| if mb > 0.0 { mb_per_s / mb } else { f64::MAX };
            let per_s = pace(flow.disk_mb, disk / on_disk)
                .min(pace(flow.network_mb, network / on_network))
                .min(pace(flow.network_mb, pull_max));
            flow.left -= per_s * STEP_MS / 1000.0;
            flow.ended_ms = now + STEP_MS;
        }
        now += STEP_MS;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Pulls that come and go at any time end when small steps say so.
    #[test]
    fn staggered_pulls_agree_with_small_steps(
        pulls in prop::collection::vec((0_u64..3_000, 1_u32..60, 0_u32..200), 1..7),
        network in 20_u32..400,
        disk in 20_u32..400,
    ) {
        let images = pulls.iter().map(|&(_, compressed_mb, unpacked_mb)| {
            Image { compressed_mb, unpacked_mb, ..Image::default() }
        });
        let mut world = World::new(swift(), images.collect());
        world.node(0, NodeSpec { network_mb_per_s: network, disk_mb_per_s: disk, ..node_spec() });
        for (image, &(at, ..)) in (0..).zip(&pulls) {
            pre_pull(&mut world, 0, image, Span::from_ms(at));
        }
        world.rest();
        let mut brute: Vec<Brute> = pulls
            .iter()
            .map(|&(at, compressed_mb, unpacked_mb)| Brute {
                begins_ms: at as f64,
                network_mb: f64::from(compressed_mb),
                disk_mb: f64::from(compressed_mb + unpacked_mb),
                left: 1.0,
                ended_ms: 0.0,
            })
            .collect();
        integrate(&mut brute, f64::from(network), f64::from(disk), 61.0);
        for (image, flow) in (0..).zip(&brute) {
            let found = world.pulled_at(image) as f64;
            // A step and a rounding for each change of rates.
            let tolerance = 1.5 + 1.5 * pulls.len() as f64;
            prop_assert!(
                (found - flow.ended_ms).abs() <= tolerance,
                "image {image}: {found} ms, small steps say {} ms", flow.ended_ms
            );
        }
    }
}
