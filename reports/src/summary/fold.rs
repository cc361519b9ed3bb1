//! From entries to counts.

use super::Run;
use super::chain::Chains;
use super::foresight::Score;
use super::sample::Sample;
use crate::dense::{Slots, cell};
use crate::ledger::{Breaches, HostedUse, Ledger, Tariff};
use crate::names::Names;
use greenroom_scheduler::decision::Decision;
use greenroom_scheduler::event::{Event, JobResult};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{JobId, RunId, RunnerId, SetId};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};

/// What a fold keeps beside the summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Also what each repository and workflow pays: for reports.
    pub labels: bool,
}

/// The fold.
#[derive(Clone, Debug)]
pub struct Fold {
    pub(super) run: Run,
    pub(super) names: Names,
    jobs: Slots<Job>,
    pub(super) counts: Vec<Counts>,
    pub(super) queue: Sample,
    pub(super) recorded: Sample,
    pub(super) chains: Chains,
    pub(super) ledger: Ledger,
    pub(super) events: u64,
    pub(super) commands: u64,
    /// Only for who is told of runs.
    pub(super) score: Option<Box<Score>>,
    pub(super) last: Time,
    ended: Option<Cut>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut(bool);

/// Counts of one runner set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) arrived: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    pub(super) lost: u64,
    pub(super) running: u64,
    pub(super) waiting: u64,
    pub(super) attempts: u64,
    pub(super) job_ms: u64,
    /// Jobs that started within 5, 15 and 30 s.
    pub(super) started_within: [u64; 3],
}

/// Bounds of [`Counts::started_within`].
const WITHIN_MS: [u64; 3] = [5_000, 15_000, 30_000];

/// A job that is alive, or that ended last in its slot.
#[derive(Clone, Copy, Debug, Default)]
struct Job {
    set: u32,
    label: u32,
    run: Option<u32>,
    phase: Phase,
    /// Whether it became ready after warm-up.
    counts: bool,
    /// Start of the present wait, or of the present attempt.
    since: Time,
    waited: Span,
    /// Queue milliseconds of the predecessors that it waited for.
    chain_ms: u64,
    runner: Option<RunnerId>,
    hosted_minutes: u64,
    hosted_run: Span,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Ended,
    Waiting,
    Running,
}

impl Fold {
    /// An empty fold for a run.
    pub fn new(run: Run, options: Options) -> Self {
        let ledger = Ledger::new(Tariff::of_world(&run.world), run.idle_rule, options.labels);
        Self {
            run,
            names: Names::default(),
            jobs: Slots::default(),
            counts: Vec::new(),
            queue: Sample::default(),
            recorded: Sample::default(),
            chains: Chains::default(),
            ledger,
            events: 0,
            commands: 0,
            score: None,
            last: Time::ZERO,
            ended: None,
        }
    }

    /// The run that is summed up.
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// Everything that got a name.
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// Money and node time.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Where the entries contradict each other; complete once the run has ended.
    pub const fn breaches(&self) -> &Breaches {
        self.ledger.breaches()
    }

    /// Time of the last entry.
    pub const fn last(&self) -> Time {
        self.last
    }

    /// Whether the run was cut before its last job and node were gone; none before its end.
    pub fn cut(&self) -> Option<bool> {
        self.ended.map(|Cut(cut)| cut)
    }

    /// Settles what is still open. Entries after it are not counted. The end of the run does it
    /// by itself; a stream that breaks off is cut where it broke.
    pub fn close(&mut self) {
        if self.ended.is_none() {
            self.end(self.last, true);
        }
    }

    fn end(&mut self, at: Time, cut: bool) {
        self.ended = Some(Cut(cut));
        self.ledger.finish(&self.names, at, cut);
    }

