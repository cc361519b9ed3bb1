//! Groups in the order in which they are packed, and the next of them that fits into some room.

use super::amounts::Amounts;
use alloc::vec;
use alloc::vec::Vec;

/// A tree of the least that groups ask for: a lookup passes over all that cannot fit, so its work
/// grows with the logarithm of the number of groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    groups: Vec<u32>,
    /// The leaves stand from `leaves` on; node `n` has the children `2n` and `2n + 1`.
    least: Vec<Amounts>,
    leaves: usize,
    /// Nothing stands before it.
    first: usize,
}

impl Order {
    /// These groups in this order; `asks` tells what one pod of a group asks for.
    pub(super) fn new(groups: Vec<u32>, asks: impl Fn(u32) -> Amounts) -> Self {
        let leaves = groups.len().next_power_of_two();
        let mut least = vec![Amounts::MAX; leaves * 2];
        for (leaf, &group) in least[leaves..].iter_mut().zip(&groups) {
            *leaf = asks(group);
        }
        for at in (1..leaves).rev() {
            least[at] = least[at * 2].least(&least[at * 2 + 1]);
        }
        Self { groups, least, leaves, first: 0 }
    }

    /// The group at a place.
    pub(super) fn group(&self, place: usize) -> u32 {
        self.groups[place]
    }

    /// The first place that still has a group.
    pub(super) fn first(&mut self) -> Option<usize> {
        while self.first < self.groups.len() && !self.has(self.first) {
            self.first += 1;
        }
        (self.first < self.groups.len()).then_some(self.first)
    }

    fn has(&self, place: usize) -> bool {
        self.least[self.leaves + place] != Amounts::MAX
    }

    /// The places that still have a group.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (self.first..self.groups.len()).filter(|place| self.has(*place))
    }

    /// The first place from `from` on whose pods fit into `room`.
    pub(super) fn find(&self, from: usize, room: &Amounts) -> Option<usize> {
        if from >= self.groups.len() {
            return None;
        }
        let mut at = self.leaves + from;
        loop {
            if self.least[at].fits(room) {
                if at >= self.leaves {
                    return Some(at - self.leaves);
                }
                at *= 2;
                continue;
            }
            // To the next subtree on the right, which lies higher up if this one was a right child.
            while at & 1 == 1 {
                at >>= 1;
                if at == 0 {
                    return None;
                }
            }
            at += 1;
        }
    }

    /// Nothing of the group at a place is left.
    pub(super) fn remove(&mut self, place: usize) {
        let mut at = self.leaves + place;
        self.least[at] = Amounts::MAX;
        while at > 1 {
            at >>= 1;
            self.least[at] = self.least[at * 2].least(&self.least[at * 2 + 1]);
        }
    }
}
