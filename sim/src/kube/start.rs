//! A bound pod on its way to running.

use super::cluster::Cluster;
use super::flow::Work;
use super::output::Output;
use super::pod::Phase;
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::time::Span;

impl Cluster {
    /// The binding is through, and the node's kubelet takes over.
    pub(super) fn bound<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.bound = true;
        let node = self.nodes[pod.node as usize].id(pod.node);
        step.out.push(Output::Bound { runner: pod.id(slot), node });
        self.fetch(step, slot);
    }

    /// Looks for the image.
    pub(super) fn fetch<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &self.pods[slot as usize];
        let image = self.image(pod.image);
        let cache = &mut self.nodes[pod.node as usize].cache;
        if image.baked || cache.touch(pod.image, step.now) {
            let cached = pod.spans.cached;
            self.load(step, slot, cached);
        } else {
            self.request_pull(step, slot);
        }
    }

    /// The image is there, or will be `after` a look: the containers are made.
    pub(super) fn load<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        slot: u32,
        after: Span,
    ) {
        let image = self.image(self.pods[slot as usize].image);
        let pod = &mut self.pods[slot as usize];
        if image.start_disk_mb == 0 {
            pod.phase = Phase::Starting;
            step.timers.set(step.now + after + pod.spans.start, Timer::Pod(slot));
        } else {
            // The look at the image is short against disk work, and runs beside it.
            pod.phase = Phase::Loading;
            let node = pod.node;
            let flows = &mut self.nodes[node as usize].flows;
            flows.add(step.now, Work::Start(slot), 0, image.start_disk_mb);
            self.share(step, node);
        }
    }

    /// The disk work of a start is done.
    pub(super) fn loaded<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Starting;
        step.timers.set(step.now + pod.spans.start, Timer::Pod(slot));
    }

    /// The containers run.
    pub(super) fn started<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Running;
        let node = self.nodes[pod.node as usize].id(pod.node);
        step.out.push(Output::Started { runner: pod.id(slot), node });
    }

    /// A pod leaves while the disk works for its start.
    pub(super) fn leave_flow<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let node = self.pods[slot as usize].node;
        self.nodes[node as usize].flows.remove(step.now, Work::Start(slot));
        self.share(step, node);
    }
}
