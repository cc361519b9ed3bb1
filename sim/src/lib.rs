//! The simulated world around the core.

pub mod engine;
pub mod random;
