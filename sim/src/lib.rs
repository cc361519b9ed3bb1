//! The simulated world around the core.

pub mod config;
pub mod engine;
pub mod feed;
pub mod registry;
pub mod rules;
pub mod run;
pub mod world;
