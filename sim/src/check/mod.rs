//! The laws that every run is held to, from its entries alone. Always on: they cost a few
//! nanoseconds an entry and memory for what is alive.
//!
//! Each law trusts neither the core nor the world: it counts anew. The entries are matched once
//! here and handed to the laws they concern.

mod jobs;
mod little;
mod nodes;
mod quota;
mod runners;
mod table;

use greenroom_scheduler::event::{Event, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::{JobId, NodeId, RunnerId, SetId};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;
use jobs::Jobs;
use little::Little;
use nodes::Nodes;
use quota::Quota;
use runners::Runners;
use std::fmt;

/// Breaches that are kept. A broken law is a bug of ours; the first ones tell where.
const BREACHES_MAX: usize = 20;

/// A law that was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// When.
    pub at: Time,
    /// What was seen.
    pub what: Broken,
}

/// What was seen that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Time went back.
    TimeWentBack,
    /// Two live jobs, runners or nodes held one place.
    PlaceTaken(&'static str, u32),
    /// A job, runner or node was spoken of that was not alive: it never began, or had ended.
    NotAlive(&'static str, u32),
    /// A job started before it was ready, or while it ran.
    JobStartedWrongly(JobId),
    /// A runner had a second job.
    RunnerReused(RunnerId),
    /// A runner with a job was removed by choice.
    BusyRunnerRemoved(RunnerId),
    /// A node with a job on it was deleted by choice.
    BusyNodeDeleted(NodeId),
    /// A set's team or pool had more runners than it may.
    QuotaPassed(SetId),
    /// Cloud and Enterprise, or an isolated team and another, shared a node.
    IsolationBroken(NodeId),
    /// A node carried more than it can.
    NodeOverfull(NodeId),
    /// Jobs that arrived are neither over nor open, or one ended that never arrived.
    JobsLost {
        /// Jobs that arrived.
        arrived: u64,
        /// Jobs that ended.
        ended: u64,
        /// Jobs that are open.
        open: u64,
    },
    /// At the end of a run that was not cut, something was still alive.
    LeftOver(&'static str, u64),
    /// The time that jobs spent waiting is not the integral of how many waited.
    LittleBroken {
        /// Sum over jobs, in milliseconds.
        by_job: u128,
        /// Integral over time, in milliseconds.
        by_time: u128,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} ms: {:?}", self.at.as_ms(), self.what)
    }
}

/// All laws.
#[derive(Debug, Default)]
pub struct Laws {
    now: Time,
    jobs: Jobs,
    little: Little,
    runners: Runners,
    nodes: Nodes,
    quota: Quota,
    breaches: Vec<Breach>,
    broken: u64,
}

impl Laws {
    /// The first breaches of a run, and how many there were.
    pub fn breaches(&self) -> (&[Breach], u64) {
        (&self.breaches, self.broken)
    }

    #[inline]
    fn hold(&mut self, lawful: Result<(), Broken>) {
        if let Err(what) = lawful {
            self.tell(what);
        }
    }

    #[cold]
    fn tell(&mut self, what: Broken) {
        self.broken += 1;
        if self.breaches.len() < BREACHES_MAX {
            self.breaches.push(Breach { at: self.now, what });
        }
    }

    // Apart, so that the many entries that are no facts cost a comparison each.
    #[inline(never)]
    fn fact(&mut self, fact: &Fact) {
        let now = self.now;
        match fact {
            Fact::JobReady { job, .. } => {
                self.little.waits(now, 1);
                let lawful = self.jobs.ready(now, *job);
                self.hold(lawful);
            }
            Fact::JobStarted { job, runner, .. } => {
                let waited = self.jobs.started(now, *job);
                match waited {
                    Ok(waited) => self.little.served(now, waited),
                    Err(what) => self.hold(Err(what)),
                }
                if let Some(runner) = runner {
                    let lawful = self.runners.takes(*runner, *job);
                    self.hold(lawful);
                }
            }
            Fact::AttemptLost { job, runner } => {
                self.runners.loses(*runner);
                match self.jobs.lost(now, *job) {
                    Ok(()) => self.little.waits(now, 1),
                    Err(what) => self.hold(Err(what)),
                }
            }
            Fact::JobEnded { job, .. } => match self.jobs.ended(now, *job) {
                Ok(Some(waited)) => self.little.served(now, waited),
                Ok(None) => {}
                Err(what) => self.hold(Err(what)),
            },
            Fact::RunnerCreated { runner, set } => {
                let lawful = self.runners.created(*runner, *set);
                self.hold(lawful);
                let lawful = self.quota.created(*set);
                self.hold(lawful);
            }
            Fact::RunnerBound { runner, node } => {
                let set = self.runners.bound(*runner, *node);
                let lawful = set.and_then(|set| self.nodes.takes(*node, set, &self.quota));
                self.hold(lawful);
            }
            Fact::RunnerGone { runner, end } => self.runner_gone(*runner, *end),
            Fact::NodeLaunched { node, fleet, machine } => {
                let lawful = self.nodes.launched(*node, *fleet, machine.instance_type);
                self.hold(lawful);
            }
            Fact::NodeGone { node, end } => {
                let lawful = self.nodes.gone(*node, *end);
                self.hold(lawful);
            }
            Fact::Named(naming) => self.named(naming),
            Fact::RunEnded { cut } => self.end(*cut),
            _ => {}
        }
    }

    fn runner_gone(&mut self, id: RunnerId, end: RunnerEnd) {
        match self.runners.gone(id, end) {
            Ok(gone) => {
                self.quota.gone(gone.set);
                if let Some(node) = gone.node {
                    self.nodes.loses(node, gone.set, &self.quota);
                }
                self.hold(gone.lawful);
            }
            Err(what) => self.hold(Err(what)),
        }
    }

    fn named(&mut self, naming: &Naming) {
        match naming {
            Naming::Set { set, team, pool, forge, fleet, request } => {
                self.quota.set_known(*set, *team, *pool, *forge, *fleet, *request);
            }
            Naming::Type { instance_type, allocatable, .. } => {
                self.nodes.type_known(*instance_type, *allocatable);
            }
            _ => {}
        }
    }

    fn end(&mut self, cut: bool) {
        let lawful = self.jobs.conserved();
        self.hold(lawful);
        let lawful = self.little.holds(self.now, self.jobs.waiting_since());
        self.hold(lawful);
        if !cut {
            let left = [("job", self.jobs.open()), ("node", self.nodes.open())];
            for (what, open) in left {
                self.hold(if open == 0 { Ok(()) } else { Err(Broken::LeftOver(what, open)) });
            }
        }
    }
}

impl Sink for Laws {
    #[inline]
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if at < self.now {
            self.hold(Err(Broken::TimeWentBack));
        }
        self.now = at;
        match entry {
            Entry::Fact(fact) => self.fact(fact),
            Entry::Event(Event::TeamKnown(id, team)) => self.quota.team_known(*id, team),
            Entry::Event(Event::PoolKnown(id, pool)) => self.quota.pool_known(*id, pool),
            Entry::Event(Event::FleetKnown(id, fleet)) => self.nodes.fleet_known(*id, fleet),
            _ => {}
        }
    }
}
