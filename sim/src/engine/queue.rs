//! The timers of a run, in the order in which they ring.
//!
//! A hierarchical timing wheel (Varghese and Lauck 1987) whose hand stands at the timer that rang
//! last. Each timer is a member of one list: of the highest digit in which its time differs from
//! the hand's, by that digit. When the hand comes to a list, its members go on to lists of lower
//! digits, or are due. So a timer is set and taken out in constant time, and moved a few times at
//! most; and since a list is only ever added to at its end, and goes on as a whole before anything
//! finer is set, timers of equal times stand in the order in which they were set.
//!
//! Own code: the heaps and wheels of the libraries either have a fixed number of keys, or no order
//! among equal times, or keep cancelled entries, or round times. A run cancels as often as it
//! rings, grows with its world, and must pop ties in the order in which they were set.

use super::timers::{Key, Timers};
use greenroom_scheduler::time::Time;
use std::marker::PhantomData;

/// Bits of a digit. Few levels mean few moves: a minute takes two, some hours three.
const BITS: u32 = 8;
const DIGITS: usize = 1 << BITS;

/// Levels that hold any time of 64 bits.
const LEVELS: usize = u64::BITS.div_ceil(BITS) as usize;

/// The list of those that are due: behind those of all levels.
const DUE: usize = LEVELS * DIGITS;

/// Lists of which one word says which have members; a word in turn says it of as many words.
const WORD: usize = u64::BITS as usize;
const WORDS: usize = DUE / WORD;

/// A handle holds a kind (8 bits) and a slot (24 bits, as many as a command's name holds).
const SLOT_BITS: u32 = 24;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;

/// No timer.
const NONE: u32 = u32::MAX;

/// What stands for the timer before, where a timer is not set.
const UNSET: u32 = u32::MAX - 1;

/// A timer, set or not.
#[derive(Clone, Copy, Debug)]
struct Cell {
    at: Time,
    before: u32,
    after: u32,
}

const CLEAR: Cell = Cell { at: Time::ZERO, before: UNSET, after: NONE };

/// Timers in the order in which they were set.
#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
    /// When the soonest of them rings; [`Time::ZERO`] where that is not known, since that one was
    /// taken out.
    soonest: Time,
}

const EMPTY: List = List { first: NONE, last: NONE, soonest: Time::MAX };

/// Timers keyed by (entity, kind). Cancelled ones are taken out.
#[derive(Clone, Debug)]
pub struct Queue<K> {
    /// By kind and slot.
    cells: Vec<Vec<Cell>>,
    /// By level and digit, and behind them [`DUE`].
    lists: Box<[List; DUE + 1]>,
    /// Which lists of the levels have members.
    filled: [u64; WORDS],
    /// Which words of `filled` are not empty.
    words: u64,
    /// Where the hand stands: no timer but those that are due rings at or before it.
    hand: Time,
    len: usize,
    /// When the first timer rings: asked far more often than it changes.
    next_at: Option<Time>,
    key: PhantomData<K>,
}

impl<K: Key> Default for Queue<K> {
    fn default() -> Self {
        const { assert!(K::KINDS < 1 << (u32::BITS - SLOT_BITS), "kinds fit into a handle") };
        Self {
            cells: vec![Vec::new(); K::KINDS],
            lists: vec![EMPTY; DUE + 1].try_into().expect("of just that length"),
            filled: [0; WORDS],
            words: 0,
            hand: Time::ZERO,
            len: 0,
            next_at: None,
            key: PhantomData,
        }
    }
}

/// Kind and slot in one word.
#[inline]
const fn handle(kind: usize, slot: usize) -> u32 {
    (kind as u32) << SLOT_BITS | slot as u32
}

impl<K: Key> Queue<K> {
    /// When the next timer rings.
    #[inline]
    pub const fn next_at(&self) -> Option<Time> {
        self.next_at
    }

    /// Takes the next timer that rings at `now` or before.
    #[inline]
    pub fn pop_due(&mut self, now: Time) -> Option<K> {
        // Most calls find nothing due.
        if self.next_at.is_none_or(|at| at > now) { None } else { self.pop() }
    }

    fn pop(&mut self) -> Option<K> {
        if self.lists[DUE].first == NONE {
            self.turn();
        }
        let first = self.lists[DUE].first;
        if first == NONE {
            return None;
        }
        self.unlink(first, DUE);
        self.len -= 1;
        self.look();
        Some(K::at((first >> SLOT_BITS) as usize, (first & SLOT_MASK) as usize))
    }

