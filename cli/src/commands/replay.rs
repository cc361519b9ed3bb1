//! `greenroom replay`: tells a fresh core what was recorded, and compares what it says.

use crate::failure::{Exit, Failure, OrExit};
use crate::print;
use greenroom_reports::journal_file::Reader;
use greenroom_reports::replay::Replay;
use greenroom_scheduler::journal::Sink as _;
use greenroom_scheduler::time::Time;
use std::path::PathBuf;

/// Options of `replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Journal that `simulate --journal` wrote
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
}

/// Does it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut reader = Reader::open(&args.journal).or_exit(Exit::Input)?;
    let mut replay = Replay::new();
    let mut last = Time::ZERO;
    while let Some((at, entry)) = reader.next_entry().or_exit(Exit::Input)? {
        last = at;
        replay.entry(at, entry.as_entry());
    }
    if let Err(left) = replay.finish(last) {
        let message = format!(
            "{}: entry {} at {} ms: the record says {}, the core says {}",
            args.journal.display(),
            left.entry,
            left.at.as_ms(),
            left.recorded,
            left.replayed
        );
        return Err(Failure::told(Exit::Law, message));
    }
    let hash = reader.closing().map(|closing| closing.hash.clone()).unwrap_or_default();
    print::out(&format!("{hash}\n"))
}
