//! What is foreseen for a runner set.

use crate::id::JobId;
use crate::time::Time;
use alloc::collections::{BTreeSet, VecDeque};
use serde::{Deserialize, Serialize};

/// Most jobs of a set that are foreseen at once: five times the busiest moment of any public CI
/// trace. What comes beyond is left out, and told so.
pub const FORESEEN_MAX: u32 = 10_000;

/// Most foreseen jobs that came and are known to wait; the oldest lose their first call first.
const CAME_MAX: usize = FORESEEN_MAX as usize;

/// Jobs that are foreseen together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// When a node is launched or kept for each.
    pub reserve_at: Time,
    /// When they are forgotten.
    pub forget_at: Time,
    /// When they are expected.
    pub expected_at: Time,
    /// How many.
    pub count: u32,
}

/// What is foreseen for a set, and which of its waiting jobs were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    /// Too far ahead for a node, the soonest first.
    later: VecDeque<Hint>,
    /// A node is kept for each, the first to be forgotten first.
    now: VecDeque<Hint>,
    /// Jobs in `later`.
    later_jobs: u32,
    /// Jobs in `now`: so many nodes are reserved.
    reserved: u32,
    /// Foreseen jobs that came and that no runner has yet.
    came: BTreeSet<JobId>,
    /// For when a wake-up is set.
    pub wake_at: Option<Time>,
}

impl Ahead {
    /// Jobs that a node is kept for.
    pub const fn reserved(&self) -> u32 {
        self.reserved
    }

    /// Jobs that are foreseen and did not come yet.
    pub const fn foreseen(&self) -> u32 {
        self.later_jobs + self.reserved
    }

    /// Foreseen jobs that came and that no runner has yet.
    pub fn came(&self) -> u32 {
        self.came.len() as u32
    }

    /// More jobs are foreseen; [`FORESEEN_MAX`] at most, or nothing is taken.
    pub fn add(&mut self, hint: Hint) -> bool {
        if hint.count == 0 || self.foreseen().saturating_add(hint.count) > FORESEEN_MAX {
            return false;
        }
        let place = self.later.partition_point(|other| other.reserve_at <= hint.reserve_at);
        self.later.insert(place, hint);
        self.later_jobs += hint.count;
        true
    }

    /// Reserves what is due; gives what is forgotten.
    pub fn advance(&mut self, now: Time) -> Option<Hint> {
        while let Some(hint) = self.later.front().copied().filter(|hint| hint.reserve_at <= now) {
            self.later.pop_front();
            let place = self.now.partition_point(|other| other.forget_at <= hint.forget_at);
            self.now.insert(place, hint);
            self.later_jobs -= hint.count;
            self.reserved += hint.count;
        }
        let forgotten = self.now.front().copied().filter(|hint| hint.forget_at <= now)?;
        self.now.pop_front();
        self.reserved -= forgotten.count;
        Some(forgotten)
    }

    /// When something is to be reserved or forgotten next.
    pub fn next_at(&self) -> Option<Time> {
        let reserve = self.later.front().map(|hint| hint.reserve_at);
        let forget = self.now.front().map(|hint| hint.forget_at);
        match (reserve, forget) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// A foreseen job came: any of those that are foreseen stands for it, the one that would be
    /// forgotten first. Says whether this is news.
    pub fn redeem(&mut self, job: JobId) -> bool {
        if !self.came.insert(job) {
            return false;
        }
        if self.came.len() > CAME_MAX {
            self.came.pop_first();
        }
        let (queue, jobs) = if self.now.is_empty() {
            (&mut self.later, &mut self.later_jobs)
        } else {
            (&mut self.now, &mut self.reserved)
        };
        if let Some(first) = queue.front_mut() {
            first.count -= 1;
            *jobs -= 1;
            if first.count == 0 {
                queue.pop_front();
            }
        }
        true
    }

    /// A runner has the job, or it is over.
    pub fn served(&mut self, job: JobId) {
        if !self.came.is_empty() {
            self.came.remove(&job);
        }
    }
}
