//! What `explain` makes of Karpenter's verdicts.

use super::town::{Story, job, played};
use greenroom_reports::names::Names;
use greenroom_reports::wait::{self, Waits, explain};
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::Entry;

/// The stories of all jobs, and in words.
fn told(story: &Story) -> Vec<(wait::Story, String)> {
    let (mut names, mut waits, mut told) = (Names::default(), Waits::default(), Vec::new());
    for (at, fact) in &story.facts {
        if let Fact::Named(naming) = fact {
            names.learn(naming);
        }
        if let Some(story) = waits.step(*at, Entry::Fact(fact)) {
            told.push((story.clone(), explain(&names, story)));
        }
    }
    told
}

#[test]
fn who_asks_hears_why_the_node_was_opened() {
    let told = told(&played(&[], &[job(0, 300); 6]));
    let opened = "Karpenter opened the node for 3 of 6 waiting runners, as one of ";
    assert!(told.iter().all(|(_, text)| text.contains(opened)), "{}", told[0].1);
}

#[test]
fn who_asks_hears_why_the_node_was_taken() {
    let settings = ["karpenter.do_not_disrupt=false", "pool.default.capacity=[\"on-demand\"]"];
    let told = told(&played(&settings, &[job(0, 7_200), job(0, 200), job(0, 200)]));
    let lost: Vec<&String> = told.iter().filter(|(s, _)| s.attempts > 1).map(|(_, t)| t).collect();
    let taken = "Karpenter took its node: a cheaper one could do its work (consolidation).";
    assert!(lost.len() == 1 && lost[0].contains(taken), "{lost:?}");
}

#[test]
fn a_wait_for_a_limit_and_one_for_a_quota_are_told_apart() {
    let limit = told(&played(&["karpenter.node_pool.a.limits.cpu=20"], &[job(0, 300); 12]));
    assert!(limit.iter().any(|(story, _)| !story.waited_for(Cause::AllBusy).is_zero()));
    let settings =
        ["pool.default.capacity=[\"on-demand\"]", "ec2.quota.standard.on_demand_vcpu=16"];
    let quota = told(&played(&settings, &[job(0, 900); 4]));
    assert!(quota.iter().any(|(story, _)| !story.waited_for(Cause::AccountQuota).is_zero()));
    for (story, _) in limit.iter().chain(&quota) {
        let sum: u64 = story.pieces.iter().map(|piece| piece.span().as_ms()).sum();
        assert_eq!(sum, story.waited.as_ms());
    }
}
