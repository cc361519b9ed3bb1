//! `greenroom check-config FILE...`

use crate::failure::Failure;
use crate::input::{ConfigArgs, refused};
use crate::play::until;
use crate::print;
use greenroom_scheduler::time::Time;
use greenroom_sim::setup::{Seed, plan};
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Configuration files, the later over the earlier
    #[arg(value_name = "FILE", required = true)]
    files: Vec<std::path::PathBuf>,
    /// Set one key over the files, such as `pool.linux.max=40`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let args_of_config = ConfigArgs { config: args.files.clone(), set: args.set.clone() };
    let config = args_of_config.load()?;
    // Some faults only show when a run is set up, such as runners that fit on no machine.
    until(&config, Time::ZERO)?;
    plan(&config, Seed::default(), None, None)
        .or_else(|error| Err(refused(&args_of_config.layers()?, &error)))?;
    let mut text = String::new();
    for file in &args.files {
        writeln!(text, "{}: no fault found", file.display()).expect("a string takes all");
    }
    print::out(&text)?;
    for idle in config.idle_keys() {
        print::note(&idle);
    }
    Ok(())
}
