//! The program as its users meet it, and the laws of the house.

// What a test skips or remarks on is said aloud.
#![allow(clippy::print_stderr)]

mod arrows;
mod bad_input;
mod bound;
mod case;
mod determinism;
mod interrupt;
mod program;
mod purity;
mod schema;
mod tidy;
mod traces;
mod waits;
