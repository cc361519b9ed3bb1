//! Measures importing: `cargo run --release -p greenroom-traces --example import -- OUT FILE...`
//! prints the time a row takes and what became of the rows.
#![allow(clippy::print_stdout)]

use greenroom_traces::{ImportOptions, ReadOptions, Source, TraceError, import};
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), TraceError> {
    let mut arguments = std::env::args().skip(1);
    let out = PathBuf::from(arguments.next().unwrap_or_default());
    let sources: Vec<_> = arguments.map(Source::new).collect();
    let begun = Instant::now();
    let how = ImportOptions::default();
    let provenance = import(&sources, &ReadOptions::default(), how, &out)?;
    let ns = begun.elapsed().as_secs_f64() * 1e9 / provenance.rows_kept as f64;
    println!("{} rows kept, {ns:.0} ns each", provenance.rows_kept);
    for (rule, count) in provenance.repairs.totals() {
        println!("{rule}: {count}");
    }
    Ok(())
}
