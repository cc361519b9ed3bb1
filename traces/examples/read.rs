//! Measures reading: `cargo run --release -p greenroom-traces --example read -- FILE...` prints the
//! CPU time a row takes, the best of several rounds, decompression and parsing included.
#![allow(clippy::print_stdout)]

use greenroom_traces::{ReadOptions, Source, Trace, TraceError};

/// The best of these is what the machine can do; the others are what its neighbours do.
const ROUNDS: usize = 15;

/// CPU time of this thread so far, which busy neighbours do not stretch; Linux tells it.
fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|ns| ns.parse().ok());
    first.expect("schedstat begins with the nanoseconds on the CPU")
}

fn main() -> Result<(), TraceError> {
    let sources: Vec<_> = std::env::args().skip(1).map(Source::new).collect();
    for held_bytes_max in [ReadOptions::default().held_bytes_max, 1 << 20] {
        let options = ReadOptions { held_bytes_max, ..ReadOptions::default() };
        let (mut best, mut rows) = (f64::MAX, 0);
        for _ in 0..ROUNDS {
            let begun = cpu_ns();
            let trace = Trace::open(&sources, &options)?;
            let is_held = trace.shared().is_some();
            rows = 0;
            for arrival in trace {
                arrival?;
                rows += 1;
            }
            let ns = (cpu_ns() - begun) / f64::from(rows);
            best = best.min(ns);
            if !is_held && held_bytes_max > 1 << 20 {
                break;
            }
        }
        println!("{rows} rows, at most {held_bytes_max} bytes held: {best:.0} ns a row");
    }
    Ok(())
}
