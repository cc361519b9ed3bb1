//! What rings in Kubernetes.

use crate::engine::timers::Key;

/// A timer of the simulated Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next step of the pod in this slot.
    Pod(u32),
    /// kube-scheduler is free for its next attempt.
    Scheduler,
    /// Pods that were unschedulable for long are tried again.
    Flush,
    /// The registry has answered this pull, and its bytes begin to flow.
    Pull(u32),
    /// The first of the flows on the node in this slot is through.
    Flow(u32),
    /// The node in this slot is drained by force.
    Drain(u32),
}

impl Key for Timer {
    const KINDS: usize = 6;

    fn place(self) -> (usize, usize) {
        match self {
            Self::Pod(slot) => (0, slot as usize),
            Self::Scheduler => (1, 0),
            Self::Flush => (2, 0),
            Self::Pull(slot) => (3, slot as usize),
            Self::Flow(slot) => (4, slot as usize),
            Self::Drain(slot) => (5, slot as usize),
        }
    }

    fn at(kind: usize, slot: usize) -> Self {
        let slot = slot as u32;
        match kind {
            0 => Self::Pod(slot),
            1 => Self::Scheduler,
            2 => Self::Flush,
            3 => Self::Pull(slot),
            4 => Self::Flow(slot),
            _ => Self::Drain(slot),
        }
    }
}
