//! Karpenter v1.14.1 as a function and as state machines: what Solve makes of a round, what a
//! claim becomes at EC2, when a round starts, and which nodes go again.
//!
//! Nothing in here reads a clock, draws a number or talks to anyone.

pub mod amounts;
pub mod bits;
pub mod constants;
pub mod gosort;
pub mod input;
pub mod labels;
pub mod launch;
pub mod requirement;
pub mod round;
pub mod solve;
pub mod taint;
pub mod universe;
pub mod vectors;
pub mod work;

mod algebra;
mod claim;
mod finish;
