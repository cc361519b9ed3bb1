//! GitHub alone: step by step against expected text, and as laws against a naive reference.

mod flows;
mod windows;
mod world;
