//! EC2 takes a spot node back.

use greenroom_scheduler::time::Time;

/// What takes a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// This node alone.
    Own,
    /// Its pool lost capacity, and with it several nodes.
    Pool,
    /// Its zone lost spot capacity, of every type.
    Zone,
}

/// The end that EC2 has in store for a spot node. `rebalance_at <= notice_at <= reclaim_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interruption {
    /// EC2 recommends to rebalance: a hint, often well ahead, at worst together with the notice.
    pub rebalance_at: Time,
    /// EC2 says that it will take the node.
    pub notice_at: Time,
    /// The node is gone.
    pub reclaim_at: Time,
    /// What takes it.
    pub cause: Cause,
}
