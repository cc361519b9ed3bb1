//! On the steady path (jobs come and go on warm nodes, as many at once as before) the core does not
//! allocate: its tables, queues and lists keep their room.

use crate::world::Town;
use greenroom_scheduler::command::{Action, Outcome};
use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::event::{
    Counts, Event, JobResult, NodeChange, NodeEnd, RunnerChange, RunnerEnd,
};
use greenroom_scheduler::id::{FleetId, JobId, RunnerId, SetId, TypeId, ZoneId};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};

const SET: SetId = SetId(0);
const FLEET: FleetId = FleetId(0);
/// Jobs at once.
const WAVE: usize = 40;

/// A core and the little of the world that a wave of jobs needs. What it needs to remember is in
/// arrays, so that it allocates nothing either.
struct Steady {
    core: Core,
    now: Time,
    job: u32,
    created: [Option<RunnerId>; WAVE],
}

impl Steady {
    fn new() -> Self {
        let mut core = Core::new();
        for event in Town::open().opening() {
            core.handle(Time::ZERO, &event);
        }
        let mut steady = Self { core, now: Time::ZERO, job: 0, created: [None; WAVE] };
        steady.drain();
        steady
    }

    fn tell(&mut self, event: &Event) {
        self.core.handle(self.now, event);
    }

    fn count(&mut self, assigned: usize, running: usize) {
        let counts = Counts { available: 0, assigned: assigned as u32, running: running as u32 };
        self.tell(&Event::Statistics { set: SET, counts });
    }

    /// Carries every order out at once.
    fn drain(&mut self) {
        let mut created = 0;
        loop {
            let command = match self.core.poll() {
                Output::WakeAt(_) => break,
                Output::Decision(_) => continue,
                Output::Command(command) => command,
            };
            let finished = Event::Finished { command: command.id, outcome: Outcome::Done };
            match command.action {
                Action::ClaimNode { node, capacity, .. } => {
                    let machine = greenroom_scheduler::event::Machine {
                        instance_type: TypeId(0),
                        zone: ZoneId(0),
                        capacity,
                        rate: Rate::from_usd_per_hour(0.2),
                    };
                    for change in [NodeChange::Launched(machine), NodeChange::Ready] {
                        self.tell(&Event::NodeChanged { node, fleet: FLEET, change });
                    }
                }
                Action::DeleteNode { node } => {
                    let change = NodeChange::Gone(NodeEnd::Deleted);
                    self.tell(&Event::NodeChanged { node, fleet: FLEET, change });
                }
                Action::CreateRunner { runner, .. } => {
                    self.created[created] = Some(runner);
                    created += 1;
                }
                _ => {}
            }
            self.tell(&finished);
        }
    }

    /// A wave of jobs queues, starts and ends. With `apart`, nodes are given back in between.
    fn wave(&mut self, apart: Span) {
        self.count(WAVE, 0);
        self.drain();
        let runners = std::mem::replace(&mut self.created, [None; WAVE]);
        for (place, runner) in runners.iter().flatten().enumerate() {
            self.now += Span::from_ms(500);
            self.job += 1;
            let job = JobId { serial: self.job, slot: place as u32 };
            self.tell(&Event::RunnerChanged { runner: *runner, change: RunnerChange::Registered });
            self.tell(&Event::JobStarted { set: SET, job, runner: *runner });
            self.drain();
        }
        self.count(WAVE, WAVE);
        self.drain();
        for (place, runner) in runners.iter().flatten().enumerate() {
            self.now += Span::from_ms(500);
            let job = JobId { serial: self.job, slot: place as u32 };
            let result = JobResult::Succeeded;
            self.tell(&Event::JobCompleted { set: SET, job, runner: Some(*runner), result });
            let change = RunnerChange::Gone(RunnerEnd::Finished);
            self.tell(&Event::RunnerChanged { runner: *runner, change });
            self.drain();
        }
        self.count(0, 0);
        self.drain();
        self.now += apart;
        self.tell(&Event::Tick);
        self.drain();
        assert!(runners.iter().all(Option::is_some), "every job had a runner");
    }
}

fn allocations(steady: &mut Steady, apart: Span) -> u64 {
    let counted = allocation_counter::measure(|| (0..20).for_each(|_| steady.wave(apart)));
    counted.count_total
}

#[test]
fn a_counter_that_counts_is_used() {
    assert!(allocation_counter::measure(|| drop(Steady::new())).count_total > 0);
}

#[test]
fn jobs_on_warm_nodes_allocate_nothing() {
    let mut steady = Steady::new();
    (0..3).for_each(|_| steady.wave(Span::from_secs(1)));
    assert_eq!(allocations(&mut steady, Span::from_secs(1)), 0);
    assert_eq!(steady.core.state().view.nodes.len(), WAVE, "nodes stayed warm");
}

#[test]
fn nodes_that_come_and_go_allocate_nothing() {
    let mut steady = Steady::new();
    (0..3).for_each(|_| steady.wave(Span::from_secs(600)));
    assert_eq!(allocations(&mut steady, Span::from_secs(600)), 0);
    assert!(steady.core.state().view.nodes.is_empty(), "nodes were given back");
}
