//! Everything that the simulated world promises, in one test binary.
#![allow(clippy::unwrap_used)]

mod catalogue;
mod data;
mod ec2;
mod latency;
mod random;
