//! A priority queue for what mostly comes in order.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// The smallest first. What is pushed in order costs no comparison beyond its neighbour; only what
/// comes late goes through a heap. Keys are distinct.
pub(crate) struct Lane<K> {
    sorted: VecDeque<K>,
    late: BinaryHeap<Reverse<K>>,
}

impl<K: Ord> Lane<K> {
    pub(crate) fn new() -> Self {
        Self { sorted: VecDeque::new(), late: BinaryHeap::new() }
    }

    pub(crate) fn push(&mut self, key: K) {
        if self.sorted.back().is_none_or(|last| *last <= key) {
            self.sorted.push_back(key);
        } else {
            self.late.push(Reverse(key));
        }
    }

    pub(crate) fn pop(&mut self) -> Option<K> {
        match (self.sorted.front(), self.late.peek()) {
            (Some(first), Some(Reverse(late))) if late < first => {
                self.late.pop().map(|Reverse(key)| key)
            }
            (None, Some(_)) => self.late.pop().map(|Reverse(key)| key),
            _ => self.sorted.pop_front(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lane;
    use proptest::prelude::*;

    proptest! {
        /// Any mixture of pushes and pops gives what a sorted list gives.
        #[test]
        fn it_is_a_priority_queue(steps in prop::collection::vec(prop::option::of(0_u32..50), 0..200)) {
            let (mut lane, mut list) = (Lane::new(), Vec::new());
            for (number, step) in steps.into_iter().enumerate() {
                if let Some(value) = step {
                    lane.push((value, number));
                    list.push((value, number));
                    list.sort_unstable();
                } else {
                    let first = (!list.is_empty()).then(|| list.remove(0));
                    prop_assert_eq!(lane.pop(), first);
                }
            }
            for rest in list {
                prop_assert_eq!(lane.pop(), Some(rest));
            }
            prop_assert_eq!(lane.pop(), None);
        }
    }
}
