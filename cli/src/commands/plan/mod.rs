//! `greenroom plan`: the cheapest configuration that meets objectives of queue time.

mod field;
mod knobs;
mod recommend;
mod stress;
mod survey;

use crate::failure::{Exit, Failure};
use crate::input::{InputArgs, configuration, refused};
use crate::watch::{runs_bar, threads};
use crate::{output, print};
use field::{Field, Ground, Played, sizes};
use greenroom_reports::plan::{Budget, Extent, Outcome, Point, Slo, Space, Trial, points, search};
use greenroom_sim::config::World;
use greenroom_sim::setup::{Seed, plan};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use stress::STRESS_RUNS_MAX;
use survey::survey;

/// Where the answer goes unless somebody says otherwise.
const DIRECTORY: &str = "greenroom-plan";

/// Most jobs that a configuration may lose to infrastructure, as a share; more where today's does.
const LOST_SHARE_MAX: f64 = 0.005;

/// Fewer jobs than this are always run whole.
const BEGINNING_JOBS_MIN: u64 = 5_000;

/// The beginning is the larger of that and this part of the jobs.
const BEGINNING_PART: u64 = 4;

/// Runs beside the search: today's and the chosen configuration by day, and stress.
const OTHER_RUNS_MAX: usize = 2 + STRESS_RUNS_MAX;

/// Options of `plan`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// What is to be met, such as `p95<=15s` or `event=pull_request: p95<=30s; event=schedule:
    /// p95<=10m`. Selected are jobs by event, class, team, repository, workflow or job
    #[arg(long, value_name = "EXPR")]
    slo: String,
    /// Turn only this key, between today's value and these; may stand several times
    #[arg(long, value_name = "KEY=A,B,...")]
    grid: Vec<String>,
    /// How many runs of the whole input confirm a configuration, each with other randomness
    #[arg(long, value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=1_000))]
    replications: u64,
    /// Most runs of any kind
    #[arg(long, value_name = "N", default_value_t = 400,
          value_parser = clap::value_parser!(u64).range(20..=1_000_000))]
    runs: u64,
    /// How many times as many jobs the configuration is tried on to see what breaks first
    #[arg(long, value_name = "FACTOR", default_value = "1.5x", value_parser = factor)]
    stress: f64,
    /// Threads; all cores if not given
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Where plan.json, the chart and the recommended configuration go
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print plan.json and nothing else; files are then written only with --out
    #[arg(long)]
    json: bool,
}

/// `1.5x` or `1.5`.
fn factor(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('x').unwrap_or(text).parse().ok();
    let sane = number.filter(|factor: &f64| (1.0..=10.0).contains(factor));
    sane.ok_or_else(|| "expected a factor from 1x to 10x, such as 1.5x".to_owned())
}

/// Does it.
pub(crate) fn run_command(args: &Args) -> Result<(), Failure> {
    let slo = Slo::parse(&args.slo)
        .map_err(|error| Failure::told(Exit::Usage, format!("--slo: {error}")))?;
    let runs_least = (2 * args.replications) as usize + OTHER_RUNS_MAX + 2;
    if (args.runs as usize) < runs_least {
        let message = format!(
            "--runs: found {}, expected {runs_least} at least with {} replications",
            args.runs, args.replications
        );
        return Err(Failure::told(Exit::Usage, message));
    }
    let directory = (!args.json || args.out.is_some())
        .then(|| args.out.clone().unwrap_or_else(|| DIRECTORY.into()));
    // A search takes its time; what cannot be written is told before.
    directory.as_deref().map_or(Ok(()), output::is_free)?;
    let layers = args.input.layers(None)?;
    let config = configuration(&layers)?;
    let seed = Seed { seed: args.input.seed, replication: 0 };
    let today = plan(&config, seed, None, None).map_err(|error| refused(&layers, &error))?;
    let again = args.input.open(&config)?.again();
    let survey = survey(&args.input, &config, &today, &mut again.opened(), &slo)?;
    let knobs::Table { space, turns, starts } = match &args.grid[..] {
        [] => knobs::of_table(&layers, &config, &survey),
        grid => knobs::of_grid(&layers, &config, grid)?,
    };
    // A warm-up may be all that the beginning has.
    let explores_beginning = config.run.warmup_s == 0.0;
    let beginning_jobs = BEGINNING_JOBS_MIN.max(survey.jobs / BEGINNING_PART);
    let explores_beginning = explores_beginning && survey.jobs > beginning_jobs;
    let ground = Ground {
        input: &args.input,
        slo: &slo,
        members: Arc::clone(&survey.members),
        sizes: sizes(&today),
        zones: match config.world {
            World::Eks => config.ec2.zones.clone(),
            World::OneSlot => vec!["-".to_owned()],
        },
        beginning_jobs,
    };
    let pool = threads(args.threads)?;
    let field = RefCell::new(Field::new(layers, turns, args.input.seed));
    let bar = runs_bar(args.runs);
    let played: RefCell<BTreeMap<(Point, u64), Played>> = RefCell::default();
    let normal = |space: &Space, point: &[usize]| field.borrow_mut().normal(space, point);
    let run = |_: &Space, trials: &[Trial]| -> Result<Vec<Outcome>, Failure> {
        let candidates: Vec<_> =
            trials.iter().map(|trial| field.borrow().candidate(&trial.point)).collect();
        let all: Vec<_> = trials.iter().zip(candidates).collect();
        bar.inc(trials.len() as u64);
        let runs: Vec<Played> = pool.install(|| {
            let runs = all.into_par_iter().map(|(trial, candidate)| {
                let run = (trial.span, trial.replication);
                ground.play(&candidate, &mut again.opened(), run, ())
            });
            runs.collect::<Result<_, Failure>>()
        })?;
        let outcomes = runs.iter().map(|run| run.outcome.clone()).collect();
        for (trial, run) in trials.iter().zip(runs) {
            if trial.span == Extent::Whole {
                played.borrow_mut().insert((trial.point.clone(), trial.replication), run);
            }
        }
        Ok(outcomes)
    };
    // What today's loses is nobody's choice here.
    let start = space.start();
    let whole = Trial { point: start.clone(), span: Extent::Whole, replication: 0 };
    normal(&space, &start)
        .ok_or_else(|| Failure::told(Exit::Input, "today's configuration is none"))?;
    let lost = run(&space, &[whole])?[0].values.last().copied().flatten().unwrap_or(0.0);
    let mut limits = slo.limits_s();
    limits.push(LOST_SHARE_MAX.max(lost));
    let budget = Budget {
        runs_max: args.runs as usize - OTHER_RUNS_MAX - 1,
        replications: args.replications,
        explores_beginning,
    };
    let found = search((space, starts), &limits, budget, normal, run)?;
    bar.finish_and_clear();
    let all = points(&found, &limits, recommend::span_h(&survey, &config), true);
    let plan = recommend::Plan {
        args,
        slo: &slo,
        limits: &limits,
        survey: &survey,
        ground: &ground,
        field: &field.borrow(),
        found: &found,
        played: &played.borrow(),
        explores_beginning,
    };
    let answer = pool.install(|| plan.answer(&again))?;
    let recommended = found.best.as_ref().map(|_| plan.document(&answer));
    let text = if args.json { output::json_text(&answer) } else { answer.text() };
    print::out(&text)?;
    if let Some(directory) = directory {
        let told = output::write_plan(&answer, &all, recommended.as_deref(), &directory)?;
        if !args.json {
            print::out(&told)?;
        }
    }
    if answer.is_met {
        return Ok(());
    }
    Err(Failure::told(Exit::Gate, recommend::unmet(&answer)))
}
