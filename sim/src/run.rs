//! One run from a plan: the world is made, the core is configured, the trace is played.

use crate::engine::outbox::Outbox;
use crate::engine::simulation::{Arrivals, Counts, Simulation, World};
use crate::lookahead::{Given, LookAhead};
use crate::registry::Registry;
use crate::rules::Rules;
use crate::world::eks::{self, Eks};
use crate::world::one_slot::{OneSlot, Parameters};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::{FleetId, Generation, TypeId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::policy::oracle::Timetable;
use greenroom_scheduler::spec::Settings;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Name};

/// Everything that a run is made of but the trace.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the core is configured with.
    pub settings: Settings,
    /// What the configuration says of pools and teams.
    pub rules: Rules,
    /// Which world, and its numbers.
    pub world: WorldPlan,
    /// Which jobs are told before they queue.
    pub given: Option<Given>,
    /// Jobs ready before this are left out of the figures.
    pub warmup: Option<Time>,
    /// The run is cut here.
    pub until: Option<Time>,
    /// What the policy `oracle` knows before the first job comes.
    pub foreknown: Option<Foreknown>,
}

/// What only somebody can know who read the whole trace before ([`crate::bound::Oracle`]).
#[derive(Clone, Debug)]
pub struct Foreknown {
    /// Everything must arrive so much later than in the trace ([`crate::feed::Feed::later_by`]),
    /// since the first nodes are launched before the first job comes.
    pub later_by: Span,
    /// The first job of each runner set: who is who must be known before nodes are launched.
    pub heralds: Vec<Herald>,
    /// By the number of the fleet.
    pub timetables: Vec<Timetable>,
}

/// A job that stands for its runner set, with its names: a trace that is streamed does not know
/// them yet.
#[derive(Clone, Debug)]
pub struct Herald {
    job: Arrival,
    names: Vec<(Name, String)>,
}

impl Herald {
    /// Remembers a job and its names.
    pub fn new<'t>(job: Arrival, text: impl Fn(Name) -> &'t str) -> Self {
        let names = [job.class, job.team, job.repository, job.workflow, job.job];
        let names = names.into_iter().map(|name| (name, text(name).to_owned()));
        Self { names: names.collect(), job }
    }

    /// Lets the registry meet the set.
    fn announce<S: Sink>(&self, registry: &mut Registry, out: &mut Outbox<'_, S>) {
        let text = |name: Name| {
            let known = self.names.iter().find(|(known, _)| *known == name);
            known.map_or("", |(_, text)| text.as_str())
        };
        registry.place(&self.job, text, out);
    }
}

/// Which world, and its numbers.
#[derive(Clone, Debug)]
pub enum WorldPlan {
    /// The idealised one.
    OneSlot(Parameters),
    /// The whole one.
    Eks(Box<eks::Plan>),
}

/// What a run was, beside its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How much happened.
    pub counts: Counts,
    /// Whether it was cut before its end.
    pub cut: bool,
    /// When it ended.
    pub ended_at: Time,
    /// What the world charged for machines.
    pub bill: Money,
    /// What GitHub left out.
    pub omissions: Omissions,
}

/// What GitHub's side left out of a run, since everything there has a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Omissions {
    /// Hints of jobs that were never told because too many waited to be; statistics tell of the
    /// jobs all the same.
    pub hints_left_out: u64,
    /// Predecessors that jobs named and nobody knew (any more); the jobs did not wait for them.
    pub predecessors_unknown: u64,
}

/// Plays a trace. Entries go to `sink` as they happen.
///
/// # Errors
/// The trace could not be read on.
pub fn run<A: Arrivals, S: Sink>(plan: &Plan, arrivals: A, sink: S) -> Result<Outcome, A::Error> {
    // One kind of arrivals, so that a world is compiled once: two halves would run 10 % slower.
    let mut arrivals = LookAhead::new(arrivals, plan.given);
    match &plan.world {
        WorldPlan::Eks(world) => {
            let start = arrivals.peek()?.unwrap_or_default();
            let world = Eks::new((**world).clone(), start);
            let mut simulation = simulation(plan, world, arrivals, sink);
            let cut = simulation.run(plan.until)?;
            let omissions = simulation.world.omissions();
            Ok(Outcome { omissions, ..outcome(&simulation, cut, simulation.world.bill()) })
        }
        WorldPlan::OneSlot(parameters) => {
            let mut simulation = simulation(plan, OneSlot::new(parameters.clone()), arrivals, sink);
            let cut = simulation.run(plan.until)?;
            Ok(outcome(&simulation, cut, simulation.world.bill()))
        }
    }
}

fn simulation<W: World, A: Arrivals, S: Sink>(
    plan: &Plan,
    world: W,
    arrivals: A,
    sink: S,
) -> Simulation<W, A, S> {
    let opening =
        vec![Event::Configured(Box::new(plan.settings.clone())), Event::Leading(Generation(1))];
    let mut registry = Registry::new(plan.rules.clone());
    if plan.settings.learns_from_runs() {
        registry.tell_workflows();
    }
    let mut simulation = Simulation::new(world, arrivals, registry, sink, opening);
    for fact in opening_facts(plan) {
        simulation.sink.entry(Time::ZERO, greenroom_scheduler::journal::Entry::Fact(&fact));
    }
    if let Some(foreknown) = &plan.foreknown {
        let mut events = Vec::new();
        let mut out = Outbox::new(Time::ZERO, &mut simulation.sink, &mut events);
        for herald in &foreknown.heralds {
            herald.announce(&mut simulation.registry, &mut out);
        }
        for (fleet, timetable) in foreknown.timetables.iter().enumerate() {
            let timetable = Box::new(timetable.clone());
            out.tell(Event::TimetableKnown(FleetId(fleet as u32), timetable));
        }
        for event in events {
            simulation.tell(event);
        }
    }
    simulation
}

fn outcome<W, A, S>(simulation: &Simulation<W, A, S>, cut: bool, bill: Money) -> Outcome
where
    W: World,
    A: Arrivals,
    S: Sink,
{
    Outcome {
        counts: simulation.counts,
        cut,
        ended_at: simulation.now(),
        bill,
        omissions: Omissions::default(),
    }
}

/// Names and rules that reports need before anything happens.
fn opening_facts(plan: &Plan) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (number, of_type) in plan.settings.types.iter().enumerate() {
        facts.push(Naming::Type {
            instance_type: TypeId(number as u32),
            name: of_type.name.clone(),
            allocatable: of_type.allocatable,
        });
    }
    facts.extend(plan.warmup.map(Naming::Warmup));
    facts.into_iter().map(|naming| Fact::Named(Box::new(naming))).collect()
}
