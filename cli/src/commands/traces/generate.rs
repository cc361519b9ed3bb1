//! `greenroom traces generate`

use super::{failed, ordinary};
use crate::failure::{Exit, Failure, OrExit};
use crate::print;
use crate::watch::{bar, stop_flag};
use greenroom_traces::generate::{GenerateError, Generator, Preset, Spec};
use greenroom_traces::schema::column;
use greenroom_traces::{Row, TraceError, Writer};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Jobs between two looks at Ctrl-C and the progress bar.
const TICK_JOBS: u32 = 4_096;

/// The columns that generated jobs fill. There is no runner and no start: nothing ran yet.
const COLUMNS: [&str; 22] = [
    "run_id",
    "run_attempt",
    "job_id",
    "job_name",
    "repository",
    "workflow",
    "event",
    "head_branch",
    "head_sha",
    "actor",
    "team",
    "forge",
    "labels",
    "runner_class",
    "queued_ms",
    "ready_ms",
    "completed_ms",
    "duration_ms",
    "conclusion",
    "predecessors",
    "cpu_milli",
    "memory_mib",
];

/// Options of `traces generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = presets())]
pub(crate) struct Args {
    /// The organisation, see below
    #[arg(long, value_name = "NAME", default_value = "default")]
    preset: String,
    /// How many jobs; more of them make a longer span at the same rate [default: the preset's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The trace that is written: CSV, packed where the name ends in .gz or .zst, or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn presets() -> String {
    let mut text = "Presets:".to_owned();
    for preset in Preset::all() {
        // Writing to text cannot fail.
        let _ = write!(text, "\n  {:<13} {}", preset.name, preset.about);
    }
    text
}

/// Does it.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let stop = stop_flag();
    let mut spec = Spec::named(&args.preset, args.seed).map_err(|error| match error {
        GenerateError::UnknownPreset { .. } => Failure::told(Exit::Usage, format!("--{error}")),
        error @ GenerateError::Field { .. } => Failure::told(Exit::Usage, error),
    })?;
    if let Some(jobs) = args.jobs {
        spec.jobs = jobs;
    }
    ordinary(&args.out)?;
    let jobs = spec.jobs;
    let has_gpus = spec.preset.classes.iter().any(|class| class.size.gpu > 0);
    let mut generator = Generator::new(spec).or_exit(Exit::Usage)?;
    let columns = COLUMNS.into_iter().chain(has_gpus.then_some("gpu")).filter_map(column);
    let mut writer =
        Writer::create(&args.out, columns.collect()).map_err(|error| failed(&error))?;
    let bar = bar(Some(u64::from(jobs)));
    let mut row = Row::default();
    while let Some(arrival) = generator.next() {
        if arrival.row.is_multiple_of(TICK_JOBS) {
            bar.set_position(u64::from(arrival.row));
            if stop.load(Ordering::Relaxed) {
                return Err(failed(&TraceError::Interrupted));
            }
        }
        generator.fill(&arrival, &mut row);
        writer.write(&row).map_err(|error| failed(&error))?;
    }
    writer.finish().map_err(|error| failed(&error))?;
    bar.finish_and_clear();
    print::out(&format!("{}: {jobs} jobs\n", args.out.display()))
}
