//! Figures of short stories, and laws over a small town.

use crate::stream::{LARGE, SMALL, Stream};
use crate::town::{Town, live};
use expect_test::{Expect, expect};
use greenroom_reports::ledger::IdleRule;
use greenroom_reports::summary::{Cost, Fold, Options, Run, Summary};
use greenroom_scheduler::event::{JobResult, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Line, Naming};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Time;
use proptest::prelude::*;

fn run(rule: IdleRule, world: &str) -> Run {
    Run {
        seed: 7,
        policy: "reactive".into(),
        world: world.into(),
        trace: "story".into(),
        idle_rule: rule,
        ..Run::default()
    }
}

fn fold(stream: &Stream) -> Fold {
    stream.feed(Fold::new(run(IdleRule::ByUse, "eks"), Options::default()))
}

fn summary(stream: &Stream) -> Summary {
    let mut fold = fold(stream);
    let summary = fold.summary();
    assert!(fold.breaches().is_empty(), "{:?}", fold.breaches());
    summary
}

/// The figures that a story is about, short.
fn told(summary: &Summary) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &dyn serde_json_like::Show| {
        text.push_str(&format!("{name}: {}\n", value.show()));
    };
    line("jobs", &summary.jobs);
    line("queue_s", &summary.queue_s);
    line("cost_usd", &summary.cost_usd);
    line("node_seconds", &summary.node_seconds);
    line("job_seconds", &summary.job_seconds);
    line("nodes", &summary.nodes);
    text
}

