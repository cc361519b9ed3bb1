//! `greenroom compare`: policies or configurations side by side, on the same jobs and the same luck.

mod sides;

use crate::failure::{Exit, Failure};
use crate::input::{InputArgs, Opened, policies};
use crate::watch::{bar, threads};
use crate::{hindsight, output, play, print};
use greenroom_reports::compare::{Comparison, Days, Frontier, Gate, Runs, Side};
use greenroom_reports::hindsight::Hindsight;
use greenroom_reports::replications;
use greenroom_reports::summary::{Fold, Options, Summary};
use greenroom_sim::check::Laws;
use indicatif::ProgressBar;
use rayon::prelude::*;
use sides::Candidate;
pub(super) use sides::split;
use std::path::PathBuf;

/// Options of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Policies to compare; `--config` files are then layered under each. Without it each
    /// `--config` file is a side of its own
    #[arg(long, value_name = "A,B,...", value_delimiter = ',',
          value_parser = policies())]
    policies: Vec<String>,
    /// Every side once with each of these values of a key; may stand several times
    #[arg(long, value_name = "KEY=A,B,...")]
    grid: Vec<String>,
    /// An earlier result that the sides are held against: `compare --json`, or a summary.json
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// End with code 1 if this holds of any side against the first, such as
    /// `p95_queue>+5% or cost>+3%`
    #[arg(long, value_name = "EXPR")]
    fail_if: Option<String>,
    /// How many runs a side, each with other randomness of the world
    #[arg(long, value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=100_000))]
    replications: u64,
    /// Threads; all cores if not given
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Print the comparison as JSON and nothing else
    #[arg(long)]
    json: bool,
    /// Also write comparison.json and a chart of cost against queue time here
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Does it.
pub(crate) fn run_command(args: &Args) -> Result<(), Failure> {
    let gate = match &args.fail_if {
        None => None,
        Some(text) => Some(
            Gate::parse(text)
                .map_err(|error| Failure::told(Exit::Usage, format!("--fail-if: {error}")))?,
        ),
    };
    let candidates =
        sides::candidates(&args.input, &args.policies, &args.grid, args.baseline.is_some())?;
    let mut sides = Vec::new();
    if let Some(file) = &args.baseline {
        sides.push(sides::baseline(file)?);
    }
    sides.extend(played(args, &candidates)?);
    if let [baseline, side, ..] = &sides[..]
        && args.baseline.is_some()
        && !baseline.runs.is_paired_with(&side.runs)
    {
        print::note(&sides::unpaired(&baseline.runs, &side.runs));
    }
    let comparison = Comparison::new(sides);
    let text = if args.json { output::json_text(&comparison) } else { comparison.text() };
    print::out(&text)?;
    if let Some(directory) = &args.out {
        let chart = output::write_comparison(&comparison, directory)?;
        if !args.json {
            print::out(&format!("\nChart: {}\n", chart.display()))?;
        }
    }
    let Some(gate) = gate else { return Ok(()) };
    let (checked, fails) = comparison.check(&gate);
    let mut told: Vec<String> = checked.iter().map(ToString::to_string).collect();
    if fails {
        told.insert(0, "the gate fails:".to_owned());
        return Err(Failure::told(Exit::Gate, told.join("\n  ")));
    }
    for line in told {
        print::note(&line);
    }
    Ok(())
}

/// All runs of all sides, the first of each followed by day. Runs are shared out over the
/// threads, and come back in their own order.
fn played(args: &Args, candidates: &[Candidate]) -> Result<Vec<Side>, Failure> {
    let opened = opened(&args.input, candidates)?;
    let again: Vec<_> = opened.iter().map(Opened::again).collect();
    let all = candidates.len() as u64 * args.replications;
    let bar = bar(None);
    let runs: Vec<Run> = threads(args.threads)?.install(|| {
        (0..all)
            .into_par_iter()
            .map(|nth| {
                let (side, nth) = (nth / args.replications, nth % args.replications);
                let side = side as usize;
                let mut opened = again[side].opened();
                run_once(args, &candidates[side], &mut opened, nth, bar.clone())
            })
            .collect::<Result<_, Failure>>()
    })?;
    bar.finish_and_clear();
    let mut runs = runs.into_iter();
    let sides = candidates.iter().map(|candidate| {
        let own: Vec<Run> = runs.by_ref().take(args.replications as usize).collect();
        let (mut summaries, mut seen): (Vec<_>, Vec<_>) =
            own.into_iter().map(|run| (run.summary, run.seen)).unzip();
        let Seen { days, hindsight, frontier } = seen.swap_remove(0).unwrap_or_default();
        // Where spot prices are chance, each replication has its own bound, and the first's is told.
        let told = if hindsight::is_chance(&candidate.config) { 1 } else { summaries.len() };
        if let Some(hindsight) = hindsight {
            summaries[..told].iter_mut().for_each(|summary| hindsight.fill(summary));
        }
        let summary = replications::fold(&summaries).expect("there is one run at least");
        Side {
            name: candidate.name.clone(),
            summary,
            runs: Runs::of(&candidate.name, &summaries),
            days,
            frontier,
        }
    });
    Ok(sides.collect())
}

/// The input of each side: one for all that read the same rows of it.
fn opened(input: &InputArgs, candidates: &[Candidate]) -> Result<Vec<Opened>, Failure> {
    let mut all: Vec<Opened> = Vec::new();
    for (nth, candidate) in candidates.iter().enumerate() {
        let like = candidates[..nth].iter().position(|other| other.reads_like(candidate));
        let opened = match like {
            Some(place) => all[place].again().opened(),
            None => input.open(&candidate.config)?,
        };
        all.push(opened);
    }
    Ok(all)
}

/// One run.
struct Run {
    summary: Summary,
    seen: Option<Seen>,
}

/// What only the first run of a side is looked at for.
#[derive(Default)]
struct Seen {
    days: Option<Days>,
    hindsight: Option<Hindsight>,
    frontier: Option<Frontier>,
}

fn run_once(
    args: &Args,
    candidate: &Candidate,
    opened: &mut Opened,
    replication: u64,
    bar: ProgressBar,
) -> Result<Run, Failure> {
    let told = (&candidate.config, &candidate.layers[..]);
    let mut ready = play::ready(&args.input, told, opened, replication, bar)?;
    let mut laws = Laws::default();
    let mut fold = Fold::new(ready.who.clone(), Options::default());
    let mut days = (replication == 0).then(Days::default);
    let outcome = match &mut days {
        Some(days) => ready.play((&mut laws, (&mut fold, days)))?,
        None => ready.play((&mut laws, &mut fold))?,
    };
    play::hold(&laws, fold.breaches())?;
    let summary = fold.summary();
    ready.agree(&summary, &outcome)?;
    if replication > 0 {
        return Ok(Run { summary, seen: None });
    }
    let bounds = ready.bounds(&args.input, &candidate.config)?;
    // A curve takes as long as many bounds, so that it is made for who sees it.
    let is_seen = args.json || args.out.is_some();
    let frontier = bounds.as_ref().filter(|_| is_seen);
    let frontier = frontier.and_then(|bounds| hindsight::frontier(bounds, &candidate.config));
    let hindsight = bounds.and_then(|bounds| hindsight::told(&bounds, &candidate.config));
    Ok(Run { summary, seen: Some(Seen { days, hindsight, frontier }) })
}
