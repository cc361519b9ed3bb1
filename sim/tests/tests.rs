//! Everything that the simulated world promises, in one test binary.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod beside;
mod bitcoin_core;
mod bound;
mod catalogue;
mod closed_forms;
mod closed_forms_boots;
mod data;
mod determinism;
mod ec2;
mod exactness;
mod github;
mod identity;
mod karpenter_config;
mod karpenter_disruption;
mod karpenter_eks;
mod karpenter_provisioning;
mod karpenter_solve;
mod karpenter_termination;
mod karpenter_vectors;
mod karpenter_worlds;
mod kube;
mod latency;
mod laws;
mod learned;
mod listed;
mod lookahead;
mod packing;
mod pools;
mod published;
mod queue;
mod random;
mod replicated;
mod steady;
mod teams;
mod weighed;

// Not every program that shares it uses all of it.
#[allow(dead_code)]
#[path = "../benches/whole/mod.rs"]
mod whole;
