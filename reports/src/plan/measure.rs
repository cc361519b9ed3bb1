//! The figures that objectives are about, from one stream of entries.

use super::days::ByDay;
use super::slo::{OBJECTIVES_MAX, Slo, Statistic};
use crate::dense::Slots;
use crate::replications::Interval;
use crate::summary::Sample;
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::JobId;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use std::sync::Arc;

/// Which objectives each job of an input belongs to. Entries do not tell what set a job off, so
/// whoever reads the input says it, row by row: a job's serial is its row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// A bit an objective; not kept while every job belongs to every objective.
    by_row: Vec<u16>,
    all: u16,
    rows: usize,
    counts: [u64; OBJECTIVES_MAX],
}

impl Members {
    /// No job yet, of so many objectives (at most [`OBJECTIVES_MAX`]).
    pub fn new(objectives: usize) -> Self {
        let all = ((1_u32 << objectives.min(OBJECTIVES_MAX)) - 1) as u16;
        Self { all, ..Self::default() }
    }

    /// The next row, with the places of the objectives that it belongs to.
    pub fn push(&mut self, objectives: impl IntoIterator<Item = usize>) {
        let mut mask = 0;
        for place in objectives {
            mask |= 1 << place;
            self.counts[place] += 1;
        }
        if mask != self.all || !self.by_row.is_empty() {
            self.by_row.resize(self.rows, self.all);
            self.by_row.push(mask);
        }
        self.rows += 1;
    }

    /// How many jobs an objective is about.
    pub fn count(&self, objective: usize) -> u64 {
        self.counts[objective]
    }

    fn of(&self, job: JobId) -> u16 {
        if self.by_row.is_empty() {
            return self.all;
        }
        self.by_row.get(job.serial as usize).copied().unwrap_or(0)
    }
}

/// The fold: queue times by objective, with the meaning that they have in a summary.
#[derive(Clone, Debug)]
pub struct Measure {
    members: Arc<Members>,
    jobs: Slots<Job>,
    sample: Sample,
    warmup: Time,
    by_day: Option<ByDay>,
}

/// A job that is alive, or that ended last in its slot.
#[derive(Clone, Copy, Debug, Default)]
struct Job {
    ready: Time,
    is_waiting: bool,
    since: Time,
    waited: Span,
    counts: bool,
}

impl Measure {
    /// An empty fold.
    pub fn new(members: Arc<Members>) -> Self {
        let (jobs, sample) = (Slots::default(), Sample::default());
        Self { members, jobs, sample, warmup: Time::ZERO, by_day: None }
    }

    /// One that also keeps days apart.
    pub fn by_day(members: Arc<Members>) -> Self {
        Self { by_day: Some(ByDay::default()), ..Self::new(members) }
    }

    /// Each objective's figure in seconds with its interval over days that are drawn again; none
    /// where days were not kept apart or are too few.
    pub fn spread_over_days_s(&self, slo: &Slo) -> Vec<Option<Interval>> {
        match &self.by_day {
            Some(by_day) => by_day.spread_s(slo),
            None => vec![None; slo.objectives.len()],
        }
    }

    /// Each objective's figure in seconds; none where no job of it ended.
    pub fn values_s(&mut self, slo: &Slo) -> Vec<Option<f64>> {
        let objectives = slo.objectives.iter().enumerate();
        objectives.map(|(place, objective)| self.value_s(place, objective.statistic)).collect()
    }

    fn value_s(&mut self, place: usize, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::Percentile(percent) => self.sample.quantile_s(place, percent / 100.0),
            Statistic::Mean => self.sample.mean_s(place),
            Statistic::Max => self.sample.max_s(place),
        }
    }

    fn ended(&mut self, at: Time, id: JobId) {
        let Some(job) = self.jobs.get(id.serial, id.slot) else { return };
        if job.is_waiting {
            job.waited += at.since(job.since);
            job.is_waiting = false;
        }
        if !job.counts {
            return;
        }
        let (ready, waited, mut mask) = (job.ready, job.waited, self.members.of(id));
        while mask != 0 {
            let objective = mask.trailing_zeros() as usize;
            self.sample.add(objective, waited);
            if let Some(by_day) = &mut self.by_day {
                by_day.add(objective, ready, waited);
            }
            mask &= mask - 1;
        }
    }
}

