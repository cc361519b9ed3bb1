//! Waits and their causes.

use crate::stream::{Stream, runner};
use crate::town::{Town, live};
use expect_test::{Expect, expect};
use greenroom_reports::names::Names;
use greenroom_reports::wait::{CauseTotals, Story, Waits, Worst, explain};
use greenroom_scheduler::decision::{CapacityChoice, Cause, Decision, Placement};
use greenroom_scheduler::event::{JobResult, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Stage};
use greenroom_scheduler::id::{FleetId, TypeId};
use greenroom_scheduler::journal::OwnedEntry;
use greenroom_scheduler::time::Span;
use proptest::prelude::*;

fn stories(stream: &Stream) -> (Names, Vec<Story>) {
    let mut waits = Waits::default();
    let mut names = Names::default();
    let mut told = Vec::new();
    for (at, entry) in &stream.entries {
        if let OwnedEntry::Fact(Fact::Named(naming)) = entry {
            names.learn(naming);
        }
        told.extend(waits.step(*at, entry.as_entry()).cloned());
    }
    let last = stream.entries.last().unwrap().0;
    told.extend(waits.unfinished(last));
    (names, told)
}

fn check(stream: &Stream, want: &Expect) {
    let (names, told) = stories(stream);
    let text: Vec<String> = told.iter().map(|story| explain(&names, story)).collect();
    want.assert_eq(&text.join("\n"));
}

/// A cold start with every milestone: heard at 2 s, held by the team's limit from 2 s to 10 s,
/// runner created then, node launched at 14 s, ready at 60 s, bound at 61 s, and so on.
fn cold_start() -> Stream {
    let mut stream = Stream::simple().ready_in(0, 0, None, Some(90)).at(2.0).heard(0);
    stream = stream.hold(0, Cause::TeamMax).at(10.0).free(0).created(0, 0).claimed(0);
    stream.push(OwnedEntry::Decision(Decision::Claim {
        node: crate::stream::node(0),
        fleet: FleetId(0),
        waiting: 1,
        coming: 0,
        places: 1,
        instance_type: TypeId(0),
        why: CapacityChoice::HazardOverThreshold {
            hazard_per_hour: 0.31,
            threshold_per_hour: 0.055,
            for_span: Span::from_secs(600),
        },
    }));
    stream.push(OwnedEntry::Decision(Decision::Place {
        runner: runner(0),
        node: crate::stream::node(0),
        why: Placement::BesideOthers { runners: 2 },
    }));
    stream
        .at(14.0)
        .launched(0, 0.2)
        .at(60.0)
        .node_ready(0)
        .at(61.0)
        .bound(0, 0)
        .at(75.5)
        .reached(0, Stage::ImagePulled)
        .at(76.5)
        .reached(0, Stage::PodStarted)
        .at(77.0)
        .reached(0, Stage::CredentialsIssued)
        .at(80.0)
        .reached(0, Stage::Registered)
        .at(81.25)
        .started(0, 0)
}

