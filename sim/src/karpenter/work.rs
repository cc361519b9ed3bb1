//! How long the real Solve would have taken.

use super::constants::{SOLVE_NODE_NS, SOLVE_POD_NS, SOLVE_TYPE_NS};
use greenroom_scheduler::time::Span;

/// A count of what the real Solve would have done. The model itself skips most of it: the real
/// code repeats every refusal for every pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Pods tried, each time anew.
    pub pods: u64,
    /// Nodes that exist, tried for a pod.
    pub nodes: u64,
    /// Open claims tried for a pod.
    pub claims: u64,
    /// Instance types looked at in claims.
    pub types: u64,
}

impl Work {
    /// The same work once more.
    pub const fn add(&mut self, other: &Self) {
        self.pods += other.pods;
        self.nodes += other.nodes;
        self.claims += other.claims;
        self.types += other.types;
    }

    /// The work done since `before`.
    #[must_use]
    pub const fn since(&self, before: &Self) -> Self {
        Self {
            pods: self.pods - before.pods,
            nodes: self.nodes - before.nodes,
            claims: self.claims - before.claims,
            types: self.types - before.types,
        }
    }

    /// Nanoseconds that the real code would have taken, with its default of one worker.
    pub const fn total_ns(&self) -> u64 {
        self.pods * SOLVE_POD_NS + self.nodes * SOLVE_NODE_NS + self.types * SOLVE_TYPE_NS
    }

    /// The same as a span, rounded up to the millisecond.
    pub const fn took(&self) -> Span {
        Span::from_ms(self.total_ns().div_ceil(1_000_000))
    }
}
