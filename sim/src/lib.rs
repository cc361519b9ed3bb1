//! The simulated world around the core.

pub mod config;
pub mod engine;
