//! Jobs from a list in memory, and what became of each: for tests that know the right answer job
//! by job.

use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Layer};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::run::{Plan, run};
use greenroom_sim::setup::{self, Seed};
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use std::convert::Infallible;

/// A job that somebody made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) ready: Time,
    pub(crate) duration: Span,
    pub(crate) patience: Option<Span>,
}

/// The class of all jobs: `pool.default` is its configuration.
const CLASS: Name = Name(1);

/// Whose a job is, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) team: &'static str,
    pub(crate) forge: Forge,
}

/// Jobs in the order in which they become ready.
pub(crate) struct Listed<'a> {
    jobs: &'a [Job],
    /// The owner of each; nobody's at Cloud where there is none.
    owners: &'a [Owner],
    next: usize,
}

impl<'a> Listed<'a> {
    pub(crate) const fn new(jobs: &'a [Job]) -> Self {
        Self { jobs, owners: &[], next: 0 }
    }

    /// The name of a team: its number is the place of its first job, after [`CLASS`].
    fn team(&self, of: Owner) -> Name {
        let first = self.owners.iter().position(|owner| owner.team == of.team).unwrap();
        Name(CLASS.0 + 1 + first as u32)
    }
}

impl Arrivals for Listed<'_> {
    type Error = Infallible;

    fn peek(&mut self) -> Result<Option<Time>, Infallible> {
        Ok(self.jobs.get(self.next).map(|job| job.ready))
    }

    fn take(&mut self) -> Arrival {
        let Job { ready, duration, patience } = self.jobs[self.next];
        let row = self.next as u32;
        let owner = self.owners.get(self.next);
        self.next += 1;
        Arrival {
            row,
            enter: ready,
            ready,
            recorded_start: None,
            duration,
            patience,
            gap: Span::ZERO,
            run: None,
            predecessors: 0,
            has_successors: false,
            conclusion: Conclusion::Success,
            forge: owner.map_or(Forge::Cloud, |owner| owner.forge),
            trigger: Trigger::Push,
            class: CLASS,
            team: owner.map_or(Name::NONE, |owner| self.team(*owner)),
            repository: Name::NONE,
            workflow: Name::NONE,
            job: Name::NONE,
            group: Name::NONE,
            size: None,
        }
    }

    fn needs(&self) -> &[u32] {
        &[]
    }

    fn text(&self, name: Name) -> &'static str {
        match name.0.checked_sub(CLASS.0 + 1) {
            Some(first) => self.owners[first as usize].team,
            None if name == CLASS => "default",
            None => "",
        }
    }
}

/// When each job started and ended, by its row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fates {
    pub(crate) started: Vec<Option<Time>>,
    pub(crate) ended: Vec<Option<Time>>,
}

impl Sink for &mut Fates {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        match entry {
            Entry::Fact(Fact::JobReady { .. }) => {
                self.started.push(None);
                self.ended.push(None);
            }
            Entry::Fact(Fact::JobStarted { job, .. }) => {
                self.started[job.serial as usize] = Some(at);
            }
            Entry::Fact(Fact::JobEnded { job, .. }) => self.ended[job.serial as usize] = Some(at),
            _ => {}
        }
    }
}

/// The idealised world without boot, dispatch and shortest duration, changed by settings.
pub(crate) fn ideal(settings: &[String]) -> Plan {
    ideal_of(settings, 0)
}

/// The same in the nth of several draws of its randomness.
pub(crate) fn ideal_of(settings: &[String], replication: u64) -> Plan {
    let bare = ["world=\"one-slot\"", "one_slot.boot_s=0", "one_slot.dispatch_s=0"];
    let bare = bare.into_iter().chain(["one_slot.duration_min_s=0"]);
    let layers: Vec<Layer> =
        bare.chain(settings.iter().map(String::as_str)).map(Layer::set).collect();
    let config = config::load(&layers).unwrap();
    setup::plan(&config, Seed { seed: 1, replication }, None, None).unwrap()
}

/// The idealised world with so many runners that are always there.
pub(crate) fn servers(count: u32) -> Plan {
    ideal(&["policy.name=\"fixed\"".into(), format!("policy.fixed.runners={count}")])
}

/// Plays the jobs under all laws, with another sink beside.
pub(crate) fn play_into<S: Sink>(plan: &Plan, jobs: &[Job], sink: S) -> Fates {
    play_of(plan, jobs, &[], sink)
}

/// Plays the jobs of these owners under all laws, with another sink beside.
pub(crate) fn play_of<S: Sink>(plan: &Plan, jobs: &[Job], owners: &[Owner], sink: S) -> Fates {
    let (mut laws, mut fates) = (Laws::default(), Fates::default());
    let listed = Listed { owners, ..Listed::new(jobs) };
    run(plan, listed, (&mut laws, (&mut fates, sink))).unwrap();
    assert_eq!(laws.breaches(), (&[][..], 0));
    fates
}

/// Plays the jobs under all laws.
pub(crate) fn play(plan: &Plan, jobs: &[Job]) -> Fates {
    play_into(plan, jobs, ())
}
