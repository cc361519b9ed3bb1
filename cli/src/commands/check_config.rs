//! `greenroom check-config FILE...`

use crate::failure::Failure;
use crate::input::ConfigArgs;
use crate::print;
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
    let config = ConfigArgs { config: args.files.clone(), set: args.set.clone() }.load()?;
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
