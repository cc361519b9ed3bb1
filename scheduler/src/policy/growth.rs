//! What policies that launch machines see of a fleet, and what they want.
//!
//! The rivals count machines, or agents on them; here both are places for one runner. Runners that
//! find a free place have it before these rules are asked, so who still waits has none: then places
//! that are free are too small for the waiting, and nobody counts on them.

use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};

/// A fleet, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Runners that wait for a place.
    pub waiting: u32,
    /// Places with a runner.
    pub in_use: u32,
    /// Free places on ready nodes.
    pub free: u32,
    /// Places on nodes on their way.
    pub coming: u32,
    /// Places on nodes that are being given back.
    pub going: u32,
    /// Idle machines that the schedule's pool wants now.
    pub pool: Option<u32>,
    /// Idle machines that the schedule keeps now.
    pub idle: Option<u32>,
    /// For how long it has not grown; none if it never did.
    pub grown_ago: Option<Span>,
    /// Of those who wait, how many have done so for longer than a shard leaves to others.
    pub overdue: u32,
}

impl Seen {
    /// Free places that someone who waits could use, or would come to use.
    pub const fn idle_places(&self) -> u32 {
        if self.waiting > 0 { 0 } else { self.free }
    }

    /// What is left of a pause between two steps.
    pub fn pause(&self, least: Span) -> Span {
        self.grown_ago.map_or(Span::ZERO, |ago| least.saturating_sub(ago))
    }

    /// All places but those that are being given back.
    pub const fn existing(&self) -> u32 {
        self.in_use + self.free + self.coming
    }
}

/// How many places are missing, and when the rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Places to launch machines for.
    pub places: u32,
    /// The rule is only asked at multiples of this; at once when zero.
    pub every: Span,
    /// How long it must hold still first.
    pub pause: Span,
    /// The rule and its numbers.
    pub why: Growth,
}

/// Why a fleet gets more machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// Taskcluster's estimate.
    Taskcluster {
        /// Pending tasks less the idle workers that will take them.
        pending: u32,
        /// Workers that exist, were requested or are stopping.
        existing: u32,
        /// Workers that there should be.
        desired: u32,
        /// Workers that were requested and have not registered.
        requested: u32,
    },
    /// GitLab keeps machines idle.
    Idle {
        /// How many.
        wanted: u32,
        /// Machines in use.
        in_use: u32,
        /// Machines idle or on their way.
        idle: u32,
    },
    /// One machine for each job that waits.
    OneEach {
        /// Jobs that wait.
        waiting: u32,
        /// Machines on their way.
        coming: u32,
    },
    /// A pool by the hour is topped up.
    Pool {
        /// Idle machines that it wants now.
        wanted: u32,
        /// Machines idle or on their way.
        idle: u32,
    },
    /// Buildkite's desired count.
    Buildkite {
        /// Jobs scheduled or running.
        jobs: u32,
        /// What is added to them.
        buffer: u32,
        /// Agents that there are or that are on their way.
        agents: u32,
    },
    /// Placeholder pairs.
    Placeholder {
        /// Pairs that are always wanted.
        pairs: u32,
        /// Queued jobs that this cluster takes.
        queued: u32,
        /// Pairs ready or on their way.
        ready: u32,
        /// Most new pairs at once.
        burst: u32,
    },
}

/// The first multiple of `every` that is not before `at`: a rule that is asked in rounds needs no
/// memory of the last one if all rounds lie on one grid.
pub fn next_round(at: Time, every: Span) -> Time {
    match every.as_ms() {
        0 => at,
        every => Time::from_ms(at.as_ms().div_ceil(every).saturating_mul(every)),
    }
}
