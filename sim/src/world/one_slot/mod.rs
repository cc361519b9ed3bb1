//! The idealised world `one-slot`: one job a node, so that figures can be compared with published
//! ones.
//!
//! A node is billed from its launch and ready after `boot`; a job occupies its node for `dispatch`
//! and then for its duration, which counts as `duration_min` at least; a job's queue time ends
//! after `dispatch`. Jobs arrive when the record says, whatever became of others. Nothing fails,
//! and every message arrives at once. What is not a rule of this world is the policy's doing.

mod commands;
mod jobs;
mod nodes;
mod stock;
mod timer;

use crate::engine::outbox::Outbox;
use crate::engine::queue::Queue;
use crate::engine::simulation::{World, sooner};
use crate::latency::Distribution;
use crate::random::Streams;
use crate::registry::Place;
use greenroom_scheduler::command::Command;
use greenroom_scheduler::event::{Counts, Event, Foresight, NodeEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::snapshot::{SeenNode, SeenRunner, Snapshot, Stopped};
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::Arrival;
use jobs::{Job, SetQueue};
use nodes::{Node, Runner, Stock};
use std::collections::{BTreeMap, VecDeque};
use timer::Timer;

/// The rules' numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// From launch to ready: always 60 s in the published rows.
    pub boot: Distribution,
    /// Where boots are drawn from, where they are not always alike.
    pub streams: Streams,
    /// From a runner's taking a job to its first step: 5 s.
    pub dispatch: Span,
    /// What a shorter duration counts as: 1 s.
    pub duration_min: Span,
    /// Price of a node: 0.20 USD an hour, by the second, without a minimum.
    pub rate: Rate,
    /// What becomes of nodes that are stopped, where they can be.
    pub stopped: Option<StoppedTier>,
    /// Whether the core is told of the jobs of runs.
    pub tells_runs: bool,
}

/// What becomes of nodes that are stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppedTier {
    /// From the order to start one until it is ready: 10 s.
    pub start: Span,
    /// From the order to stop one until it can be started: 120 s, so that a node is in the stock
    /// 180 s after its claim.
    pub stop: Span,
    /// Node time that is billed for preparing one: 60 s, of which the boot is a part.
    pub prepare: Span,
    /// What one costs while it is stopped, as a share of its price: 0.04.
    pub price_ratio: f64,
}

impl Parameters {
    /// The shortest boot there can be: what bounds count with.
    pub fn boot_least(&self) -> Span {
        Span::from_secs_f64(self.boot.least_s())
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            boot: Distribution::Constant { s: 60.0 },
            streams: Streams::new(1),
            dispatch: Span::from_secs(5),
            duration_min: Span::from_secs(1),
            rate: Rate::from_micros_per_hour(200_000),
            stopped: None,
            tells_runs: false,
        }
    }
}

/// The world's truth.
#[derive(Debug)]
pub struct OneSlot {
    parameters: Parameters,
    timers: Queue<Timer>,
    /// When which runner's job takes its first step, in order: all take as long.
    starting: VecDeque<(Time, u32)>,
    jobs: Vec<Job>,
    free_jobs: Vec<u32>,
    sets: Vec<SetQueue>,
    runners: Vec<Option<Runner>>,
    nodes: Vec<Option<Node>>,
    /// Jobs that were told and did not come yet, by row.
    foreseen: BTreeMap<u32, Foresight>,
    /// Sets whose statistics changed in this instant.
    changed: Vec<SetId>,
    /// Jobs that have not ended.
    open_jobs: u64,
    /// Nodes that are billed.
    open_nodes: u64,
    /// Nodes launched so far: the next one's boot is the same under any policy.
    launches: u64,
    /// All charges so far, in micro-dollars.
    bill_micros: i64,
}

