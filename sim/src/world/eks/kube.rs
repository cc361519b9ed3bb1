//! Kubernetes' part of the world: what it says goes to whom it concerns.

use super::Eks;
use super::timer::ForKube;
use crate::engine::outbox::Outbox;
use crate::kube::{Output, Step};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::Time;

impl Eks {
    pub(super) fn ring_kube(&mut self, now: Time, timer: crate::kube::Timer) {
        let timers = &mut ForKube(&mut self.timers);
        self.kube.on_timer(&mut Step { now, timers, out: &mut self.kube_says }, timer);
    }

    pub(super) fn pass_on_kube<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        let mut said = std::mem::take(&mut self.kube_says);
        for &output in &said {
            match output {
                Output::Bound { runner, node } => {
                    self.pod_boards(now, runner, node, out);
                    self.runner_bound(runner, node, out);
                }
                Output::Pulling { runner, .. } => self.runner_pulls(runner),
                Output::Pulled { node, image } => self.image_pulled(node, image, out),
                Output::Started { runner, node } => {
                    self.pod_runs(now, runner, node);
                    self.runner_started(now, runner, out);
                }
                Output::Ended { runner, node, why } => {
                    self.pod_leaves(now, runner, node, out);
                    self.pod_ended(now, runner, why, out);
                }
                Output::Drained { node } if self.karpenter.is_some() => {
                    self.karpenter_drained(now, node);
                }
                Output::Drained { node } => self.node_drained(now, node),
                // Where the core owns the nodes it knows by itself.
                Output::Unschedulable { runner } => self.pod_waits(now, runner, out),
            }
        }
        said.clear();
        said.append(&mut self.kube_says);
        self.kube_says = said;
    }
}
