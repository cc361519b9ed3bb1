//! The two flows, step by step.

#![allow(clippy::unwrap_used)]

use super::world::{SET, Steady, World, call, hosted, job, own, runner};
use expect_test::expect;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::{Counts, JobResult};
use greenroom_scheduler::id::{RunId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::Span;
use greenroom_sim::github::{Config, IdleChoice, Output};

fn steady() -> Steady {
    Steady { writing: Span::from_ms(400), travel: Span::from_ms(100), ..Steady::default() }
}

#[test]
fn cloud_assigns_within_the_advertised_capacity() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 2)]);
    world.until(1.0).ready(1);
    world.ready(2);
    world.until(1.3).ready(3);
    world.until(30.0).register(1);
    world.started(1);
    world.until(40.0).done(1);
    world.until(41.0);
    expect![[r#"
        1.000s  j1 goes to set 0
        1.000s  j2 goes to set 0
        1.500s  set 0 receives message 100000001: available 0, assigned 2, running 0; 2 entries
        1.500s    - j1 is assigned
        1.500s    - j2 is assigned
        30.000s  r1 is registered
        30.000s  r1 is given j1
        30.500s  set 0 receives message 100000002: available 0, assigned 2, running 1; 1 entries
        30.500s    - j1 started on r1
        40.000s  j1 ends on r1: Succeeded
        40.000s  j3 goes to set 0
        40.500s  set 0 receives message 100000003: available 0, assigned 2, running 0; 2 entries
        40.500s    - j1 completed on r1: Succeeded
        40.500s    - j3 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn enterprise_offers_and_the_listener_acquires() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Enterprise, 2)]);
    for serial in 1..=3 {
        world.until(1.0).ready(serial);
    }
    world.until(2.0).note("the listener acquires j2, j1, an unknown job, and j2 again");
    let wanted = [job(2), job(1), job(9), job(2)];
    assert_eq!(call!(world.acquire(SET, &wanted)), Ok(2));
    world.until(3.0).register(1);
    world.started(1);
    world.until(4.0).done(1);
    world.until(5.0).note("the listener acquires j3 for its second runner");
    assert_eq!(call!(world.acquire(SET, &[job(3)])), Ok(1));
    world.until(6.0);
    expect![[r#"
        1.500s  set 0 receives message 100000001: available 2, assigned 0, running 0; 2 entries
        1.500s    - j1 is offered
        1.500s    - j2 is offered
        2.000s  the listener acquires j2, j1, an unknown job, and j2 again
        2.000s  j2 goes to set 0
        2.000s  j1 goes to set 0
        2.500s  set 0 receives message 100000002: available 0, assigned 2, running 0; 2 entries
        2.500s    - j2 is assigned
        2.500s    - j1 is assigned
        3.000s  r1 is registered
        3.000s  r1 is given j1
        3.500s  set 0 receives message 100000003: available 0, assigned 2, running 1; 1 entries
        3.500s    - j1 started on r1
        4.000s  j1 ends on r1: Succeeded
        4.500s  set 0 receives message 100000004: available 1, assigned 1, running 0; 2 entries
        4.500s    - j1 completed on r1: Succeeded
        4.500s    - j3 is offered
        5.000s  the listener acquires j3 for its second runner
        5.000s  j3 goes to set 0
        5.500s  set 0 receives message 100000005: available 0, assigned 2, running 0; 1 entries
        5.500s    - j3 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn only_an_enterprise_listener_acquires() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 2)]);
    world.ready(1);
    assert_eq!(call!(world.acquire(SET, &[job(1)])), Err(Refusal::Mode));
    assert_eq!(call!(world.acquire(SetId(7), &[job(1)])), Err(Refusal::NotFound));
}