impl OneSlot {
    /// An empty world.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            timers: Queue::default(),
            starting: VecDeque::new(),
            jobs: Vec::new(),
            free_jobs: Vec::new(),
            sets: Vec::new(),
            runners: Vec::new(),
            nodes: Vec::new(),
            foreseen: BTreeMap::new(),
            changed: Vec::new(),
            open_jobs: 0,
            open_nodes: 0,
            launches: 0,
            bill_micros: 0,
        }
    }

    /// All charges so far.
    pub const fn bill(&self) -> greenroom_scheduler::money::Money {
        greenroom_scheduler::money::Money::from_micros(self.bill_micros)
    }

    fn ring<S: Sink>(&mut self, now: Time, timer: Timer, out: &mut Outbox<'_, S>) {
        match timer {
            Timer::JobReady(slot) => self.job_ready(now, slot, out),
            Timer::GiveUp(slot) => self.job_gives_up(slot, out),
            Timer::JobEnds(slot) => self.job_ends(slot, out),
            Timer::NodeReady(slot) => self.node_ready(slot, out),
            Timer::NodeStopped(slot) => self.node_stopped(now, slot, out),
        }
    }

    /// Rings what is due, and tells the statistics that changed. Out of line, so that asking whether
    /// there is anything stays small.
    #[inline(never)]
    fn go_on<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        loop {
            while let Some(timer) = self.timers.pop_due(now) {
                self.ring(now, timer, out);
            }
            let Some((_, runner)) = self.starting.pop_front_if(|(at, _)| *at <= now) else { break };
            self.job_starts(now, runner, out);
        }
        self.tell_statistics(out);
    }

    /// Tells the statistics of the sets that changed, once each.
    fn tell_statistics<S: Sink>(&mut self, out: &mut Outbox<'_, S>) {
        for id in self.changed.drain(..) {
            let set = &mut self.sets[id.index()];
            set.changed = false;
            out.tell(Event::Statistics { set: id, counts: set.counts });
        }
    }

    fn touch(&mut self, set: SetId) {
        if !std::mem::replace(&mut self.sets[set.index()].changed, true) {
            self.changed.push(set);
        }
    }
}

impl World for OneSlot {
    fn next_at(&self) -> Option<Time> {
        sooner(self.timers.next_at(), self.starting.front().map(|(at, _)| *at))
    }

    fn arrive<S: Sink>(
        &mut self,
        now: Time,
        job: &Arrival,
        place: Place,
        _needs: &[u32],
        out: &mut Outbox<'_, S>,
    ) {
        self.job_arrives(now, job, place, out);
    }

    fn foresee<S: Sink>(&mut self, row: u32, foresight: Foresight, out: &mut Outbox<'_, S>) {
        self.foreseen.insert(row, foresight.clone());
        out.tell(Event::Foreseen(Box::new(foresight)));
    }

    #[inline]
    fn advance<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        // Asked after every round of an instant, and mostly there is nothing.
        if self.next_at().is_some_and(|at| at <= now) || !self.changed.is_empty() {
            self.go_on(now, out);
        }
    }

    fn execute<S: Sink>(&mut self, now: Time, command: &Command, out: &mut Outbox<'_, S>) {
        self.carry_out(now, command, out);
    }

    fn is_over(&self) -> bool {
        self.open_jobs == 0 && self.open_nodes == 0
    }

    fn has_no_jobs(&self) -> bool {
        self.open_jobs == 0
    }

    fn observe(&self) -> Snapshot {
        let sets = self.sets.iter().enumerate();
        let runners = self.runners.iter().flatten().map(|runner| SeenRunner {
            runner: runner.id,
            set: runner.set,
            node: Some(runner.node),
            job: runner.job.map(|slot| self.jobs[slot as usize].id),
        });
        let nodes = self.nodes.iter().flatten().map(|node| SeenNode {
            node: node.id,
            fleet: node.fleet,
            machine: Some(node.machine),
            ready: node.ready,
            cordoned: false,
            stopped: node.stock.map(|stock| match stock {
                Stock::Soon => Stopped::Soon,
                Stock::Since(_) => Stopped::Now,
            }),
        });
        Snapshot {
            sets: sets
                .map(|(at, set)| (SetId(at as u32), set.counts))
                .collect::<Vec<(SetId, Counts)>>(),
            runners: runners.collect(),
            nodes: nodes.collect(),
            foreseen: self.foreseen.values().cloned().collect(),
        }
    }

    fn close<S: Sink>(&mut self, now: Time, cut: bool, out: &mut Outbox<'_, S>) {
        for slot in 0..self.nodes.len() {
            match self.nodes[slot] {
                Some(node) if node.stock.is_some() => self.leave_stock(now, node, out),
                Some(node) => self.node_ends(now, node, NodeEnd::Closed, out),
                None => {}
            }
        }
        out.fact(&Fact::RunEnded { cut });
    }
}
