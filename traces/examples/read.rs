//! Measures reading: `cargo run --release -p greenroom-traces --example read -- FILE...` prints the
//! CPU time a row takes, the best of several rounds, decompression and parsing included.
#![allow(clippy::print_stdout)]

use greenroom_traces::{ReadOptions, Source, Trace, TraceError};
use std::time::Instant;

/// The best of these is what the machine can do; the others are what its neighbours do.
const ROUNDS: usize = 15;

fn main() -> Result<(), TraceError> {
    let sources: Vec<_> = std::env::args().skip(1).map(Source::new).collect();
    for held_bytes_max in [ReadOptions::default().held_bytes_max, 1 << 20] {
        let options = ReadOptions { held_bytes_max, ..ReadOptions::default() };
        let (mut best, mut rows) = (f64::MAX, 0);
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let trace = Trace::open(&sources, &options)?;
            let is_held = trace.shared().is_some();
            rows = 0;
            for arrival in trace {
                arrival?;
                rows += 1;
            }
            let ns = begun.elapsed().as_secs_f64() * 1e9 / f64::from(rows);
            best = best.min(ns);
            if !is_held && held_bytes_max > 1 << 20 {
                break;
            }
        }
        println!("{rows} rows, at most {held_bytes_max} bytes held: {best:.0} ns a row");
    }
    Ok(())
}