#[test]
fn changes_between_two_polls_share_a_message_and_the_newest_statistics() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 9)]);
    world.until(1.0).ready(1);
    world.note("j2 comes while the message is being written, j3 while it travels");
    world.until(1.39).ready(2);
    world.until(1.45).ready(3);
    world.note("j4 is cancelled before anybody heard of it: both hints share a message");
    world.until(1.46).ready(4);
    call!(world.cancel(job(4)));
    world.until(3.0);
    expect![[r#"
        1.000s  j1 goes to set 0
        1.000s  j2 comes while the message is being written, j3 while it travels
        1.390s  j2 goes to set 0
        1.450s  j3 goes to set 0
        1.450s  j4 is cancelled before anybody heard of it: both hints share a message
        1.460s  j4 goes to set 0
        1.460s  j4 ends: Cancelled
        1.500s  set 0 receives message 100000001: available 0, assigned 2, running 0; 2 entries
        1.500s    - j1 is assigned
        1.500s    - j2 is assigned
        2.000s  set 0 receives message 100000002: available 0, assigned 3, running 0; 3 entries
        2.000s    - j3 is assigned
        2.000s    - j4 is assigned
        2.000s    - j4 completed without a runner: Cancelled
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_burst_of_120_is_told_in_messages_of_50() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 1_000)]);
    for serial in 0..120 {
        world.ready(serial);
    }
    world.until(5.0);
    let told = world.told();
    let messages: String = told
        .lines()
        .filter(|line| line.contains("message"))
        .map(|line| format!("{line}\n"))
        .collect();
    expect![[r#"
        0.500s  set 0 receives message 100000001: available 0, assigned 120, running 0; 50 entries
        1.000s  set 0 receives message 100000002: available 0, assigned 120, running 0; 50 entries
        1.500s  set 0 receives message 100000003: available 0, assigned 120, running 0; 20 entries
    "#]]
    .assert_eq(&messages);
    let hints: Vec<_> = told.lines().filter(|line| line.contains("  - ")).collect();
    assert_eq!(hints.len(), 120, "every job is told once");
    assert!(hints[119].contains("j119"));
}

#[test]
fn a_lost_message_comes_again_with_its_old_statistics() {
    let draw = Steady { lost: vec![0], ..steady() };
    let mut world = World::new(Config::default(), draw, &[own(Forge::Cloud, 9)]);
    world.ready(1);
    world.until(10.0).ready(2);
    world.until(400.0);
    expect![[r#"
        0.000s  j1 goes to set 0
        10.000s  j2 goes to set 0
        300.500s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        300.500s    - j1 is assigned
        301.000s  set 0 receives message 100000002: available 0, assigned 2, running 0; 1 entries
        301.000s    - j2 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_new_capacity_is_read_when_the_next_poll_begins() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 0)]);
    world.until(10.0).ready(1);
    world.ready(2);
    world.until(60.0).note("the listener makes room for 1");
    assert_eq!(call!(world.advertise(SET, 1)), Outcome::Done);
    assert_eq!(call!(world.advertise(SET, 1)), Outcome::Already);
    world.until(100.25).note("the listener makes room for 2 before its message comes");
    call!(world.advertise(SET, 2));
    world.until(101.0).note("the listener has no room any more, and nothing is revoked");
    call!(world.advertise(SET, 0));
    world.until(160.0).ready(3);
    world.until(200.0);
    expect![[r#"
        60.000s  the listener makes room for 1
        100.000s  j1 goes to set 0
        100.250s  the listener makes room for 2 before its message comes
        100.500s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        100.500s    - j1 is assigned
        100.500s  j2 goes to set 0
        101.000s  set 0 receives message 100000002: available 0, assigned 2, running 0; 1 entries
        101.000s    - j2 is assigned
        101.000s  the listener has no room any more, and nothing is revoked
    "#]]
    .assert_eq(&world.told());
    assert_eq!(world.github.queued(SET), 1);
    assert_eq!(world.clock.pending(), 1, "only the expiry of j1 is left to ring");
}

#[test]
fn a_listener_that_comes_back_is_told_where_things_stand() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 9)]);
    world.ready(1);
    world.until(0.45).note("the listener dies while a message is on its way");
    call!(world.listener_lost(SET));
    world.until(20.0).ready(2);
    world.until(60.0).note("the listener is back");
    call!(world.listener_back(SET));
    world.until(70.0);
    expect![[r#"
        0.000s  j1 goes to set 0
        0.450s  the listener dies while a message is on its way
        20.000s  j2 goes to set 0
        60.000s  the listener is back
        60.000s  set 0 receives message 0: available 0, assigned 2, running 0; 0 entries
        60.000s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        60.000s    - j1 is assigned
        60.500s  set 0 receives message 100000002: available 0, assigned 2, running 0; 1 entries
        60.500s    - j2 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn the_longest_idle_runner_is_taken_or_the_newest() {
    let mut told = String::new();
    for idle_choice in [IdleChoice::OldestFirst, IdleChoice::NewestFirst] {
        let config = Config { idle_choice, ..Config::default() };
        let mut world = World::new(config, steady(), &[own(Forge::Cloud, 9)]);
        for serial in 1..=3 {
            world.register(serial);
        }
        world.note(&format!("{idle_choice:?}"));
        world.told();
        world.ready(1);
        told += &world.told();
    }
    expect![[r#"
        0.000s  j1 goes to set 0
        0.000s  r1 is given j1
        0.000s  j1 goes to set 0
        0.000s  r3 is given j1
    "#]]
    .assert_eq(&told);
}

#[test]
fn cancelled_jobs_leave_from_wherever_they_are() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 2)]);
    for serial in 1..=4 {
        world.ready(serial);
    }
    world.register(1);
    world.until(1.0).told();
    world.note("j4 waits for room, j2 for a runner, j1 runs");
    world.started(1);
    for serial in [4, 2, 1, 1, 77] {
        call!(world.cancel(job(serial)));
    }
    world.until(9.0);
    assert_eq!(call!(world.job_done(runner(1), JobResult::Cancelled)), Outcome::Done);
    world.until(10.0);
    expect![[r#"
        1.000s  j4 waits for room, j2 for a runner, j1 runs
        1.000s  j4 ends: Cancelled
        1.000s  j2 ends: Cancelled
        1.000s  j3 goes to set 0
        1.000s  r1 is to stop j1
        1.500s  set 0 receives message 100000002: available 0, assigned 2, running 1; 3 entries
        1.500s    - j1 started on r1
        1.500s    - j2 completed without a runner: Cancelled
        1.500s    - j3 is assigned
        9.000s  j1 ends on r1: Cancelled
        9.500s  set 0 receives message 100000003: available 0, assigned 1, running 0; 1 entries
        9.500s    - j1 completed on r1: Cancelled
    "#]]
    .assert_eq(&world.told());
    assert_eq!(world.github.counts(SET).unwrap(), Counts { available: 0, assigned: 1, running: 0 });
}

#[test]
fn a_cancelled_offer_is_no_longer_available() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Enterprise, 1)]);
    world.ready(1);
    world.ready(2);
    world.until(1.0);
    call!(world.cancel(job(1)));
    assert_eq!(call!(world.acquire(SET, &[job(1)])), Ok(0));
    world.until(2.0);
    expect![[r#"
        0.500s  set 0 receives message 100000001: available 1, assigned 0, running 0; 1 entries
        0.500s    - j1 is offered
        1.000s  j1 ends: Cancelled
        1.500s  set 0 receives message 100000002: available 1, assigned 0, running 0; 2 entries
        1.500s    - j1 completed without a runner: Cancelled
        1.500s    - j2 is offered
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_busy_runner_cannot_be_removed() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 9)]);
    world.register(1);
    world.register(2);
    world.ready(1);
    assert_eq!(call!(world.remove(runner(1))), Outcome::Refused(Refusal::Busy));
    assert_eq!(call!(world.remove(runner(2))), Outcome::Done);
    assert_eq!(call!(world.remove(runner(2))), Outcome::Already);
    world.note("nobody is there for j2");
    world.ready(2);
    world.told();
    assert_eq!(world.github.observe().runners.len(), 1);
    assert_eq!(world.github.counts(SET).unwrap(), Counts { available: 0, assigned: 2, running: 0 });
}

