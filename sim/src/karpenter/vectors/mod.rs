//! Recorded inputs and outcomes of the real code, and whether the model agrees with them.
//!
//! The format is that of the project's golden vectors: one JSON file a problem, `input` with types,
//! pools, daemons, nodes and pods, `expected` with every outcome that the real code showed.

mod compare;
mod file;
mod world;

pub use compare::{Judged, Verdict, judge};
pub use file::Vector;
pub use world::{Unsupported, World};