mod serde_json_like {
    pub(super) trait Show {
        fn show(&self) -> String;
    }
    impl<T: serde::Serialize> Show for T {
        fn show(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}

fn check(stream: &Stream, want: &Expect) {
    want.assert_eq(&told(&summary(stream)));
}

#[test]
fn one_job_on_one_node() {
    // A job is ready at once. A node is launched at 5 s and ready at 65 s; the job's first step
    // runs at 70 s, ends at 170 s; the empty node is given back at 230.5 s.
    let story = Stream::simple()
        .ready(0, 0)
        .created(0, 0)
        .claimed(0)
        .at(5.0)
        .launched(0, 0.36)
        .at(65.0)
        .node_ready(0)
        .bound(0, 0)
        .at(70.0)
        .started(0, 0)
        .at(170.0)
        .succeeded(0)
        .runner_gone(0, RunnerEnd::Finished)
        .at(230.5)
        .node_gone(0, NodeEnd::Deleted)
        .charged(0, 22_600)
        .over();
    check(
        &story,
        &expect![[r#"
        jobs: {"arrived":1,"completed":1,"failed":0,"cancelled":0,"lost":0,"running":0,"waiting":0,"attempts":1}
        queue_s: {"mean":70.0,"p50":70.0,"p90":70.0,"p95":70.0,"p99":70.0,"max":70.0}
        cost_usd: {"total":0.0226,"spot":0.0,"on_demand":0.0226,"hosted":0.0,"beside":0.0,"used":0.0105,"idle":0.00605,"startup":0.006,"interrupted":0.0,"other":0.00005}
        node_seconds: {"total":225.5,"busy":105.0,"idle":60.5,"startup":60.0}
        job_seconds: 100.0
        nodes: {"launched":1,"never_used":0,"interrupted":0,"peak":1}
    "#]],
    );
    assert_eq!(summary(&story).overhead, Some(225.5 / 100.0 - 1.0));
    assert_eq!(summary(&story).critical_path_queue_s, 70.0);
}

#[test]
fn a_warm_runner_is_idle_until_its_job_is_ready() {
    // The runner is bound at 10 s and waits; its job becomes ready at 100 s and starts at 101 s.
    let story = Stream::simple()
        .created(0, 0)
        .claimed(0)
        .launched(0, 0.36)
        .at(10.0)
        .node_ready(0)
        .bound(0, 0)
        .at(100.0)
        .ready(0, 0)
        .at(101.0)
        .started(0, 0)
        .at(200.0)
        .succeeded(0)
        .runner_gone(0, RunnerEnd::Finished)
        .node_gone(0, NodeEnd::Deleted)
        .charged(0, 20_000)
        .over();
    check(
        &story,
        &expect![[r#"
        jobs: {"arrived":1,"completed":1,"failed":0,"cancelled":0,"lost":0,"running":0,"waiting":0,"attempts":1}
        queue_s: {"mean":1.0,"p50":1.0,"p90":1.0,"p95":1.0,"p99":1.0,"max":1.0}
        cost_usd: {"total":0.02,"spot":0.0,"on_demand":0.02,"hosted":0.0,"beside":0.0,"used":0.01,"idle":0.009,"startup":0.001,"interrupted":0.0,"other":0.0}
        node_seconds: {"total":200.0,"busy":100.0,"idle":90.0,"startup":10.0}
        job_seconds: 99.0
        nodes: {"launched":1,"never_used":0,"interrupted":0,"peak":1}
    "#]],
    );
}

#[test]
fn a_lost_attempt_is_interrupted_work_and_its_run_is_no_waiting() {
    // Spot takes the node back at 2 h under the job; the world charges for it. The second
    // attempt waits 30 s more and runs to its end on another node.
    let story = Stream::simple()
        .claimed(0)
        .launched_as(0, 0, 0, CapacityType::Spot, 0.1)
        .node_ready(0)
        .ready(0, 0)
        .created(0, 0)
        .bound(0, 0)
        .at(10.0)
        .started(0, 0)
        .at(7_200.0)
        .node_gone(0, NodeEnd::Reclaimed)
        .lost(0, 0)
        .runner_gone(0, RunnerEnd::NodeLost)
        .charged(0, 200_000)
        .claimed(1)
        .launched(1, 0.36)
        .node_ready(1)
        .created(1, 0)
        .bound(1, 1)
        .at(7_230.0)
        .started_again(0, 1, 2)
        .at(7_300.0)
        .succeeded(0)
        .runner_gone(1, RunnerEnd::Finished)
        .node_gone(1, NodeEnd::Deleted)
        .charged(1, 10_000)
        .over();
    check(
        &story,
        &expect![[r#"
        jobs: {"arrived":1,"completed":1,"failed":0,"cancelled":0,"lost":0,"running":0,"waiting":0,"attempts":2}
        queue_s: {"mean":40.0,"p50":40.0,"p90":40.0,"p95":40.0,"p99":40.0,"max":40.0}
        cost_usd: {"total":0.21,"spot":0.2,"on_demand":0.01,"hosted":0.0,"beside":0.0,"used":0.01,"idle":0.0,"startup":0.0,"interrupted":0.2,"other":0.0}
        node_seconds: {"total":7300.0,"busy":7300.0,"idle":0.0,"startup":0.0}
        job_seconds: 70.0
        nodes: {"launched":2,"never_used":0,"interrupted":1,"peak":1}
    "#]],
    );
    assert_eq!(summary(&story).spot_share_of_minutes, Some(7_200.0 / 7_300.0));
}

#[test]
fn two_teams_share_a_node_and_its_idle_time_by_use() {
    // A node has room for four. Team one's job takes a quarter of it for 300 s, team two's for
    // 100 s; 400 s of node time cost 0.40 USD. Used quarters: 75 s and 25 s. The rest is shared
    // three to one.
    let story = || {
        Stream::new()
            .team(0, "one")
            .team(1, "two")
            .pool(0, "linux")
            .node_type(0, "large", LARGE)
            .set(0, 0, 0, 0, SMALL)
            .set(1, 1, 0, 0, SMALL)
            .claimed(0)
            .launched(0, 3.6)
            .node_ready(0)
            .ready(0, 0)
            .created(0, 0)
            .bound(0, 0)
            .started(0, 0)
            .ready(1, 1)
            .created(1, 1)
            .bound(1, 0)
            .started(1, 1)
            .at(100.0)
            .succeeded(1)
            .runner_gone(1, RunnerEnd::Finished)
            .at(300.0)
            .succeeded(0)
            .runner_gone(0, RunnerEnd::Finished)
            .at(400.0)
            .node_gone(0, NodeEnd::Deleted)
            .charged(0, 400_000)
            .over()
    };
    let by = |rule| {
        let mut fold = story().feed(Fold::new(run(rule, "eks"), Options::default()));
        let groups = fold.summary().by_team;
        let line = |group: &greenroom_reports::summary::Group| {
            format!("{} {} {}\n", group.name, group.cost_usd.used, group.cost_usd.idle)
        };
        groups.iter().map(line).collect::<String>()
    };
    expect![[r#"
        one 0.075 0.225
        two 0.025 0.075
    "#]]
    .assert_eq(&by(IdleRule::ByUse));
    expect![[r#"
        one 0.075 0.3
        two 0.025 0
    "#]]
    .assert_eq(&by(IdleRule::ByLastUser));
    expect![[r#"
        one 0.075 0
        two 0.025 0
        platform 0 0.3
    "#]]
    .assert_eq(&by(IdleRule::Platform));
}

#[test]
fn hosted_jobs_pay_for_started_minutes() {
    let story = Stream::new()
        .team(0, "web")
        .hosted_pool(0, "ubuntu-latest", 0.008)
        .set(0, 0, 0, 0, SMALL)
        .ready(0, 0)
        .at(5.0)
        .started_hosted(0)
        .at(80.0)
        .succeeded(0)
        .charged_hosted(0, 16_000)
        .beside(Line::ControlPlanes, None, 1_000)
        .over();
    check(
        &story,
        &expect![[r#"
        jobs: {"arrived":1,"completed":1,"failed":0,"cancelled":0,"lost":0,"running":0,"waiting":0,"attempts":1}
        queue_s: {"mean":5.0,"p50":5.0,"p90":5.0,"p95":5.0,"p99":5.0,"max":5.0}
        cost_usd: {"total":0.017,"spot":0.0,"on_demand":0.0,"hosted":0.016,"beside":0.001,"used":0.01,"idle":0.0,"startup":0.0,"interrupted":0.0,"other":0.007}
        node_seconds: {"total":0.0,"busy":0.0,"idle":0.0,"startup":0.0}
        job_seconds: 75.0
        nodes: {"launched":0,"never_used":0,"interrupted":0,"peak":0}
    "#]],
    );
}

#[test]
fn what_the_world_charges_wrongly_is_a_breach_that_names_both_amounts() {
    let story = Stream::simple()
        .claimed(0)
        .launched(0, 0.36)
        .at(100.0)
        .node_gone(0, NodeEnd::Deleted)
        .charged(0, 10_100)
        .claimed(1)
        .launched(1, 0.36)
        .at(200.0)
        .node_gone(1, NodeEnd::Deleted)
        .fact(greenroom_scheduler::fact::Fact::NodeReady { node: crate::stream::node(9) })
        .over();
    let mut fold = fold(&story);
    fold.close();
    let mut lines = String::new();
    for (at, breach) in &fold.breaches().told {
        lines.push_str(&format!("{} {breach}\n", at.as_ms()));
    }
    expect![[r#"
        100000 n0: the world charges 0.010100 USD, the ledger 0.010000 USD
        200000 `node_ready` speaks of n9, which no entry before it announced
        200000 n1: the world never charged for it, the ledger 0.010000 USD
    "#]]
    .assert_eq(&lines);
}

#[test]
fn cancelled_while_waiting_counts_with_its_wait_and_warm_up_is_left_out() {
    let story = Stream::simple()
        .name(Naming::Warmup(Time::from_ms(100_000)))
        .ready(0, 0)
        .at(50.0)
        .ended(0, JobResult::Cancelled)
        .at(100.0)
        .ready(1, 0)
        .at(160.0)
        .ended(1, JobResult::Expired)
        .ready(2, 0)
        .cut();
    check(
        &story,
        &expect![[r#"
        jobs: {"arrived":2,"completed":0,"failed":0,"cancelled":0,"lost":1,"running":0,"waiting":1,"attempts":0}
        queue_s: {"mean":60.0,"p50":60.0,"p90":60.0,"p95":60.0,"p99":60.0,"max":60.0}
        cost_usd: {"total":0.0,"spot":0.0,"on_demand":0.0,"hosted":0.0,"beside":0.0,"used":0.0,"idle":0.0,"startup":0.0,"interrupted":0.0,"other":0.0}
        node_seconds: {"total":0.0,"busy":0.0,"idle":0.0,"startup":0.0}
        job_seconds: 0.0
        nodes: {"launched":0,"never_used":0,"interrupted":0,"peak":0}
    "#]],
    );
}

#[test]
fn the_chain_that_ended_last_is_what_a_run_waited_for() {
    // Job 0 waits 10 s and releases job 1, which waits 20 s; job 2 of the same run waits 50 s
    // but ends before job 1 does. Job 3 has no run and waits 5 s.
    let story = Stream::simple()
        .ready_in(0, 0, Some(4), None)
        .ready_in(2, 0, Some(4), None)
        .ready(3, 0)
        .at(5.0)
        .started_hosted(3)
        .at(10.0)
        .started_hosted(0)
        .at(30.0)
        .succeeded(0)
        .ready_in(1, 0, Some(4), None)
        .released(1, 0)
        .at(50.0)
        .started_hosted(1)
        .started_hosted(2)
        .at(60.0)
        .succeeded(2)
        .succeeded(3)
        .at(90.0)
        .succeeded(1)
        .over();
    assert_eq!(summary(&story).critical_path_queue_s, 35.0);
}

fn micros(usd: f64) -> i64 {
    (usd * 1e6).round() as i64
}

fn both_ways(cost: &Cost) -> [i64; 3] {
    let sum = |parts: &[f64]| parts.iter().map(|&part| micros(part)).sum();
    [
        micros(cost.total),
        sum(&[cost.spot, cost.on_demand, cost.hosted, cost.beside]),
        sum(&[cost.used, cost.idle, cost.startup, cost.interrupted, cost.other]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_micro_dollar_is_somewhere(seed in 0_u64..1 << 40, rule in 0..3) {
        let rule = [IdleRule::ByUse, IdleRule::ByLastUser, IdleRule::Platform][rule as usize];
        let stream = live(Town { seed, ..Town::SMALL });
        let options = Options { labels: true };
        let mut fold = stream.feed(Fold::new(run(rule, "eks"), options));
        let summary = fold.summary();
        prop_assert!(fold.breaches().is_empty(), "{:?}", fold.breaches());
        let [total, kinds, uses] = both_ways(&summary.cost_usd);
        prop_assert!(total > 0);
        prop_assert_eq!((kinds, uses), (total, total));
        for groups in [&summary.by_team, &summary.by_class] {
            let mut sum = 0;
            for group in groups {
                let [own, kinds, uses] = both_ways(&group.cost_usd);
                prop_assert_eq!((kinds, uses), (own, own));
                sum += own;
            }
            prop_assert_eq!(sum, total);
            let jobs: u64 = groups.iter().map(|group| group.jobs.arrived).sum();
            prop_assert_eq!(jobs, summary.jobs.arrived);
            let seconds: f64 = groups.iter().map(|group| group.node_seconds.total).sum();
            prop_assert!((seconds - summary.node_seconds.total).abs() < 1e-3);
        }
        let jobs = summary.jobs;
        let ends = jobs.completed + jobs.failed + jobs.cancelled + jobs.lost;
        prop_assert_eq!(jobs.arrived, ends + jobs.running + jobs.waiting);
        prop_assert!(jobs.attempts >= ends - jobs.cancelled);
        let labels: u64 = fold.ledger().by_label().iter().flatten().sum();
        prop_assert!(labels as i64 <= total);
        if rule == IdleRule::Platform {
            let work: u64 = fold.ledger().by_label().iter().map(|l| l[0] + l[3] + l[4]).sum();
            prop_assert_eq!(labels, work);
        }
    }
}
