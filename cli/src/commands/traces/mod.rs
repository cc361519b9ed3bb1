//! `greenroom traces`: looks at job history, makes some up, brings it into one form.

mod generate;
mod import;
mod stats;
mod told;

use crate::failure::{Exit, Failure};
use greenroom_traces::TraceError;
use std::path::Path;

/// What to do with traces.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Say how many jobs there are, how many run at once, how bursty they come, how long they run
    Stats(stats::Args),
    /// Make up job history from published figures
    Generate(generate::Args),
    /// Write files of any format as one Greenroom trace
    Import(import::Args),
}

/// Does it.
pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Stats(args) => stats::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Import(args) => import::run(args),
    }
}

/// The exit code that fits: output, Ctrl-C or input.
fn failed(error: &TraceError) -> Failure {
    let exit = match error {
        TraceError::Interrupted => Exit::Interrupted,
        error if error.is_output() => Exit::Output,
        _ => Exit::Input,
    };
    Failure::told(exit, error)
}

/// Refuses an output that an ordinary file could not take the place of. The trace is renamed into
/// its place at the end, and that would replace a device such as `/dev/null`.
fn ordinary(out: &Path) -> Result<(), Failure> {
    let found = match std::fs::metadata(out) {
        Err(_) => return Ok(()),
        Ok(known) if known.is_file() => return Ok(()),
        Ok(known) if known.is_dir() => "a directory",
        Ok(_) => "a device or pipe",
    };
    let file = out.display();
    Err(Failure::told(
        Exit::Output,
        format!("{file}: cannot write: found {found}, expected a file or none"),
    ))
}