    /// How many timers are set.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether none is set.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    fn cell(&mut self, handle: u32) -> &mut Cell {
        &mut self.cells[(handle >> SLOT_BITS) as usize][(handle & SLOT_MASK) as usize]
    }

    /// The list that a timer belongs to.
    #[inline]
    fn list_of(&self, at: Time) -> usize {
        let (at, hand) = (at.as_ms(), self.hand.as_ms());
        if at <= hand {
            return DUE;
        }
        let level = (at ^ hand).ilog2() / BITS;
        level as usize * DIGITS + (at >> (level * BITS)) as usize % DIGITS
    }

    /// The first list that has members, apart from those that are due.
    #[inline]
    fn first_list(&self) -> Option<usize> {
        let word = self.words.trailing_zeros() as usize;
        Some(word * WORD + self.filled.get(word)?.trailing_zeros() as usize)
    }

    /// Notes whether a list of a level has members.
    #[inline]
    fn mark(&mut self, number: usize, is_filled: bool) {
        let (word, bit) = (number / WORD, 1 << (number % WORD));
        let filled = &mut self.filled[word];
        *filled = if is_filled { *filled | bit } else { *filled & !bit };
        self.words = self.words & !(1 << word) | u64::from(*filled != 0) << word;
    }

    /// Puts a timer at the end of its list.
    #[inline]
    fn link(&mut self, handle: u32, at: Time) {
        let number = self.list_of(at);
        let list = &mut self.lists[number];
        let before = list.last;
        if before == NONE {
            *list = List { first: handle, last: handle, soonest: at };
            if number != DUE {
                self.mark(number, true);
            }
        } else {
            list.last = handle;
            list.soonest = list.soonest.min(at);
            self.cell(before).after = handle;
        }
        *self.cell(handle) = Cell { at, before, after: NONE };
        if at < self.hand {
            self.overtake(handle, at);
        }
    }

    /// Moves a timer that should have rung already, and is the last of those that are due, before
    /// those that ring now.
    #[cold]
    fn overtake(&mut self, handle: u32, at: Time) {
        let mut later = handle;
        while let before = self.cell(later).before
            && before != NONE
            && self.cell(before).at > at
        {
            later = before;
        }
        if later != handle {
            self.unlink(handle, DUE);
            let before = std::mem::replace(&mut self.cell(later).before, handle);
            match before {
                NONE => self.lists[DUE].first = handle,
                before => self.cell(before).after = handle,
            }
            *self.cell(handle) = Cell { at, before, after: later };
        }
    }

    /// Takes a timer out of its list.
    #[inline]
    fn unlink(&mut self, handle: u32, number: usize) {
        let Cell { at, before, after } = std::mem::replace(self.cell(handle), CLEAR);
        match before {
            NONE => self.lists[number].first = after,
            before => self.cell(before).after = after,
        }
        match after {
            NONE => self.lists[number].last = before,
            after => self.cell(after).before = before,
        }
        let list = &mut self.lists[number];
        if list.soonest == at {
            list.soonest = Time::ZERO;
        }
        if list.first == NONE && number != DUE {
            self.mark(number, false);
        }
    }

    /// Moves the hand to the next timer, and on to their places those that stood with it.
    fn turn(&mut self) {
        let (Some(number), Some(at)) = (self.first_list(), self.next_at) else { return };
        let list = std::mem::replace(&mut self.lists[number], EMPTY);
        self.mark(number, false);
        self.hand = at;
        if number < DIGITS || list.first == list.last {
            // They differ from the hand in the last digit alone, or are one: all ring at once.
            self.lists[DUE] = list;
            return;
        }
        let mut next = list.first;
        while next != NONE {
            let Cell { at, after, .. } = *self.cell(next);
            self.link(next, at);
            next = after;
        }
    }

    /// Looks when the first timer rings now.
    #[inline]
    fn look(&mut self) {
        let due = self.lists[DUE].first;
        self.next_at = if due != NONE {
            Some(self.cell(due).at)
        } else if let Some(number) = self.first_list() {
            if self.lists[number].soonest == Time::ZERO {
                self.search(number);
            }
            Some(self.lists[number].soonest)
        } else {
            None
        };
    }

    /// Finds out when the soonest timer of a list rings.
    #[cold]
    fn search(&mut self, number: usize) {
        let (mut next, mut soonest) = (self.lists[number].first, Time::MAX);
        while next != NONE {
            let Cell { at, after, .. } = *self.cell(next);
            soonest = soonest.min(at);
            next = after;
        }
        self.lists[number].soonest = soonest;
    }

    /// Makes a place for the timer of a slot that was never set.
    #[cold]
    fn grow(&mut self, kind: usize, slot: usize) {
        assert!(slot <= SLOT_MASK as usize, "no world has so many things at once");
        self.cells[kind].resize(slot + 1, CLEAR);
    }

    /// Takes a timer out if it is set.
    #[inline]
    fn take(&mut self, kind: usize, slot: usize) {
        let Some(&Cell { at, before, .. }) = self.cells[kind].get(slot) else { return };
        if before != UNSET {
            self.unlink(handle(kind, slot), self.list_of(at));
            self.len -= 1;
            if self.next_at == Some(at) {
                self.look();
            }
        }
    }
}

impl<K: Key> Timers<K> for Queue<K> {
    #[inline]
    fn set(&mut self, at: Time, key: K) {
        let (kind, slot) = key.place();
        if slot >= self.cells[kind].len() {
            self.grow(kind, slot);
        }
        self.take(kind, slot);
        self.link(handle(kind, slot), at);
        self.len += 1;
        self.next_at = Some(self.next_at.map_or(at, |next| next.min(at)));
    }

    #[inline]
    fn cancel(&mut self, key: K) {
        // Most are cancelled to be sure, and are not set.
        let (kind, slot) = key.place();
        self.take(kind, slot);
    }
}
