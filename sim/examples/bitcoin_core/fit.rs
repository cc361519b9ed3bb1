//! The limit of a pool, fitted on one half of a record and held to the other half.

use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::PoolId;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Layer};
use greenroom_sim::feed::Feed;
use greenroom_sim::run::run;
use greenroom_sim::setup::{self, Seed};
use greenroom_traces::{Limit, ReadOptions, Source, Trace};
use std::collections::BTreeMap;
use std::path::Path;

/// The pool whose limit is fitted.
const POOL: &str = "x86";

/// Three weeks, half of the record, in milliseconds.
const HALF_MS: u64 = 21 * 86_400_000;

/// Limits that are tried: from a third of the peak of jobs at once (23) to a quarter above it.
const LIMITS: std::ops::RangeInclusive<u32> = 8..=28;

/// A job that waits longer than this was not merely started but queued.
pub(crate) const LONG_S: f64 = 60.0;

/// Waits in seconds, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Waits(Vec<f64>);

impl Waits {
    fn of(mut waits: Vec<f64>) -> Self {
        waits.sort_by(f64::total_cmp);
        Self(waits)
    }

    /// By nearest rank; 0 when there are none.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The share over a minute.
    pub(crate) fn long_share(&self) -> f64 {
        let long = self.0.iter().filter(|wait| **wait > LONG_S).count();
        long as f64 / self.0.len().max(1) as f64
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// The waits of the same jobs, in the record and in the simulation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pair {
    pub(crate) measured: Waits,
    pub(crate) simulated: Waits,
}

impl Pair {
    /// How far the simulated share of long waits lies from the measured one.
    pub(crate) fn miss(&self) -> f64 {
        (self.simulated.long_share() - self.measured.long_share()).abs()
    }
}

/// What came of the fit.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    /// The limit whose share of long waits in the first half comes nearest.
    pub(crate) limit: u32,
    /// Of every limit that was tried, how far the share lies off in the first half.
    pub(crate) misses: Vec<(u32, f64)>,
    /// The first half under it.
    pub(crate) first: Pair,
    /// The second half under it.
    pub(crate) second: Pair,
    /// Job names without a class, and their rows.
    pub(crate) unmatched: BTreeMap<String, u64>,
}

/// Notes the waits of the jobs of [`POOL`] that started both in the record and here.
#[derive(Default)]
struct Notes {
    pool: Option<PoolId>,
    sets: Vec<bool>,
    /// By serial: when it was ready, and the wait in the record.
    open: BTreeMap<u32, (Time, Span)>,
    measured: Vec<f64>,
    simulated: Vec<f64>,
}

impl Sink for &mut Notes {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        let Entry::Fact(fact) = entry else { return };
        match fact {
            Fact::Named(naming) => match &**naming {
                Naming::Pool { pool, name, .. } if name == POOL => self.pool = Some(*pool),
                Naming::Set { pool, .. } => self.sets.push(Some(*pool) == self.pool),
                _ => {}
            },
            Fact::JobReady { job, set, recorded: Some(recorded), .. } if self.sets[set.index()] => {
                self.open.insert(job.serial, (at, *recorded));
            }
            Fact::JobStarted { job, .. } => {
                if let Some((ready, recorded)) = self.open.remove(&job.serial) {
                    self.measured.push(recorded.as_secs_f64());
                    self.simulated.push(at.since(ready).as_secs_f64());
                }
            }
            _ => {}
        }
    }
}

/// Runs one half under a limit.
fn played(trace: &Trace, configuration: &Path, limit: u32) -> Pair {
    let file = Layer::read(configuration).expect("the configuration can be read");
    let layers = [file, Layer::set(&format!("pool.{POOL}.max={limit}"))];
    let config = config::load(&layers).expect("the configuration makes sense");
    let plan = setup::plan(&config, Seed { seed: 1, replication: 0 }, None, None);
    let plan = plan.expect("the catalogue has its machines");
    let held = trace.shared().expect("17,000 jobs are held in memory");
    let (mut laws, mut notes) = (Laws::default(), Notes::default());
    let feed = Feed::of_trace(Trace::from(held), 1.0);
    run(&plan, feed, (&mut laws, &mut notes)).expect("a held trace can be read");
    assert_eq!(laws.breaches(), (&[][..], 0));
    Pair { measured: Waits::of(notes.measured), simulated: Waits::of(notes.simulated) }
}

/// Fits the limit on the first three weeks and runs the last three. `folder`: of the record.
pub(crate) fn fit(folder: &Path, configuration: &Path) -> Fitted {
    let open = |from, to| {
        let classes = Some(folder.join("runner_classes.csv"));
        let options = ReadOptions { from, to, classes, ..ReadOptions::default() };
        let trace = Trace::open(&[Source::new(folder.join("jobs.csv.gz"))], &options);
        trace.expect("the record is sound")
    };
    let half = Some(Limit::After(HALF_MS));
    let (first, second) = (open(None, half), open(half, None));
    let tried = LIMITS.map(|limit| (limit, played(&first, configuration, limit)));
    let tried: Vec<(u32, Pair)> = tried.collect();
    let best = tried.iter().min_by(|(_, one), (_, other)| one.miss().total_cmp(&other.miss()));
    let (limit, fitted) = best.expect("limits were tried").clone();
    Fitted {
        limit,
        misses: tried.iter().map(|(limit, pair)| (*limit, pair.miss())).collect(),
        first: fitted,
        second: played(&second, configuration, limit),
        // Counted over the whole file, whichever half is kept.
        unmatched: first.provenance().unmatched.clone(),
    }
}
