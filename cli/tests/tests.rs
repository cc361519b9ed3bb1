//! The program as its users meet it, and the laws of the house.

// What a test skips or remarks on is said aloud.
#![allow(clippy::print_stderr)]

mod arrows;
mod bad_input;
mod bound;
mod case;
mod compare;
mod determinism;
mod interrupt;
mod lifted;
mod origin;
mod plan;
mod program;
mod purity;
mod same_bytes;
mod schema;
mod tidy;
mod traces;
mod waits;
