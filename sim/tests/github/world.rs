//! GitHub with a hand-driven clock, which writes down everything that happens.

use greenroom_scheduler::command::Outcome;
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, RunId, RunnerId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::timers::Timers;
use greenroom_sim::github::{Config, Draw, Entry, GitHub, Host, Listener, Output, SetSpec, Timer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The plainest timers there can be.
#[derive(Default)]
pub(crate) struct Clock {
    queue: BTreeSet<(Time, u64, Timer)>,
    set: BTreeMap<Timer, (Time, u64)>,
    sequence: u64,
    pub(crate) rings: u64,
}

impl Timers<Timer> for Clock {
    fn set(&mut self, at: Time, key: Timer) {
        self.cancel(key);
        self.sequence += 1;
        self.queue.insert((at, self.sequence, key));
        self.set.insert(key, (at, self.sequence));
    }

    fn cancel(&mut self, key: Timer) {
        if let Some((at, sequence)) = self.set.remove(&key) {
            self.queue.remove(&(at, sequence, key));
        }
    }
}

impl Clock {
    pub(crate) fn pending(&self) -> usize {
        self.queue.len()
    }

    fn pop(&mut self, until: Time) -> Option<(Time, Timer)> {
        let &(at, sequence, key) = self.queue.first()?;
        if at > until {
            return None;
        }
        self.queue.remove(&(at, sequence, key));
        self.set.remove(&key);
        self.rings += 1;
        Some((at, key))
    }
}

/// The same delays for everybody, and the deliveries that get lost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steady {
    pub(crate) writing: Span,
    pub(crate) travel: Span,
    pub(crate) hosted_start: Span,
    pub(crate) lost: Vec<u64>,
}

impl Draw for Steady {
    fn writing(&mut self, _: SetId, _: u64) -> Span {
        self.writing
    }

    fn travel(&mut self, _: SetId, _: u64) -> Span {
        self.travel
    }

    fn lost(&mut self, _: SetId, nth: u64) -> bool {
        self.lost.contains(&nth)
    }

    fn hosted_start(&mut self, _: SetId, _: JobId) -> Span {
        self.hosted_start
    }
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) github: GitHub<Steady>,
    pub(crate) clock: Clock,
    pub(crate) out: Vec<Output>,
    pub(crate) text: String,
}

pub(crate) const fn job(serial: u32) -> JobId {
    JobId { serial, slot: serial }
}

pub(crate) const fn runner(serial: u32) -> RunnerId {
    RunnerId { serial, slot: serial }
}

pub(crate) const SET: SetId = SetId(0);

pub(crate) fn own(forge: Forge, capacity: u32) -> SetSpec {
    let listener = Listener::Simulated;
    SetSpec { forge, host: Host::Own { scope: 0, app: 0, capacity, listener } }
}

pub(crate) fn hosted(jobs_max: Option<u32>) -> SetSpec {
    SetSpec { forge: Forge::Cloud, host: Host::GitHub { jobs_max } }
}

/// Calls a method of GitHub and writes down what came of it.
macro_rules! call {
    ($world:ident.$method:ident($($argument:expr),*)) => {{
        let world = $world.me();
        let outcome = world.github.$method(
            world.now, $($argument,)* &mut world.clock, &mut world.out,
        );
        world.write_down();
        outcome
    }};
}
pub(crate) use call;

impl World {
    pub(crate) fn new(config: Config, draw: Steady, sets: &[SetSpec]) -> Self {
        let github = GitHub::new(config, Time::ZERO, draw).unwrap();
        let (clock, out) = (Clock::default(), vec![]);
        let mut world = Self { now: Time::ZERO, github, clock, out, text: String::new() };
        for &spec in sets {
            world.github.add_set(Time::ZERO, spec);
        }
        world.github.start(Time::ZERO, &mut world.clock, &mut world.out);
        world
    }

    pub(crate) fn me(&mut self) -> &mut Self {
        self
    }

    /// Rings every timer up to and including `secs` after the start.
    pub(crate) fn until(&mut self, secs: f64) -> &mut Self {
        let until = Time::ZERO + Span::from_secs_f64(secs);
        while let Some((at, timer)) = self.clock.pop(until) {
            assert!(at >= self.now, "a timer in the past");
            self.now = at;
            self.github.on_timer(at, timer, &mut self.clock, &mut self.out);
            self.write_down();
        }
        self.now = until;
        self
    }

    pub(crate) fn ready(&mut self, serial: u32) -> Outcome {
        let world = self;
        call!(world.job_ready(job(serial), Some(SET), Some(RunId(0))))
    }

    pub(crate) fn register(&mut self, serial: u32) -> Outcome {
        let world = self;
        call!(world.register(runner(serial), SET))
    }

    pub(crate) fn done(&mut self, serial: u32) -> Outcome {
        let world = self;
        call!(world.job_done(runner(serial), JobResult::Succeeded))
    }

    pub(crate) fn started(&mut self, serial: u32) -> Outcome {
        let world = self;
        call!(world.job_started(runner(serial)))
    }

    pub(crate) fn note(&mut self, text: &str) {
        writeln!(self.text, "{}  {text}", self.clock_face()).unwrap();
    }

    /// What was written since the last look.
    pub(crate) fn told(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn clock_face(&self) -> String {
        let ms = self.now.as_ms();
        format!("{}.{:03}s", ms / 1000, ms % 1000)
    }

    pub(crate) fn write_down(&mut self) {
        for output in std::mem::take(&mut self.out) {
            let line = sentence(output);
            self.note(&line);
        }
    }
}

fn sentence(output: Output) -> String {
    match output {
        Output::Message { set, message, counts, entries } => format!(
            "set {set} receives message {message}: available {}, assigned {}, running {}; {entries} entries",
            counts.available, counts.assigned, counts.running
        ),
        Output::Told { entry, .. } => match entry {
            Entry::Available { job } => format!("  - {job} is offered"),
            Entry::Assigned { job } => format!("  - {job} is assigned"),
            Entry::Started { job, runner } => format!("  - {job} started on {runner}"),
            Entry::Completed { job, runner: Some(runner), result } => {
                format!("  - {job} completed on {runner}: {result:?}")
            }
            Entry::Completed { job, runner: None, result } => {
                format!("  - {job} completed without a runner: {result:?}")
            }
        },
        Output::Pending { set } => format!("set {set} has news to fetch"),
        Output::Ready { job, by: Some(by) } => format!("{job} is released by job {by}"),
        Output::Ready { job, by: None } => format!("{job} is released"),
        Output::Assigned { set, job } => format!("{job} goes to set {set}"),
        Output::Registered { runner } => format!("{runner} is registered"),
        Output::Dispatched { job, runner } => format!("{runner} is given {job}"),
        Output::HostedStarted { job } => format!("{job} starts on a hosted runner"),
        Output::Stop { job, runner: Some(runner) } => format!("{runner} is to stop {job}"),
        Output::Stop { job, runner: None } => format!("the hosted runner is to stop {job}"),
        Output::Ended { job, runner: Some(runner), result } => {
            format!("{job} ends on {runner}: {result:?}")
        }
        Output::Ended { job, runner: None, result } => format!("{job} ends: {result:?}"),
        Output::Dropped { runner, why } => format!("{runner} is dropped: {why:?}"),
    }
}