impl Sink for Measure {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        let Entry::Fact(fact) = entry else { return };
        match fact {
            Fact::Named(naming) => {
                if let Naming::Warmup(until) = **naming {
                    self.warmup = until;
                }
            }
            Fact::JobReady { job, .. } => {
                let counts = at >= self.warmup;
                if let Some(place) = self.jobs.put(job.serial, job.slot) {
                    let waited = Span::ZERO;
                    *place = Job { ready: at, is_waiting: true, since: at, waited, counts };
                }
            }
            Fact::JobStarted { job, .. } => {
                if let Some(job) = self.jobs.get(job.serial, job.slot).filter(|job| job.is_waiting)
                {
                    job.waited += at.since(job.since);
                    job.is_waiting = false;
                }
            }
            Fact::AttemptLost { job, .. } => {
                if let Some(job) = self.jobs.get(job.serial, job.slot) {
                    job.is_waiting = true;
                    job.since = at;
                }
            }
            Fact::JobEnded { job, .. } => self.ended(at, *job),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use greenroom_scheduler::event::JobResult;
    use greenroom_scheduler::id::{RunnerId, SetId};

    /// Job `n` becomes ready at second `n`, waits so many seconds, and runs for a minute.
    fn measured(waits_s: &[u64], members: Members, slo: &str) -> Vec<Option<f64>> {
        let mut measure = Measure::new(Arc::new(members));
        let mut told = Vec::new();
        for (row, wait_s) in waits_s.iter().enumerate() {
            let job = JobId { serial: row as u32, slot: row as u32 };
            let ready = row as u64 * 1_000;
            let (set, run, label, recorded) = (SetId(0), None, 0, None);
            told.push((ready, Fact::JobReady { job, set, run, label, recorded }));
            let runner = None;
            told.push((ready + wait_s * 1_000, Fact::JobStarted { job, runner, attempt: 1 }));
            let result = JobResult::Succeeded;
            told.push((ready + wait_s * 1_000 + 60_000, Fact::JobEnded { job, result }));
        }
        told.sort_by_key(|(at, _)| *at);
        for (at, fact) in &told {
            measure.entry(Time::from_ms(*at), Entry::Fact(fact));
        }
        measure.values_s(&Slo::parse(slo).unwrap())
    }

    #[test]
    fn each_objective_counts_its_own_jobs() {
        let mut members = Members::new(3);
        for row in 0..100 {
            // The second objective is about the even rows, the third about nobody.
            members.push(if row % 2 == 0 { vec![0, 1] } else { vec![0] });
        }
        let waits: Vec<u64> = (1..=100).collect();
        let slo = "p90<=1h; team=even: p90<=1h; team=none: p50<=1h";
        assert_eq!([members.count(0), members.count(1), members.count(2)], [100, 50, 0]);
        // Even rows wait 1, 3, ... 99 s; nine tenths of fifty are 45, the 45th waits 89 s.
        assert_eq!(measured(&waits, members, slo), [Some(90.0), Some(89.0), None]);
    }

    #[test]
    fn who_are_all_need_no_table() {
        let mut members = Members::new(1);
        (0..10).for_each(|_| members.push([0]));
        assert!(members.by_row.is_empty());
        let waits: Vec<u64> = (1..=10).collect();
        assert_eq!(measured(&waits, members.clone(), "mean<=1s"), [Some(5.5)]);
        assert_eq!(measured(&waits, members.clone(), "max<=1s"), [Some(10.0)]);
        assert_eq!(measured(&waits, members, "p99.9<=1s"), [Some(10.0)]);
    }

    #[test]
    fn a_lost_attempt_ran_and_did_not_wait() {
        let mut members = Members::new(1);
        members.push([0]);
        let mut measure = Measure::new(Arc::new(members));
        let job = JobId { serial: 0, slot: 0 };
        let runner = RunnerId { serial: 0, slot: 0 };
        let (set, run, label, recorded) = (SetId(0), None, 0, None);
        let told = [
            (0, Fact::JobReady { job, set, run, label, recorded }),
            (5_000, Fact::JobStarted { job, runner: Some(runner), attempt: 1 }),
            (60_000, Fact::AttemptLost { job, runner }),
            (67_000, Fact::JobStarted { job, runner: Some(runner), attempt: 2 }),
            (90_000, Fact::JobEnded { job, result: JobResult::Succeeded }),
        ];
        for (at, fact) in &told {
            measure.entry(Time::from_ms(*at), Entry::Fact(fact));
        }
        assert_eq!(measure.values_s(&Slo::parse("max<=1s").unwrap()), [Some(12.0)]);
    }
}
