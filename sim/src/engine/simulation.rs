//! The loop: what happens next happens, the core hears of it, and its commands are carried out.

use super::outbox::Outbox;
use crate::registry::{Place, Registry, SetFacts};
use greenroom_scheduler::command::Command;
use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::event::{Event, Foresight};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::snapshot::Snapshot;
use greenroom_scheduler::spec::{Fleet, Settings};
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Name};

/// Rounds that one instant may take before the run is stopped as a bug: the longest honest chain
/// (claim, refusal, claim of another kind, ...) is under twenty.
const ROUNDS_PER_INSTANT_MAX: u32 = 10_000;

/// A world that can be stepped. It fakes everything but the decisions.
pub trait World {
    /// When the world changes next by itself.
    fn next_at(&self) -> Option<Time>;
    /// New runner sets exist; `sets` and `fleets` are all, by number.
    fn meet(&mut self, now: Time, sets: &[SetFacts], fleets: &[Fleet]) {
        let _ = (now, sets, fleets);
    }
    /// Takes a job of the trace.
    fn arrive<S: Sink>(
        &mut self,
        now: Time,
        job: &Arrival,
        place: Place,
        needs: &[u32],
        out: &mut Outbox<'_, S>,
    );
    /// Somebody foresees a job of the trace, which the core is told of.
    fn foresee<S: Sink>(&mut self, row: u32, foresight: Foresight, out: &mut Outbox<'_, S>) {
        let _ = row;
        out.tell(Event::Foreseen(Box::new(foresight)));
    }
    /// Lets everything happen that is due.
    fn advance<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>);
    /// Carries out a command. Its outcome comes back as an event, now or later.
    fn execute<S: Sink>(&mut self, now: Time, command: &Command, out: &mut Outbox<'_, S>);
    /// Whether the last job has ended and the last node is gone.
    fn is_over(&self) -> bool;
    /// Whether the last job has ended.
    fn has_no_jobs(&self) -> bool;
    /// A full listing of what exists.
    fn observe(&self) -> Snapshot;
    /// The run ends, `cut` or by itself: what is still open is closed in the books.
    fn close<S: Sink>(&mut self, now: Time, cut: bool, out: &mut Outbox<'_, S>);
}

/// Where jobs come from, ordered by `enter`.
pub trait Arrivals {
    /// What stops the run when the trace cannot be read.
    type Error;
    /// When the next one comes.
    fn peek(&mut self) -> Result<Option<Time>, Self::Error>;
    /// Takes the next one. Only after [`Arrivals::peek`] showed that there is one.
    fn take(&mut self) -> Arrival;
    /// The rows of the predecessors of the one taken last.
    fn needs(&self) -> &[u32];
    /// The name behind a number.
    fn text(&self, name: Name) -> &str;
    /// Whether the one taken last was told before.
    fn is_announced(&self) -> bool {
        false
    }
    /// When the next one is told before it comes.
    fn peek_hint(&mut self) -> Result<Option<Time>, Self::Error> {
        Ok(None)
    }
    /// Takes what is told next.
    fn take_hint(&mut self) -> Option<Hint> {
        None
    }
}

/// A job that is told before it comes.
#[derive(Clone, Debug)]
pub struct Hint {
    /// Which.
    pub job: Arrival,
    /// When it is expected.
    pub expected_at: Time,
    /// Standard deviation of that time.
    pub sigma: Span,
}

impl<A: Arrivals + ?Sized> Arrivals for &mut A {
    type Error = A::Error;

    fn peek(&mut self) -> Result<Option<Time>, A::Error> {
        (**self).peek()
    }

    fn take(&mut self) -> Arrival {
        (**self).take()
    }

    fn needs(&self) -> &[u32] {
        (**self).needs()
    }

    fn text(&self, name: Name) -> &str {
        (**self).text(name)
    }

    fn is_announced(&self) -> bool {
        (**self).is_announced()
    }

    fn peek_hint(&mut self) -> Result<Option<Time>, A::Error> {
        (**self).peek_hint()
    }

    fn take_hint(&mut self) -> Option<Hint> {
        (**self).take_hint()
    }
}

/// One run: a world, the core, and the trace that drives them.
#[derive(Debug)]
pub struct Simulation<W, A, S> {
    /// The world.
    pub world: W,
    /// The decisions.
    pub core: Core,
    /// What comes in.
    pub arrivals: A,
    /// Who is who.
    pub registry: Registry,
    /// Where entries go.
    pub sink: S,
    /// How much happened.
    pub counts: Counts,
    now: Time,
    wake_at: Option<Time>,
    events: Vec<Event>,
    sets_met: usize,
}

/// How much happened in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that the core was told.
    pub events: u64,
    /// Commands that it gave.
    pub commands: u64,
}

impl<W: World, A: Arrivals, S: Sink> Simulation<W, A, S> {
    /// A run that has not begun. `opening`: what the core is told before anything happens.
    pub fn new(world: W, arrivals: A, registry: Registry, sink: S, opening: Vec<Event>) -> Self {
        let core = Core::new();
        let counts = Counts::default();
        Self {
            world,
            core,
            arrivals,
            registry,
            sink,
            counts,
            now: Time::ZERO,
            wake_at: None,
            events: opening,
            sets_met: 0,
        }
    }

