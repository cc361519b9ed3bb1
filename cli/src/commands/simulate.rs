//! `greenroom simulate`: replays job history through the core, in a simulated world.

use crate::failure::{Exit, Failure, OrExit};
use crate::input::{InputArgs, Opened, configuration, policies};
use crate::meter::{LeftOut, Meter};
use crate::origin::Origin;
use crate::play::{self, Ready};
use crate::watch::{bar, threads};
use crate::{digest, fits, hindsight, origin, output, print};
use greenroom_reports::hindsight::Hindsight;
use greenroom_reports::journal_file::{Hash, Header, Writer};
use greenroom_reports::names::Names;
use greenroom_reports::replications;
use greenroom_reports::report::{Finished, Report};
use greenroom_reports::summary::{Fold, Options, Summary};
use greenroom_reports::table;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::Time;
use greenroom_sim::check::Laws;
use greenroom_sim::config::Config;
use rayon::prelude::*;
use std::path::PathBuf;

/// Options of `simulate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// The policy that decides
    #[arg(long, value_name = "NAME", value_parser = policies())]
    policy: Option<String>,
    /// Run the same input so many times with other randomness of the world, for intervals
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=100_000))]
    replications: u64,
    /// Threads for replications; all cores if not given
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Where the report goes
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Record everything that happens into this file (.gz and .zst are packed)
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Print summary.json and nothing else; a report is then written only with --out
    #[arg(long)]
    json: bool,
    /// Write no report
    #[arg(long, conflicts_with = "out")]
    no_report: bool,
}

/// What one run leaves.
struct Played {
    summary: Summary,
    finished: Option<Finished>,
    hindsight: Option<Hindsight>,
    /// What the bounds took.
    left_out: LeftOut,
}

/// Does it.
pub(crate) fn run_command(args: &Args) -> Result<(), Failure> {
    let layers = args.input.layers(args.policy.as_deref())?;
    let config = configuration(&layers)?;
    let directory = (!args.no_report && (!args.json || args.out.is_some()))
        .then(|| args.out.clone().unwrap_or_else(|| output::DIRECTORY.into()));
    let digests: Vec<_> = args.input.trace.iter().map(|path| digest::of(path)).collect();
    let input = &args.input;
    let origin = &Origin { input, config: &config, layers: &layers, digests: &digests };
    let mut meter = Meter::at_open();
    let mut opened = args.input.open(&config)?;
    meter.was_read();
    let first = run_once(args, origin, &mut opened, 0, directory.as_deref())?;
    meter.leave_out(first.left_out);
    let mut summary = first.summary;
    if args.replications > 1 {
        let mut summaries = vec![summary];
        summaries.extend(others(args, origin, &opened)?);
        // Where spot prices are chance, each replication has its own bound, and the first's is told.
        if let Some(hindsight) = first.hindsight.filter(|_| !hindsight::is_chance(&config)) {
            summaries[1..].iter_mut().for_each(|summary| hindsight.fill(summary));
        }
        summary = replications::fold(&summaries).expect("there is one at least");
    }
    meter.fill(&mut summary, args.replications);
    let page = match (&directory, first.finished) {
        (Some(directory), Some(mut finished)) => {
            finished.summary.replications.clone_from(&summary.replications);
            Some(output::write(&finished, &summary, directory, false)?)
        }
        _ => None,
    };
    if args.json {
        return print::out(&output::json_text(&summary));
    }
    print::out(&table::text(&summary))?;
    if let Some(page) = page {
        print::out(&format!("\nReport: {}\n", page.display()))?;
    }
    Ok(())
}

/// The replications after the first, in their own order whatever order they finish in.
fn others(args: &Args, origin: &Origin<'_>, opened: &Opened) -> Result<Vec<Summary>, Failure> {
    let pool = threads(args.threads)?;
    let again = opened.again();
    pool.install(|| {
        (1..args.replications)
            .into_par_iter()
            .map(|nth| Ok(run_once(args, origin, &mut again.opened(), nth, None)?.summary))
            .collect()
    })
}

