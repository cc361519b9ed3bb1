//! What the API server is asked for.

use super::cluster::Cluster;
use super::image::ImageId;
use super::list::{self, NONE};
use super::node::NodeSpec;
use super::output::{Answer, End};
use super::pod::{PLACE, Phase, Pod, PodSpec};
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::id::{NodeId, RunnerId};
use greenroom_scheduler::time::Span;

impl Cluster {
    /// Creates a pod. [`Answer::Taken`] while another pod has its slot.
    pub fn create_pod<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        runner: RunnerId,
        spec: &PodSpec,
    ) -> Answer {
        let index = runner.index();
        if index >= self.pods.len() {
            self.pods.resize(index + 1, Pod::gone());
        }
        let row = &mut self.pods[index];
        if row.phase != Phase::Gone {
            return if row.serial == runner.serial { Answer::Already } else { Answer::Taken };
        }
        *row = Pod::new(runner.serial, spec, step.now);
        self.activate(step, runner.slot);
        Answer::Done
    }

    /// Deletes a pod. One on a node exits within `grace` and keeps its room until then.
    pub fn delete_pod<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        runner: RunnerId,
        grace: Span,
    ) -> Answer {
        let Some(slot) = self.pod_slot(runner) else { return Answer::NotFound };
        if self.pods[slot as usize].phase.on_node() {
            return self.exit(step, slot, End::Deleted, grace);
        }
        self.withdraw(step, slot);
        self.pods[slot as usize].end = End::Deleted;
        self.bury(step, slot);
        let woken_by = self.pods[slot as usize].woken_by;
        if woken_by != NONE {
            self.wake(step, woken_by);
        }
        Answer::Done
    }

    /// The containers of a running pod exited by themselves; its room is free after `clean_up`.
    /// [`Answer::Already`] when it is exiting or has not started.
    pub fn finish_pod<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        runner: RunnerId,
        clean_up: Span,
    ) -> Answer {
        let Some(slot) = self.pod_slot(runner) else { return Answer::NotFound };
        match self.pods[slot as usize].phase {
            Phase::Running => self.exit(step, slot, End::Finished, clean_up),
            _ => Answer::Already,
        }
    }

    /// Lets drains leave a pod alone, or not.
    pub fn protect_pod(&mut self, runner: RunnerId, protected: bool) -> Answer {
        let Some(slot) = self.pod_slot(runner) else { return Answer::NotFound };
        let before = std::mem::replace(&mut self.pods[slot as usize].protected, protected);
        if before == protected { Answer::Already } else { Answer::Done }
    }

    /// A node registers; no pod is put on it before [`Cluster::node_ready`]. [`Answer::Taken`]
    /// while another node has its slot.
    pub fn node_registered(&mut self, node: NodeId, spec: &NodeSpec) -> Answer {
        let row = self.node_row(node.slot);
        if row.serial != NONE {
            return if row.serial == node.serial { Answer::Already } else { Answer::Taken };
        }
        row.register(node.serial, spec);
        self.fleet_row(spec.fleet.index());
        Answer::Done
    }

    /// A node becomes ready, its startup taints gone.
    pub fn node_ready<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: NodeId) -> Answer {
        let Some(slot) = self.node_slot(node) else { return Answer::NotFound };
        let row = &mut self.nodes[slot as usize];
        if std::mem::replace(&mut row.ready, true) {
            return Answer::Already;
        }
        self.standing_changed(slot);
        self.wake(step, slot);
        Answer::Done
    }

    /// No further pod is put on a node.
    pub fn cordon<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: NodeId) -> Answer {
        let Some(slot) = self.node_slot(node) else { return Answer::NotFound };
        let row = &mut self.nodes[slot as usize];
        if std::mem::replace(&mut row.cordoned, true) {
            return Answer::Already;
        }
        self.standing_changed(slot);
        self.call_nominated(step, slot);
        Answer::Done
    }

    /// Pods may be put on a node again; a drain that has not ended is given up.
    pub fn uncordon<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: NodeId) -> Answer {
        let Some(slot) = self.node_slot(node) else { return Answer::NotFound };
        let row = &mut self.nodes[slot as usize];
        if std::mem::take(&mut row.draining) {
            step.timers.cancel(Timer::Drain(slot));
        }
        if !std::mem::take(&mut row.cordoned) {
            return Answer::Already;
        }
        self.standing_changed(slot);
        self.wake(step, slot);
        Answer::Done
    }

    /// A node is gone, with everything on it. Pods that want only this node keep waiting.
    pub fn node_gone<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: NodeId) -> Answer {
        let Some(slot) = self.node_slot(node) else { return Answer::NotFound };
        let row = &mut self.nodes[slot as usize];
        if std::mem::take(&mut row.draining) {
            step.timers.cancel(Timer::Drain(slot));
        }
        row.cordoned = true;
        self.drop_pulls(step, slot);
        while let Some(pod) = self.nodes[slot as usize].pods.first() {
            self.unseat(pod);
            step.timers.cancel(Timer::Pod(pod));
            self.pods[pod as usize].end = End::NodeLost;
            self.bury(step, pod);
        }
        self.standing_changed(slot);
        self.call_nominated(step, slot);
        self.nodes[slot as usize].serial = NONE;
        Answer::Done
    }

    /// Pulls an image onto a node before a pod needs it. Such pulls ask the container runtime
    /// directly, so the kubelet's request limit does not apply. `overhead`: what the pull takes
    /// beside moving bytes.
    pub fn pre_pull<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        node: NodeId,
        image: ImageId,
        overhead: Span,
    ) -> Answer {
        let Some(slot) = self.node_slot(node) else { return Answer::NotFound };
        if self.has_image(node, image) || self.pull_of(slot, image).is_some() {
            return Answer::Already;
        }
        self.begin_pull(step, slot, image, overhead);
        Answer::Done
    }

    /// Takes a pod that has no node out of whatever it is in.
    fn withdraw<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &self.pods[slot as usize];
        match pod.phase {
            Phase::Active => {
                let queue = &mut self.scheduler.active[pod.priority as usize];
                list::remove(&mut self.pods, PLACE, queue, slot);
                self.drop_nomination(step, slot);
            }
            Phase::Backoff => {
                step.timers.cancel(Timer::Pod(slot));
                self.drop_nomination(step, slot);
            }
            Phase::Unschedulable => self.leave_waiting(slot),
            Phase::Nominated => self.drop_nomination(step, slot),
            _ => {}
        }
    }
}
