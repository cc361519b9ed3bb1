//! What differs between policies: how many runners a set should have, whether nodes are claimed
//! for those that wait, how many places are kept warm, and when empty nodes are given back.
//! Quota, isolation, pending intents, expiry and the checker are common to all. Rivals that count
//! machines say how many places are missing ([`growth`]).

pub mod arc;
pub mod buildkite;
pub mod cron;
pub mod fixed;
pub mod gitlab;
pub mod greenroom;
pub mod growth;
pub mod one_vm;
pub mod oracle;
pub mod placeholder;
pub mod reactive;
pub mod schedule;
pub mod taskcluster;

use crate::decision::Scaling;
use crate::spec::{PolicySpec, Settings};
use crate::time::Span;
use crate::view::set::Set;
use growth::{Seen, Wish};
use one_vm::OneVm;

/// How many runners a set should have, and the rule that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Runners, those with a job included.
    pub runners: u32,
    /// The rule and its numbers.
    pub why: Scaling,
}

impl PolicySpec {
    /// The name that people type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::Arc { .. } => "arc",
            Self::Reactive => "reactive",
            Self::Greenroom { .. } => "greenroom",
            Self::Oracle => "oracle",
            Self::Taskcluster(_) => "taskcluster",
            Self::Gitlab(_) => "gitlab",
            Self::Cron(_) => "cron",
            Self::OneVmPerJob(_) => "one-vm-per-job",
            Self::Buildkite(_) => "buildkite",
            Self::Placeholder(_) => "placeholder",
        }
    }

    /// How many runners this set should have. `alone`: no other set shares its pool
    /// or its nodes.
    pub fn demand(self, set: &Set, alone: bool) -> Demand {
        match self {
            Self::Fixed { runners } => fixed::demand(runners, set, alone),
            Self::Arc { min_runners, max_runners } => arc::demand(min_runners, max_runners, set),
            // Where places are is another rule's; who needs one is not.
            _ => reactive::demand(set),
        }
    }

    /// Whether a node is claimed when a runner finds no place.
    pub const fn claims_for_waiting(self) -> bool {
        matches!(self, Self::Reactive | Self::Greenroom { .. })
    }

    /// Whether it acts on jobs that are foreseen.
    pub const fn looks_ahead(self) -> bool {
        matches!(self, Self::Greenroom { .. })
    }

    /// Empty nodes that each fleet keeps ready.
    pub const fn hot_nodes(self) -> u32 {
        match self {
            Self::Greenroom { hot, .. } => hot,
            _ => 0,
        }
    }

    /// Stopped nodes that each fleet keeps.
    pub const fn stopped_nodes(self) -> u32 {
        match self {
            Self::Greenroom { stopped, .. } => stopped,
            _ => 0,
        }
    }

    /// How many places are missing in a fleet, under a rule that counts machines.
    pub fn wish(self, seen: &Seen) -> Option<Wish> {
        match self {
            Self::Taskcluster(rule) => Some(rule.wish(seen)),
            Self::Gitlab(rule) => Some(rule.wish(seen)),
            Self::Cron(rule) => Some(rule.wish(seen)),
            Self::OneVmPerJob(_) => Some(OneVm::wish(seen)),
            Self::Buildkite(rule) => Some(rule.wish(seen)),
            Self::Placeholder(rule) => Some(rule.wish(seen)),
            _ => None,
        }
    }

    /// How many free places a fleet keeps although they have been empty for long.
    pub fn idle_wanted(self, seen: &Seen) -> u32 {
        if seen.waiting > 0 {
            // They fit nobody who waits, and may stand in the way of places that do.
            return 0;
        }
        match self {
            Self::Gitlab(rule) => rule.idle_wanted(seen),
            Self::Cron(_) => seen.idle.unwrap_or(0),
            Self::Buildkite(rule) => rule.idle_wanted(seen),
            Self::Placeholder(rule) => rule.pairs,
            _ => 0,
        }
    }

    /// Whether it counts machines by a rule of its own, rather than runners.
    pub const fn counts_machines(self) -> bool {
        matches!(
            self,
            Self::Taskcluster(_)
                | Self::Gitlab(_)
                | Self::Cron(_)
                | Self::OneVmPerJob(_)
                | Self::Buildkite(_)
                | Self::Placeholder(_)
        )
    }

    /// Whether a machine has one runner in its life.
    pub const fn is_machine_per_job(self) -> bool {
        matches!(self, Self::OneVmPerJob(_) | Self::Cron(_))
    }

    /// Whether it goes by the hour of the week.
    pub const fn uses_schedule(self) -> bool {
        matches!(self, Self::Gitlab(_) | Self::Cron(_))
    }

    /// Whether machines that are being given back count.
    pub const fn counts_leaving(self) -> bool {
        matches!(self, Self::Taskcluster(_))
    }

    /// Into how many shares the queue is cut, and from which age on nothing is left to others.
    pub const fn shards(self) -> Option<Span> {
        match self {
            Self::Placeholder(rule) if rule.shards > 1 => Some(rule.overdue),
            _ => None,
        }
    }

    /// When empty nodes are looked at: at multiples of this, at once when zero; and the least time
    /// between two looks that gave any back.
    pub const fn release_pace(self) -> (Span, Span) {
        match self {
            Self::Cron(rule) => (rule.every, Span::ZERO),
            Self::Buildkite(rule) => (rule.every, rule.in_cooldown),
            _ => (Span::ZERO, Span::ZERO),
        }
    }

    /// Whether it asks for runners also where no machine can hold them: ARC does not look.
    pub const fn creates_misfits(self) -> bool {
        matches!(self, Self::Arc { .. })
    }

    /// Places for runners of one pool that a fleet always has.
    pub const fn warm_places(self) -> u32 {
        match self {
            Self::Fixed { runners } => runners,
            _ => 0,
        }
    }

    /// Whether it keeps runners or nodes also when there is nothing to do, for ever.
    pub const fn keeps_capacity(self) -> bool {
        match self {
            Self::Fixed { .. } => true,
            Self::Arc { min_runners, .. } => min_runners > 0,
            Self::Reactive | Self::Oracle | Self::Cron(_) | Self::OneVmPerJob(_) => false,
            Self::Greenroom { hot, stopped } => hot > 0 || stopped > 0,
            Self::Taskcluster(rule) => rule.min > 0,
            Self::Gitlab(rule) => rule.idle_count > 0,
            Self::Buildkite(rule) => rule.min > 0,
            Self::Placeholder(rule) => rule.pairs > 0,
        }
    }

    /// Whether empty nodes are given back after the fleet's keep-alive.
    pub const fn releases_empty_nodes(self) -> bool {
        !matches!(self, Self::Fixed { .. } | Self::Arc { .. } | Self::Oracle)
    }

    /// Most runners of a pool that the policy itself allows.
    pub const fn pool_max(self) -> u32 {
        match self {
            Self::Fixed { runners } => runners,
            _ => u32::MAX,
        }
    }

    /// Most jobs that GitHub may assign to a set.
    pub const fn set_max(self) -> u32 {
        match self {
            Self::Arc { max_runners, .. } => max_runners,
            _ => u32::MAX,
        }
    }

    /// Whether runners that lost their job are removed by the common rule (after a grace).
    pub const fn removes_surplus(self) -> bool {
        !matches!(self, Self::Arc { .. })
    }
}

impl Settings {
    /// Whether which jobs follow in a run is learned, so that it must be told of runs.
    pub fn learns_from_runs(&self) -> bool {
        self.forecast.is_some_and(|learned| learned.runs)
    }

    /// Whether runners or nodes are kept also when there is nothing to do, for ever.
    pub fn keeps_capacity(&self) -> bool {
        let by_the_hour = self.policy.uses_schedule() && self.schedule.wants_any();
        let by_level = self.forecast.is_some_and(|learned| learned.hot || learned.stopped);
        self.policy.keeps_capacity() || by_the_hour || by_level
    }
}