/// One run.
fn run_once(
    args: &Args,
    origin: &Origin<'_>,
    opened: &mut Opened,
    replication: u64,
    directory: Option<&std::path::Path>,
) -> Result<Played, Failure> {
    let is_first = replication == 0;
    let jobs = match (is_first, &args.input.trace[..]) {
        (true, []) => args.input.jobs.map(u64::from),
        _ => None,
    };
    let bar = if is_first { bar(jobs) } else { indicatif::ProgressBar::hidden() };
    let mut ready =
        play::ready(&args.input, (origin.config, origin.layers), opened, replication, bar)?;
    let who = ready.who.clone();
    let journal = match &args.journal {
        Some(path) if is_first => {
            let header = Header::new(env!("CARGO_PKG_VERSION"), who.clone());
            Some(Writer::begin(path, &header).or_exit(Exit::Output)?)
        }
        _ => None,
    };
    let hash = (is_first && journal.is_none() && origin.config.journal.hash).then(Hash::new);
    let mut record = Record { journal, hash };
    let mut laws = Laws::default();
    let mut left_out = LeftOut::default();
    let played = if let Some(directory) = directory {
        let mut report = output::with_rows(Report::new(who), directory)?;
        let outcome = ready.play((&mut laws, (&mut report, &mut record)))?;
        play::hold(&laws, report.fold().breaches())?;
        let names = report.fold().names();
        tell(origin.config, names);
        let mut provenance =
            origin::provenance(origin, &ready.watched.feed, names, outcome.omissions);
        provenance.hindsight = left_out.measure(|| hindsight_of(&ready, args, origin, is_first))?;
        let hindsight = provenance.hindsight.clone();
        let journal_hash = record.finish(provenance.clone())?;
        let mut finished = report.finish(provenance).or_exit(Exit::Output)?;
        finished.summary.journal_hash = journal_hash;
        ready.agree(&finished.summary, &outcome)?;
        let summary = finished.summary.clone();
        Played { summary, finished: Some(finished), hindsight, left_out }
    } else {
        let mut fold = Fold::new(who, Options::default());
        let outcome = if record.journal.is_some() || record.hash.is_some() {
            ready.play((&mut laws, (&mut fold, &mut record)))?
        } else {
            ready.play((&mut laws, &mut fold))?
        };
        play::hold(&laws, fold.breaches())?;
        if is_first {
            tell(origin.config, fold.names());
        }
        let mut provenance =
            origin::provenance(origin, &ready.watched.feed, fold.names(), outcome.omissions);
        let mut summary = fold.summary().from(&provenance);
        let hindsight = left_out.measure(|| hindsight_of(&ready, args, origin, is_first))?;
        if let Some(hindsight) = &hindsight {
            hindsight.fill(&mut summary);
        }
        provenance.hindsight.clone_from(&hindsight);
        summary.journal_hash = record.finish(provenance)?;
        ready.agree(&summary, &outcome)?;
        Played { summary, finished: None, hindsight, left_out }
    };
    Ok(played)
}

/// The bounds of the first replication: the others have the same jobs.
fn hindsight_of(
    ready: &Ready,
    args: &Args,
    origin: &Origin<'_>,
    is_first: bool,
) -> Result<Option<Hindsight>, Failure> {
    if is_first { ready.hindsight(&args.input, origin.config) } else { Ok(None) }
}

/// Says what of the input led to nothing.
fn tell(config: &Config, names: &Names) {
    fits::tell(names);
    for sentence in origin::unused(config, names) {
        print::note(&sentence);
    }
}

/// The journal, or its hash alone.
struct Record {
    journal: Option<Writer>,
    hash: Option<Hash>,
}

impl Sink for Record {
    fn entry(&mut self, at: Time, entry: greenroom_scheduler::journal::Entry<'_>) {
        if let Some(journal) = &mut self.journal {
            journal.entry(at, entry);
        }
        if let Some(hash) = &mut self.hash {
            hash.entry(at, entry);
        }
    }
}

impl Record {
    /// Closes the journal and answers the hash, if either was asked for.
    fn finish(
        self,
        provenance: greenroom_reports::provenance::Provenance,
    ) -> Result<Option<String>, Failure> {
        match (self.journal, self.hash) {
            (Some(journal), _) => journal.finish(provenance).or_exit(Exit::Output).map(Some),
            (None, hash) => Ok(hash.map(|hash| hash.hex())),
        }
    }
}
