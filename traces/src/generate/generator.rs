//! The walk through an organisation's weeks.

use super::catalogue::Catalogue;
use super::check::{GenerateError, check};
use super::draw::{Draw, Stream, pair};
use super::preset::{DELAY_S_MAX, Preset};
use super::run::{Run, Setting, Unfolded};
use super::traffic::{Push, Traffic};
use crate::arrival::{Arrival, Name, Trigger};
use crate::names::Names;
use greenroom_scheduler::id::RunId;
use greenroom_scheduler::time::{Span, Time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What to generate.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The organisation.
    pub preset: Preset,
    /// How many jobs, exactly; more of them make a longer span at the same hourly profile.
    pub jobs: u32,
    /// Names all randomness.
    pub seed: u64,
    /// Multiplies the rate of arrivals, and so shortens the span of the same jobs.
    pub rate_scale: f64,
}

impl Spec {
    /// A preset with its own number of jobs, at its own rate.
    pub fn named(preset: &str, seed: u64) -> Result<Self, GenerateError> {
        let unknown = || GenerateError::UnknownPreset { found: preset.to_owned() };
        let preset = Preset::named(preset).ok_or_else(unknown)?.clone();
        Ok(Self { jobs: preset.jobs, preset, seed, rate_scale: 1.0 })
    }
}

/// Arrivals in order of `(enter, row)`, as many as asked for.
pub struct Generator {
    spec: Spec,
    catalogue: Catalogue,
    traffic: Traffic,
    pending: BinaryHeap<Reverse<Pending>>,
    /// Pending things so far, to tell those of one instant apart.
    sequence: u64,
    current: Option<Run>,
    unfolded: Unfolded,
    /// Rows from that of the first job of the current run on.
    rows: Vec<u32>,
    /// Of the current run, the next to give.
    next: usize,
    /// When the last run started.
    last: Time,
    given: u32,
    runs: u32,
    attempts: u32,
    groups: u32,
}

/// What will happen. At most what a day brings: every delay ends within [`DELAY_S_MAX`].
#[derive(Clone, Copy)]
struct Pending {
    at: Time,
    sequence: u64,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Run(Run),
    /// Another push to the branch of a pull request.
    FollowUp {
        key: u64,
        repository: u32,
        branch: u32,
    },
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

/// The runs of one push start within this time of each other; an assumption.
const PUSH_MS: u64 = 500;

impl Generator {
    /// Fixes the organisation; nothing is generated yet.
    pub fn new(spec: Spec) -> Result<Self, GenerateError> {
        check(&spec.preset, spec.jobs, spec.rate_scale)?;
        let catalogue = Catalogue::new(&spec.preset, spec.seed);
        let traffic = Traffic::new(&spec.preset, &catalogue, spec.seed, spec.rate_scale);
        Ok(Self {
            groups: catalogue.workflows.len() as u32,
            spec,
            catalogue,
            traffic,
            pending: BinaryHeap::new(),
            sequence: 0,
            current: None,
            unfolded: Unfolded::default(),
            rows: Vec::new(),
            next: 0,
            last: Time::ZERO,
            given: 0,
            runs: 0,
            attempts: 0,
        })
    }

    /// What is generated.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The texts behind the numbers, all of them from the beginning.
    pub fn names(&self) -> &Names {
        &self.catalogue.names
    }

    /// The rows of an arrival's predecessors, all smaller than its own. Only for the arrival that
    /// was given last and others of its run.
    pub fn predecessors(&self, arrival: &Arrival) -> &[u32] {
        let first = self.rows.first().copied().unwrap_or(0);
        let place = arrival.row.wrapping_sub(first) as usize;
        let needs = self.unfolded.needs.get(place).cloned().unwrap_or(0..0);
        &self.rows[needs.start as usize..needs.end as usize]
    }

    /// The run of the arrival that was given last.
    pub(super) fn current_run(&self) -> Option<&Run> {
        self.current.as_ref()
    }

    /// Unfolds the next run that has a job.
    fn next_run(&mut self) {
        loop {
            let pending_at = self.pending.peek().map_or(Time::MAX, |Reverse(first)| first.at);
            if self.traffic.next_at() <= pending_at {
                let Some(push) = self.traffic.take(&self.catalogue.popularity) else { return };
                self.push(push);
                continue;
            }
            let Some(Reverse(Pending { at, what, .. })) = self.pending.pop() else { return };
            match what {
                What::FollowUp { key, repository, branch } => {
                    self.pull_request(at, key, repository, branch);
                }
                What::Run(run) => {
                    // No two runs start in one millisecond, so that their jobs have one order,
                    // also when they come back from a file.
                    let at = at.max(self.last + Span::from_ms(1));
                    self.last = at;
                    self.unfold(at, run);
                    if !self.unfolded.arrivals.is_empty() {
                        return;
                    }
                }
            }
        }
    }

