//! Job traces: what goes in.

pub mod arrival;
pub mod generate;
pub mod names;
