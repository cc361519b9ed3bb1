//! The program as its users meet it, and the laws of the house.

mod arrows;
mod bad_input;
mod case;
mod interrupt;
mod program;
mod purity;
mod tidy;
mod traces;
mod waits;
