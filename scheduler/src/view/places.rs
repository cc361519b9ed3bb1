//! Places for runners, as policies count them that launch machines.

use crate::view::node::{Node, Phase, Purpose};
use serde::{Deserialize, Serialize};

/// Places on nodes, in runners of the size that each node was claimed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// On ready nodes, not taken.
    pub free: u32,
    /// On nodes on their way.
    pub coming: u32,
    /// On nodes whose deletion was asked for.
    pub going: u32,
}

impl Places {
    /// What one node counts for.
    pub fn of(node: &Node) -> Self {
        let fit = |room| node.claimed_for.times_in(room).min(node.pods_max);
        match node.phase {
            Phase::Coming if node.is_coming() => Self { coming: fit(node.size), ..Self::default() },
            Phase::Leaving => Self { going: fit(node.size), ..Self::default() },
            Phase::Ready if node.purpose != Purpose::Stock => {
                let left = node.pods_max.saturating_sub(node.pods);
                // Full is the usual case, and divisions are slow.
                let free = if left == 0 { 0 } else { fit(node.room).min(left) };
                Self { free, ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// Replaces what one node counted for.
    pub fn replace(&mut self, before: Self, after: Self) {
        self.free = self.free - before.free + after.free;
        self.coming = self.coming - before.coming + after.coming;
        self.going = self.going - before.going + after.going;
    }
}
