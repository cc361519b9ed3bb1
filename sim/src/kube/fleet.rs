//! What kube-scheduler knows of a fleet: its nodes by standing, and the pods that none could take.

use super::index::{Index, Wish};
use super::list::List;
use super::pod::Priority;
use super::slots::Slots;

/// Unschedulable pods that ask for the same: what one cannot have, none can.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) wish: Wish,
    pub(super) priority: Priority,
    pub(super) pods: List,
}

/// A fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct Fleet {
    /// `None` until the first pod that may choose among the nodes.
    pub(super) index: Option<Index>,
    /// Never more than there are different wishes at once.
    pub(super) groups: Vec<Group>,
    /// Pods in all groups together.
    pub(super) waiting: u32,
    /// Nodes with placeholders on them.
    pub(super) reserves: Slots,
}

impl Fleet {
    /// The group of such pods; an empty one is used again before a new one is made.
    pub(super) fn group_for(&mut self, wish: Wish, priority: Priority) -> usize {
        let mut empty = None;
        for (place, group) in self.groups.iter().enumerate() {
            if group.wish == wish && group.priority == priority {
                return place;
            }
            if empty.is_none() && group.pods.is_empty() {
                empty = Some(place);
            }
        }
        let group = Group { wish, priority, pods: List::default() };
        if let Some(place) = empty {
            self.groups[place] = group;
            return place;
        }
        self.groups.push(group);
        self.groups.len() - 1
    }
}
