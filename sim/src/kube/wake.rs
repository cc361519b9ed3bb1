//! Events that bring pods back to kube-scheduler's queue.

use super::cluster::Cluster;
use super::fleet::Group;
use super::list::{self, NONE};
use super::pod::{Constraint, PLACE, Priority, WAIT};
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Time;

/// What a node can still take, and what it could if its placeholders went.
#[derive(Clone, Copy)]
struct Room {
    free: Resources,
    pods: u32,
    with_reserve: Resources,
    pods_with_reserve: u32,
}

impl Room {
    const fn fits(&self, size: Resources, priority: Priority) -> bool {
        match priority {
            Priority::Runner => self.pods_with_reserve > 0 && size.fits(self.with_reserve),
            Priority::Placeholder => self.pods > 0 && size.fits(self.free),
        }
    }

    /// A placeholder takes nothing from runners: it would go again.
    const fn take(&mut self, size: Resources, priority: Priority) {
        self.free = self.free.minus(size);
        self.pods = self.pods.saturating_sub(1);
        if matches!(priority, Priority::Runner) {
            self.with_reserve = self.with_reserve.minus(size);
            self.pods_with_reserve = self.pods_with_reserve.saturating_sub(1);
        }
    }
}

impl Cluster {
    /// A node has room: as many waiting pods as it can take come back to the queue, those that
    /// want only this node first, then runners before placeholders, the longest wait first. The
    /// real scheduler brings back all that fit one by one, and tries most of them in vain.
    pub(super) fn wake<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        let node = &self.nodes[slot as usize];
        if !node.open() {
            return;
        }
        let fleet = node.fleet.index();
        if node.pinned.is_empty() && self.fleets[fleet].waiting == 0 {
            return;
        }
        let standing = node.standing;
        let serial = node.serial;
        let mut next = node.pinned.head;
        let mut room = self.room(slot);
        while next != NONE && room.pods_with_reserve > 0 {
            let pod = next;
            next = list::next(&mut self.pods, WAIT, pod);
            let row = &self.pods[pod as usize];
            let wants = matches!(row.constraint, Constraint::Node(id) if id.serial == serial);
            if wants && room.fits(row.size, row.priority) {
                room.take(row.size, row.priority);
                self.call(step, pod, slot);
            }
        }
        while let Some(pod) = self.longest_waiting(fleet, |group| {
            room.fits(group.wish.size, group.priority)
                && standing.matches(group.wish.capacity, group.wish.labels)
        }) {
            let row = &self.pods[pod as usize];
            room.take(row.size, row.priority);
            self.call(step, pod, slot);
        }
        self.schedule(step);
    }

    fn room(&mut self, slot: u32) -> Room {
        let node = &self.nodes[slot as usize];
        let mut all = node.standing;
        let mut next = if node.placeholders > 0 { node.pods.head } else { NONE };
        while next != NONE {
            let pod = &self.pods[next as usize];
            if pod.priority == Priority::Placeholder {
                all.used = all.used.minus(pod.size);
                all.pods -= 1;
            }
            next = list::next(&mut self.pods, PLACE, next);
        }
        let standing = &self.nodes[slot as usize].standing;
        Room {
            free: standing.free(),
            pods: standing.pods_max.saturating_sub(standing.pods),
            with_reserve: all.free(),
            pods_with_reserve: all.pods_max.saturating_sub(all.pods),
        }
    }

    fn call<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, pod: u32, node: u32) {
        self.leave_waiting(pod);
        self.pods[pod as usize].woken_by = node;
        self.requeue(step, pod);
    }

    fn longest_waiting(&self, fleet: usize, suits: impl Fn(&Group) -> bool) -> Option<u32> {
        let groups = self.fleets[fleet].groups.iter();
        let heads = groups.filter(|group| !group.pods.is_empty() && suits(group));
        let rank = |group: &Group| -> (Priority, Time, u32) {
            let pod = &self.pods[group.pods.head as usize];
            (group.priority, pod.since, pod.serial)
        };
        heads.min_by_key(|group| rank(group)).map(|group| group.pods.head)
    }
}
