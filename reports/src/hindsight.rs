//! Best in hindsight beside what a run did.
//!
//! The bounds are computed where durations are known and handed in; here they meet a summary.

use crate::summary::{Bound, Group, Jobs, Summary};
use serde::{Deserialize, Serialize};

/// Bounds of an input, and what it holds. Whole numbers, so that a journal gives them back to the
/// last digit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hindsight {
    /// For all classes together.
    pub all: Least,
    /// By class, for classes that have nodes for themselves.
    pub classes: Vec<(String, Least)>,
    /// What an hour of waiting is taken to be worth, in millionths of a USD.
    pub wait_value_micro_usd_per_hour: u64,
    /// Jobs of the input.
    pub jobs: u64,
    /// Of those, failed in the record.
    pub failed: u64,
    /// Of those, cancelled in the record.
    pub cancelled: u64,
}

/// What nobody could have spent less than, in billionths of a USD, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Least {
    /// On machines, while letting nobody wait.
    pub zero_wait_nano_usd: u64,
    /// On machines and waiting together; absent where it is not known.
    pub with_waiting_nano_usd: Option<u64>,
}

impl Hindsight {
    /// Puts the bounds into a summary, where they apply: every job of the input ran to the end that
    /// the record gave it. A gap needs more: work that was lost and repeated is neither waiting nor
    /// asked for, so that nothing is said of runs with lost attempts.
    pub fn fill(&self, summary: &mut Summary) {
        let jobs = summary.jobs;
        let is_whole = jobs.arrived == self.jobs
            && jobs.running + jobs.waiting + jobs.lost == 0
            && jobs.failed <= self.failed
            && jobs.cancelled <= self.cancelled;
        if !is_whole {
            return;
        }
        let nothing_lost = |jobs: &Jobs| jobs.attempts <= jobs.arrived;
        let tells_gap = nothing_lost(&jobs) && summary.nodes.interrupted == 0;
        let value = self.wait_value_usd_per_hour();
        let spent = summary.machine_cost_usd();
        summary.bound = self.all.beside(spent, tells_gap.then(|| summary.value_usd(value)), value);
        for group in &mut summary.by_class {
            let Some((_, least)) = self.classes.iter().find(|(name, _)| *name == group.name) else {
                continue;
            };
            // Without runs each job is its own critical path.
            let queue_h = group.queue_s.map_or(0.0, |queue| queue.mean) / 3600.0;
            let spent = machines(group);
            let had = spent + value * queue_h * group.jobs.arrived as f64;
            group.bound = least.beside(spent, tells_gap.then_some(had), value);
        }
    }

    /// What an hour of waiting is taken to be worth, in USD.
    pub fn wait_value_usd_per_hour(&self) -> f64 {
        self.wait_value_micro_usd_per_hour as f64 / 1e6
    }
}

impl Least {
    fn beside(self, spent: f64, had: Option<f64>, wait_value_usd_per_hour: f64) -> Option<Bound> {
        let cost_usd = self.zero_wait_nano_usd as f64 / 1e9;
        let least = self.with_waiting_nano_usd.filter(|least| *least > 0);
        let gap = had.zip(least).map(|(had, least)| had / (least as f64 / 1e9) - 1.0);
        (cost_usd > 0.0).then(|| Bound {
            cost_usd,
            cost_ratio: spent / cost_usd,
            gap,
            wait_value_usd_per_hour,
        })
    }
}

fn machines(group: &Group) -> f64 {
    group.cost_usd.spot + group.cost_usd.on_demand + group.stopped_usd
}

impl Summary {
    /// What machines cost, stopped ones included: what bounds are about. Minutes of GitHub and costs beside machines are
    /// the same whoever decides, or nobody's decision.
    pub fn machine_cost_usd(&self) -> f64 {
        self.cost_usd.spot + self.cost_usd.on_demand + self.stopped_usd
    }

    /// J(v): what machines cost plus what the queue time on critical paths is worth at
    /// `wait_value` USD an hour (finite).
    pub fn value_usd(&self, wait_value: f64) -> f64 {
        self.machine_cost_usd() + wait_value * self.critical_path_queue_s / 3600.0
    }
}
