//! Which jobs follow in a run, after how long, and how many: what one kind of run has shown so far.
//!
//! A kind is told apart by where its runs come from and by the jobs that they begin with. What a run
//! brought is counted when the run is over, so that what did not come counts, too.

use super::histogram::Histogram;
use crate::id::SetId;
use crate::time::Span;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most jobs of a kind that are told apart by name: as many as a matrix may have (GitHub's limit).
/// What comes beyond is not foreseen.
pub const FOLLOWERS_MAX: usize = 256;

/// What a run leaves of the weight of those before it: the last twenty count.
const KEPT: f32 = 0.95;

/// What has this weight left is forgotten.
const FORGOTTEN: f32 = 0.02;

/// A job that may follow, by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Follower {
    /// Number of repository, workflow and job name together.
    pub label: u32,
    /// Where it queued last.
    pub set: SetId,
    /// Runs that had it.
    runs: f32,
    /// How many times they had it.
    times: f32,
    /// How long after the run began.
    pub lead: Histogram,
}

/// What runs of one kind brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kind {
    /// Runs that are over.
    runs: f32,
    followers: Vec<Follower>,
}

/// A job of a run that is over: its name, where and how long after the run's begin it queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// Number of repository, workflow and job name together.
    pub label: u32,
    /// Where.
    pub set: SetId,
    /// How long after the run's begin.
    pub after: Span,
}

impl Follower {
    /// How likely a run of the kind has it, where all had so many runs.
    fn probability(&self, runs: f32) -> f64 {
        // As if one more run had been seen that did not have it: one run is no evidence.
        f64::from(self.runs / (runs + 1.0))
    }

    /// How many of it a run has that has any.
    pub fn count(&self) -> u32 {
        if self.runs > 0.0 { libm::roundf(self.times / self.runs).max(1.0) as u32 } else { 1 }
    }
}

impl Kind {
    /// A run is over. `came`: its jobs but for those that it began with, in order of label.
    pub fn learn(&mut self, came: &[Came]) {
        self.runs = self.runs * KEPT + 1.0;
        for follower in &mut self.followers {
            follower.runs *= KEPT;
            follower.times *= KEPT;
        }
        for jobs in came.chunk_by(|one, other| one.label == other.label) {
            let label = jobs[0].label;
            let place = match self.followers.binary_search_by_key(&label, |known| known.label) {
                Ok(place) => place,
                Err(_) if self.followers.len() >= FOLLOWERS_MAX => continue,
                Err(place) => {
                    let (runs, times, lead) = (0.0, 0.0, Histogram::default());
                    let follower = Follower { label, set: jobs[0].set, runs, times, lead };
                    self.followers.insert(place, follower);
                    place
                }
            };
            let follower = &mut self.followers[place];
            follower.set = jobs[0].set;
            follower.runs += 1.0;
            follower.times += jobs.len() as f32;
            for (number, job) in jobs.iter().enumerate() {
                follower.lead.add(job.after, if number == 0 { KEPT } else { 1.0 });
            }
        }
        self.followers.retain(|follower| follower.runs > FORGOTTEN);
    }

    /// Runs that were seen, as far as they are not forgotten.
    pub const fn runs(&self) -> f64 {
        self.runs as f64
    }

    /// Every job that may follow, and how likely it is.
    pub fn followers(&self) -> impl Iterator<Item = (&Follower, f64)> {
        self.followers.iter().map(|follower| (follower, follower.probability(self.runs)))
    }

    /// How likely a job follows.
    pub fn probability(&self, label: u32) -> f64 {
        let place = self.followers.binary_search_by_key(&label, |known| known.label);
        place.map_or(0.0, |place| self.followers[place].probability(self.runs))
    }
}
