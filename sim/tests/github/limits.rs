//! What GitHub allows, and for how long.

#![allow(clippy::unwrap_used)]

use super::world::{SET, Steady, World, call, hosted, job, own, runner};
use expect_test::expect;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::{Counts, JobResult};
use greenroom_scheduler::id::{RunId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::queue::Queue;
use greenroom_sim::github::{Config, Effect, GitHub, Host, Instant, Window};
use std::num::NonZeroU32;

const DAY_S: f64 = 86_400.0;

#[test]
fn whoever_waits_24_hours_expires_to_the_millisecond() {
    let config = Config { fan_out_jobs_per_s_max: NonZeroU32::new(1), ..Config::default() };
    let sets = [own(Forge::Cloud, 1), own(Forge::Enterprise, 1), hosted(Some(0))];
    let mut world = World::new(config, Steady::default(), &sets);
    world.until(5.0);
    call!(world.job_ready(job(1), Some(SetId(0)), None));
    call!(world.job_ready(job(2), Some(SetId(0)), None));
    call!(world.job_ready(job(3), Some(SetId(1)), None));
    call!(world.job_ready(job(4), Some(SetId(2)), None));
    call!(world.job_ready(job(5), None, None));
    assert_eq!(world.github.unmatched(), 1);
    world.until(DAY_S + 4.999).told();
    assert!(world.github.unmatched() == 1 && world.github.queued(SET) == 1);
    world.until(DAY_S + 5.0);
    expect![[r#"
        86405.000s  j1 ends: Expired
        86405.000s  j2 goes to set 0
        86405.000s  j2 ends: Expired
        86405.000s  j3 ends: Expired
        86405.000s  j4 ends: Expired
        86405.000s  j5 ends: Expired
        86405.000s  set 0 receives message 100000002: available 0, assigned 0, running 0; 3 entries
        86405.000s    - j1 completed without a runner: Expired
        86405.000s    - j2 is assigned
        86405.000s    - j2 completed without a runner: Expired
        86405.000s  set 1 receives message 100000002: available 0, assigned 0, running 0; 1 entries
        86405.000s    - j3 completed without a runner: Expired
    "#]]
    .assert_eq(&world.told());
    assert_eq!(world.github.counts(SET).unwrap(), Counts::default());
    assert_eq!(world.github.unmatched(), 0);
    world.until(3.0 * DAY_S);
    assert_eq!(world.told(), "");
    assert_eq!(world.clock.pending(), 0, "nothing is left to ring");
}

#[test]
fn whoever_runs_does_not_expire_and_a_rerun_waits_anew() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 1)]);
    world.ready(1);
    world.register(1);
    world.started(1);
    world.until(DAY_S + 1.0).note("its runner vanishes after a day");
    call!(world.runner_lost(runner(1)));
    world.until(DAY_S + 601.0).told();
    call!(world.rerun(job(1), SET));
    world.until(2.0 * DAY_S + 600.999).told();
    assert_eq!(world.github.counts(SET).unwrap().assigned, 1);
    world.until(2.0 * DAY_S + 601.0);
    assert_eq!(world.github.counts(SET).unwrap().assigned, 0);
}

#[test]
fn a_lost_runner_that_was_asked_to_stop_leaves_a_cancelled_job() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 1)]);
    world.ready(1);
    world.register(1);
    world.started(1);
    call!(world.runner_lost(runner(1)));
    call!(world.cancel(job(1)));
    world.until(700.0);
    assert!(world.told().contains("j1 ends on r1: Cancelled"));
}

