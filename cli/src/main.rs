//! `greenroom`: one binary, one file a command.

mod commands;
mod digest;
mod failure;
mod fits;
mod hindsight;
mod input;
mod meter;
mod origin;
mod output;
mod play;
mod print;
mod watch;

use clap::Parser;
use commands::Command;
use failure::{Exit, Failure};
use std::process::ExitCode;

/// Capacity planning for GitHub Actions runners: replay job history through the scheduler, and see
/// what it costs and how long jobs wait.
#[derive(Debug, Parser)]
#[command(name = "greenroom", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 a gate or SLO failed, 2 wrong usage, 3 bad input or configuration, \
4 a law was broken (a bug of ours), 5 output could not be written, 130 interrupted.";

fn main() -> ExitCode {
    let done = commands::refuse_reserved(std::env::args_os()).and_then(|()| {
        let cli = Cli::try_parse().map_err(Failure::from)?;
        cli.command.run()
    });
    match done {
        Ok(()) => Exit::Done.into(),
        Err(failure) => failure.show(),
    }
}
