//! What must be done, and how long each of it may be put off.

/// A job that belongs to no run.
pub const NO_RUN: u32 = u32::MAX;

/// Whether a job must run, and who pays for its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It runs on a node of a fleet.
    Must,
    /// Whoever waited gave it up in the record; it may never run.
    MayGiveUp,
    /// It runs on a machine of GitHub's.
    Hosted,
}

/// A job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// When it came in the record; for one with predecessors that count, see [`Works::new`].
    pub ready_ms: u64,
    /// How long it occupies a node: dispatch and duration.
    pub busy_ms: u64,
    /// From the end of its last predecessor until it is ready.
    pub gap_ms: u64,
    /// Its run, or [`NO_RUN`].
    pub run: u32,
    /// The number of its fleet.
    pub fleet: u32,
    /// The number of its pool.
    pub pool: u32,
    /// Whether it must run, and where.
    pub kind: Kind,
}

impl Work {
    /// How long it takes at least.
    const fn least_ms(&self) -> u64 {
        match self.kind {
            Kind::MayGiveUp => 0,
            Kind::Must | Kind::Hosted => self.busy_ms,
        }
    }
}

/// Jobs with their earliest starts, and which of them cannot start late without making their run
/// late by as much.
#[derive(Clone, Debug, Default)]
pub struct Works {
    jobs: Vec<Work>,
    critical: Vec<bool>,
    runs: u64,
    has_runs: bool,
}

impl Works {
    /// Works out earliest starts and slack (the critical path method: Kelley and Walker 1959).
    ///
    /// `edges`: pairs (job, predecessor) of places in `jobs`, a predecessor before its job. Each job
    /// with predecessors comes its gap after the last of them ends, whatever the record says; so
    /// pass none where arrivals do not depend on anything.
    pub fn new(mut jobs: Vec<Work>, edges: &[(u32, u32)]) -> Self {
        debug_assert!(edges.is_sorted_by_key(|(job, _)| job), "edges in the order of jobs");
        release(&mut jobs, edges);
        let tails = tails(&jobs, edges);
        let ends = run_ends(&jobs);
        let is_critical = |(place, job): (usize, &Work)| {
            let end = job.ready_ms + job.least_ms();
            job.kind == Kind::Must
                && (job.run == NO_RUN || end + tails[place] >= ends[job.run as usize])
        };
        let critical = jobs.iter().enumerate().map(is_critical).collect();
        Self { critical, runs: sure_runs(&jobs), has_runs: !ends.is_empty(), jobs }
    }

    /// The jobs, each with its earliest start as `ready_ms`.
    pub fn jobs(&self) -> &[Work] {
        &self.jobs
    }

    /// Whether the job at this place has no slack.
    pub fn is_critical(&self, place: usize) -> bool {
        self.critical[place]
    }

    /// Runs of which nothing is given up, a job without a run counting as one: each has at least
    /// one job's dispatch on its critical path.
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Whether any job belongs to a run.
    pub const fn has_runs(&self) -> bool {
        self.has_runs
    }
}

/// Moves jobs with predecessors to where those let them start when nobody waits.
fn release(jobs: &mut [Work], edges: &[(u32, u32)]) {
    for of_one in edges.chunk_by(|one, other| one.0 == other.0) {
        let ends = of_one.iter().map(|&(_, before)| {
            let before = &jobs[before as usize];
            before.ready_ms + before.least_ms()
        });
        let last = ends.max().unwrap_or(0);
        let job = &mut jobs[of_one[0].0 as usize];
        job.ready_ms = last + job.gap_ms;
    }
}

/// How long a run takes at least from the end of each of its jobs on.
fn tails(jobs: &[Work], edges: &[(u32, u32)]) -> Vec<u64> {
    let mut tails = vec![0; jobs.len()];
    for &(job, before) in edges.iter().rev() {
        let behind = &jobs[job as usize];
        let tail = behind.gap_ms + behind.least_ms() + tails[job as usize];
        let known: &mut u64 = &mut tails[before as usize];
        *known = tail.max(*known);
    }
    tails
}

/// When each run ends if nobody waits.
fn run_ends(jobs: &[Work]) -> Vec<u64> {
    let mut ends: Vec<u64> = Vec::new();
    for job in jobs.iter().filter(|job| job.run != NO_RUN) {
        let run = job.run as usize;
        if run >= ends.len() {
            ends.resize(run + 1, 0);
        }
        ends[run] = ends[run].max(job.ready_ms + job.least_ms());
    }
    ends
}

fn sure_runs(jobs: &[Work]) -> u64 {
    let mut sure: Vec<Option<bool>> = Vec::new();
    let mut alone = 0;
    for job in jobs {
        let is_sure = job.kind == Kind::Must;
        if job.run == NO_RUN {
            alone += u64::from(is_sure);
            continue;
        }
        let run = job.run as usize;
        if run >= sure.len() {
            sure.resize(run + 1, None);
        }
        sure[run] = Some(sure[run].unwrap_or(true) && is_sure);
    }
    alone + sure.iter().filter(|sure| **sure == Some(true)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(ready_ms: u64, busy_ms: u64, run: u32) -> Work {
        let kind = Kind::Must;
        Work { ready_ms, busy_ms, gap_ms: 5, run, fleet: 0, pool: 0, kind }
    }

    /// A build, then a short and a long test, then a report after both; and a job beside.
    #[test]
    fn slack_is_that_of_the_critical_path_method() {
        let jobs =
            vec![job(100, 50, 0), job(0, 10, 0), job(0, 40, 0), job(0, 20, 0), job(0, 9, NO_RUN)];
        let works = Works::new(jobs, &[(1, 0), (2, 0), (3, 1), (3, 2)]);
        let ready: Vec<u64> = works.jobs().iter().map(|job| job.ready_ms).collect();
        assert_eq!(ready, [100, 155, 155, 200, 0]);
        let critical: Vec<bool> = (0..5).map(|place| works.is_critical(place)).collect();
        assert_eq!(critical, [true, false, true, true, true]);
        assert_eq!(works.runs(), 2);
    }

    #[test]
    fn a_run_with_a_job_that_may_be_given_up_promises_no_dispatch() {
        let given_up = Work { kind: Kind::MayGiveUp, ..job(0, 10, 0) };
        let works = Works::new(vec![given_up, job(0, 10, 0)], &[]);
        assert_eq!(works.runs(), 0);
        assert!(!works.is_critical(0));
        assert!(works.is_critical(1));
    }
}
