//! Everything that the simulated world promises, in one test binary.
#![allow(clippy::unwrap_used)]

mod beside;
mod catalogue;
mod data;
mod ec2;
mod github;
mod identity;
mod karpenter_vectors;
mod latency;
mod random;
