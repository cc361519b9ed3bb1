//! What there is: jobs, runners, nodes.

use super::town::Town;
use greenroom_scheduler::event::{Counts, Event, Machine};
use greenroom_scheduler::id::{FleetId, Generation, JobId, NodeId, RunnerId, SetId, TypeId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::snapshot::{SeenNode, SeenRunner, Snapshot, Stopped};
use greenroom_scheduler::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) town: Town,
    pub(crate) jobs: Vec<Job>,
    pub(crate) runners: BTreeMap<RunnerId, Runner>,
    pub(crate) nodes: BTreeMap<NodeId, Node>,
    /// Names that are used up: an order that comes late finds that its thing was there already.
    pub(crate) past_runners: BTreeSet<RunnerId>,
    pub(crate) past_nodes: BTreeSet<NodeId>,
    /// The newest leader that gave an order.
    pub(crate) newest: Generation,
    /// What happened and was not told yet.
    pub(crate) news: VecDeque<Event>,
    /// Jobs of each set that are foreseen and did not come.
    pub(crate) foreseen: Vec<u32>,
    /// Nodes that Karpenter launched.
    pub(crate) by_karpenter: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) set: SetId,
    pub(crate) state: JobState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobState {
    /// Enterprise: nobody acquired it yet.
    Offered,
    Waiting,
    Running(RunnerId),
    /// Its runner was lost under it.
    Lost,
    Ended,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner {
    pub(crate) set: SetId,
    pub(crate) node: Option<NodeId>,
    pub(crate) bound: bool,
    pub(crate) registered: bool,
    pub(crate) job: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) fleet: FleetId,
    pub(crate) first_type: TypeId,
    pub(crate) capacity: CapacityType,
    pub(crate) machine: Option<Machine>,
    pub(crate) ready: bool,
    pub(crate) cordoned: bool,
    pub(crate) reclaim_at: Option<Time>,
    pub(crate) stock: Option<Stopped>,
}

impl World {
    pub(crate) fn new(town: Town) -> Self {
        Self {
            foreseen: vec![0; town.sets.len()],
            town,
            jobs: Vec::new(),
            runners: BTreeMap::new(),
            nodes: BTreeMap::new(),
            past_runners: BTreeSet::new(),
            past_nodes: BTreeSet::new(),
            newest: Generation(0),
            news: VecDeque::new(),
            by_karpenter: 0,
        }
    }

    /// The true statistics of a set.
    pub(crate) fn counts(&self, set: SetId) -> Counts {
        let count = |wanted: fn(JobState) -> bool| {
            self.jobs.iter().filter(|job| job.set == set && wanted(job.state)).count() as u32
        };
        let running = count(|state| matches!(state, JobState::Running(_)));
        Counts {
            available: count(|state| state == JobState::Offered),
            assigned: running + count(|state| state == JobState::Waiting),
            running,
        }
    }

    pub(crate) fn say_counts(&mut self, set: SetId) {
        let counts = self.counts(set);
        self.news.push_back(Event::Statistics { set, counts });
    }

    /// Tells the statistics of every set, and offers again what nobody acquired.
    pub(crate) fn say_all(&mut self) {
        for set in self.sets() {
            self.say_counts(set);
        }
        let offered: Vec<Job> =
            self.jobs.iter().copied().filter(|job| job.state == JobState::Offered).collect();
        for job in offered {
            self.news.push_back(Event::JobAvailable { set: job.set, job: job.id });
        }
    }

    pub(crate) fn sets(&self) -> impl Iterator<Item = SetId> + use<> {
        (0..self.town.sets.len() as u32).map(SetId)
    }

    /// Jobs that somebody still waits for.
    pub(crate) fn alive(&self) -> usize {
        let over = |job: &&Job| !matches!(job.state, JobState::Ended | JobState::Lost);
        self.jobs.iter().filter(over).count()
    }

    /// The full listing.
    pub(crate) fn listing(&self) -> Snapshot {
        let runner = |(id, known): (&RunnerId, &Runner)| SeenRunner {
            runner: *id,
            set: known.set,
            node: known.node,
            job: known.job.map(|job| self.jobs[job].id),
        };
        let node = |(id, known): (&NodeId, &Node)| SeenNode {
            node: *id,
            fleet: known.fleet,
            machine: known.machine,
            ready: known.ready,
            cordoned: known.cordoned,
            stopped: known.stock,
        };
        Snapshot {
            sets: self.sets().map(|set| (set, self.counts(set))).collect(),
            runners: self.runners.iter().map(runner).collect(),
            nodes: self.nodes.iter().map(node).collect(),
            // Whoever foresees does not say it again here.
            foreseen: Vec::new(),
        }
    }
}
