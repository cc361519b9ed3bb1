//! Lists that live inside the things they link: front, back and any member in constant time,
//! without memory of their own.

use serde::{Deserialize, Serialize};

/// No member.
const NONE: u32 = u32::MAX;

/// A list of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    front: u32,
    back: u32,
}

/// The part of a member that its list needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    before: u32,
    after: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { front: NONE, back: NONE }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self { before: NONE, after: NONE }
    }
}

/// Where the links of a list's members are.
pub trait Links {
    /// The link of the member in this slot.
    fn link(&mut self, slot: u32) -> &mut Link;
}

impl List {
    /// The slot of the first member.
    pub fn front(&self) -> Option<u32> {
        (self.front != NONE).then_some(self.front)
    }

    /// The slot of the last member.
    pub fn back(&self) -> Option<u32> {
        (self.back != NONE).then_some(self.back)
    }

    /// The member after `slot`.
    pub fn after(links: &mut impl Links, slot: u32) -> Option<u32> {
        let after = links.link(slot).after;
        (after != NONE).then_some(after)
    }

    /// The member before `slot`.
    pub fn before(links: &mut impl Links, slot: u32) -> Option<u32> {
        let before = links.link(slot).before;
        (before != NONE).then_some(before)
    }

    /// Whether it has no member.
    pub const fn is_empty(&self) -> bool {
        self.front == NONE
    }

    /// Puts `slot`, which is in no list, first.
    pub fn push_front(&mut self, links: &mut impl Links, slot: u32) {
        *links.link(slot) = Link { before: NONE, after: self.front };
        match self.front {
            NONE => self.back = slot,
            front => links.link(front).before = slot,
        }
        self.front = slot;
    }

    /// Takes `slot`, which is in this list, out.
    pub fn remove(&mut self, links: &mut impl Links, slot: u32) {
        let Link { before, after } = core::mem::take(links.link(slot));
        match before {
            NONE => self.front = after,
            before => links.link(before).after = after,
        }
        match after {
            NONE => self.back = before,
            after => links.link(after).before = before,
        }
    }
}
