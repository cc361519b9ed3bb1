//! Everything that the simulated world promises, in one test binary.
#![allow(clippy::unwrap_used)]

mod beside;
mod catalogue;
mod data;
mod ec2;
mod github;
mod identity;
mod karpenter_vectors;
mod kube;
mod latency;
mod random;
