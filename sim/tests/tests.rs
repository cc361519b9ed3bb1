//! The tests of this crate: one binary, so that it links once.

mod karpenter_config;
mod karpenter_disruption;
mod karpenter_provisioning;
mod karpenter_solve;
mod karpenter_termination;
mod karpenter_vectors;
mod karpenter_worlds;