#[test]
fn a_cold_start_is_told_step_by_step() {
    check(
        &cold_start().at(200.0).succeeded(0).over(),
        &expect![[r#"
            Job j0 (acme/web, ci, test), runner set web / linux, waited 1m21s from ready to its first step; in the record it waited 1m30s.
                    0s – 2s             2s    2 %  until GitHub had told the controller of it
                    2s – 10s            8s   10 %  because its team was at its most runners
                   10s – 1m00s         50s   62 %  for a node to start: launch, boot, network
                 1m00s – 1m01s          1s    1 %  for Kubernetes to bind its runner's pod to a node
                 1m01s – 1m15s       14.5s   18 %  for the node to pull the runner image
                 1m15s – 1m16s          1s    1 %  for the pod to start
                 1m16s – 1m17s       500ms    1 %  for the runner's credentials
                 1m17s – 1m20s          3s    4 %  for the runner to register with GitHub
                 1m20s – 1m21s        1.2s    2 %  for GitHub to hand it to the runner and for its first step to start
            It ran on runner r0 on node n0 (m7i.xlarge, on-demand). The node was the most recently used one with room; 2 others were on it. On-demand: spot hazard 0.31/h over threshold 0.055/h for 10m00s.
            It ran 1m58s and succeeded.
            GitHub alone chooses which runner of a set takes a job, and in which order the jobs of a set are taken; a controller chooses how many runners there are and on which nodes they start.
        "#]],
    );
}

#[test]
fn a_job_that_lost_its_runner_waits_again_and_its_work_is_no_wait() {
    let story = cold_start()
        .at(100.0)
        .lost(0, 0)
        .runner_gone(0, RunnerEnd::NodeLost)
        .node_gone(0, NodeEnd::Reclaimed)
        .at(104.0)
        .hold(0, Cause::InsufficientCapacity)
        .at(120.0)
        .free(0)
        .created(1, 0)
        .claimed(1)
        .at(125.0)
        .launched(1, 0.2)
        .at(150.0)
        .node_ready(1)
        .bound(1, 1)
        .at(160.0)
        .reached(1, Stage::Registered)
        .at(161.0)
        .started_again(0, 1, 2)
        .at(300.0)
        .ended(0, JobResult::Failed)
        .over();
    check(
        &story,
        &expect![[r#"
            Job j0 (acme/web, ci, test), runner set web / linux, waited 2m22s in all until the first step of the attempt that counts; in the record it waited 1m30s.
                    0s – 2s             2s    1 %  until GitHub had told the controller of it
                    2s – 10s            8s    6 %  because its team was at its most runners
                   10s – 1m00s         50s   35 %  for a node to start: launch, boot, network
                 1m00s – 1m01s          1s    1 %  for Kubernetes to bind its runner's pod to a node
                 1m01s – 1m15s       14.5s   10 %  for the node to pull the runner image
                 1m15s – 1m16s          1s    1 %  for the pod to start
                 1m16s – 1m17s       500ms    0 %  for the runner's credentials
                 1m17s – 1m20s          3s    2 %  for the runner to register with GitHub
                 1m20s – 1m21s        1.2s    1 %  for GitHub to hand it to the runner and for its first step to start
                 1m40s – 1m44s          4s    3 %  to be run again after its runner was lost
                 1m44s – 2m00s         16s   11 %  because EC2 had no such machine
                 2m00s – 2m30s         30s   21 %  for a node to start: launch, boot, network
                 2m30s – 2m40s         10s    7 %  for the runner to register with GitHub
                 2m40s – 2m41s          1s    1 %  for GitHub to hand it to the runner and for its first step to start
            1 attempt was lost with the runner after 18.7s of work, which is no queue time.
            It ran on runner r1 on node n1 (m7i.xlarge, on-demand).
            It ran 2m19s and failed.
            GitHub alone chooses which runner of a set takes a job, and in which order the jobs of a set are taken; a controller chooses how many runners there are and on which nodes they start.
        "#]],
    );
}

#[test]
fn a_warm_runner_leaves_only_githubs_hand_over() {
    let story = Stream::simple()
        .created(0, 0)
        .claimed(0)
        .launched(0, 0.2)
        .at(50.0)
        .node_ready(0)
        .bound(0, 0)
        .at(60.0)
        .reached(0, Stage::Registered)
        .at(100.0)
        .ready(0, 0)
        .at(101.5)
        .started(0, 0)
        .at(101.7)
        .heard(0)
        .at(110.0)
        .succeeded(0)
        .over();
    check(
        &story,
        &expect![[r#"
            Job j0 (acme/web, ci, test), runner set web / linux, waited 1.5s from ready to its first step.
                    0s – 1.5s         1.5s  100 %  for GitHub to hand it to the runner and for its first step to start
            It ran on runner r0 on node n0 (m7i.xlarge, on-demand).
            It ran 8.5s and succeeded.
            GitHub alone chooses which runner of a set takes a job, and in which order the jobs of a set are taken; a controller chooses how many runners there are and on which nodes they start.
        "#]],
    );
}

#[test]
fn cancelled_jobs_and_jobs_of_a_cut_run_are_told_too() {
    let story = Stream::simple()
        .ready(0, 0)
        .ready_in(1, 0, Some(3), None)
        .released(1, 0)
        .at(3.0)
        .heard(0)
        .hold(0, Cause::AllBusy)
        .at(33.0)
        .ended(0, JobResult::Cancelled)
        .at(40.0)
        .cut();
    check(
        &story,
        &expect![[r#"
            Job j0 (acme/web, ci, test), runner set web / linux, waited 33s and never ran.
                    0s – 3s             3s    9 %  until GitHub had told the controller of it
                    3s – 33s           30s   91 %  because all runners were busy and the policy launches no more
            It was cancelled while it waited.
            GitHub alone chooses which runner of a set takes a job, and in which order the jobs of a set are taken; a controller chooses how many runners there are and on which nodes they start.

            Job j1 (acme/web, ci, test), runner set web / linux, waited 40s and never ran.
            It became ready when job j0, the last of its predecessors, had ended.
                    0s – 3s             3s    8 %  until GitHub had told the controller of it
                    3s – 40s           37s   92 %  because all runners were busy and the policy launches no more
            It had not ended when the run was cut.
            GitHub alone chooses which runner of a set takes a job, and in which order the jobs of a set are taken; a controller chooses how many runners there are and on which nodes they start.
        "#]],
    );
}

#[test]
fn a_world_without_messages_and_one_that_registers_before_credentials_are_told_as_they_are() {
    // Nobody tells when the core heard; a hold is in force until a place is free, and the runner
    // registers before it gets its credentials.
    let story = Stream::simple()
        .claimed(0)
        .launched(0, 0.2)
        .hold(0, Cause::NodeStartup)
        .at(10.0)
        .ready(0, 0)
        .at(60.0)
        .node_ready(0)
        .created(0, 0)
        .bound(0, 0)
        .free(0)
        .at(61.0)
        .reached(0, Stage::PodStarted)
        .at(63.0)
        .reached(0, Stage::Registered)
        .at(64.0)
        .reached(0, Stage::CredentialsIssued)
        .at(65.0)
        .started(0, 0)
        .at(70.0)
        .succeeded(0)
        .over();
    check(
        &story,
        &expect![[r#"
        Job j0 (acme/web, ci, test), runner set web / linux, waited 55s from ready to its first step.
                0s – 50s           50s   91 %  for a node to start: launch, boot, network
               50s – 51s            1s    2 %  for the pod to start
               51s – 53s            2s    4 %  for the runner to register with GitHub
               53s – 54s            1s    2 %  for the runner's credentials
               54s – 55s            1s    2 %  for GitHub to hand it to the runner and for its first step to start
        It ran on runner r0 on node n0 (m7i.xlarge, on-demand).
        It ran 5s and succeeded.
        GitHub alone chooses which runner of a set takes a job, and in which order the jobs of a set are taken; a controller chooses how many runners there are and on which nodes they start.
    "#]],
    );
}

#[test]
fn the_worst_come_first_and_equal_ones_in_the_order_of_the_trace() {
    let mut worst = Worst::new(2);
    for (serial, waited) in [(5, 10), (1, 30), (0, 10), (7, 9)] {
        let job = crate::stream::job(serial);
        worst.add(&Story { job, waited: Span::from_secs(waited), ..Story::default() });
    }
    let order: Vec<u32> = worst.stories().iter().map(|story| story.job.serial).collect();
    assert_eq!(order, [1, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_sum_to_the_wait_and_leave_no_gap(seed in 0_u64..1 << 40) {
        let stream = live(Town { seed, ..Town::SMALL });
        let (_, told) = stories(&stream);
        prop_assert_eq!(told.len(), 60);
        let mut totals = CauseTotals::default();
        let mut waited = 0;
        for story in &told {
            totals.add(story);
            waited += story.waited.as_ms();
            let sum: u64 = story.pieces.iter().map(|piece| piece.span().as_ms()).sum();
            prop_assert_eq!(sum, story.waited.as_ms());
            let whole = story.ended.unwrap().since(story.ready).as_ms();
            prop_assert_eq!(whole, sum + story.interrupted.as_ms() + story.ran.as_ms());
            for two in story.pieces.windows(2) {
                prop_assert!(two[0].until <= two[1].from);
                prop_assert!(two[0].cause != two[1].cause || two[0].until < two[1].from);
            }
        }
        prop_assert_eq!(totals.over(|_| true).iter().sum::<u64>(), waited);
    }
}
