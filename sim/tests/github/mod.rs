//! GitHub alone: step by step against expected text, and as laws against a naive reference.

mod flows;
mod laws;
mod limits;
mod naive;
mod windows;
mod world;
