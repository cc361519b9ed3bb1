//! `greenroom simulate`: replays job history through the core, in a simulated world.

use crate::failure::{Exit, Failure, OrExit};
use crate::input::{InputArgs, Opened};
use crate::meter::{LeftOut, Meter};
use crate::watch::{Watched, bar, failed};
use crate::{fits, hindsight, origin, output, print};
use greenroom_reports::hindsight::Hindsight;
use greenroom_reports::journal_file::{Hash, Header, Writer};
use greenroom_reports::ledger::{Breaches, IdleRule};
use greenroom_reports::replications;
use greenroom_reports::report::{Finished, Report};
use greenroom_reports::summary::{Fold, Options, Run, Summary};
use greenroom_reports::table;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::check::Laws;
use greenroom_sim::config::{Config, IdlePayer};
use greenroom_sim::engine::simulation::Arrivals as _;
use greenroom_sim::run::{Outcome, Plan, run};
use greenroom_sim::setup::{Seed, plan};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Options of `simulate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// The policy that decides: reactive, fixed, arc, or oracle, which knows the whole input
    #[arg(long, value_name = "NAME", value_parser = ["reactive", "fixed", "arc", "oracle"])]
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
    left_out: LeftOut,
}

/// Does it.
pub(crate) fn run_command(args: &Args) -> Result<(), Failure> {
    let config = args.input.configuration(args.policy.as_deref())?;
    let directory = (!args.no_report && (!args.json || args.out.is_some()))
        .then(|| args.out.clone().unwrap_or_else(|| output::DIRECTORY.into()));
    let mut meter = Meter::at_open();
    let mut opened = args.input.open(&config)?;
    meter.was_read();
    let first = play(args, &config, &mut opened, 0, directory.as_deref())?;
    meter.leave_out(first.left_out);
    let mut summary = first.summary;
    if args.replications > 1 {
        let mut summaries = vec![summary];
        summaries.extend(others(args, &config, &opened)?);
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
        return print::out(&output::summary_text(&summary));
    }
    print::out(&table::text(&summary))?;
    if let Some(page) = page {
        print::out(&format!("\nReport: {}\n", page.display()))?;
    }
    Ok(())
}

/// The replications after the first, in their own order whatever order they finish in.
fn others(args: &Args, config: &Config, opened: &Opened) -> Result<Vec<Summary>, Failure> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = args.threads {
        pool = pool.num_threads(threads);
    }
    let pool = pool.build().map_err(|error| Failure::told(Exit::Usage, error))?;
    let again = opened.again();
    pool.install(|| {
        (1..args.replications)
            .into_par_iter()
            .map(|nth| Ok(play(args, config, &mut again.opened(), nth, None)?.summary))
            .collect()
    })
}

/// One run.
fn play(
    args: &Args,
    config: &Config,
    opened: &mut Opened,
    replication: u64,
    directory: Option<&std::path::Path>,
) -> Result<Played, Failure> {
    let again = opened.again();
    let mut feed = args.input.feed(opened, config)?;
    let begin = feed.peek().or_exit(Exit::Input)?.unwrap_or_default();
    let warmup_s = config.run.warmup_s;
    let warmup = (warmup_s > 0.0).then(|| begin + Span::from_secs_f64(warmup_s));
    let until = until(config, begin)?;
    let seed = Seed { seed: args.input.seed, replication };
    let mut plan = plan(config, seed, warmup, until)
        .map_err(|error| args.input.refused(&error, args.policy.as_deref()))?;
    let later_by = hindsight::foresee(&args.input, config, &mut plan, &mut again.opened())?;
    let who = Run {
        seed: args.input.seed,
        policy: plan.settings.policy.name().to_owned(),
        world: config.world.name().to_owned(),
        nodes_by: plan.settings.nodes_by,
        trace: args.input.name(),
        idle_rule: match config.report.idle {
            IdlePayer::ByUse => IdleRule::ByUse,
            IdlePayer::ByLastUser => IdleRule::ByLastUser,
            IdlePayer::Platform => IdleRule::Platform,
        },
    };
    let is_first = replication == 0;
    let journal = match &args.journal {
        Some(path) if is_first => {
            let header = Header::new(env!("CARGO_PKG_VERSION"), who.clone());
            Some(Writer::begin(path, &header).or_exit(Exit::Output)?)
        }
        _ => None,
    };
    let hash = (is_first && journal.is_none() && config.journal.hash).then(Hash::new);
    let jobs = match (is_first, &args.input.trace[..]) {
        (true, []) => args.input.jobs.map(u64::from),
        _ => None,
    };
    let bar = if is_first { bar(jobs) } else { indicatif::ProgressBar::hidden() };
    let mut watched = Watched::new(feed.later_by(later_by), bar);
    // Of a run that is cut, or of which a part is left out, they say nothing.
    let is_whole = warmup.is_none() && until.is_none();
    let mut left_out = LeftOut::default();
    let mut hindsight = || -> Result<Option<Hindsight>, Failure> {
        if !(is_first && is_whole && config.report.bound) {
            return Ok(None);
        }
        left_out.measure(|| {
            let bounds = hindsight::gather(&args.input, config, &plan, &mut again.opened())?;
            Ok(hindsight::told(&bounds, config))
        })
    };
    let mut record = Record { journal, hash };
    let mut laws = Laws::default();
    let played = if let Some(directory) = directory {
        let mut report = output::with_rows(Report::new(who), directory)?;
        let outcome = drive(&plan, &mut watched, (&mut laws, (&mut report, &mut record)))?;
        hold(&laws, report.fold().breaches())?;
        fits::tell(report.fold().names());
        let mut provenance = origin::provenance(&args.input, config, &watched.feed);
        provenance.hindsight = hindsight()?;
        let hindsight = provenance.hindsight.clone();
        let journal_hash = record.finish(provenance.clone())?;
        let mut finished = report.finish(provenance).or_exit(Exit::Output)?;
        finished.summary.journal_hash = journal_hash;
        agree(&finished.summary, &outcome, &plan)?;
        let summary = finished.summary.clone();
        Played { summary, finished: Some(finished), hindsight, left_out }
    } else {
        let mut fold = Fold::new(who, Options::default());
        let outcome = if record.journal.is_some() || record.hash.is_some() {
            drive(&plan, &mut watched, (&mut laws, (&mut fold, &mut record)))?
        } else {
            drive(&plan, &mut watched, (&mut laws, &mut fold))?
        };
        hold(&laws, fold.breaches())?;
        if is_first {
            fits::tell(fold.names());
        }
        let mut provenance = origin::provenance(&args.input, config, &watched.feed);
        let mut summary = fold.summary();
        let hindsight = hindsight()?;
        if let Some(hindsight) = &hindsight {
            hindsight.fill(&mut summary);
        }
        provenance.hindsight.clone_from(&hindsight);
        summary.journal_hash = record.finish(provenance)?;
        agree(&summary, &outcome, &plan)?;
        Played { summary, finished: None, hindsight, left_out }
    };
    Ok(played)
}

/// When the run is cut, on the trace's time line.
pub(super) fn until(config: &Config, begin: Time) -> Result<Option<Time>, Failure> {
    use greenroom_traces::Limit;
    let Some(until) = &config.run.until else { return Ok(None) };
    let limit = Limit::parse("run.until", until.text()).or_exit(Exit::Input)?;
    Ok(Some(match limit {
        Limit::At(ms) => Time::from_ms(ms),
        Limit::After(ms) => begin + Span::from_ms(ms),
    }))
}

fn drive<S: Sink>(plan: &Plan, watched: &mut Watched, sink: S) -> Result<Outcome, Failure> {
    run(plan, watched, sink).map_err(failed)
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

const REPORT_IT: &str = "this is a bug of Greenroom: please report it with the command line, the \
                         version and, if you can, the trace";

/// Laws that were broken end the run with a code of their own.
fn hold(laws: &Laws, ledger: &Breaches) -> Result<(), Failure> {
    let (breaches, count) = laws.breaches();
    if count == 0 && ledger.is_empty() {
        return Ok(());
    }
    let mut text = format!("{} laws were broken", count + ledger.count);
    for breach in breaches {
        // Writing to text cannot fail.
        let _ = write!(text, "\n  {breach}");
    }
    for (at, breach) in &ledger.told {
        let _ = write!(text, "\n  at {} ms: {breach}", at.as_ms());
    }
    Err(Failure::told(Exit::Law, format!("{text}\n{REPORT_IT}")))
}

/// The world's bill and the reports' ledger share no code and must be the same sum. With a warm-up,
/// which figures leave out and the bill does not, they are compared node by node only, by the ledger.
fn agree(summary: &Summary, outcome: &Outcome, plan: &Plan) -> Result<(), Failure> {
    if plan.warmup.is_some() {
        return Ok(());
    }
    let ledger = Money::from_usd(summary.cost_usd.total);
    if ledger == outcome.bill {
        return Ok(());
    }
    let message = format!(
        "the world charges {:.6} USD in all, the ledger {:.6}\n{REPORT_IT}",
        outcome.bill.as_usd(),
        ledger.as_usd()
    );
    Err(Failure::told(Exit::Law, message))
}
