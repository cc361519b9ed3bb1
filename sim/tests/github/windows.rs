//! Outages and throttling: what stops, what waits, and in which order it goes on.

#![allow(clippy::unwrap_used)]

use super::world::{SET, Steady, World, call, job, own, runner};
use expect_test::expect;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::model::Forge;
use greenroom_sim::github::{Config, Effect, Window};

fn during(forge: Forge, effect: Effect, from_s: u64, until_s: u64) -> Config {
    Config { windows: vec![Window { forge, effect, from_s, until_s }], ..Config::default() }
}

#[test]
fn while_assignment_is_stopped_jobs_queue_and_then_go_on_in_order() {
    let config = during(Forge::Cloud, Effect::Assignment, 10, 100);
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.until(9.0).note("j1 is assigned, and no runner is there yet");
    world.ready(1);
    world.until(10.0).ready(2);
    world.ready(3);
    world.until(20.0).register(1);
    world.register(2);
    world.until(99.999).told();
    assert_eq!((world.github.queued(SET), world.github.counts(SET).unwrap().assigned), (2, 1));
    world.until(150.0);
    expect![[r#"
        100.000s  j2 goes to set 0
        100.000s  r1 is given j1
        100.000s  r2 is given j2
        100.000s  j3 goes to set 0
        100.000s  set 0 receives message 100000002: available 0, assigned 3, running 0; 2 entries
        100.000s    - j2 is assigned
        100.000s    - j3 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn while_the_interface_is_down_registrations_wait_and_calls_are_refused() {
    let mut told = String::new();
    for (effect, refusal) in
        [(Effect::Unavailable, Refusal::Unavailable), (Effect::Throttled, Refusal::Throttled)]
    {
        let config = during(Forge::Enterprise, effect, 10, 100);
        let mut world = World::new(config, Steady::default(), &[own(Forge::Enterprise, 1)]);
        world.ready(1);
        world.register(1);
        world.until(10.0).told();
        assert_eq!(call!(world.acquire(SET, &[job(1)])), Err(refusal));
        assert_eq!(call!(world.remove(runner(1))), Outcome::Refused(refusal));
        assert_eq!(call!(world.rerun(job(2), SET)), Outcome::Refused(refusal));
        assert_eq!(world.register(2), Outcome::Done);
        assert_eq!(world.register(3), Outcome::Done);
        assert_eq!(world.told(), "", "nobody is registered before the window closes");
        world.until(100.0);
        told += &world.told();
        assert_eq!(call!(world.remove(runner(1))), Outcome::Done);
        assert_eq!(call!(world.acquire(SET, &[job(1)])), Ok(1));
    }
    expect![[r#"
        100.000s  r2 is registered
        100.000s  r3 is registered
        100.000s  r2 is registered
        100.000s  r3 is registered
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_capacity_that_no_poll_could_tell_is_told_after_the_outage() {
    let config = during(Forge::Cloud, Effect::Unavailable, 10, 130);
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 0)]);
    world.ready(1);
    world.until(20.0).note("the listener makes room; its next poll would begin at 50 s");
    call!(world.advertise(SET, 1));
    world.until(200.0);
    expect![[r#"
        20.000s  the listener makes room; its next poll would begin at 50 s
        130.000s  j1 goes to set 0
        130.000s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        130.000s    - j1 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn messages_that_are_stopped_come_afterwards_and_say_all_there_is_to_say() {
    let config = during(Forge::Cloud, Effect::Messages, 10, 100);
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.until(20.0).ready(1);
    world.register(1);
    world.started(1);
    world.until(50.0).done(1);
    world.until(60.0).ready(2);
    world.until(99.0).told();
    world.until(200.0);
    expect![[r#"
        100.000s  set 0 receives message 100000001: available 0, assigned 1, running 0; 4 entries
        100.000s    - j1 is assigned
        100.000s    - j1 started on r1
        100.000s    - j1 completed on r1: Succeeded
        100.000s    - j2 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_message_on_its_way_is_held_and_not_written_again() {
    let config = during(Forge::Cloud, Effect::Messages, 10, 100);
    let travel = greenroom_scheduler::time::Span::from_secs(5);
    let draw = Steady { travel, ..Steady::default() };
    let mut world = World::new(config, draw, &[own(Forge::Cloud, 9)]);
    world.until(8.0).ready(1);
    world.until(20.0).ready(2);
    world.until(200.0);
    expect![[r#"
        8.000s  j1 goes to set 0
        20.000s  j2 goes to set 0
        100.000s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        100.000s    - j1 is assigned
        105.000s  set 0 receives message 100000002: available 0, assigned 2, running 0; 1 entries
        105.000s    - j2 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn the_two_instances_fail_apart() {
    let config = during(Forge::Enterprise, Effect::Assignment, 0, 100);
    let sets = [own(Forge::Cloud, 9), own(Forge::Enterprise, 9)];
    let mut world = World::new(config, Steady::default(), &sets);
    call!(world.job_ready(job(1), Some(SetId(0)), None));
    call!(world.job_ready(job(2), Some(SetId(1)), None));
    assert_eq!(world.github.counts(SetId(0)).unwrap().assigned, 1);
    assert_eq!(world.github.counts(SetId(1)).unwrap().available, 0);
    world.until(100.0);
    assert_eq!(world.github.counts(SetId(1)).unwrap().available, 1);
}

#[test]
fn a_window_is_open_from_its_first_millisecond_and_closed_at_its_last() {
    let config = during(Forge::Cloud, Effect::Assignment, 10, 100);
    for (at, waits) in [(9.999, false), (10.0, true), (99.999, true), (100.0, false)] {
        let mut world = World::new(config.clone(), Steady::default(), &[own(Forge::Cloud, 9)]);
        world.until(at).ready(1);
        assert_eq!(world.github.queued(SET) == 1, waits, "at {at} s");
    }
}

#[test]
fn overlapping_windows_end_with_the_last() {
    let mut config = during(Forge::Cloud, Effect::Assignment, 10, 100);
    config.windows.push(Window { until_s: 150, from_s: 90, ..config.windows[0] });
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.until(20.0).ready(1);
    world.until(149.999);
    assert_eq!(world.github.queued(SET), 1);
    world.until(150.0);
    assert_eq!(world.github.queued(SET), 0);
}
