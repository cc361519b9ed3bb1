//! `greenroom traces stats FILE...`

use super::{failed, told};
use crate::failure::{Exit, Failure};
use crate::input::TraceArgs;
use crate::print;
use crate::watch::{bar, stop_flag};
use greenroom_traces::stats::Fold;
use greenroom_traces::{Source, Trace, TraceError};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Jobs between two looks at Ctrl-C and the progress bar.
const TICK_JOBS: u64 = 4_096;

/// Options of `traces stats`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files of job history
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: TraceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let stop = stop_flag();
    let sources: Vec<Source> = args.files.iter().map(Source::new).collect();
    let mut trace =
        Trace::open(&sources, &args.reading.options()?).map_err(|error| failed(&error))?;
    let mut fold = Fold::default();
    let bar = bar(None);
    let mut jobs = 0_u64;
    while let Some(arrival) = trace.next().transpose().map_err(|error| failed(&error))? {
        fold.add(&arrival);
        jobs += 1;
        if jobs.is_multiple_of(TICK_JOBS) {
            bar.set_position(jobs);
            if stop.load(Ordering::Relaxed) {
                return Err(failed(&TraceError::Interrupted));
            }
        }
    }
    bar.finish_and_clear();
    if stop.load(Ordering::Relaxed) {
        return Err(failed(&TraceError::Interrupted));
    }
    let statistics = fold.finish(trace.names());
    told::tell(trace.provenance());
    if args.json {
        let text = serde_json::to_string_pretty(&statistics)
            .map_err(|error| Failure::told(Exit::Output, format!("statistics: {error}")))?;
        return print::out(&format!("{text}\n"));
    }
    print::out(&statistics.to_string())
}
