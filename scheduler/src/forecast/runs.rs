//! Runs that go on, and what is expected of each: learned from runs that are over, and from nothing
//! that anybody wrote down about who needs whom.
//!
//! When a run appears, the jobs that it begins with say of which kind it is. What runs of that very
//! kind brought counts, and for as long as few of them were seen, what all runs of the workflow
//! brought (shrinkage). A run is over when none of its jobs has been open for a while.

use super::follow::{Came, Follower, Kind};
use crate::id::{JobId, RunId, SetId};
use crate::time::{Span, Time};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most runs that are followed at once; beyond it the one that has been silent longest is over.
pub const RUNS_MAX: usize = 4_096;

/// Most kinds of runs that are remembered; beyond it the one that was seen longest ago goes.
pub const KINDS_MAX: usize = 1_024;

/// Most names of jobs that are told apart; beyond it they count as of one workflow.
pub const LABELS_MAX: u32 = 1 << 20;

/// Most jobs of one run that are remembered.
pub const JOBS_PER_RUN_MAX: usize = 1_024;

/// Most open jobs that are remembered.
pub const JOBS_MAX: usize = 65_536;

/// How long no job of a run must have been open for it to be over: longer than GitHub and any
/// approval by rule take between two jobs.
const SILENCE: Span = Span::from_secs(600);

/// How many runs of the workflow count against those of the very kind.
const SHRINKAGE: f64 = 2.0;

/// A run that goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Open {
    began_at: Time,
    /// When one of its jobs queued or ended last.
    heard_at: Time,
    /// Jobs that have not ended.
    unended: u32,
    workflow: u32,
    /// Of the jobs that it began with, in any order.
    signature: u64,
    /// Its other jobs.
    came: Vec<Came>,
    /// Jobs that are expected: label and how many more.
    expected: Vec<(u32, u32)>,
    /// Whether it began in this very instant, so that nothing was expected of it yet.
    is_new: bool,
}

impl Open {
    /// One that begins.
    const fn at(now: Time, workflow: u32) -> Self {
        Self {
            began_at: now,
            heard_at: now,
            unended: 0,
            workflow,
            signature: 0,
            came: Vec::new(),
            expected: Vec::new(),
            is_new: true,
        }
    }
}

/// A job that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenJob {
    run: RunId,
    /// Whether it was expected, and the runner set has not heard of it.
    is_expected: bool,
}

/// A job that is expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected<'k> {
    /// What is known of it.
    pub follower: &'k Follower,
    /// How many.
    pub count: u32,
    /// How likely.
    pub probability: f64,
}

/// Kinds of runs, and the runs that go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// By workflow, and by workflow and signature; with when each was seen last.
    kinds: BTreeMap<(u32, u64), (Time, Kind)>,
    open: BTreeMap<RunId, Open>,
    /// Runs in order of when they were heard of.
    silent: BTreeSet<(Time, RunId)>,
    jobs: BTreeMap<u32, OpenJob>,
    new: Vec<RunId>,
    /// The workflow of each label.
    workflows: Vec<u32>,
}

/// The kind that stands for all runs of a workflow.
const ANY: u64 = 0;

