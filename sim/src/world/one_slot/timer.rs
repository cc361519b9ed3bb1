//! What the one-slot world waits for, beside first steps: those are all as long on their way, so a
//! plain queue keeps them in order.

use crate::engine::timers::Key;

/// A timer, by the slot of its job, runner or node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// A job becomes ready.
    JobReady(u32),
    /// A queued job is given up.
    GiveUp(u32),
    /// A runner's job ends.
    JobEnds(u32),
    /// A node has booted.
    NodeReady(u32),
    /// A node is stopped and can be started.
    NodeStopped(u32),
}

impl Key for Timer {
    const KINDS: usize = 5;

    #[inline]
    fn place(self) -> (usize, usize) {
        match self {
            Self::JobReady(slot) => (0, slot as usize),
            Self::GiveUp(slot) => (1, slot as usize),
            Self::JobEnds(slot) => (2, slot as usize),
            Self::NodeReady(slot) => (3, slot as usize),
            Self::NodeStopped(slot) => (4, slot as usize),
        }
    }

    fn at(kind: usize, slot: usize) -> Self {
        let slot = slot as u32;
        match kind {
            0 => Self::JobReady(slot),
            1 => Self::GiveUp(slot),
            2 => Self::JobEnds(slot),
            3 => Self::NodeReady(slot),
            _ => Self::NodeStopped(slot),
        }
    }
}
