//! Karpenter v1.14.1 as a function and as state machines: what Solve makes of a round, what a
//! claim becomes at EC2, when a round starts, and which nodes go again.
//!
//! Nothing in here reads a clock, draws a number or talks to anyone. Drift, node repair, static
//! pools, node overlays and dynamic resource allocation are not modelled.

pub mod budget;
pub mod config;
pub mod constants;
pub mod cron;
pub mod node_pool;

// A round of provisioning.
pub mod batch;
pub mod buffer;
pub mod launch;
pub mod lifecycle;
pub mod provisioner;
pub mod round;
pub mod scratch;
pub mod solve;
pub mod unavailable;
pub mod universe;
pub mod work;

// How nodes go again.
pub mod disruption;
pub mod interruption;
pub mod termination;

// What a round is made of.
pub mod amounts;
pub mod bits;
pub mod gosort;
pub mod input;
pub mod labels;
pub mod requirement;
pub mod requirements;
pub mod taint;

// Held to the real code.
pub mod vectors;

mod algebra;
mod claim;
mod finish;
mod solve_claims;
mod solve_nodes;
mod states;
