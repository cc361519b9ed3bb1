//! The tests of this crate: one binary, so that it links once.

mod karpenter_vectors;
