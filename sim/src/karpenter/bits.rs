//! A set of small integers, one bit each.

/// A set of small integers. Two sets with the same members are equal and hash alike, whatever was
/// in them before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bits {
    // No zero word at the end, so that equality is equality of members.
    words: Vec<u64>,
}

impl Bits {
    /// The set of no members.
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// The set `0..count`.
    pub fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count / 64];
        if !count.is_multiple_of(64) {
            words.push((1 << (count % 64)) - 1);
        }
        Self { words }
    }

    /// Adds a member.
    pub fn insert(&mut self, member: usize) {
        let word = member / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (member % 64);
    }

    /// Takes a member out, if it is in.
    pub fn remove(&mut self, member: usize) {
        if let Some(word) = self.words.get_mut(member / 64) {
            *word &= !(1 << (member % 64));
            self.trim();
        }
    }

    /// Whether it is a member.
    pub fn contains(&self, member: usize) -> bool {
        self.words.get(member / 64).is_some_and(|word| word >> (member % 64) & 1 == 1)
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Empties the set and keeps its memory.
    pub fn clear(&mut self) {
        self.words.clear();
    }

    /// Whether a member is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    /// Keeps the members that are in `other` too.
    pub fn retain_in(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (word, with) in self.words.iter_mut().zip(&other.words) {
            *word &= with;
        }
        self.trim();
    }

    /// Takes the members of `other` out.
    pub fn remove_all(&mut self, other: &Self) {
        for (word, without) in self.words.iter_mut().zip(&other.words) {
            *word &= !without;
        }
        self.trim();
    }

    /// Adds the members of `other`.
    pub fn insert_all(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, with) in self.words.iter_mut().zip(&other.words) {
            *word |= with;
        }
    }

    /// The members in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect();
        let mut both = Self { words };
        both.trim();
        both
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut rest = word;
            core::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }

    fn trim(&mut self) {
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<I: IntoIterator<Item = usize>>(members: I) -> Self {
        let mut set = Self::new();
        for member in members {
            set.insert(member);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn members() -> impl Strategy<Value = BTreeSet<usize>> {
        proptest::collection::btree_set(0_usize..200, 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn agrees_with_an_ordered_set(a in members(), b in members(), out in 0_usize..200) {
            let (x, y): (Bits, Bits) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(x.len(), a.len());
            prop_assert_eq!(x.iter().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(x.meets(&y), !a.is_disjoint(&b));
            let both: Bits = a.intersection(&b).copied().collect();
            prop_assert_eq!(&x.and(&y), &both);
            let mut z = x.clone();
            z.retain_in(&y);
            prop_assert_eq!(&z, &both);
            let mut z = x.clone();
            z.remove_all(&y);
            prop_assert_eq!(z, a.difference(&b).copied().collect());
            let mut z = x.clone();
            z.insert_all(&y);
            prop_assert_eq!(z, a.union(&b).copied().collect());
            let mut z = x;
            z.remove(out);
            prop_assert!(!z.contains(out));
            prop_assert_eq!(z, a.into_iter().filter(|&m| m != out).collect());
        }

        #[test]
        fn all_holds_exactly_the_first(count in 0_usize..200) {
            prop_assert_eq!(Bits::all(count), (0..count).collect());
        }
    }
}
