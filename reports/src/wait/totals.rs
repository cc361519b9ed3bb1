//! Queue time by cause, over many jobs.

use super::story::Story;
use crate::dense::cell;
use greenroom_scheduler::decision::Cause;

/// Milliseconds of waiting by runner set and cause.
#[derive(Clone, Debug, Default)]
pub struct CauseTotals {
    by_set: Vec<[u64; Cause::ALL.len()]>,
}

impl CauseTotals {
    /// Adds a job.
    pub fn add(&mut self, story: &Story) {
        let Some(totals) = cell(&mut self.by_set, story.set.index()) else { return };
        for piece in &story.pieces {
            let total = &mut totals[piece.cause as usize];
            *total = total.saturating_add(piece.span().as_ms());
        }
    }

    /// Milliseconds by cause, in the order of [`Cause::ALL`], over the sets that `of` names.
    pub fn over(&self, of: impl Fn(usize) -> bool) -> [u64; Cause::ALL.len()] {
        let mut sum = [0_u64; Cause::ALL.len()];
        for (_, totals) in self.by_set.iter().enumerate().filter(|&(set, _)| of(set)) {
            for (sum, own) in sum.iter_mut().zip(totals) {
                *sum = sum.saturating_add(*own);
            }
        }
        sum
    }
}

/// A cause in two or three words, for tables and charts.
pub const fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Delivery => "GitHub's word",
        Cause::Outage => "GitHub outage",
        Cause::TeamMax => "team limit",
        Cause::PoolMax => "class limit",
        Cause::Guaranteed => "kept for others",
        Cause::Budget => "budget",
        Cause::NoMachineFits => "no machine fits",
        Cause::AccountQuota => "AWS quota",
        Cause::InsufficientCapacity => "no EC2 capacity",
        Cause::AllBusy => "all runners busy",
        Cause::NodeStartup => "node startup",
        Cause::Scheduling => "pod scheduling",
        Cause::ImagePull => "image pull",
        Cause::PodStart => "pod start",
        Cause::Identity => "credentials",
        Cause::Registration => "registration",
        Cause::Assignment => "job hand-over",
        Cause::Interruption => "interrupted work",
    }
}

/// A cause as a sentence that goes on after "it waited".
pub const fn cause_text(cause: Cause) -> &'static str {
    match cause {
        Cause::Delivery => "until GitHub had told the controller of it",
        Cause::Outage => "because GitHub was down or throttled calls",
        Cause::TeamMax => "because its team was at its most runners",
        Cause::PoolMax => "because its runner class was at its most runners",
        Cause::Guaranteed => "because what its runner class had left was guaranteed to other teams",
        Cause::Budget => "because its team's budget was spent",
        Cause::NoMachineFits => "because no instance type of its runner class was large enough",
        Cause::AccountQuota => "because the account's vCPU quota was used up",
        Cause::InsufficientCapacity => "because EC2 had no such machine",
        Cause::AllBusy => "because all runners were busy and the policy launches no more",
        Cause::NodeStartup => "for a node to start: launch, boot, network",
        Cause::Scheduling => "for Kubernetes to bind its runner's pod to a node",
        Cause::ImagePull => "for the node to pull the runner image",
        Cause::PodStart => "for the pod to start",
        Cause::Identity => "for the runner's credentials",
        Cause::Registration => "for the runner to register with GitHub",
        Cause::Assignment => "for GitHub to hand it to the runner and for its first step to start",
        Cause::Interruption => "to be run again after its runner was lost",
    }
}
