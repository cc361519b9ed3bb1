//! How nodes go again.

use super::town::{Story, job, played};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::{Span, Time};
use greenroom_scheduler::verdict::Verdict;

/// Two rounds' worth of nodes, of which each keeps one long job: two nodes' runners fit on one.
fn scattered() -> Vec<super::town::Job> {
    let long = |n: usize| if n.is_multiple_of(3) { 7_200 } else { 200 };
    (0..9).map(|n| job(0, long(n))).collect()
}

fn last_runner_gone(story: &Story, node: NodeId) -> Time {
    let on_it: Vec<_> =
        story.bound().into_iter().filter(|(_, (_, it))| *it == node).map(|(_, (r, _))| r).collect();
    let gone = story.all(|fact| match fact {
        Fact::RunnerGone { runner, .. } if on_it.contains(runner) => Some(()),
        _ => None,
    });
    gone.last().unwrap().0
}

/// Nothing is looked at before `consolidateAfter` has run out since the last pod went (events
/// within 10 s of the last are not written down); then a look each 10 s, and 15 s of validation.
#[test]
fn an_empty_node_goes_when_consolidate_after_has_run_out() {
    for after_s in [30, 300, 1_200] {
        let setting = format!("karpenter.consolidate_after_s={after_s}");
        let story = played(&[&setting], &[job(0, 120)]);
        let (at, node) = story.first(|verdict| *verdict == Verdict::Empty).unwrap();
        let waited = at.since(last_runner_gone(&story, node));
        let least = Span::from_secs(after_s + 15);
        let most = least + Span::from_secs(11);
        assert!(waited >= least && waited <= most, "{waited} for {after_s} s");
        // Drained for five seconds at least, and the call takes some.
        let took = story.gone(node).unwrap().since(at);
        assert!(took >= Span::from_secs(5) && took < Span::from_secs(60), "{took}");
        assert_eq!(story.over(), story.gone(node).unwrap());
    }
}

#[test]
fn runners_that_must_not_be_disrupted_keep_their_nodes() {
    let story = played(&[], &scattered());
    assert_eq!(story.losses(), 0);
    let only_empty = |verdict: &Verdict| matches!(verdict, Verdict::Empty | Verdict::Opened { .. });
    assert!(story.verdicts().iter().all(|(_, (_, v))| only_empty(v)), "{:?}", story.verdicts());
    assert_eq!(story.ends(), 9);
}

#[test]
fn without_protection_consolidation_ends_running_jobs() {
    let story = played(&["karpenter.do_not_disrupt=false"], &scattered());
    assert!(story.losses() > 0, "{:?}", story.verdicts());
    assert!(story.first(|v| matches!(v, Verdict::Underutilized { .. })).is_some());
    // Those jobs run again.
    assert_eq!(story.ends(), 9);
    assert_eq!(story.starts().len(), 9 + story.losses());
    // Not when only empty nodes may go.
    let settings = ["karpenter.do_not_disrupt=false", "karpenter.consolidation=\"when-empty\""];
    assert_eq!(played(&settings, &scattered()).losses(), 0);
}

/// A job is left alone on a machine for three: a smaller one takes its runner.
#[test]
fn a_node_that_is_too_large_is_replaced() {
    let settings = ["karpenter.do_not_disrupt=false", "pool.default.capacity=[\"on-demand\"]"];
    let story = played(&settings, &[job(0, 7_200), job(0, 200), job(0, 200)]);
    let replaced = Verdict::Underutilized { nodes: 1, replaced: true };
    let (chosen_at, old) = story.first(|verdict| *verdict == replaced).unwrap();
    let (at, new) = story.first(|v| *v == Verdict::Replaces { nodes: 1 }).unwrap();
    assert_eq!(at, chosen_at);
    // The old one stays until the new one is ready for pods.
    let ready = story.all(|fact| match fact {
        Fact::NodeReady { node } if *node == new => Some(()),
        _ => None,
    });
    assert!(story.gone(old).unwrap() > ready[0].0);
    assert_eq!((story.losses(), story.ends()), (1, 3));
}

#[test]
fn protection_for_a_time_ends_with_it() {
    let story = played(&["karpenter.do_not_disrupt_s=1800"], &scattered());
    let (at, _) = story.first(|v| matches!(v, Verdict::Underutilized { .. })).unwrap();
    let first_start = story.starts()[0].0;
    assert!(at >= first_start + Span::from_secs(1_790), "{at:?} after {first_start:?}");
}

#[test]
fn a_budget_lets_no_more_go_at_once() {
    let settings = ["karpenter.budgets=[{ nodes = \"1\" }]", "karpenter.consolidate_after_s=60"];
    let story = played(&settings, &[job(0, 100); 15]);
    let (mut going, mut most, mut went) = (0_i32, 0, 0);
    for (_, fact) in &story.facts {
        match fact {
            Fact::NodeJudged { verdict: Verdict::Empty, .. } => {
                (going, went) = (going + 1, went + 1);
            }
            Fact::NodeGone { .. } => going -= 1,
            _ => {}
        }
        most = most.max(going);
    }
    assert_eq!((most, went), (1, 5));
    // By percent, rounded up, more go together.
    let settings = ["karpenter.budgets=[{ nodes = \"100%\" }]", "karpenter.consolidate_after_s=60"];
    let together = played(&settings, &[job(0, 100); 15]);
    assert!(together.over() < story.over());
}

#[test]
fn an_expired_node_waits_for_its_runners_unless_it_has_a_grace() {
    let jobs = [job(0, 3_600), job(0, 3_600)];
    let story = played(&["karpenter.expire_after_s=900"], &jobs);
    let (at, node) = story.first(|v| matches!(v, Verdict::Expired { .. })).unwrap();
    let (opened_at, _) = story.first(|v| matches!(v, Verdict::Opened { .. })).unwrap();
    assert_eq!(at.since(opened_at), Span::from_secs(900));
    assert_eq!(story.losses(), 0);
    assert!(story.gone(node).unwrap() > opened_at + Span::from_secs(3_600));
    let settings = ["karpenter.expire_after_s=900", "karpenter.termination_grace_s=120"];
    let story = played(&settings, &jobs[..1]);
    let (at, node) = story.first(|v| matches!(v, Verdict::Expired { .. })).unwrap();
    let took = story.gone(node).unwrap().since(at);
    assert!(took >= Span::from_secs(90) && took <= Span::from_secs(160), "{took}");
    assert!(story.losses() > 0);
}

/// Nodes that only a budget keeps do not keep the run.
#[test]
fn a_run_ends_although_nothing_may_go() {
    for setting in ["karpenter.consolidation=\"off\"", "karpenter.budgets=[{ nodes = \"0\" }]"] {
        let story = played(&[setting], &[job(0, 60)]);
        let ended = story.all(|fact| matches!(fact, Fact::JobEnded { .. }).then_some(()))[0].0;
        assert!(story.over().since(ended) < Span::from_secs(60), "{setting}");
    }
    let settings = [
        "karpenter.budgets=[{ nodes = \"0\", schedule = \"@hourly\", duration_s = 3600 }]",
        "karpenter.expire_after_s=0",
    ];
    let story = played(&settings, &[job(0, 60)]);
    let over = story.over().since(Time::ZERO);
    assert!(over > Span::from_secs(24 * 3_600) && over < Span::from_secs(26 * 3_600), "{over}");
}
