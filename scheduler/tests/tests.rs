//! The laws of the core: guarantees told as scenarios, properties over made-up histories, and all
//! small worlds.
#![allow(clippy::unwrap_used)]

mod arc;
mod checker;
mod fair;
mod faults;
mod laws;
mod readme;
mod scenario;
mod small;
mod steady;
mod world;
