//! One scheduling attempt: filter, score, assume, bind.

use super::cluster::Cluster;
use super::index::{Wish, lot};
use super::list::NONE;
use super::output::Output;
use super::pod::{Constraint, Phase, Priority};
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::time::Time;

impl Cluster {
    /// Tries to find a node for a pod that has just left the queue.
    pub(super) fn attempt<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let nominated = self.pods[slot as usize].node;
        if nominated != NONE {
            self.take_promise_back(slot);
        }
        let node = match nominated {
            NONE => self.choose(slot),
            node if self.takes(node, slot) => node,
            _ => self.choose(slot),
        };
        let woken_by = self.pods[slot as usize].woken_by;
        if node == NONE {
            self.reject(step, slot);
        } else {
            self.assume(step, slot, node);
        }
        // The room that this pod was called for is free for another.
        if woken_by != NONE && woken_by != node {
            self.wake(step, woken_by);
        }
    }

    /// Whether a node would take a pod.
    pub(super) fn takes(&self, node: u32, slot: u32) -> bool {
        let row = &self.nodes[node as usize];
        row.open() && row.standing.fits(self.pods[slot as usize].size)
    }

    fn choose(&mut self, slot: u32) -> u32 {
        let pod = self.pods[slot as usize];
        match pod.constraint {
            Constraint::Node(id) => match self.node_slot(id) {
                Some(node) if self.takes(node, slot) => node,
                _ => NONE,
            },
            Constraint::Fleet { fleet, capacity, labels } => {
                self.build_index(fleet.index());
                let wish = Wish { size: pod.size, capacity, labels };
                let index = self.fleets[fleet.index()].index.as_mut();
                index.map_or(NONE, |index| index.pick(self.config.scoring, &wish, lot(pod.serial)))
            }
        }
    }

    /// The node is chosen and its room taken; the binding goes its way while the next pod is
    /// tried.
    fn assume<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32, node: u32) {
        let decided_us = self.scheduler.free_at_us;
        let sent_us = self.scheduler.binds.reserve(decided_us, self.limits.binds);
        self.seat(slot, node);
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Binding;
        pod.failures = 0;
        let bound_at = Time::from_ms(sent_us.div_ceil(1000)) + pod.spans.bind;
        if bound_at > step.now {
            step.timers.set(bound_at, Timer::Pod(slot));
        } else {
            self.bound(step, slot);
        }
    }

    /// No node: a runner may drive placeholders out; else the pod waits, and Karpenter sees it.
    fn reject<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.failures = pod.failures.saturating_add(1);
        pod.woken_by = NONE;
        if pod.priority == Priority::Runner && self.preempt(step, slot) {
            return;
        }
        self.wait(step, slot);
        let pod = &mut self.pods[slot as usize];
        if !std::mem::replace(&mut pod.reported, true) {
            step.out.push(Output::Unschedulable { runner: pod.id(slot) });
        }
    }
}
