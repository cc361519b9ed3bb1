//! What the policy `greenroom` learns from the past of the same fleets, and expects of it.
//!
//! Everything here is made of events that have been told, has a bounded size, and takes a few steps
//! an event: how often how many nodes are wanted ([`levels`]), how long empty ones wait ([`gaps`]).

pub mod fleet;
pub mod gaps;
pub mod histogram;
pub mod levels;