    fn unfold(&mut self, at: Time, mut run: Run) {
        let repository = &self.catalogue.repositories[run.repository as usize];
        let setting = Setting {
            preset: &self.spec.preset,
            seed: self.spec.seed,
            workflow: &self.catalogue.workflows[run.workflow as usize],
            templates: &self.catalogue.templates,
            repository: repository.name,
            forge: repository.forge,
        };
        if run.attempt == 1 {
            run.number = self.runs;
            self.runs += 1;
        }
        let again = self.unfolded.fill(&run, at, setting);
        if let Some(at) = again {
            self.wait(at, What::Run(Run { attempt: run.attempt + 1, cut: Time::MAX, ..run }));
        }
        let left = (self.spec.jobs - self.given) as usize;
        if self.unfolded.arrivals.len() > left {
            self.unfolded.truncate(left);
        }
        self.rows.clear();
        self.rows.extend(self.given..self.given + self.unfolded.arrivals.len() as u32);
        for (arrival, &row) in self.unfolded.arrivals.iter_mut().zip(&self.rows) {
            arrival.row = row;
            arrival.run = Some(RunId(self.attempts));
        }
        if !self.rows.is_empty() {
            self.attempts += 1;
        }
        self.current = Some(run);
        self.next = 0;
    }

    fn push(&mut self, push: Push) {
        let Push { at, key, fixed } = push;
        let mut draw = Draw::new(self.spec.seed, Stream::Push, key);
        let (trigger, repository) = fixed.unwrap_or_else(|| {
            let trigger = self.traffic.kind(&mut draw);
            (trigger, draw.pick(&self.catalogue.popularity) as u32)
        });
        match trigger {
            Trigger::PullRequest => {
                let branch = self.new_branch(repository);
                self.pull_request(at, pair(key, 1), repository, branch);
            }
            Trigger::MergeGroup => {
                let cars = 1 + draw.below(u64::from(self.spec.preset.train_max));
                for car in 0..cars {
                    let branch = self.new_branch(repository);
                    let key = pair(pair(key, 2), car);
                    self.runs_of(at, key, trigger, repository, branch, Time::MAX);
                }
            }
            _ => self.runs_of(at, pair(key, 3), trigger, repository, 0, Time::MAX),
        }
    }

    /// A push to a pull request, which another one may follow.
    fn pull_request(&mut self, at: Time, key: u64, repository: u32, branch: u32) {
        let troubles = &self.spec.preset.troubles;
        let mut draw = Draw::new(self.spec.seed, Stream::Push, key);
        let mut cut = Time::MAX;
        if draw.chance(troubles.follow_up) {
            let mu = libm::log(troubles.follow_up_delay_s);
            let delay_s = draw.lognormal(mu, troubles.delay_sigma).min(DELAY_S_MAX);
            cut = at + Span::from_secs_f64(delay_s);
            self.wait(cut, What::FollowUp { key: pair(key, 4), repository, branch });
        }
        self.runs_of(at, key, Trigger::PullRequest, repository, branch, cut);
    }

    /// The runs that one push sets off.
    fn runs_of(
        &mut self,
        at: Time,
        key: u64,
        trigger: Trigger,
        repository: u32,
        branch: u32,
        cut: Time,
    ) {
        let of = &self.catalogue.repositories[repository as usize];
        let (first, timetable) = (of.on_change.start, of.on_schedule);
        let workflows = match trigger {
            Trigger::Schedule | Trigger::Other => timetable..timetable + 1,
            _ => of.on_change.clone(),
        };
        let mut draw = Draw::new(self.spec.seed, Stream::Push, pair(key, 5));
        for workflow in workflows {
            // The groups of the main branch come first, one for each workflow.
            let group = if branch == 0 { 1 + workflow } else { branch + workflow - first };
            let supersedes = self.catalogue.workflows[workflow as usize].supersedes;
            let run = Run {
                key: pair(key, 6 + u64::from(workflow - first)),
                number: 0,
                attempt: 1,
                repository,
                workflow,
                trigger,
                branch,
                group: Name(group),
                cut: if supersedes { cut } else { Time::MAX },
            };
            self.wait(at + Span::from_ms(draw.below(PUSH_MS)), What::Run(run));
        }
    }

    /// The number of a branch that nobody has pushed to: that of its first group.
    fn new_branch(&mut self, repository: u32) -> u32 {
        let branch = self.groups + 1;
        self.groups += self.catalogue.repositories[repository as usize].workflow_count();
        branch
    }

    fn wait(&mut self, at: Time, what: What) {
        self.sequence += 1;
        self.pending.push(Reverse(Pending { at, sequence: self.sequence, what }));
    }
}

impl Iterator for Generator {
    type Item = Arrival;

    #[inline]
    fn next(&mut self) -> Option<Arrival> {
        if self.next == self.unfolded.arrivals.len() {
            if self.given == self.spec.jobs {
                return None;
            }
            self.next_run();
        }
        let arrival = self.unfolded.arrivals.get(self.next).copied()?;
        self.next += 1;
        self.given += 1;
        Some(arrival)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.spec.jobs - self.given) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Generator {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pending_does_not_grow_with_the_trace() {
        for preset in Preset::all() {
            let spec = Spec { jobs: 60_000, ..Spec::named(preset.name, 1).expect("a preset") };
            let mut generator = Generator::new(spec).expect("a sound preset");
            let mut most = [0; 2];
            while let Some(arrival) = generator.next() {
                let half = usize::from(arrival.row >= 30_000);
                most[half] = most[half].max(generator.pending.len());
            }
            // A day of the busiest preset: 8,500 jobs an hour, some ten of them a run.
            assert!(most[0].max(most[1]) < 20_000, "{}: {most:?}", preset.name);
            assert!(most[1] <= 2 * most[0] + 100, "{}: {most:?}", preset.name);
        }
    }
}
