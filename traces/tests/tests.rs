//! The laws of the traces crate.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod generate;
mod real;
mod stats;
mod world;
