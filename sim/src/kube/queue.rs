//! kube-scheduler's queue: who is tried next, who backs off, who waits for an event.

use super::cluster::Cluster;
use super::index::Wish;
use super::list::{self, List, NONE};
use super::pod::{Constraint, PLACE, Phase, WAIT};
use super::step::Step;
use super::throttle::Throttle;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::time::{Span, Time};

/// kube-scheduler's own state.
#[derive(Clone, Debug, Default)]
pub(super) struct Scheduler {
    /// Pods to try, by [`Priority`].
    pub(super) active: [List; 2],
    /// Pods that no node could take, the one that waits longest first.
    pub(super) unschedulable: List,
    /// When the present attempt is over.
    pub(super) free_at_us: u64,
    pub(super) binds: Throttle,
    pub(super) timer_set: bool,
    flush_set: bool,
    /// Attempts are being made: what they bring back to the queue is tried in the same round.
    running: bool,
}

impl Cluster {
    /// Puts a pod into the queue.
    pub(super) fn activate<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        self.enqueue(step.now, slot);
        self.schedule(step);
    }

    fn enqueue(&mut self, now: Time, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Active;
        pod.since = now;
        let queue = &mut self.scheduler.active[pod.priority as usize];
        list::push(&mut self.pods, PLACE, queue, slot);
    }

    /// Makes all attempts that begin by now: runners first, first in first out.
    pub(super) fn schedule<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>) {
        if std::mem::replace(&mut self.scheduler.running, true) {
            return;
        }
        let now_us = step.now_us();
        loop {
            let [runners, placeholders] = &mut self.scheduler.active;
            let queue = if runners.is_empty() { placeholders } else { runners };
            if queue.is_empty() {
                break;
            }
            let slot = queue.head;
            let queued_us = self.pods[slot as usize].since.as_ms().saturating_mul(1000);
            let begins_us = self.scheduler.free_at_us.max(queued_us);
            if begins_us > now_us {
                if !self.scheduler.timer_set {
                    self.scheduler.timer_set = true;
                    step.timers.set(Time::from_ms(begins_us.div_ceil(1000)), Timer::Scheduler);
                }
                break;
            }
            list::remove(&mut self.pods, PLACE, queue, slot);
            self.scheduler.free_at_us = begins_us + u64::from(self.config.attempt_us);
            self.attempt(step, slot);
        }
        self.scheduler.running = false;
    }

    /// No node could take the pod: it waits for an event.
    pub(super) fn wait<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Unschedulable;
        pod.since = step.now;
        match pod.constraint {
            Constraint::Node(node) => {
                self.node_row(node.slot);
                let pinned = &mut self.nodes[node.index()].pinned;
                list::push(&mut self.pods, WAIT, pinned, slot);
            }
            Constraint::Fleet { fleet, capacity, labels } => {
                let wish = Wish { size: pod.size, capacity, labels };
                let fleet = &mut self.fleets[fleet.index()];
                let group = fleet.group_for(wish, pod.priority);
                pod.waits_in = group as u32;
                fleet.waiting += 1;
                list::push(&mut self.pods, WAIT, &mut fleet.groups[group].pods, slot);
            }
        }
        list::push(&mut self.pods, PLACE, &mut self.scheduler.unschedulable, slot);
        if !std::mem::replace(&mut self.scheduler.flush_set, true) {
            let every = Span::from_ms(self.config.flush_every_ms.max(1));
            step.timers.set(step.now + every, Timer::Flush);
        }
    }

    /// Takes a pod out of those that wait.
    pub(super) fn leave_waiting(&mut self, slot: u32) {
        let pod = &self.pods[slot as usize];
        match pod.constraint {
            Constraint::Node(node) => {
                let pinned = &mut self.nodes[node.slot as usize].pinned;
                list::remove(&mut self.pods, WAIT, pinned, slot);
            }
            Constraint::Fleet { fleet, .. } => {
                let fleet = &mut self.fleets[fleet.index()];
                fleet.waiting -= 1;
                let members = &mut fleet.groups[pod.waits_in as usize].pods;
                list::remove(&mut self.pods, WAIT, members, slot);
            }
        }
        list::remove(&mut self.pods, PLACE, &mut self.scheduler.unschedulable, slot);
    }

    /// Brings a pod that waits back to the queue, after the rest of its back-off.
    pub(super) fn requeue<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        let doubled = u32::from(pod.failures.saturating_sub(1)).min(63);
        let initial = self.config.backoff_initial_ms;
        let backoff = initial.saturating_mul(1 << doubled).min(self.config.backoff_max_ms);
        let ready_at = pod.since + Span::from_ms(backoff);
        if ready_at > step.now {
            pod.phase = Phase::Backoff;
            step.timers.set(ready_at, Timer::Pod(slot));
        } else {
            self.enqueue(step.now, slot);
        }
    }

    /// Pods that have waited for long are tried whether or not anything happened.
    pub(super) fn flush<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>) {
        let patience = Span::from_ms(self.config.flush_after_ms);
        while let Some(slot) = self.scheduler.unschedulable.first() {
            if self.pods[slot as usize].since + patience > step.now {
                break;
            }
            self.leave_waiting(slot);
            self.pods[slot as usize].woken_by = NONE;
            self.requeue(step, slot);
        }
        self.scheduler.flush_set = !self.scheduler.unschedulable.is_empty();
        if self.scheduler.flush_set {
            let every = Span::from_ms(self.config.flush_every_ms.max(1));
            step.timers.set(step.now + every, Timer::Flush);
        }
        self.schedule(step);
    }
}
