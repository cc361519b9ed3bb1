//! How waiting runners become nodes.

use super::town::{job, played};
use greenroom_scheduler::command::Refusal;
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::verdict::Verdict;

#[test]
fn a_burst_is_one_round() {
    let story = played(&[], &[job(0, 300); 30]);
    let rounds = story.rounds();
    let (at, first) = rounds[0];
    assert_eq!((first.waiting, first.promised, first.left), (30, 0, 0), "{first:?}");
    // 3 runners of 4 vCPU beside what the system takes of 16.
    assert_eq!(first.opened, 10);
    let opened = story.verdicts().into_iter().filter_map(|(_, (_, verdict))| match verdict {
        Verdict::Opened { runners, waiting, .. } => Some((runners, waiting)),
        _ => None,
    });
    assert_eq!(opened.collect::<Vec<_>>(), [(3, 30); 10]);
    assert_eq!(rounds.iter().map(|(_, round)| round.opened).sum::<u32>(), 10);
    // The window closes a second after the last runner was found to have no place.
    let created = story.all(|fact| matches!(fact, Fact::RunnerCreated { .. }).then_some(()));
    let waited = at.since(created.last().unwrap().0).as_ms();
    assert!((1_000..=10_500).contains(&waited), "{waited} ms");
    assert_eq!(story.ends(), 30);
}

/// New runners keep the window open, for ten seconds and no longer.
#[test]
fn a_trickle_longer_than_the_window_is_cut_at_its_end() {
    let jobs: Vec<_> = (0..25).map(|n| job(n, 300)).collect();
    let story = played(&["karpenter.batch_idle_ms=8000"], &jobs);
    let first = story.rounds()[0].1;
    assert!((8..=11).contains(&first.waiting), "{first:?}");
    assert_eq!(story.ends(), 25);
}

#[test]
fn limits_of_a_pool_are_kept_and_its_runners_wait() {
    let story = played(&["karpenter.node_pool.a.limits.cpu=20"], &[job(0, 300); 12]);
    assert_eq!(story.ends(), 12);
    let most = story.vcpu_max();
    assert!((4..=20).contains(&most), "{most} vCPU");
    assert!(story.left().contains(&Cause::AllBusy), "{:?}", story.rounds());
    // Without the limit all run at once.
    assert!(played(&[], &[job(0, 300); 12]).vcpu_max() > 20);
}

#[test]
fn a_limit_of_nodes_is_the_fleets() {
    let story = played(&["pool.default.nodes_max=2"], &[job(0, 300), job(60, 300), job(200, 300)]);
    assert_eq!(story.ends(), 3);
    // The first round may open as many as it likes, as in the real code: only nodes that are there
    // count.
    let story = played(&["pool.default.nodes_max=1"], &[job(0, 900), job(60, 60), job(61, 60)]);
    assert_eq!(story.ends(), 3);
}

#[test]
fn the_weightier_pool_is_filled_first() {
    let pools = [
        "karpenter.node_pool.saved={ weight = 50, capacity = [\"on-demand\"], limits = { cpu = 16 } }",
        "karpenter.node_pool.rest={ capacity = [\"spot\"] }",
    ];
    let story = played(&pools, &[job(0, 600); 12]);
    let bought = story.all(|fact| match fact {
        Fact::NodeLaunched { machine, .. } => Some(machine.capacity),
        _ => None,
    });
    let on_demand = bought.iter().filter(|(_, way)| *way == CapacityType::OnDemand).count();
    assert!(on_demand >= 1 && on_demand < bought.len(), "{bought:?}");
    assert_eq!(story.ends(), 12);
    // The other way round everything is spot.
    let story = played(&["karpenter.node_pool.rest={ capacity = [\"spot\"] }"], &[job(0, 600); 12]);
    let mut bought = story.all(|fact| match fact {
        Fact::NodeLaunched { machine, .. } => Some(machine.capacity),
        _ => None,
    });
    bought.retain(|(_, way)| *way == CapacityType::OnDemand);
    assert_eq!(bought, []);
}

#[test]
fn too_few_types_open_no_node_unless_one_may_do_with_less() {
    let jobs = [super::town::Job { patience_s: Some(600), ..job(0, 300) }];
    // The family has four sizes up to 16 vCPU, three of them large enough.
    let few = "karpenter.node_pool.a.instance_types_min=30";
    let story = played(&[few], &jobs);
    assert_eq!(story.left().first(), Some(&Cause::AllBusy));
    assert_eq!((story.starts().len(), story.vcpu_max()), (0, 0));
    let story = played(&[few, "karpenter.min_values_policy=\"BestEffort\""], &jobs);
    assert_eq!((story.starts().len(), story.left()), (1, vec![]));
}

/// EC2's refusal is remembered, and asked for again when it is forgotten.
#[test]
fn a_launch_that_ec2_refuses_is_tried_again_until_there_is_room() {
    let settings =
        ["pool.default.capacity=[\"on-demand\"]", "ec2.quota.standard.on_demand_vcpu=16"];
    let story = played(&settings, &[job(0, 900), job(0, 900), job(0, 900), job(0, 900)]);
    assert_eq!(story.ends(), 4);
    assert!(story.vcpu_max() <= 16);
    let refused = Verdict::NotLaunched { why: Refusal::AccountQuota };
    let refused = story.verdicts().iter().filter(|(_, (_, v))| *v == refused).count();
    assert!(refused >= 2, "{:?}", story.verdicts());
    // Between two refusals lie the three minutes of memory, not one second.
    assert!(refused < 30, "{refused} refusals");
}
