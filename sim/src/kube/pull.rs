//! Image pulls: one for each image that a node lacks, however many pods wait for it.
//!
//! The container runtime fetches a layer once for all who ask, so the pods of a node share the
//! pull; but each of them asks, and the kubelet refuses those over its limit for a while.

use super::cluster::Cluster;
use super::flow::Work;
use super::image::{Image, ImageId};
use super::list::{self, List, NONE};
use super::output::Output;
use super::pod::{PLACE, Phase, WAIT};
use super::step::Step;
use super::throttle::Throttle;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::time::{Span, Time};

/// A pull.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pull {
    node: u32,
    image: ImageId,
    /// What it takes beside moving bytes.
    overhead: Span,
    stage: Stage,
    /// Pods that wait for it.
    pods: List,
}

/// How far a pull has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The node makes as many pulls as it may.
    Queued,
    /// The registry is asked.
    Opening,
    /// Bytes flow.
    Flowing,
}

/// What all nodes share.
#[derive(Clone, Debug, Default)]
pub(super) struct Registry {
    requests: Throttle,
    /// Pulls whose bytes flow.
    pub(super) flowing: u32,
    /// Slots of nodes with such pulls; kept only when the registry's bandwidth is limited.
    pub(super) nodes: Vec<u32>,
}

impl Cluster {
    /// The pull of an image on a node, if there is one.
    pub(super) fn pull_of(&self, node: u32, image: ImageId) -> Option<u32> {
        let pulls = self.nodes[node as usize].pulls.iter();
        pulls.copied().find(|&pull| self.pulls[pull as usize].image == image)
    }

    /// A pod asks for its image.
    pub(super) fn request_pull<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        let (node, image, overhead) = (pod.node, pod.image, pod.spans.pull_overhead);
        if pod.phase != Phase::PullBackoff {
            step.out.push(Output::Pulling { runner: pod.id(slot), image });
        }
        let requests = &mut self.nodes[node as usize].requests;
        if !requests.try_take(step.now_us(), self.limits.requests) {
            let doubled = u32::from(pod.failures).min(63);
            pod.failures = pod.failures.saturating_add(1);
            pod.phase = Phase::PullBackoff;
            let initial = self.config.pull_backoff_initial_ms.max(1);
            let backoff = initial.saturating_mul(1 << doubled).min(self.config.pull_backoff_max_ms);
            step.timers.set(step.now + Span::from_ms(backoff.max(1)), Timer::Pod(slot));
            return;
        }
        pod.phase = Phase::Pulling;
        let pull = match self.pull_of(node, image) {
            Some(pull) => pull,
            None => self.begin_pull(step, node, image, overhead),
        };
        self.pods[slot as usize].waits_in = pull;
        list::push(&mut self.pods, WAIT, &mut self.pulls[pull as usize].pods, slot);
    }

    /// A pod leaves while its image is pulled; the pull goes on.
    pub(super) fn leave_pull(&mut self, slot: u32) {
        let pull = self.pods[slot as usize].waits_in;
        list::remove(&mut self.pods, WAIT, &mut self.pulls[pull as usize].pods, slot);
    }

    /// A new pull, at work or queued behind those that the node may make at once.
    pub(super) fn begin_pull<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        node: u32,
        image: ImageId,
        overhead: Span,
    ) -> u32 {
        let pull = Pull { node, image, overhead, stage: Stage::Queued, pods: List::default() };
        let slot = self.free_pulls.pop().unwrap_or_else(|| {
            self.pulls.push(pull);
            self.pulls.len() as u32 - 1
        });
        self.pulls[slot as usize] = pull;
        self.nodes[node as usize].pulls.push(slot);
        self.open_pulls(step, node);
        slot
    }

    /// Starts queued pulls of a node, first in first out, as far as it may.
    pub(super) fn open_pulls<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: u32) {
        let most = self.config.pulls_parallel_max.map_or(usize::MAX, |most| most.get() as usize);
        for &slot in self.nodes[node as usize].pulls.iter().take(most) {
            let pull = &mut self.pulls[slot as usize];
            if pull.stage == Stage::Queued {
                pull.stage = Stage::Opening;
                let asked_us = self.registry.requests.reserve(step.now_us(), self.limits.registry);
                let at = Time::from_ms(asked_us.div_ceil(1000)) + pull.overhead;
                step.timers.set(at, Timer::Pull(slot));
            }
        }
    }

    /// The registry has answered.
    pub(super) fn pull_opens<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let Pull { node, image, .. } = self.pulls[slot as usize];
        self.pulls[slot as usize].stage = Stage::Flowing;
        let image = self.image(image);
        let row = &mut self.nodes[node as usize];
        let first = !row.flows.pulling();
        row.flows.add(step.now, Work::Pull(slot), image.compressed_mb, image.disk_mb());
        self.registry.flowing += 1;
        if first && self.config.registry_mb_per_s.is_some() {
            self.registry.nodes.push(node);
        }
        self.share_all(step, node);
    }

    /// An image is complete: pods that wait for it go on.
    pub(super) fn pulled<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let Pull { node, image, mut pods, .. } = self.pulls[slot as usize];
        let row = &mut self.nodes[node as usize];
        row.pulls.retain(|&other| other != slot);
        let disk_mb = self.images.get(image.0 as usize).map_or(0, Image::disk_mb);
        row.cache.add(image, disk_mb, step.now);
        step.out.push(Output::Pulled { node: row.id(node), image });
        while let Some(pod) = pods.first() {
            list::remove(&mut self.pods, WAIT, &mut pods, pod);
            self.load(step, pod, Span::ZERO);
        }
        self.free_pulls.push(slot);
        self.collect_images(node);
    }

    /// Removes images that no pod of the node uses, while they take more than their room.
    fn collect_images(&mut self, node: u32) {
        let row = &mut self.nodes[node as usize];
        let (pods, first) = (&mut self.pods, row.pods.head);
        self.scratch.clear();
        let mut pod = first;
        while pod != NONE {
            self.scratch.push(pods[pod as usize].image.0);
            pod = list::next(pods, PLACE, pod);
        }
        let in_use = &self.scratch;
        row.cache.shrink(row.image_disk_mb, |image| in_use.contains(&image.0));
    }

    /// A node is gone, and its pulls and flows with it.
    pub(super) fn drop_pulls<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: u32) {
        let mut flowing = 0;
        while let Some(slot) = self.nodes[node as usize].pulls.pop() {
            flowing += u32::from(self.pulls[slot as usize].stage == Stage::Flowing);
            step.timers.cancel(Timer::Pull(slot));
            self.free_pulls.push(slot);
        }
        self.nodes[node as usize].flows.clear();
        step.timers.cancel(Timer::Flow(node));
        self.forget_flowing(node, flowing);
        if flowing > 0 {
            self.share_all(step, node);
        }
    }
}