/// A number for several, spread evenly (the finalizer of `SplitMix64`).
const fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Runs {
    /// A label belongs to a workflow.
    pub fn name(&mut self, label: u32, workflow: u32) {
        if label >= LABELS_MAX {
            return;
        }
        if label as usize >= self.workflows.len() {
            self.workflows.resize(label as usize + 1, 0);
        }
        self.workflows[label as usize] = workflow;
    }

    /// A job of a run queued.
    pub fn queued(&mut self, now: Time, job: JobId, set: SetId, run: RunId, label: u32) {
        let workflow = self.workflows.get(label as usize).copied().unwrap_or(0);
        if self.jobs.len() >= JOBS_MAX {
            self.jobs.pop_first();
        }
        let known = OpenJob { run, is_expected: false };
        if self.jobs.insert(job.serial, known).is_some() {
            return;
        }
        self.close_silent(now);
        let open = self.open.entry(run).or_insert_with(|| {
            self.new.push(run);
            Open::at(now, workflow)
        });
        self.silent.remove(&(core::mem::replace(&mut open.heard_at, now), run));
        self.silent.insert((now, run));
        open.unended += 1;
        if open.is_new {
            open.signature = open.signature.wrapping_add(mixed(u64::from(label)));
            return;
        }
        if open.came.len() < JOBS_PER_RUN_MAX {
            open.came.push(Came { label, set, after: now.since(open.began_at) });
        }
        let expected = open.expected.iter_mut().find(|(known, left)| *known == label && *left > 0);
        if let Some((_, left)) = expected {
            *left -= 1;
            if let Some(known) = self.jobs.get_mut(&job.serial) {
                known.is_expected = true;
            }
        }
    }

    /// Whether a job that a runner set hears of was expected; said once.
    pub fn take_expected(&mut self, job: JobId) -> bool {
        let known = self.jobs.get_mut(&job.serial);
        known.is_some_and(|known| core::mem::take(&mut known.is_expected))
    }

    /// A job ended.
    pub fn ended(&mut self, now: Time, job: JobId) {
        let Some(OpenJob { run, .. }) = self.jobs.remove(&job.serial) else { return };
        if let Some(open) = self.open.get_mut(&run) {
            open.unended = open.unended.saturating_sub(1);
            self.silent.remove(&(core::mem::replace(&mut open.heard_at, now), run));
            self.silent.insert((now, run));
        }
    }

    /// Ends the runs of which nothing has been heard for long, and those that are too many.
    fn close_silent(&mut self, now: Time) {
        while let Some(&(heard_at, run)) = self.silent.first()
            && (now.since(heard_at) >= SILENCE || self.open.len() >= RUNS_MAX)
        {
            self.silent.pop_first();
            let is_full = self.open.len() >= RUNS_MAX;
            let Some(open) = self.open.get_mut(&run) else { continue };
            if open.unended > 0 && !is_full {
                // It goes on; it is looked at again when a job of it ends, or after as long.
                open.heard_at = now;
                self.silent.insert((now, run));
                continue;
            }
            let Some(mut open) = self.open.remove(&run) else { continue };
            open.came.sort_by_key(|came| (came.label, came.after));
            for signature in [ANY, open.signature] {
                let kind = self.kinds.entry((open.workflow, signature)).or_default();
                kind.0 = now;
                kind.1.learn(&open.came);
            }
            while self.kinds.len() > KINDS_MAX {
                let oldest = self.kinds.iter().min_by_key(|(key, (seen_at, _))| (*seen_at, **key));
                let Some(oldest) = oldest.map(|(key, _)| *key) else { break };
                self.kinds.remove(&oldest);
            }
        }
    }

    /// Whether a run began since it was asked.
    pub const fn has_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// Takes a run that began since this was asked last.
    pub fn take_new(&mut self) -> Option<RunId> {
        let run = self.new.pop()?;
        if let Some(open) = self.open.get_mut(&run) {
            open.is_new = false;
        }
        Some(run)
    }

    /// What a run that just began is expected to bring, beside what it began with.
    pub fn expected(&self, run: RunId) -> Vec<Expected<'_>> {
        let Some(open) = self.open.get(&run) else { return Vec::new() };
        let Some((_, any)) = self.kinds.get(&(open.workflow, ANY)) else { return Vec::new() };
        let own = self.kinds.get(&(open.workflow, open.signature)).map(|(_, kind)| kind);
        let shrunk = |label: u32, of_any: f64| {
            let (runs, of_own) = own.map_or((0.0, 0.0), |own| (own.runs(), own.probability(label)));
            (of_own * runs + of_any * SHRINKAGE) / (runs + SHRINKAGE)
        };
        let of_any = any.followers().map(|(follower, of_any)| {
            let probability = shrunk(follower.label, of_any);
            Expected { follower, count: follower.count(), probability }
        });
        of_any.collect()
    }

    /// These jobs of a run are expected.
    pub fn expect(&mut self, run: RunId, expected: Vec<(u32, u32)>) {
        if let Some(open) = self.open.get_mut(&run) {
            open.expected = expected;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: SetId = SetId(0);
    const TESTS: SetId = SetId(1);

    const fn s(seconds: u64) -> Time {
        Time::from_ms(seconds * 1_000)
    }

    /// Plays a run that begins with one job and brings `tests` more after 50 s.
    fn play(runs: &mut Runs, run: u32, tests: u32) {
        let at = u64::from(run) * 10_000;
        let job = |number: u32| JobId { serial: run * 100 + number, slot: 0 };
        runs.queued(s(at), job(0), BUILD, RunId(run), 1);
        assert_eq!(runs.take_new(), Some(RunId(run)));
        for number in 1..=tests {
            runs.queued(s(at + 50), job(number), TESTS, RunId(run), 2);
        }
        for number in 0..=tests {
            runs.ended(s(at + 100), job(number));
        }
    }

    /// How many tests are expected of one more run, and how likely.
    fn expected(runs: &mut Runs, run: u32) -> Option<(u32, f64)> {
        runs.queued(
            s(u64::from(run) * 10_000),
            JobId { serial: run * 100, slot: 0 },
            BUILD,
            RunId(run),
            1,
        );
        runs.take_new();
        let found = runs.expected(RunId(run));
        found.iter().find(|e| e.follower.label == 2).map(|e| (e.count, e.probability))
    }

    #[test]
    fn what_follows_is_expected_with_its_number_and_its_skip_rate() {
        let mut always = Runs::default();
        let mut sometimes = Runs::default();
        for run in 0..20 {
            play(&mut always, run, 4);
            play(&mut sometimes, run, if run % 2 == 0 { 4 } else { 0 });
        }
        let (count, probability) = expected(&mut always, 20).unwrap();
        assert_eq!(count, 4);
        assert!(probability > 0.9, "{probability}");
        let (count, probability) = expected(&mut sometimes, 20).unwrap();
        assert_eq!(count, 4);
        assert!((0.35..0.6).contains(&probability), "{probability}");
    }

    #[test]
    fn of_a_run_that_begins_otherwise_less_is_expected() {
        let mut runs = Runs::default();
        for run in 0..20 {
            play(&mut runs, run, 4);
        }
        // Runs that begin with another job bring nothing.
        for run in 20..40 {
            let at = u64::from(run) * 10_000;
            let job = JobId { serial: run * 100, slot: 0 };
            runs.queued(s(at), job, BUILD, RunId(run), 3);
            runs.take_new();
            runs.ended(s(at + 100), job);
        }
        let (_, of_kind) = expected(&mut runs, 40).unwrap();
        assert!(of_kind > 0.8, "{of_kind}");
        runs.queued(s(410_000), JobId { serial: 4_100, slot: 0 }, BUILD, RunId(41), 3);
        runs.take_new();
        let other = runs.expected(RunId(41));
        assert!(other.iter().all(|e| e.probability < 0.2), "{other:?}");
    }

    #[test]
    fn no_more_is_remembered_than_the_bounds() {
        let mut runs = Runs::default();
        for run in 0..6_000_u32 {
            runs.name(run, run);
            let job = JobId { serial: run, slot: 0 };
            runs.queued(s(u64::from(run)), job, BUILD, RunId(run), run);
            runs.take_new();
        }
        assert!(runs.open.len() <= RUNS_MAX && runs.silent.len() <= RUNS_MAX);
        assert!(runs.kinds.len() <= KINDS_MAX && runs.jobs.len() <= JOBS_MAX);
    }
}
