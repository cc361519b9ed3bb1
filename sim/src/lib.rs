//! The simulated world around the core.

pub mod engine;
pub mod kube;
pub mod registry;
pub mod rules;
pub mod world;
