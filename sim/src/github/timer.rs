//! The timers that GitHub leaves with its owner.

use crate::engine::timers::Key;
use greenroom_scheduler::id::SetId;

/// A timer of GitHub. Each exists at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A set's message is due to be written, to arrive, or to arrive again.
    Message(SetId),
    /// A set's listener begins its next poll and tells its new capacity.
    Poll(SetId),
    /// A GitHub-hosted runner is up for the job in this slot.
    Hosted(u32),
    /// The job in this slot leaves the fan-out of its run.
    FanOut(u32),
    /// The job in this slot has waited out the gap after its predecessors.
    Release(u32),
    /// This registration scope may admit its next runner.
    Registration(u32),
    /// An outage or throttling window opens or closes.
    Window,
    /// The oldest queued job may have expired.
    Expiry,
    /// The oldest unconfirmed runner may have kept its job waiting too long.
    Confirm,
    /// The oldest lost runner is noticed.
    Loss,
    /// The oldest idle runner may be reaped.
    Reap,
    /// The oldest assignment of the attempt may be withdrawn.
    Withdraw(u32),
}

impl Key for Timer {
    const KINDS: usize = 12;

    fn place(self) -> (usize, usize) {
        match self {
            Self::Message(set) => (0, set.index()),
            Self::Poll(set) => (1, set.index()),
            Self::Hosted(slot) => (2, slot as usize),
            Self::FanOut(slot) => (3, slot as usize),
            Self::Release(slot) => (4, slot as usize),
            Self::Registration(scope) => (5, scope as usize),
            Self::Window => (6, 0),
            Self::Expiry => (7, 0),
            Self::Confirm => (8, 0),
            Self::Loss => (9, 0),
            Self::Reap => (10, 0),
            Self::Withdraw(attempt) => (11, attempt as usize),
        }
    }

    fn at(kind: usize, slot: usize) -> Self {
        let slot = slot as u32;
        match kind {
            0 => Self::Message(SetId(slot)),
            1 => Self::Poll(SetId(slot)),
            2 => Self::Hosted(slot),
            3 => Self::FanOut(slot),
            4 => Self::Release(slot),
            5 => Self::Registration(slot),
            6 => Self::Window,
            7 => Self::Expiry,
            8 => Self::Confirm,
            9 => Self::Loss,
            10 => Self::Reap,
            _ => Self::Withdraw(slot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_finds_its_way_back() {
        for kind in 0..Timer::KINDS {
            let shared = (6..=10).contains(&kind);
            let slot = if shared { 0 } else { 7 };
            assert_eq!(Timer::at(kind, slot).place(), (kind, slot));
        }
    }
}