    /// When something happens next; `None` when the run is over.
    pub fn next_at(&mut self) -> Result<Option<Time>, A::Error> {
        if !self.events.is_empty() {
            return Ok(Some(self.now));
        }
        let arrival = self.arrivals.peek()?;
        if arrival.is_none() && self.is_over() {
            return Ok(None);
        }
        let arrival = sooner(arrival, self.arrivals.peek_hint()?);
        Ok(sooner(sooner(arrival, self.world.next_at()), self.wake_at))
    }

    /// Whether the last job has ended and the last node is gone. A policy that keeps nodes for
    /// ever would never end: there the last job is the end.
    fn is_over(&self) -> bool {
        let settings = self.core.state().settings.as_ref();
        let keeps = settings.is_some_and(Settings::keeps_capacity);
        self.world.is_over() || keeps && self.world.has_no_jobs()
    }

    /// Lets everything of one instant happen, and drains the core once for it.
    pub fn step(&mut self, now: Time) -> Result<(), A::Error> {
        self.now = now;
        let mut out = Outbox::new(now, &mut self.sink, &mut self.events);
        while self.arrivals.peek_hint()?.is_some_and(|at| at <= now)
            && let Some(Hint { job, expected_at, sigma }) = self.arrivals.take_hint()
        {
            let arrivals = &self.arrivals;
            let set = self.registry.place(&job, |name| arrivals.text(name), &mut out).set;
            if set.index() >= self.sets_met {
                self.sets_met = self.registry.sets().len();
                self.world.meet(now, self.registry.sets(), self.registry.fleets());
            }
            let foresight = Foresight { set, count: 1, expected_at, sigma, probability: 1.0 };
            self.world.foresee(job.row, foresight, &mut out);
        }
        while self.arrivals.peek()?.is_some_and(|at| at <= now) {
            let job = self.arrivals.take();
            let arrivals = &self.arrivals;
            let mut place = self.registry.place(&job, |name| arrivals.text(name), &mut out);
            place.announced = arrivals.is_announced();
            if place.set.index() >= self.sets_met {
                self.sets_met = self.registry.sets().len();
                self.world.meet(now, self.registry.sets(), self.registry.fleets());
            }
            self.world.arrive(now, &job, place, arrivals.needs(), &mut out);
        }
        self.world.advance(now, &mut out);
        if self.events.is_empty() && self.wake_at.is_some_and(|at| at <= now) {
            self.events.push(Event::Tick);
        }
        let mut rounds = 0;
        let mut spoke = true;
        while !self.events.is_empty() {
            if !spoke {
                self.sink.entry(now, Entry::Fact(&Fact::Drained));
            }
            self.feed();
            spoke = self.drain();
            let mut out = Outbox::new(now, &mut self.sink, &mut self.events);
            self.world.advance(now, &mut out);
            rounds += 1;
            assert!(rounds < ROUNDS_PER_INSTANT_MAX, "one instant does not end: a bug of ours");
        }
        Ok(())
    }

    /// Lets everything happen up to and including `until`.
    pub fn advance(&mut self, until: Time) -> Result<(), A::Error> {
        while let Some(at) = self.next_at()?
            && at <= until
        {
            self.step(at)?;
        }
        Ok(())
    }

    /// Runs to the end, or to `until`, and closes the books. Says whether it was cut.
    pub fn run(&mut self, until: Option<Time>) -> Result<bool, A::Error> {
        self.advance(until.unwrap_or(Time::MAX))?;
        let cut = self.next_at()?.is_some();
        self.now = if cut { until.unwrap_or(self.now) } else { self.now };
        let mut out = Outbox::new(self.now, &mut self.sink, &mut self.events);
        self.world.close(self.now, cut, &mut out);
        Ok(cut)
    }

    /// The latest instant that was stepped.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Tells the core something at the next step; for observation and audits.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    fn feed(&mut self) {
        self.counts.events += self.events.len() as u64;
        for event in &self.events {
            self.sink.entry(self.now, Entry::Event(event));
            self.core.handle(self.now, event);
        }
        self.events.clear();
    }

    /// Carries out what the core says, and answers whether it said anything.
    fn drain(&mut self) -> bool {
        let mut spoke = false;
        loop {
            let output = self.core.poll();
            spoke |= !matches!(output, Output::WakeAt(_));
            match output {
                Output::Command(command) => {
                    self.counts.commands += 1;
                    self.sink.entry(self.now, Entry::Command(&command));
                    let mut out = Outbox::new(self.now, &mut self.sink, &mut self.events);
                    self.world.execute(self.now, &command, &mut out);
                }
                Output::Decision(decision) => {
                    self.sink.entry(self.now, Entry::Decision(&decision));
                }
                Output::WakeAt(at) => {
                    self.wake_at = at;
                    return spoke;
                }
            }
        }
    }
}

/// The earlier of two times that may not come.
#[inline]
pub(crate) fn sooner(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
