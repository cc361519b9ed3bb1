//! `greenroom completions SHELL`.

use crate::Cli;
use crate::failure::Failure;
use crate::print;
use clap::CommandFactory;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell that will read them
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "greenroom", &mut script);
    print::out(&String::from_utf8_lossy(&script))
}
