//! The simulated world around the core.

pub mod beside;
pub mod catalogue;
pub mod ec2;
pub mod engine;
pub mod identity;
pub mod latency;
pub mod random;
