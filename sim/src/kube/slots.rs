//! Sets of slots.

/// A set of slots as bits: joining and leaving touch one word, and the `n`-th member is found by
/// counting bits, 64 slots at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    words: Vec<u64>,
    len: u32,
}

impl Slots {
    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a slot that is not in it.
    pub(super) fn insert(&mut self, slot: u32) {
        let word = slot as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (slot % 64);
        self.len += 1;
    }

    /// Takes out a slot that is in it.
    pub(super) fn remove(&mut self, slot: u32) {
        self.words[slot as usize / 64] &= !(1 << (slot % 64));
        self.len -= 1;
    }

    /// The first member from `slot` on.
    pub(super) fn from(&self, slot: u32) -> Option<u32> {
        let first = slot as usize / 64;
        let mut word = self.words.get(first)? & (u64::MAX << (slot % 64));
        let mut place = first;
        while word == 0 {
            place += 1;
            word = *self.words.get(place)?;
        }
        Some(place as u32 * 64 + word.trailing_zeros())
    }

    /// The `n`-th member, from 0, of disjoint sets together.
    pub(super) fn nth<'a>(
        sets: &(impl Iterator<Item = &'a Self> + Clone),
        mut n: u32,
    ) -> Option<u32> {
        let words = sets.clone().map(|set| set.words.len()).max()?;
        for place in 0..words {
            let there = sets.clone().filter_map(|set| set.words.get(place));
            let mut word = there.fold(0, |all, word| all | word);
            let count = word.count_ones();
            if n >= count {
                n -= count;
                continue;
            }
            for _ in 0..n {
                word &= word - 1;
            }
            return Some(place as u32 * 64 + word.trailing_zeros());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn members_are_counted_as_in_a_sorted_list(
            all in prop::collection::btree_set(0_u32..400, 0..60),
            gone in prop::collection::btree_set(0_u32..400, 0..60),
            even_first in any::<bool>(),
        ) {
            let mut sets = [Slots::default(), Slots::default()];
            let of = |slot: u32| usize::from(slot.is_multiple_of(2) == even_first);
            for &slot in &all {
                sets[of(slot)].insert(slot);
            }
            for &slot in all.intersection(&gone) {
                sets[of(slot)].remove(slot);
            }
            let left: BTreeSet<u32> = all.difference(&gone).copied().collect();
            prop_assert_eq!(sets[0].len() + sets[1].len(), left.len() as u32);
            for (n, &slot) in (0..).zip(&left) {
                prop_assert_eq!(Slots::nth(&sets.iter(), n), Some(slot));
            }
            prop_assert_eq!(Slots::nth(&sets.iter(), left.len() as u32), None);
            for slot in 0..450 {
                let next = left.range(slot..).find(|&&it| of(it) == 0).copied();
                prop_assert_eq!(sets[0].from(slot), next);
            }
        }
    }
}
