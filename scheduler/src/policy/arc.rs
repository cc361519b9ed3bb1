//! `arc`: the exact rule of actions-runner-controller 0.14 (listener and EphemeralRunnerSet
//! controller); Karpenter launches the nodes.

use crate::decision::Scaling;
use crate::policy::Demand;
use crate::view::set::Set;
use serde::{Deserialize, Serialize};

/// The largest patch id; the next one is 0 again.
const PATCH_ID_MAX: i64 = 2_147_483_647;

/// min(min + assigned, max).
pub(super) fn demand(min: u32, max: u32, set: &Set) -> Demand {
    let assigned = set.counts.assigned;
    Demand {
        runners: min.saturating_add(assigned).min(max),
        why: Scaling::Arc { assigned, min, max },
    }
}

/// The listener's counter of patches: it decides whether a patch may remove runners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Runners asked for by the last patch; -1 before the first.
    target: i64,
    /// Number of the last patch; -1 before the first.
    sequence: i64,
    /// Whether a job started or completed since the last patch.
    job_event: bool,
    /// Whether an answer of GitHub asks for a patch.
    due: bool,
}

/// What one patch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Runners that there should be.
    pub target: u32,
    /// The id sent with it; 0 forces removal of idle runners.
    pub patch_id: i64,
}

impl Default for Patch {
    fn default() -> Self {
        Self { target: -1, sequence: -1, job_event: false, due: false }
    }
}

impl Patch {
    /// A job of the set started or completed.
    pub const fn saw_job_event(&mut self) {
        self.job_event = true;
    }

    /// GitHub answered a poll.
    pub const fn saw_answer(&mut self) {
        self.due = true;
    }

    /// Whether an answer came since the last step; asking takes it back.
    pub const fn take_due(&mut self) -> bool {
        core::mem::replace(&mut self.due, false)
    }

    /// Runners asked for by the last patch; none before the first.
    pub fn target(&self) -> Option<u32> {
        u32::try_from(self.target).ok()
    }

    /// The patch after one answer of GitHub.
    pub fn step(&mut self, demand: u32, min: u32) -> Step {
        let target = i64::from(demand);
        self.sequence = if self.sequence == PATCH_ID_MAX { 0 } else { self.sequence + 1 };
        let settled = target == self.target && target == i64::from(min);
        let force = settled && !self.job_event;
        self.target = target;
        self.job_event = false;
        Step { target: demand, patch_id: if force { 0 } else { self.sequence } }
    }
}
