//! Queues threaded through a dense table.
//!
//! Own code, because a member must leave from the middle in constant time and without allocation:
//! a cancelled job out of a backlog of a hundred thousand, a removed runner out of the idle ones.

const NONE: u32 = u32::MAX;

/// Neighbours of every slot. A slot is in one chain at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(Vec<Link>);

#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
}

/// One queue: its two ends and its length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    first: u32,
    last: u32,
    len: u32,
}

impl Default for Chain {
    fn default() -> Self {
        Self { first: NONE, last: NONE, len: 0 }
    }
}

impl Chain {
    pub(super) fn first(&self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    pub(super) fn last(&self) -> Option<u32> {
        (self.last != NONE).then_some(self.last)
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }
}

impl Links {
    pub(super) fn push_back(&mut self, chain: &mut Chain, slot: u32) {
        self.insert(chain, slot, NONE);
    }

    /// Puts `slot` before the first member for which `is_later` holds, looking from the front.
    pub(super) fn insert_sorted(
        &mut self,
        chain: &mut Chain,
        slot: u32,
        is_later: impl Fn(u32) -> bool,
    ) {
        let mut after = chain.first;
        while after != NONE && !is_later(after) {
            after = self.0[after as usize].after;
        }
        self.insert(chain, slot, after);
    }

    fn insert(&mut self, chain: &mut Chain, slot: u32, after: u32) {
        let index = slot as usize;
        if index >= self.0.len() {
            self.0.resize(index + 1, Link { before: NONE, after: NONE });
        }
        let before = if after == NONE { chain.last } else { self.0[after as usize].before };
        self.0[index] = Link { before, after };
        *self.after_of(chain, before) = slot;
        *self.before_of(chain, after) = slot;
        chain.len += 1;
    }

    pub(super) fn remove(&mut self, chain: &mut Chain, slot: u32) {
        let Link { before, after } = self.0[slot as usize];
        *self.after_of(chain, before) = after;
        *self.before_of(chain, after) = before;
        chain.len -= 1;
    }

    pub(super) fn pop_front(&mut self, chain: &mut Chain) -> Option<u32> {
        let slot = chain.first()?;
        self.remove(chain, slot);
        Some(slot)
    }

    #[cfg(test)]
    fn after(&self, slot: u32) -> Option<u32> {
        let after = self.0[slot as usize].after;
        (after != NONE).then_some(after)
    }

    fn after_of<'a>(&'a mut self, chain: &'a mut Chain, slot: u32) -> &'a mut u32 {
        if slot == NONE { &mut chain.first } else { &mut self.0[slot as usize].after }
    }

    fn before_of<'a>(&'a mut self, chain: &'a mut Chain, slot: u32) -> &'a mut u32 {
        if slot == NONE { &mut chain.last } else { &mut self.0[slot as usize].before }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(links: &Links, chain: &Chain) -> Vec<u32> {
        std::iter::successors(chain.first(), |&slot| links.after(slot)).collect()
    }

    proptest! {
        #[test]
        fn a_chain_is_a_list(steps in prop::collection::vec((0_u8..4, 0_u32..20), 0..80)) {
            let (mut links, mut chain, mut list) = (Links::default(), Chain::default(), vec![]);
            for (verb, slot) in steps {
                let held = list.iter().position(|&other| other == slot);
                match (verb, held) {
                    (0, None) => {
                        links.push_back(&mut chain, slot);
                        list.push(slot);
                    }
                    (1, None) => {
                        links.insert_sorted(&mut chain, slot, |other| other > slot);
                        let at = list.iter().position(|&other| other > slot).unwrap_or(list.len());
                        list.insert(at, slot);
                    }
                    (2, Some(at)) => {
                        links.remove(&mut chain, slot);
                        list.remove(at);
                    }
                    (3, _) => {
                        let expected = if list.is_empty() { None } else { Some(list.remove(0)) };
                        prop_assert_eq!(links.pop_front(&mut chain), expected);
                    }
                    _ => {}
                }
                prop_assert_eq!(members(&links, &chain), list.clone());
                prop_assert_eq!(chain.len() as usize, list.len());
                prop_assert_eq!(chain.last(), list.last().copied());
            }
        }
    }
}
