//! Lists threaded through the table of pods, so that joining and leaving one costs no allocation.

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// Neighbours of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) prev: u32,
    pub(super) next: u32,
}

/// The ends of a list, first in at the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) head: u32,
    tail: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { head: NONE, tail: NONE }
    }
}

impl List {
    /// Whether nobody is in it.
    pub(super) const fn is_empty(self) -> bool {
        self.head == NONE
    }

    /// Who came first.
    pub(super) const fn first(self) -> Option<u32> {
        if self.is_empty() { None } else { Some(self.head) }
    }
}

/// Who can be in lists. A member is in at most one list of each `KIND`.
pub(super) trait Member {
    /// Its neighbours in the list of that kind.
    fn links(&mut self, kind: usize) -> &mut Links;
}

/// Who comes after `slot`, [`NONE`] at the end.
pub(super) fn next<M: Member>(table: &mut [M], kind: usize, slot: u32) -> u32 {
    table[slot as usize].links(kind).next
}

/// Joins at the end.
pub(super) fn push<M: Member>(table: &mut [M], kind: usize, list: &mut List, slot: u32) {
    *table[slot as usize].links(kind) = Links { prev: list.tail, next: NONE };
    match list.tail {
        NONE => list.head = slot,
        tail => table[tail as usize].links(kind).next = slot,
    }
    list.tail = slot;
}

/// Leaves from anywhere.
pub(super) fn remove<M: Member>(table: &mut [M], kind: usize, list: &mut List, slot: u32) {
    let Links { prev, next } = *table[slot as usize].links(kind);
    match prev {
        NONE => list.head = next,
        prev => table[prev as usize].links(kind).next = next,
    }
    match next {
        NONE => list.tail = prev,
        next => table[next as usize].links(kind).prev = prev,
    }
}
