//! `greenroom explain`: why jobs waited, with the numbers.

use crate::failure::{Exit, Failure, OrExit};
use crate::input::{InputArgs, configuration, policies};
use crate::play;
use crate::watch::{Stopped, bar, failed, stop_flag};
use crate::{fits, print};
use greenroom_reports::journal_file::Reader;
use greenroom_reports::names::Names;
use greenroom_reports::wait::{Story, Waits, Worst, explain};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Stories are kept whole until the end of the run; more than this is what `jobs.csv` is for.
const WORST_MAX: u64 = 10_000;

/// Options of `explain`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("asked").args(["job", "worst"]).required(true))]
pub(crate) struct Args {
    /// The job, as reports number it: `17` or `j17`
    #[arg(value_name = "JOB", value_parser = job)]
    job: Option<u32>,
    /// The N jobs that waited longest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=WORST_MAX))]
    worst: Option<u64>,
    /// Journal that `simulate --journal` wrote; without it the input is simulated anew
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "trace", "format", "map", "classes", "skip_bad_rows", "preset", "jobs", "world", "config",
        "set", "seed", "from", "to", "policy",
    ])]
    journal: Option<PathBuf>,
    #[command(flatten)]
    input: InputArgs,
    /// The policy that decides
    #[arg(long, value_name = "NAME", value_parser = policies())]
    policy: Option<String>,
}

/// A job's number, with or without its letter.
fn job(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix('j').unwrap_or(text);
    number.parse().map_err(|_| "expected a job's number, such as 17 or j17".to_owned())
}

/// Whose story is told.
enum Asked {
    Job { number: u32, story: Option<Box<Story>> },
    Worst(Worst),
}

/// Reads the entries and keeps the stories that were asked for.
struct Listener {
    names: Names,
    waits: Waits,
    asked: Asked,
    jobs: u32,
    last: Time,
}

impl Listener {
    fn new(args: &Args) -> Self {
        let asked = match (args.job, args.worst) {
            (Some(number), _) => Asked::Job { number, story: None },
            (None, most) => Asked::Worst(Worst::new(most.unwrap_or(1) as usize)),
        };
        let (names, waits) = (Names::default(), Waits::default());
        Self { names, waits, asked, jobs: 0, last: Time::ZERO }
    }

    /// The answer, once the last entry was heard.
    fn answer(mut self) -> Result<String, Failure> {
        for story in self.waits.unfinished(self.last) {
            self.asked.hear(&story, &self.names);
        }
        let stories = match &self.asked {
            Asked::Job { story: Some(story), .. } => std::slice::from_ref(&**story),
            Asked::Job { number, story: None } => {
                let expected = match self.jobs {
                    0 => "a run with jobs".to_owned(),
                    jobs => format!("the number of a job that became ready, 0 to {}", jobs - 1),
                };
                let message = format!("JOB: found {number}, expected {expected}");
                return Err(Failure::told(Exit::Input, message));
            }
            Asked::Worst(worst) => worst.stories(),
        };
        if stories.is_empty() {
            return Ok("No job waited.\n".to_owned());
        }
        fits::tell(&self.names);
        let texts: Vec<String> = stories.iter().map(|story| explain(&self.names, story)).collect();
        Ok(texts.join("\n"))
    }
}

impl Asked {
    fn hear(&mut self, told: &Story, names: &Names) {
        match self {
            Self::Job { number, story } if told.job.serial == *number => {
                *story = Some(Box::new(told.clone()));
            }
            Self::Job { .. } => {}
            // Jobs of the warm-up are run, not counted: their waits are those of an empty fleet.
            Self::Worst(_) if told.ready < names.warmup() || told.waited == Span::ZERO => {}
            Self::Worst(worst) => worst.add(told),
        }
    }
}

impl Sink for Listener {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        self.last = at;
        match entry {
            Entry::Fact(Fact::Named(naming)) => self.names.learn(naming),
            Entry::Decision(decision) => self.names.learn_misfit(decision),
            Entry::Fact(Fact::JobReady { job, .. }) => {
                self.jobs = self.jobs.max(job.serial.saturating_add(1));
            }
            _ => {}
        }
        if let Some(story) = self.waits.step(at, entry) {
            self.asked.hear(story, &self.names);
        }
    }
}

/// Does it.
pub(crate) fn run_command(args: &Args) -> Result<(), Failure> {
    let mut listener = Listener::new(args);
    match &args.journal {
        Some(journal) => listen(journal, &mut listener)?,
        None => simulate(args, &mut listener)?,
    }
    print::out(&listener.answer()?)
}

/// To a record.
fn listen(journal: &Path, listener: &mut Listener) -> Result<(), Failure> {
    let stop = stop_flag();
    let mut reader = Reader::open(journal).or_exit(Exit::Input)?;
    while let Some((at, entry)) = reader.next_entry().or_exit(Exit::Input)? {
        listener.entry(at, entry.as_entry());
        if stop.load(Ordering::Relaxed) {
            return Err(failed(Stopped::Interrupted));
        }
    }
    Ok(())
}

/// To a run.
fn simulate(args: &Args, listener: &mut Listener) -> Result<(), Failure> {
    let layers = args.input.layers(args.policy.as_deref())?;
    let config = configuration(&layers)?;
    let mut opened = args.input.open(&config)?;
    let jobs = args.input.trace.is_empty().then_some(args.input.jobs).flatten();
    let bar = bar(jobs.map(u64::from));
    play::ready(&args.input, (&config, &layers), &mut opened, 0, bar)?.play(listener)?;
    Ok(())
}
