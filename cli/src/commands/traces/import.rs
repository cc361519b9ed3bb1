//! `greenroom traces import FILE...`

use super::{failed, ordinary, told};
use crate::failure::Failure;
use crate::input::{TraceArgs, limit};
use crate::print;
use crate::watch::stop_flag;
use greenroom_traces::{ImportOptions, ReadOptions, Source, import};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;

/// How often the sign of life on a terminal moves.
const SPIN_EVERY: Duration = Duration::from_millis(120);

/// Options of `traces import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files of job history
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The trace that is written: CSV, packed where the name ends in .gz or .zst, or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    reading: TraceArgs,
    /// Only jobs from this time on: a date, a time, milliseconds, or `3d` after the start
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// Only jobs before this time
    #[arg(long, value_name = "T")]
    to: Option<String>,
    /// Stop at the first row that would need repair
    #[arg(long, conflicts_with = "skip_bad_rows")]
    strict: bool,
    /// Replace names by pseudonyms: equal names get equal ones, with a key that nobody keeps
    #[arg(long)]
    anonymise: bool,
}

/// Does it.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let stop = stop_flag();
    let sources: Vec<Source> = args.files.iter().map(Source::new).collect();
    let reading = ReadOptions {
        strict: args.strict,
        from: limit("--from", args.from.as_deref())?,
        to: limit("--to", args.to.as_deref())?,
        ..args.reading.options()?
    };
    ordinary(&args.out)?;
    let options =
        ImportOptions { anonymise: args.anonymise, stop: Some(&stop), ..ImportOptions::default() };
    let spinner = spinner(&args.out);
    let provenance =
        import(&sources, &reading, options, &args.out).map_err(|error| failed(&error))?;
    spinner.finish_and_clear();
    told::tell(&provenance);
    print::out(&format!(
        "{}: {} of {} rows imported\n",
        args.out.display(),
        provenance.rows_kept,
        provenance.rows_read
    ))
}

/// A sign of life on standard error, on a terminal only: nobody knows how many rows are to come.
fn spinner(out: &std::path::Path) -> ProgressBar {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
        spinner.set_style(style);
    }
    spinner.set_message(format!("writing {}", out.display()));
    spinner.enable_steady_tick(SPIN_EVERY);
    spinner
}
