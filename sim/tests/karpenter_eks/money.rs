//! Spot under Karpenter: what it does about notices, and what nobody may share.

use super::town::{Job, Story, job, played};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Span;
use greenroom_scheduler::verdict::Verdict;
use greenroom_traces::arrival::Forge;
use std::collections::BTreeMap;

const TAKEN_OFTEN: [&str; 2] = ["spot.market.hazard_per_hour=4.0", "reruns_max=10"];

fn interrupted(story: &Story) -> Vec<(greenroom_scheduler::time::Time, NodeId)> {
    let verdicts = story.verdicts().into_iter();
    verdicts
        .filter(|(_, (_, verdict))| *verdict == Verdict::Interrupted)
        .map(|(at, (node, _))| (at, node))
        .collect()
}

#[test]
fn a_notice_drains_the_node_and_its_offering_rests() {
    let jobs: Vec<Job> = (0..40).map(|n| job(n * 60, 1_800)).collect();
    let story = played(&TAKEN_OFTEN, &jobs);
    let interrupted = interrupted(&story);
    assert!(interrupted.len() > 5, "{}", interrupted.len());
    let offering = |node: NodeId| {
        let launched = story.all(|fact| match fact {
            Fact::NodeLaunched { node: it, machine, .. } if *it == node => Some(*machine),
            _ => None,
        });
        // EC2 may have refused.
        launched.first().map(|(_, m)| (m.instance_type, m.zone, m.capacity))
    };
    for &(at, node) in &interrupted {
        // No runner comes after the notice, and the machine is gone two minutes later at the most.
        let bound = story.bound();
        assert!(bound.iter().all(|(then, (_, it))| *it != node || *then <= at), "{node}");
        assert!(story.gone(node).unwrap().since(at) <= Span::from_secs(120), "{node}");
        // Nothing is claimed of its kind for three minutes.
        let opened = story.verdicts().into_iter().filter(|(then, (_, verdict))| {
            let span = then.since(at);
            matches!(verdict, Verdict::Opened { .. }) && *then > at && span < Span::from_secs(180)
        });
        for (_, (other, _)) in opened {
            assert_ne!(offering(other), offering(node), "{other} after {node}");
        }
    }
}

#[test]
fn without_a_queue_karpenter_hears_of_no_notice() {
    let jobs: Vec<Job> = (0..20).map(|n| job(n * 60, 1_800)).collect();
    let mut settings = TAKEN_OFTEN.to_vec();
    settings.push("karpenter.interruption_queue=false");
    let story = played(&settings, &jobs);
    assert_eq!(interrupted(&story), []);
    assert!(story.losses() > 0);
    assert_eq!(story.ends(), 20);
}

/// Fleets of two instances of GitHub, and of a team that shares with nobody.
#[test]
fn nobody_runs_on_nodes_of_others() {
    let jobs: Vec<Job> = (0..60)
        .map(|n| {
            let forge = if n % 2 == 0 { Forge::Cloud } else { Forge::Enterprise };
            let team = ["web", "core", "secret"][n as usize % 3];
            Job { team, forge, ..job(n / 10, 400) }
        })
        .collect();
    let story = played(&["team.secret.isolated=true"], &jobs);
    assert_eq!(story.ends(), 60);
    let fleets: BTreeMap<NodeId, _> = story
        .all(|fact| match fact {
            Fact::NodeClaimed { node, fleet } => Some((*node, *fleet)),
            _ => None,
        })
        .into_iter()
        .map(|(_, claimed)| claimed)
        .collect();
    let used: std::collections::BTreeSet<_> =
        story.bound().iter().map(|(_, (_, node))| fleets[node]).collect();
    // Cloud and Enterprise, each with a fleet for all and one for the team: the law of isolation,
    // which every run is held to, sees to the rest.
    assert_eq!(used.len(), 4, "{used:?}");
}

#[test]
fn one_way_to_buy_is_kept_to() {
    let story = played(&["pool.default.capacity=[\"on-demand\"]"], &[job(0, 300); 10]);
    let bought = story.all(|fact| match fact {
        Fact::NodeLaunched { machine, .. } => Some(machine.capacity),
        _ => None,
    });
    assert!(bought.iter().all(|(_, way)| *way == CapacityType::OnDemand));
}