#[test]
fn a_reserved_runner_is_given_nothing_until_it_listens() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 9)]);
    call!(world.reserve(runner(1), SET));
    world.ready(1);
    world.until(40.0).note("its process is up");
    call!(world.connect(runner(1)));
    assert_eq!(call!(world.connect(runner(1))), Outcome::Already);
    expect![[r#"
        0.000s  r1 is registered
        0.000s  j1 goes to set 0
        0.500s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        0.500s    - j1 is assigned
        40.000s  its process is up
        40.000s  r1 is given j1
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_runner_that_vanishes_under_its_job_is_noticed_when_the_lease_runs_out() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 1)]);
    world.ready(1);
    world.register(1);
    world.until(2.0).started(1);
    world.until(100.0).note("the node of r1 is gone");
    call!(world.runner_lost(runner(1)));
    assert_eq!(call!(world.remove(runner(1))), Outcome::Refused(Refusal::Busy));
    assert_eq!(
        call!(world.job_done(runner(1), JobResult::Succeeded)),
        Outcome::Refused(Refusal::NotFound)
    );
    world.until(701.0).note("the job is run again");
    assert_eq!(call!(world.rerun(job(1), SET)), Outcome::Done);
    world.until(702.0);
    expect![[r#"
        0.000s  j1 goes to set 0
        0.000s  r1 is registered
        0.000s  r1 is given j1
        0.500s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        0.500s    - j1 is assigned
        2.500s  set 0 receives message 100000002: available 0, assigned 1, running 1; 1 entries
        2.500s    - j1 started on r1
        100.000s  the node of r1 is gone
        700.000s  j1 ends on r1: Lost
        700.500s  set 0 receives message 100000003: available 0, assigned 0, running 0; 1 entries
        700.500s    - j1 completed on r1: Lost
        701.000s  the job is run again
        701.000s  j1 goes to set 0
        701.500s  set 0 receives message 100000004: available 0, assigned 1, running 0; 1 entries
        701.500s    - j1 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_job_that_no_runner_confirms_is_given_to_four_and_then_fails() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 1)]);
    world.ready(1);
    for serial in 1..=5 {
        world.register(serial);
    }
    world.until(1_000.0);
    expect![[r#"
        0.000s  j1 goes to set 0
        0.000s  r1 is registered
        0.000s  r1 is given j1
        0.000s  r2 is registered
        0.000s  r3 is registered
        0.000s  r4 is registered
        0.000s  r5 is registered
        0.000s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        0.000s    - j1 is assigned
        60.000s  r1 is dropped: Unconfirmed
        60.000s  r2 is given j1
        120.000s  r2 is dropped: Unconfirmed
        120.000s  r3 is given j1
        180.000s  r3 is dropped: Unconfirmed
        180.000s  r4 is given j1
        240.000s  r4 is dropped: Unconfirmed
        240.000s  j1 ends on r4: Lost
        240.000s  set 0 receives message 100000002: available 0, assigned 0, running 0; 1 entries
        240.000s    - j1 completed on r4: Lost
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn an_assignment_without_a_runner_is_withdrawn_with_growing_patience() {
    let config = Config { withdraw_s: Some(100), ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 1)]);
    world.ready(1);
    world.until(0.0);
    world.ready(2);
    world.until(2_000.0);
    expect![[r#"
        0.000s  j1 goes to set 0
        0.000s  set 0 receives message 100000001: available 0, assigned 1, running 0; 1 entries
        0.000s    - j1 is assigned
        100.000s  j1 goes to set 0
        100.000s  set 0 receives message 100000002: available 0, assigned 1, running 0; 2 entries
        100.000s    - j1 completed without a runner: Cancelled
        100.000s    - j1 is assigned
        300.000s  j1 goes to set 0
        300.000s  set 0 receives message 100000003: available 0, assigned 1, running 0; 2 entries
        300.000s    - j1 completed without a runner: Cancelled
        300.000s    - j1 is assigned
        600.000s  j1 goes to set 0
        600.000s  set 0 receives message 100000004: available 0, assigned 1, running 0; 2 entries
        600.000s    - j1 completed without a runner: Cancelled
        600.000s    - j1 is assigned
    "#]]
    .assert_eq(&world.told());
    assert_eq!(world.github.queued(SET), 1, "j2 stays behind j1");
}

#[test]
fn hosted_jobs_wait_for_the_limit_and_the_machine() {
    let draw = Steady { hosted_start: Span::from_secs(6), ..steady() };
    let mut world = World::new(Config::default(), draw, &[hosted(Some(1))]);
    for serial in 1..=3 {
        world.ready(serial);
    }
    world.until(10.0).note("somebody cancels j1, which runs");
    call!(world.cancel(job(1)));
    call!(world.hosted_done(job(1), JobResult::Cancelled));
    world.until(12.0).note("somebody cancels j2, whose machine starts");
    call!(world.cancel(job(2)));
    world.until(60.0);
    assert_eq!(call!(world.hosted_done(job(3), JobResult::Succeeded)), Outcome::Done);
    assert_eq!(
        call!(world.hosted_done(job(3), JobResult::Succeeded)),
        Outcome::Refused(Refusal::NotFound)
    );
    assert_eq!(call!(world.register(runner(1), SET)), Outcome::Refused(Refusal::Mode));
    assert_eq!(world.github.counts(SET).unwrap(), Counts::default());
    expect![[r#"
        0.000s  j1 goes to set 0
        6.000s  j1 starts on a hosted runner
        10.000s  somebody cancels j1, which runs
        10.000s  the hosted runner is to stop j1
        10.000s  j1 ends: Cancelled
        10.000s  j2 goes to set 0
        12.000s  somebody cancels j2, whose machine starts
        12.000s  j2 ends: Cancelled
        12.000s  j3 goes to set 0
        18.000s  j3 starts on a hosted runner
        60.000s  j3 ends: Succeeded
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn successors_queue_after_the_simulated_end_of_the_last_predecessor() {
    let mut world = World::new(Config::default(), Steady::default(), &[hosted(None)]);
    for serial in [1, 2] {
        world.github.expect_successors(serial);
        world.ready(serial);
    }
    world.until(5.0);
    call!(world.hosted_done(job(1), JobResult::Failed));
    call!(world.settle(job(1)));
    world.until(6.0).note("j3 needs j1, j2 and j2 with a gap of 30 s; j4 needs j1 alone");
    call!(world.hold(job(3), &[1, 2, 2], Span::from_secs(30)));
    call!(world.hold(job(4), &[1], Span::from_secs(1)));
    world.until(7.0).note("j5 needs j1 with a gap of 30 s; j6 needs a job that nobody knows");
    call!(world.hold(job(5), &[1], Span::from_secs(30)));
    call!(world.hold(job(6), &[99], Span::from_secs(30)));
    world.until(100.0).note("j2 is cancelled");
    call!(world.cancel(job(2)));
    call!(world.hosted_done(job(2), JobResult::Cancelled));
    call!(world.settle(job(2)));
    call!(world.settle(job(2)));
    world.until(200.0);
    expect![[r#"
        0.000s  j1 goes to set 0
        0.000s  j1 starts on a hosted runner
        0.000s  j2 goes to set 0
        0.000s  j2 starts on a hosted runner
        5.000s  j1 ends: Failed
        6.000s  j3 needs j1, j2 and j2 with a gap of 30 s; j4 needs j1 alone
        6.000s  j4 is released by job 1
        7.000s  j5 needs j1 with a gap of 30 s; j6 needs a job that nobody knows
        7.000s  j6 is released
        35.000s  j5 is released by job 1
        100.000s  j2 is cancelled
        100.000s  the hosted runner is to stop j2
        100.000s  j2 ends: Cancelled
        130.000s  j3 is released by job 2
    "#]]
    .assert_eq(&world.told());
    assert_eq!(world.github.predecessors_unknown(), 1);
}

#[test]
fn a_newer_run_cancels_what_the_older_one_of_its_group_has_left() {
    let config = Config { cancel_superseded: true, ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 1)]);
    world.register(1);
    for serial in 1..=3 {
        call!(world.join_group(job(serial), RunId(4), 0));
        world.github.expect_successors(serial);
    }
    world.note("run 4: j1 runs, j2 queues, j3 needs j1; run 5 of another group has j4");
    world.ready(1);
    world.started(1);
    world.ready(2);
    call!(world.hold(job(3), &[1], Span::ZERO));
    call!(world.join_group(job(4), RunId(5), 1));
    world.ready(4);
    world.until(10.0).note("run 6 of the same group begins with j5");
    assert_eq!(call!(world.join_group(job(5), RunId(6), 0)), Outcome::Done);
    assert_eq!(
        call!(world.join_group(job(6), RunId(4), 0)),
        Outcome::Refused(Refusal::Forbidden),
        "a late job of the older run never queues"
    );
    world.ready(5);
    call!(world.job_done(runner(1), JobResult::Cancelled));
    call!(world.settle(job(1)));
    world.until(11.0);
    expect![[r#"
        0.000s  r1 is registered
        0.000s  run 4: j1 runs, j2 queues, j3 needs j1; run 5 of another group has j4
        0.000s  j1 goes to set 0
        0.000s  r1 is given j1
        0.000s  set 0 receives message 100000001: available 0, assigned 1, running 1; 2 entries
        0.000s    - j1 is assigned
        0.000s    - j1 started on r1
        10.000s  run 6 of the same group begins with j5
        10.000s  r1 is to stop j1
        10.000s  j2 ends: Cancelled
        10.000s  j3 ends: Cancelled
        10.000s  j1 ends on r1: Cancelled
        10.000s  j4 goes to set 0
        10.000s  set 0 receives message 100000002: available 0, assigned 1, running 0; 2 entries
        10.000s    - j1 completed on r1: Cancelled
        10.000s    - j4 is assigned
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn by_default_no_run_supersedes_another() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 1)]);
    call!(world.join_group(job(1), RunId(1), 0));
    world.ready(1);
    call!(world.join_group(job(2), RunId(2), 0));
    assert!(!world.told().contains("ends"));
}

#[test]
fn a_matrix_queues_at_the_pace_of_its_run() {
    let config =
        Config { fan_out_jobs_per_s_max: std::num::NonZeroU32::new(4), ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    for serial in 1..=4 {
        world.ready(serial);
    }
    world.note("j3 is cancelled; j5 belongs to another run");
    call!(world.cancel(job(3)));
    call!(world.job_ready(job(5), Some(SET), Some(RunId(1))));
    world.until(2.0);
    let told = world.told();
    let moves = told.lines().filter(|line| !line.contains("message") && !line.contains("  - "));
    expect![[r#"
        0.000s  j1 goes to set 0
        0.000s  j3 is cancelled; j5 belongs to another run
        0.000s  j3 ends: Cancelled
        0.000s  j5 goes to set 0
        0.250s  j2 goes to set 0
        0.750s  j4 goes to set 0
    "#]]
    .assert_eq(&moves.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn a_listener_outside_polls_and_acknowledges() {
    let mut spec = own(Forge::Enterprise, 0);
    if let greenroom_sim::github::Host::Own { listener, .. } = &mut spec.host {
        *listener = greenroom_sim::github::Listener::Outside;
    }
    let mut world = World::new(Config::default(), steady(), &[spec]);
    for serial in 0..60 {
        world.ready(serial);
    }
    let poll = |world: &mut World, capacity| {
        let World { now, github, clock, out, .. } = world;
        let message = github.poll(*now, SET, capacity, clock, out).unwrap();
        message.map(|message| (message.id, message.counts.available, message.entries.len()))
    };
    assert_eq!(poll(&mut world, Some(0)), None, "there is no room, so there is nothing to say");
    assert_eq!(poll(&mut world, Some(55)), Some((100_000_001, 55, 50)));
    assert_eq!(poll(&mut world, None), Some((100_000_001, 55, 50)), "until it is acknowledged");
    world.out.clear();
    assert_eq!(call!(world.acknowledge(SET, 7)), Outcome::Already);
    assert_eq!(call!(world.acknowledge(SET, 100_000_001)), Outcome::Done);
    assert_eq!(world.told().trim(), "0.000s  set 0 has news to fetch");
    assert_eq!(poll(&mut world, None), Some((100_000_002, 60, 10)));
    assert_eq!(call!(world.acknowledge(SET, 100_000_002)), Outcome::Done);
    assert_eq!(poll(&mut world, None), None);
    assert_eq!(world.clock.rings, 0, "a listener outside costs no timer");
}

#[test]
fn calls_that_make_no_sense_are_refused_and_change_nothing() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 9)]);
    world.ready(1);
    world.register(1);
    let before = world.github.observe();
    world.told();
    let ghost = runner(9);
    let squatter = greenroom_scheduler::id::JobId { serial: 2, slot: 1 };
    let twin = greenroom_scheduler::id::RunnerId { serial: 2, slot: 1 };
    assert_eq!(world.ready(1), Outcome::Already);
    assert_eq!(world.register(1), Outcome::Already);
    assert_eq!(call!(world.job_ready(squatter, Some(SET), None)), Outcome::Refused(Refusal::Busy));
    assert_eq!(call!(world.hold(squatter, &[], Span::ZERO)), Outcome::Refused(Refusal::Busy));
    assert_eq!(call!(world.register(twin, SET)), Outcome::Refused(Refusal::Busy));
    assert_eq!(
        call!(world.job_ready(job(3), Some(SetId(5)), None)),
        Outcome::Refused(Refusal::NotFound)
    );
    assert_eq!(call!(world.register(ghost, SetId(5))), Outcome::Refused(Refusal::NotFound));
    assert_eq!(call!(world.rerun(job(3), SetId(5))), Outcome::Refused(Refusal::NotFound));
    assert_eq!(call!(world.connect(ghost)), Outcome::Refused(Refusal::NotFound));
    assert_eq!(call!(world.job_started(ghost)), Outcome::Refused(Refusal::NotFound));
    assert_eq!(
        call!(world.job_done(ghost, JobResult::Failed)),
        Outcome::Refused(Refusal::NotFound)
    );
    assert_eq!(call!(world.runner_lost(ghost)), Outcome::Already);
    assert_eq!(call!(world.cancel(job(9))), Outcome::Already);
    assert_eq!(call!(world.advertise(SetId(5), 3)), Outcome::Refused(Refusal::NotFound));
    assert_eq!(call!(world.listener_lost(SetId(5))), Outcome::Refused(Refusal::NotFound));
    assert_eq!(call!(world.listener_back(SET)), Outcome::Already);
    assert_eq!(call!(world.acknowledge(SetId(5), 1)), Outcome::Refused(Refusal::NotFound));
    let World { now, github, clock, out, .. } = &mut world;
    assert_eq!(github.poll(*now, SET, None, clock, out), Err(Refusal::Mode));
    assert_eq!(*out, []);
    assert_eq!(world.told(), "");
    assert_eq!(world.github.observe(), before);
}

#[test]
fn entries_become_events_of_the_core() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 9)]);
    world.github.job_ready(world.now, job(1), Some(SET), None, &mut world.clock, &mut world.out);
    assert_eq!(world.out, [Output::Assigned { set: SET, job: job(1) }]);
    let entry = greenroom_sim::github::Entry::Assigned { job: job(1) };
    assert_eq!(
        entry.event(SET),
        greenroom_scheduler::event::Event::JobAssigned {
            set: SET,
            job: entry.job(),
            announced: false,
            class: greenroom_scheduler::model::ServiceClass::Standard,
        }
    );
}
