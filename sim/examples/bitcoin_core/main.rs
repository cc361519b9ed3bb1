//! How well the simulator foretells: the limit of a real pool is fitted on three weeks of its
//! record, and the next three weeks are run and set beside what was measured.
//!
//! ```text
//! GREENROOM_DATA=... cargo run --release -p greenroom-sim --example bitcoin_core
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod fit;

use fit::{Pair, fit};
use std::path::PathBuf;

fn main() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("GREENROOM_DATA");
    let data = data.map_or_else(|| here.join("../../shared/data"), PathBuf::from);
    let folder = data.join("traces/bitcoin-core");
    if !folder.exists() {
        eprintln!("{} is missing; GREENROOM_DATA names the folder of the data", folder.display());
        std::process::exit(3);
    }
    let fitted = fit(&folder, &here.join("configs/bitcoin-core.toml"));
    println!("Limit of the x86 pool that fits the first three weeks: {}", fitted.limit);
    for (limit, miss) in &fitted.misses {
        println!("  {limit:>3}: {:5.1} points off", miss * 100.0);
    }
    println!("\n{:>30}{:>8}{:>8}{:>9}{:>12}", "jobs", "p50", "p90", "p99", "over 60 s");
    half("first three weeks", &fitted.first);
    half("last three weeks", &fitted.second);
    let rows: u64 = fitted.unmatched.values().sum();
    println!("\nJobs without a class: {rows} rows of {} names", fitted.unmatched.len());
    for (name, rows) in &fitted.unmatched {
        println!("  {rows:>5}  {name}");
    }
}

fn half(name: &str, Pair { measured, simulated }: &Pair) {
    println!("{name}");
    for (what, waits) in [("measured", measured), ("simulated", simulated)] {
        println!(
            "  {what:<20}{:>8}{:>7.0}s{:>7.0}s{:>8.0}s{:>10.1} %",
            waits.count(),
            waits.quantile(0.5),
            waits.quantile(0.9),
            waits.quantile(0.99),
            waits.long_share() * 100.0
        );
    }
}
