//! The commands.

mod bound;
mod check_config;
mod compare;
mod completions;
mod explain;
mod plan;
mod replay;
mod report;
mod schema;
mod simulate;
mod traces;

use crate::failure::{Exit, Failure};
use clap::Subcommand;
use std::ffi::OsString;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay job history through the scheduler in a simulated world, and report cost and waiting
    Simulate(Box<simulate::Args>),
    /// Hold policies or configurations against each other, on the same jobs and the same luck
    Compare(Box<compare::Args>),
    /// Say what no policy could have spent less than, with hindsight
    Bound(Box<bound::Args>),
    /// Find the cheapest configuration that meets objectives of queue time
    Plan(Box<plan::Args>),
    /// Write the report of a run that was recorded
    Report(report::Args),
    /// Replay a journal through the scheduler and print its hash
    Replay(replay::Args),
    /// Look at job history, make some up, or bring it into one form
    #[command(subcommand)]
    Traces(traces::Command),
    /// Say why jobs waited
    Explain(Box<explain::Args>),
    /// Check configuration files without running anything
    CheckConfig(check_config::Args),
    /// Print the JSON schema of the configuration
    Schema,
    /// Print completions for a shell
    Completions(completions::Args),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Simulate(args) => simulate::run_command(&args),
            Self::Compare(args) => compare::run_command(&args),
            Self::Bound(args) => bound::run_command(&args),
            Self::Plan(args) => plan::run_command(&args),
            Self::Report(args) => report::run(&args),
            Self::Replay(args) => replay::run(&args),
            Self::Traces(command) => traces::run(&command),
            Self::Explain(args) => explain::run_command(&args),
            Self::CheckConfig(args) => check_config::run(&args),
            Self::Schema => schema::run(),
            Self::Completions(args) => completions::run(&args),
        }
    }
}

/// Commands of work to come. Their names are kept for it.
const RESERVED: [&str; 15] = [
    "actual",
    "backtest",
    "calibrate",
    "check",
    "demo",
    "diff",
    "forecast",
    "handback",
    "import",
    "pause",
    "prices",
    "run",
    "takeover",
    "twin",
    "upgrade-check",
];

/// Refuses a command of work to come for what it is, before the usual "no such command".
pub(crate) fn refuse_reserved(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let first = arguments.skip(1).find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
    let reserved = first.as_ref().and_then(|word| RESERVED.into_iter().find(|name| word == name));
    match reserved {
        Some(word) => Err(Failure::told(
            Exit::Usage,
            format!("`greenroom {word}`: this build does not have this command yet"),
        )),
        None => Ok(()),
    }
}