    /// What every job and node meets. Whoever tells a fact names its kind, so that with this
    /// inlined there the choice is made when the program is built; what is done with each fact
    /// stays out of line.
    #[expect(clippy::inline_always, reason = "see `Sink`")]
    #[inline(always)]
    fn fact(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::JobReady { job, set, run, label, recorded } => {
                let run = run.map(|run| run.0);
                let known = Job { set: set.0, label: *label, run, ..Job::default() };
                self.ready(at, *job, known, *recorded);
            }
            Fact::JobStarted { job, runner, .. } => self.started(at, *job, *runner),
            Fact::JobEnded { job, result } => self.job_ended(at, *job, *result),
            Fact::RunnerCreated { runner, set } => self.ledger.runner_created(at, *runner, set.0),
            Fact::RunnerBound { runner, node } => {
                self.ledger.runner_bound(&self.names, at, *runner, *node);
            }
            Fact::RunnerGone { runner, end } => {
                self.ledger.runner_gone(&self.names, at, *runner, *end);
            }
            Fact::NodeClaimed { node, fleet } => {
                self.ledger.node_claimed(&self.names, at, *node, fleet.0);
            }
            Fact::NodeLaunched { node, fleet, machine } => {
                self.ledger.node_launched(&self.names, at, *node, fleet.0, *machine);
            }
            Fact::NodeReady { node } => self.ledger.node_ready(at, *node),
            Fact::NodePriced { node, rate } => self.ledger.node_priced(at, *node, *rate),
            Fact::NodeGone { node, end } => self.ledger.node_gone(&self.names, at, *node, *end),
            Fact::NodeBilled { node, charge } => self.ledger.node_billed(at, *node, *charge),
            Fact::BesideBilled { line, team, charge } => {
                self.ledger.beside(&self.names, *line, *team, *charge);
            }
            Fact::StoppedBilled { fleet, charge } => {
                self.ledger.stopped(&self.names, *fleet, *charge);
            }
            _ => self.rare_fact(at, fact),
        }
    }

    #[inline(never)]
    fn rare_fact(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::JobReleased { job, by } => {
                let chain_ms = self.chains.of(*by);
                match self.jobs.get(job.serial, job.slot) {
                    Some(released) => released.chain_ms = chain_ms,
                    None => self.ledger.stray(at, "job_released", job),
                }
            }
            Fact::AttemptLost { job, runner } => self.lost(at, *job, *runner),
            Fact::HostedBilled { job, charge } => {
                let Some(spent) = self.jobs.get(job.serial, job.slot) else {
                    return self.ledger.stray(at, "hosted_billed", job);
                };
                let spent = HostedUse {
                    set: spent.set,
                    label: spent.label,
                    minutes: spent.hosted_minutes,
                    run: spent.hosted_run,
                    counts: at >= self.names.warmup(),
                };
                self.ledger.hosted_billed(&self.names, at, *job, &spent, *charge);
            }
            Fact::Named(naming) => self.names.learn(naming),
            Fact::RunEnded { cut } => self.end(at, *cut),
            _ => {}
        }
    }

    fn ready(&mut self, at: Time, id: JobId, job: Job, recorded: Option<Span>) {
        let counts = at >= self.names.warmup();
        if let Some(span) = recorded.filter(|_| counts) {
            self.recorded.add(job.set as usize, span);
        }
        let Some(counted) = cell(&mut self.counts, job.set as usize) else {
            return self.ledger.stray(at, "job_ready", format_args!("runner set {}", job.set));
        };
        let Some(place) = self.jobs.put(id.serial, id.slot) else {
            return self.ledger.stray(at, "job_ready", id);
        };
        *place = Job { phase: Phase::Waiting, counts, since: at, ..job };
        if counts {
            counted.arrived += 1;
            counted.waiting += 1;
        }
    }

    fn started(&mut self, at: Time, id: JobId, runner: Option<RunnerId>) {
        let Some(job) = self.jobs.get(id.serial, id.slot).filter(|job| job.phase == Phase::Waiting)
        else {
            return self.ledger.stray(at, "job_started", id);
        };
        let since = std::mem::replace(&mut job.since, at);
        job.waited += at.since(since);
        job.phase = Phase::Running;
        job.runner = runner;
        if job.counts {
            let counted = &mut self.counts[job.set as usize];
            counted.waiting -= 1;
            counted.running += 1;
            counted.attempts += 1;
        }
        if let Some(runner) = runner {
            self.ledger.runner_busy(runner, since, job.label);
        }
    }

    fn lost(&mut self, at: Time, id: JobId, runner: RunnerId) {
        let Some(job) = self.jobs.get(id.serial, id.slot).filter(|job| job.phase == Phase::Running)
        else {
            return self.ledger.stray(at, "attempt_lost", id);
        };
        job.phase = Phase::Waiting;
        job.since = at;
        job.runner = None;
        if job.counts {
            let counted = &mut self.counts[job.set as usize];
            counted.running -= 1;
            counted.waiting += 1;
        }
        self.ledger.runner_freed(runner, true);
    }

    fn run_job_queued(&mut self, at: Time, set: SetId, run: RunId) {
        if let Some(set) = self.names.set(set.index()) {
            let class = set.pool.0;
            self.score.get_or_insert_default().ready(at, run, class);
        }
    }

    fn expected(&mut self, at: Time, set: SetId, count: u32, expected_at: Time) {
        if let Some(set) = self.names.set(set.index()) {
            let class = set.pool.0;
            self.score.get_or_insert_default().expected(at, count, class, expected_at);
        }
    }

    fn job_ended(&mut self, at: Time, id: JobId, result: JobResult) {
        let Some(job) = self.jobs.get(id.serial, id.slot).filter(|job| job.phase != Phase::Ended)
        else {
            return self.ledger.stray(at, "job_ended", id);
        };
        let counted = &mut self.counts[job.set as usize];
        let ran = job.phase == Phase::Running;
        if ran {
            if result != JobResult::Lost {
                // Time after warm-up counts whoever's it is, like node time.
                let from = job.since.max(self.names.warmup());
                counted.job_ms = counted.job_ms.saturating_add(at.since(from).as_ms());
            }
            if let Some(runner) = job.runner {
                self.ledger.runner_freed(runner, result == JobResult::Lost);
            } else {
                let run = at.since(job.since);
                // A minute that has started is charged.
                job.hosted_minutes =
                    job.hosted_minutes.saturating_add(run.as_ms().div_ceil(60_000));
                job.hosted_run += run;
            }
        } else {
            job.waited += at.since(job.since);
        }
        job.phase = Phase::Ended;
        if !job.counts {
            return;
        }
        if ran {
            counted.running -= 1;
        } else {
            counted.waiting -= 1;
        }
        match result {
            JobResult::Succeeded => counted.completed += 1,
            JobResult::Failed => counted.failed += 1,
            JobResult::Cancelled => counted.cancelled += 1,
            JobResult::Lost | JobResult::Expired => counted.lost += 1,
        }
        let waited_ms = job.waited.as_ms();
        if ran {
            for (within, bound) in counted.started_within.iter_mut().zip(WITHIN_MS) {
                *within += u64::from(waited_ms <= bound);
            }
        }
        self.queue.add(job.set as usize, job.waited);
        match job.run {
            None => self.chains.ended_alone(waited_ms),
            Some(run) => self.chains.ended(id.serial, run, job.chain_ms.saturating_add(waited_ms)),
        }
    }
}

impl Sink for Fold {
    #[expect(clippy::inline_always, reason = "see `Sink`")]
    #[inline(always)]
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if self.ended.is_some() {
            return;
        }
        self.last = at;
        match entry {
            Entry::Fact(Fact::JobHeard { .. } | Fact::RunnerReached { .. } | Fact::Drained) => {}
            Entry::Decision(Decision::Expect { set, count, expected_at, .. }) => {
                self.expected(at, *set, *count, *expected_at);
            }
            Entry::Decision(decision) => self.names.learn_misfit(decision),
            Entry::Fact(fact) => self.fact(at, fact),
            Entry::Event(event) => {
                self.events += 1;
                if let Event::RunJobQueued { set, run, .. } = event {
                    self.run_job_queued(at, *set, *run);
                }
            }
            Entry::Command(_) => self.commands += 1,
        }
    }
}
