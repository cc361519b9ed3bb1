//! The state of a cluster, and the small steps that everything else is made of.

use super::config::Config;
use super::fleet::Fleet;
use super::flow::Work;
use super::image::{Image, ImageId};
use super::index::Index;
use super::list::{self, NONE};
use super::node::Node;
use super::output::{Answer, End, Output};
use super::pod::{PLACE, Phase, Pod};
use super::pull::{Pull, Registry};
use super::queue::Scheduler;
use super::step::Step;
use super::throttle::Limit;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::id::{NodeId, RunnerId};
use greenroom_scheduler::time::Span;

/// A simulated Kubernetes cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub(super) config: Config,
    pub(super) limits: Limits,
    pub(super) images: Vec<Image>,
    pub(super) pods: Vec<Pod>,
    pub(super) nodes: Vec<Node>,
    pub(super) fleets: Vec<Fleet>,
    pub(super) scheduler: Scheduler,
    pub(super) registry: Registry,
    pub(super) pulls: Vec<Pull>,
    pub(super) free_pulls: Vec<u32>,
    /// Reused by preemption and by the collection of images.
    pub(super) scratch: Vec<u32>,
    /// Reused when flows end.
    pub(super) through: Vec<Work>,
}

/// The rate limits of the configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) binds: Option<Limit>,
    pub(super) requests: Option<Limit>,
    pub(super) registry: Option<Limit>,
}

impl Cluster {
    /// An empty cluster. Pods name their image by its place in `images`.
    pub fn new(config: Config, images: Vec<Image>) -> Self {
        let limits = Limits {
            binds: Limit::new(config.binds_per_s, config.binds_burst),
            requests: Limit::new(config.pull_requests_per_s, config.pull_requests_burst),
            registry: Limit::new(config.registry_pulls_per_s, config.registry_pulls_burst),
        };
        Self {
            config,
            limits,
            images,
            pods: Vec::new(),
            nodes: Vec::new(),
            fleets: Vec::new(),
            scheduler: Scheduler::default(),
            registry: Registry::default(),
            pulls: Vec::new(),
            free_pulls: Vec::new(),
            scratch: Vec::new(),
            through: Vec::new(),
        }
    }

    /// A timer rings.
    pub fn on_timer<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, timer: Timer) {
        match timer {
            Timer::Pod(slot) => self.pod_rings(step, slot),
            Timer::Scheduler => {
                self.scheduler.timer_set = false;
                self.schedule(step);
            }
            Timer::Flush => self.flush(step),
            Timer::Pull(slot) => self.pull_opens(step, slot),
            Timer::Flow(slot) => self.flow_ends(step, slot),
            Timer::Drain(slot) => self.drain_by_force(step, slot),
        }
    }

    fn pod_rings<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        match self.pods[slot as usize].phase {
            Phase::Backoff => self.activate(step, slot),
            Phase::Binding => self.bound(step, slot),
            Phase::PullBackoff => self.fetch(step, slot),
            Phase::Starting => self.started(step, slot),
            Phase::Exiting => self.release(step, slot),
            _ => {}
        }
    }

    /// An image that nobody described is empty.
    pub(super) fn image(&self, image: ImageId) -> Image {
        self.images.get(image.0 as usize).copied().unwrap_or_default()
    }

    pub(super) fn pod_slot(&self, runner: RunnerId) -> Option<u32> {
        let pod = self.pods.get(runner.index())?;
        (pod.serial == runner.serial && pod.phase != Phase::Gone).then_some(runner.slot)
    }

    pub(super) fn node_slot(&self, node: NodeId) -> Option<u32> {
        let there = self.nodes.get(node.index())?;
        (there.serial == node.serial).then_some(node.slot)
    }

    /// The row of a node's slot, made if need be: pods may wait for a node before it exists.
    pub(super) fn node_row(&mut self, slot: u32) -> &mut Node {
        let index = slot as usize;
        if index >= self.nodes.len() {
            self.nodes.resize_with(index + 1, Node::gone);
        }
        &mut self.nodes[index]
    }

    pub(super) fn fleet_row(&mut self, index: usize) -> &mut Fleet {
        if index >= self.fleets.len() {
            self.fleets.resize_with(index + 1, Fleet::default);
        }
        &mut self.fleets[index]
    }

    /// Puts a pod on a node.
    pub(super) fn seat(&mut self, slot: u32, node: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.node = node;
        pod.woken_by = NONE;
        let row = &mut self.nodes[node as usize];
        row.seat(pod);
        list::push(&mut self.pods, PLACE, &mut row.pods, slot);
        self.standing_changed(node);
    }

    /// Takes a pod off its node.
    pub(super) fn unseat(&mut self, slot: u32) {
        let pod = &self.pods[slot as usize];
        let node = pod.node;
        let row = &mut self.nodes[node as usize];
        row.unseat(pod);
        list::remove(&mut self.pods, PLACE, &mut row.pods, slot);
        self.standing_changed(node);
    }

    /// A pod is over, and its room is free.
    pub(super) fn release<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        self.unseat(slot);
        let node = self.pods[slot as usize].node;
        self.bury(step, slot);
        let row = &self.nodes[node as usize];
        if row.draining && row.pods.is_empty() {
            self.drained(step, node);
        }
        self.call_nominated(step, node);
        self.wake(step, node);
    }

    /// Says that a pod is over and frees its slot.
    pub(super) fn bury<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Gone;
        let node = pod.bound.then(|| self.nodes[pod.node as usize].id(pod.node));
        step.out.push(Output::Ended { runner: pod.id(slot), node, why: pod.end });
    }

    /// Brings the fleet's index and list of reserves up to date with a node.
    pub(super) fn standing_changed(&mut self, slot: u32) {
        let node = &mut self.nodes[slot as usize];
        let fleet = &mut self.fleets[node.fleet.index()];
        let reserve = node.placeholders > 0;
        if reserve != node.reserve {
            node.reserve = reserve;
            if reserve {
                fleet.reserves.insert(slot);
            } else {
                fleet.reserves.remove(slot);
            }
        }
        let Some(index) = &mut fleet.index else { return };
        if node.bucket != NONE {
            index.remove(node.bucket, slot);
            node.bucket = NONE;
        }
        if node.open() {
            node.bucket = index.insert(&node.standing, slot);
        }
    }

    /// Makes a fleet's index when the first pod may choose among its nodes.
    pub(super) fn build_index(&mut self, fleet: usize) {
        if self.fleet_row(fleet).index.is_some() {
            return;
        }
        let mut index = Index::default();
        for (slot, node) in (0..).zip(&mut self.nodes) {
            if node.serial != NONE && node.fleet.index() == fleet && node.open() {
                node.bucket = index.insert(&node.standing, slot);
            }
        }
        self.fleets[fleet].index = Some(index);
    }

    /// Ends what a pod on a node is doing, and has it exit within `after`.
    pub(super) fn exit<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        slot: u32,
        end: End,
        after: Span,
    ) -> Answer {
        match self.pods[slot as usize].phase {
            Phase::Exiting => return Answer::Already,
            Phase::Pulling => self.leave_pull(slot),
            Phase::Loading => self.leave_flow(step, slot),
            _ => {}
        }
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Exiting;
        pod.end = end;
        if after.is_zero() {
            step.timers.cancel(Timer::Pod(slot));
            self.release(step, slot);
        } else {
            step.timers.set(step.now + after, Timer::Pod(slot));
        }
        Answer::Done
    }
}
