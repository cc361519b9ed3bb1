//! The simulated world around the core.

pub mod random;
