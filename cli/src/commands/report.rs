//! `greenroom report`: the report of a run that was recorded.

use crate::failure::{Exit, Failure, OrExit};
use crate::{output, print};
use greenroom_reports::journal_file::Reader;
use greenroom_reports::report::Report;
use greenroom_reports::table;
use std::path::PathBuf;

/// Options of `report`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Journal that `simulate --journal` wrote
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    /// Where the report goes
    #[arg(long, value_name = "DIR", default_value = output::DIRECTORY)]
    out: PathBuf,
    /// Also write the charts as PNG pictures, for slides
    #[arg(long)]
    png: bool,
    /// Print summary.json and nothing else
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut reader = Reader::open(&args.journal).or_exit(Exit::Input)?;
    let report = Report::new(reader.header().run.clone());
    let mut report = output::with_rows(report, &args.out)?;
    let closing = reader.feed(&mut report).or_exit(Exit::Input)?;
    let mut finished = report.finish(closing.provenance).or_exit(Exit::Output)?;
    finished.summary.journal_hash = Some(closing.hash);
    let page = output::write(&finished, &finished.summary, &args.out, args.png)?;
    if args.json {
        return print::out(&output::json_text(&finished.summary));
    }
    print::out(&table::text(&finished.summary))?;
    print::out(&format!("\nReport: {}\n", page.display()))
}
