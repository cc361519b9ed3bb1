//! The laws of the traces crate.
// The hashes are how expect-test writes what it found.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::needless_raw_string_hashes)]

mod bad;
mod formats;
mod generate;
mod import;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
mod real;
mod repairs;
mod stats;
mod webhooks;
mod world;