#[test]
fn a_slot_of_a_lost_runner_may_be_used_again_before_github_notices() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 2)]);
    world.ready(1);
    world.register(1);
    world.started(1);
    world.until(1.0);
    call!(world.runner_lost(runner(1)));
    let successor = greenroom_scheduler::id::RunnerId { serial: 2, slot: 1 };
    world.told();
    assert_eq!(call!(world.register(successor, SET)), Outcome::Done);
    world.ready(2);
    call!(world.job_started(successor));
    world.until(700.0);
    expect![[r#"
        1.000s  r2 is registered
        1.000s  j2 goes to set 0
        1.000s  r2 is given j2
        1.000s  set 0 receives message 100000002: available 0, assigned 2, running 2; 2 entries
        1.000s    - j2 is assigned
        1.000s    - j2 started on r2
        601.000s  j1 ends on r1: Lost
        601.000s  set 0 receives message 100000003: available 0, assigned 1, running 1; 1 entries
        601.000s    - j1 completed on r1: Lost
    "#]]
    .assert_eq(&world.told());
    assert_eq!(world.github.observe().runners[0].runner, successor);
}

#[test]
fn registrations_beyond_the_limit_wait_their_turn() {
    let config = Config { registrations_per_5_min_max: NonZeroU32::new(2), ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.register(1);
    world.until(100.0);
    for serial in 2..=6 {
        world.register(serial);
    }
    world.until(200.0).note("r4 is removed while it waits");
    assert_eq!(call!(world.remove(runner(4))), Outcome::Done);
    world.until(2_000.0);
    expect![[r#"
        0.000s  r1 is registered
        100.000s  r2 is registered
        200.000s  r4 is removed while it waits
        300.000s  r3 is registered
        400.000s  r5 is registered
        600.000s  r6 is registered
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn an_app_is_limited_over_all_its_scopes() {
    let config = Config { registrations_per_hour_max: NonZeroU32::new(1), ..Config::default() };
    let mut sets = [own(Forge::Cloud, 9); 3];
    for (set, (of_scope, of_app)) in sets.iter_mut().zip([(0, 0), (1, 0), (2, 1)]) {
        if let Host::Own { scope, app, .. } = &mut set.host {
            (*scope, *app) = (of_scope, of_app);
        }
    }
    let mut world = World::new(config, Steady::default(), &sets);
    for serial in 0..3 {
        call!(world.register(runner(serial), SetId(serial)));
    }
    world.until(4_000.0);
    expect![[r#"
        0.000s  r0 is registered
        0.000s  r2 is registered
        3600.000s  r1 is registered
    "#]]
    .assert_eq(&world.told());
}

#[test]
fn a_scope_holds_so_many_runners_and_so_many_waiting_ones() {
    let config = Config { runners_max: 2, ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.register(1);
    world.register(2);
    assert_eq!(world.register(3), Outcome::Refused(Refusal::Forbidden));
    call!(world.remove(runner(1)));
    assert_eq!(world.register(3), Outcome::Done);

    let config = Config {
        registrations_per_5_min_max: NonZeroU32::new(1),
        runners_max: u32::MAX,
        ..Config::default()
    };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    for serial in 0..=10_000 {
        assert_eq!(world.register(serial), Outcome::Done);
    }
    assert_eq!(world.register(10_001), Outcome::Refused(Refusal::Throttled));
    call!(world.remove(runner(5_000)));
    assert_eq!(world.register(10_001), Outcome::Done, "whoever left makes room");
}

#[test]
fn idle_runners_are_reaped_after_their_time_and_busy_ones_are_not() {
    let config = Config { idle_runner_s_max: Some(120), ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.register(1);
    world.until(10.0).register(2);
    world.register(3);
    world.ready(1);
    world.started(1);
    world.until(20.0);
    call!(world.remove(runner(2)));
    world.until(1_000.0);
    expect![[r#"
        0.000s  r1 is registered
        10.000s  r2 is registered
        10.000s  r3 is registered
        10.000s  j1 goes to set 0
        10.000s  r1 is given j1
        10.000s  set 0 receives message 100000001: available 0, assigned 1, running 1; 2 entries
        10.000s    - j1 is assigned
        10.000s    - j1 started on r1
        130.000s  r3 is dropped: Idle
    "#]]
    .assert_eq(&world.told());

    let config = Config { idle_runner_s_max: None, ..Config::default() };
    let mut world = World::new(config, Steady::default(), &[own(Forge::Cloud, 9)]);
    world.register(1);
    world.until(400.0 * DAY_S);
    assert_eq!(world.github.observe().runners.len(), 1);
}

#[test]
fn a_thousand_idle_sets_cost_no_event() {
    let mut world =
        World::new(Config::default(), Steady::default(), &vec![own(Forge::Cloud, 9); 1_000]);
    world.until(30.0 * DAY_S);
    assert_eq!((world.clock.rings, world.clock.pending()), (0, 0));
}

#[test]
fn ten_thousand_jobs_share_the_timers_of_a_few() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 9)]);
    for serial in 0..10_000 {
        let slot = serial % 4;
        let job = greenroom_scheduler::id::JobId { serial, slot };
        let runner = greenroom_scheduler::id::RunnerId { serial, slot };
        call!(world.job_ready(job, Some(SET), Some(RunId(serial))));
        call!(world.register(runner, SET));
        call!(world.job_started(runner));
        call!(world.job_done(runner, JobResult::Succeeded));
        let now = f64::from(serial + 1);
        world.until(now);
        assert!(world.clock.pending() <= 3, "expiry, confirmation and reaping");
    }
    // A message for each job, and at most one look a minute at who confirmed.
    assert!(world.clock.rings <= 10_000 + 10_000 / 60 + 2, "{} rings", world.clock.rings);
}

#[test]
fn a_configuration_that_cannot_be_meant_says_what_is_wrong() {
    let window = Window { forge: Forge::Cloud, effect: Effect::Messages, from_s: 9, until_s: 9 };
    let bad = [
        Config { windows: vec![window], ..Config::default() },
        Config { windows: vec![Window { until_s: 10, ..window }; 10_001], ..Config::default() },
        Config { queue_s_max: 0, ..Config::default() },
        Config { withdraw_s: Some(0), ..Config::default() },
        Config { idle_runner_s_max: Some(u64::MAX), ..Config::default() },
    ];
    let said: String = bad
        .into_iter()
        .map(|config| format!("{}\n", GitHub::new(config, Time::ZERO, Instant).err().unwrap()))
        .collect();
    expect![[r#"
        windows[0]: until_s = 9 is not after from_s = 9; expected a later end
        windows: found 10001 of them, expected at most 10000
        queue_s_max = 0: expected at least 1
        withdraw_s = 0: expected at least 1
        idle_runner_s_max = 18446744073709551615: expected at most 3024000, the 35 days of a workflow run
    "#]]
    .assert_eq(&said);
    for text in ["long_pol_s = 3", "idle_choice = \"random\"", "registrations_per_5_min_max = 0"] {
        assert!(toml::from_str::<Config>(text).is_err(), "{text}");
    }
    assert_eq!(toml::from_str::<Config>("").unwrap(), Config::default());
}

#[test]
fn at_the_end_of_time_nothing_breaks() {
    let mut world = World::new(Config::default(), Steady::default(), &[own(Forge::Cloud, 9)]);
    world.now = Time::MAX;
    world.github.expect_successors(1);
    world.ready(1);
    call!(world.hold(job(2), &[1], Span::MAX));
    world.register(1);
    world.started(1);
    call!(world.runner_lost(runner(1)));
    call!(world.settle(job(1)));
    call!(world.advertise(SET, 0));
}

#[test]
fn a_job_allocates_nothing_once_the_tables_have_their_size() {
    let config = Config { registrations_per_5_min_max: None, ..Config::default() };
    let mut github = GitHub::new(config, Time::ZERO, Instant).unwrap();
    github.add_set(Time::ZERO, own(Forge::Enterprise, 500));
    let (mut timers, mut out) = (Queue::default(), vec![]);
    let mut step = |serial: u32| {
        let now = Time::from_ms(u64::from(serial) * 100);
        while let (Some(at), Some(timer)) = (timers.next_at(), timers.pop_due(now)) {
            github.on_timer(at, timer, &mut timers, &mut out);
        }
        let slot = serial % 100;
        let job = greenroom_scheduler::id::JobId { serial, slot };
        let runner = greenroom_scheduler::id::RunnerId { serial, slot };
        if let Some(before) = serial.checked_sub(100) {
            let gone = greenroom_scheduler::id::RunnerId { serial: before, slot };
            github.job_done(now, gone, JobResult::Succeeded, &mut timers, &mut out);
        }
        assert_eq!(
            github.job_ready(now, job, Some(SET), None, &mut timers, &mut out),
            Outcome::Done
        );
        assert_eq!(github.acquire(now, SET, &[job], &mut timers, &mut out), Ok(1));
        github.register(now, runner, SET, &mut timers, &mut out);
        assert_eq!(github.job_started(now, runner, &mut timers, &mut out), Outcome::Done);
        out.clear();
    };
    (0..5_000).for_each(&mut step);
    let seen = allocation_counter::measure(|| (5_000..15_000).for_each(&mut step));
    assert_eq!(seen.count_total, 0, "{seen:?}");
}
