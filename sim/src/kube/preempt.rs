//! Runners drive placeholders out.

use super::cluster::Cluster;
use super::list::{self, NONE};
use super::output::End;
use super::pod::{Constraint, PLACE, Phase, Priority, WAIT};
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::time::{Span, Time};
use std::cmp::Reverse;

/// Nodes that a preemption looks at, lowest slot first: kube-scheduler's
/// `minCandidateNodesAbsolute`.
const CANDIDATES_MAX: usize = 100;

impl Cluster {
    /// Finds the node where the fewest placeholders must go, has them go, and promises their room
    /// to the runner. Among equals: where the first victim came last, then the lowest slot.
    pub(super) fn preempt<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) -> bool {
        let pod = self.pods[slot as usize];
        let mut best: Option<(usize, Reverse<Time>, u32)> = None;
        match pod.constraint {
            Constraint::Node(id) => {
                if let Some(node) = self.node_slot(id)
                    && let Some((victims, since)) = self.victims(node, slot)
                {
                    best = Some((victims, Reverse(since), node));
                }
            }
            Constraint::Fleet { fleet, capacity, labels } => {
                let mut seen = 0;
                let mut from = 0;
                while let Some(node) = self.fleets[fleet.index()].reserves.from(from)
                    && seen < CANDIDATES_MAX
                {
                    from = node + 1;
                    let row = &self.nodes[node as usize];
                    if !row.standing.matches(capacity, labels) {
                        continue;
                    }
                    seen += 1;
                    if let Some((victims, since)) = self.victims(node, slot) {
                        let candidate = (victims, Reverse(since), node);
                        best = Some(best.map_or(candidate, |best| best.min(candidate)));
                    }
                }
            }
        }
        let Some((.., node)) = best else { return false };
        self.victims(node, slot);
        let victims = std::mem::take(&mut self.scratch);
        self.promise(step.now, slot, node);
        let after = Span::from_ms(self.config.preemption_ms);
        for &victim in &victims {
            self.exit(step, victim, End::Preempted, after);
        }
        self.scratch = victims;
        true
    }

    /// Leaves in `scratch` the placeholders of a node that must go for a runner to fit: none that
    /// can stay, and the first to come stay first. Those that leave already count as gone. Gives
    /// their number and since when the oldest of them is there; `None` when even all are not enough.
    fn victims(&mut self, node: u32, slot: u32) -> Option<(usize, Time)> {
        let row = &self.nodes[node as usize];
        if !row.open() || row.placeholders == 0 {
            return None;
        }
        let size = self.pods[slot as usize].size;
        let mut standing = row.standing;
        self.scratch.clear();
        let mut next = row.pods.head;
        while next != NONE {
            let pod = &self.pods[next as usize];
            if pod.priority == Priority::Placeholder {
                standing.used = standing.used.minus(pod.size);
                standing.pods -= 1;
                if pod.phase != Phase::Exiting {
                    self.scratch.push(next);
                }
            }
            next = list::next(&mut self.pods, PLACE, next);
        }
        if !standing.fits(size) {
            return None;
        }
        let pods = &self.pods;
        self.scratch.retain(|&placeholder| {
            let mut with = standing;
            with.used = with.used.plus(pods[placeholder as usize].size);
            with.pods += 1;
            let stays = with.fits(size);
            if stays {
                standing = with;
            }
            !stays
        });
        let since = self.scratch.iter().map(|&victim| self.pods[victim as usize].since);
        Some((self.scratch.len(), since.min().unwrap_or(Time::MAX)))
    }

    fn promise(&mut self, now: Time, slot: u32, node: u32) {
        let pod = &mut self.pods[slot as usize];
        pod.phase = Phase::Nominated;
        pod.node = node;
        pod.since = now;
        let row = &mut self.nodes[node as usize];
        row.promise(pod.size);
        list::push(&mut self.pods, WAIT, &mut row.nominated, slot);
        self.standing_changed(node);
    }

    /// A nominated pod gives its promise back: it is tried, or deleted.
    pub(super) fn take_promise_back(&mut self, slot: u32) {
        let pod = &mut self.pods[slot as usize];
        let node = std::mem::replace(&mut pod.node, NONE);
        let row = &mut self.nodes[node as usize];
        row.release_promise(pod.size);
        list::remove(&mut self.pods, WAIT, &mut row.nominated, slot);
        self.standing_changed(node);
    }

    /// A pod without a node is deleted: what it was promised is free for others.
    pub(super) fn drop_nomination<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let node = self.pods[slot as usize].node;
        if node != NONE {
            self.take_promise_back(slot);
            self.wake(step, node);
        }
    }

    /// Room became free on a node, or the node closed: pods nominated for it are tried again.
    pub(super) fn call_nominated<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: u32) {
        let mut next = self.nodes[node as usize].nominated.head;
        if next == NONE {
            return;
        }
        let open = self.nodes[node as usize].open();
        let standing = self.nodes[node as usize].standing;
        let enough = standing.pods <= standing.pods_max
            && standing.used.plus(standing.held).fits(standing.allocatable);
        while next != NONE {
            let pod = next;
            next = list::next(&mut self.pods, WAIT, pod);
            if !open {
                self.take_promise_back(pod);
            }
            if self.pods[pod as usize].phase == Phase::Nominated && (enough || !open) {
                self.requeue(step, pod);
            }
        }
        self.schedule(step);
    }
}
