//! The tests of this crate: one binary, so that it links once.

mod karpenter_provisioning;
mod karpenter_vectors;
