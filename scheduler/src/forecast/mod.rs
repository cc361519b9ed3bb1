//! What the policy `greenroom` learns from the past of the same fleets, and expects of it.
//!
//! Everything here is made of events that have been told, has a bounded size, and takes a few steps
//! an event: how often how many nodes are wanted ([`levels`]), how long empty ones wait ([`gaps`])
//! and which jobs follow in a run ([`follow`], [`runs`]).

pub mod fleet;
pub mod follow;
pub mod gaps;
pub mod histogram;
pub mod levels;
pub mod runs;
