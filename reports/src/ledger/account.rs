//! What one payer pays, and for what.

use greenroom_scheduler::model::CapacityType;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// What money was spent on. The first way to cut the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Capacity that jobs occupied.
    Used,
    /// Capacity that was ready and that no job occupied.
    Idle,
    /// From launch until ready.
    Startup,
    /// Attempts of jobs that were lost with their runner.
    Interrupted,
    /// What is charged beyond a machine's life (the minimum, started seconds and minutes), and
    /// everything beside machines.
    Other,
}

impl Use {
    /// All, in the order of [`Account::by_use`].
    pub const ALL: [Self; 5] =
        [Self::Used, Self::Idle, Self::Startup, Self::Interrupted, Self::Other];
}

/// How capacity was bought. The second way to cut the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Spot machines.
    Spot,
    /// On-demand machines.
    OnDemand,
    /// GitHub-hosted minutes.
    Hosted,
    /// Everything beside machines.
    Beside,
}

impl Kind {
    /// All, in the order of [`Account::by_kind`].
    pub const ALL: [Self; 4] = [Self::Spot, Self::OnDemand, Self::Hosted, Self::Beside];
}

impl From<CapacityType> for Kind {
    fn from(capacity: CapacityType) -> Self {
        match capacity {
            CapacityType::Spot => Self::Spot,
            CapacityType::OnDemand => Self::OnDemand,
        }
    }
}

/// Who pays for capacity that no job occupied: idle time, node startup and the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdleRule {
    /// Those whose jobs ran on the node, in proportion to what they occupied; for a node that
    /// never ran a job, those whose jobs ran in its fleet.
    #[default]
    ByUse,
    /// The one whose job ended last on the node; for a node that never ran a job, as by use.
    ByLastUser,
    /// The platform.
    Platform,
}

impl IdleRule {
    /// The rule in words, for reports.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::ByUse => {
                "Idle time and node startup are paid by the teams whose jobs ran on the node, in \
                 proportion to what they occupied; nodes that never ran a job are shared in the \
                 same way over everything that ran in their fleet."
            }
            Self::ByLastUser => {
                "Idle time and node startup are paid by the team whose job ended last on the \
                 node; nodes that never ran a job are shared over everything that ran in their \
                 fleet."
            }
            Self::Platform => {
                "Idle time and node startup are paid by the platform; teams pay for what their \
                 jobs occupied."
            }
        }
    }
}

/// What one payer pays in micro-dollars, cut in two ways that sum to the same whole, and the
/// node time behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// By [`Use`].
    pub by_use: [u64; 5],
    /// By [`Kind`].
    pub by_kind: [u64; 4],
    /// Node time.
    pub time: NodeTime,
}

/// Node time in 65,536ths of a node-millisecond, so that shares of a node stay whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeTime {
    /// Occupied by runners that had a job or waited for one that was ready.
    pub busy: u128,
    /// Ready and not occupied.
    pub idle: u128,
    /// From launch until ready.
    pub startup: u128,
}

/// One node, in the unit of [`NodeTime`].
pub(crate) const WHOLE_NODE: u64 = 1 << 16;

impl NodeTime {
    /// All of it.
    pub const fn total(self) -> u128 {
        self.busy + self.idle + self.startup
    }

    /// In seconds.
    pub fn seconds(amount: u128) -> f64 {
        // Whole milliseconds first, so that the usual case has no rounding but the last.
        let ms = amount >> WHOLE_NODE.trailing_zeros();
        let rest = amount & u128::from(WHOLE_NODE - 1);
        (ms as f64 + rest as f64 / WHOLE_NODE as f64) / 1e3
    }
}

impl AddAssign for NodeTime {
    fn add_assign(&mut self, other: Self) {
        self.busy += other.busy;
        self.idle += other.idle;
        self.startup += other.startup;
    }
}

impl Account {
    /// Adds an amount in both ways at once, so that they cannot drift apart.
    pub(crate) const fn pay(&mut self, kind: Kind, on: Use, micros: u64) {
        self.by_kind[kind as usize] = self.by_kind[kind as usize].saturating_add(micros);
        self.by_use[on as usize] = self.by_use[on as usize].saturating_add(micros);
    }

    /// Everything in micro-dollars.
    pub fn total(&self) -> u64 {
        self.by_use.iter().fold(0, |sum, &part| sum.saturating_add(part))
    }
}

impl AddAssign<&Self> for Account {
    fn add_assign(&mut self, other: &Self) {
        for (mine, theirs) in self.by_use.iter_mut().zip(other.by_use) {
            *mine = mine.saturating_add(theirs);
        }
        for (mine, theirs) in self.by_kind.iter_mut().zip(other.by_kind) {
            *mine = mine.saturating_add(theirs);
        }
        self.time += other.time;
    }
}
