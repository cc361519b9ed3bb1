//! Dense tables keyed by ids that carry their slot.

use crate::id::{NodeId, RunnerId};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// An id of the form (serial, slot).
pub trait SlotId: Copy + Eq {
    /// Makes the id from its parts.
    fn new(serial: u32, slot: u32) -> Self;
    /// The place in a dense table.
    fn slot(self) -> u32;
    /// Unique in a run.
    fn serial(self) -> u32;
}

macro_rules! slot_id {
    ($($name:ident),*) => {$(
        impl SlotId for $name {
            fn new(serial: u32, slot: u32) -> Self {
                Self { serial, slot }
            }
            fn slot(self) -> u32 {
                self.slot
            }
            fn serial(self) -> u32 {
                self.serial
            }
        }
    )*};
}
slot_id!(RunnerId, NodeId);

/// A table of things by slot. Looking up an id whose slot was used again finds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slab<I, T> {
    cells: Vec<Option<(I, T)>>,
    len: u32,
}

impl<I, T> Default for Slab<I, T> {
    fn default() -> Self {
        Self { cells: Vec::new(), len: 0 }
    }
}

impl<I: SlotId, T> Slab<I, T> {
    /// The thing of this id.
    pub fn get(&self, id: I) -> Option<&T> {
        match self.cells.get(id.slot() as usize) {
            Some(Some((there, thing))) if *there == id => Some(thing),
            _ => None,
        }
    }

    /// The thing of this id, to change.
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        match self.cells.get_mut(id.slot() as usize) {
            Some(Some((there, thing))) if *there == id => Some(thing),
            _ => None,
        }
    }

    /// Whatever holds a slot now, to change.
    pub fn at_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.cells.get_mut(slot as usize)?.as_mut().map(|(_, thing)| thing)
    }

    /// The id that holds a slot now.
    pub fn id_at(&self, slot: u32) -> Option<I> {
        self.cells.get(slot as usize)?.as_ref().map(|(id, _)| *id)
    }

    /// Puts a thing in its slot and gives back what was there.
    pub fn insert(&mut self, id: I, thing: T) -> Option<T> {
        let slot = id.slot() as usize;
        if slot >= self.cells.len() {
            self.cells.resize_with(slot + 1, || None);
        }
        let old = self.cells[slot].replace((id, thing));
        if old.is_none() {
            self.len += 1;
        }
        old.map(|(_, thing)| thing)
    }

    /// Takes a thing out.
    pub fn remove(&mut self, id: I) -> Option<T> {
        let cell = self.cells.get_mut(id.slot() as usize)?;
        if cell.as_ref().is_some_and(|(there, _)| *there == id) {
            self.len -= 1;
            return cell.take().map(|(_, thing)| thing);
        }
        None
    }

    /// How many things there are.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All things in order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.cells.iter().flatten().map(|(id, thing)| (*id, thing))
    }
}

/// Gives out ids: a new serial each time, the slot that was freed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Naming<I> {
    serial: u32,
    slots: u32,
    free: Vec<u32>,
    #[serde(skip)]
    kind: core::marker::PhantomData<I>,
}

impl<I> Default for Naming<I> {
    fn default() -> Self {
        Self { serial: 0, slots: 0, free: Vec::new(), kind: core::marker::PhantomData }
    }
}

impl<I: SlotId> Naming<I> {
    /// A name that was never used.
    pub fn give(&mut self) -> I {
        let serial = self.serial;
        self.serial += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        I::new(serial, slot)
    }

    /// The thing is gone: its slot may be used again.
    pub fn take_back(&mut self, id: I) {
        self.free.push(id.slot());
    }

    /// The thing that was taken back last may be there after all: its slot stays its own.
    pub fn keep(&mut self, id: I) {
        if self.free.last() == Some(&id.slot()) {
            self.free.pop();
        }
    }

    /// Starts over so that no name in `used` is given again.
    pub fn resume(&mut self, used: impl Iterator<Item = I>) {
        let mut taken: Vec<u32> = Vec::new();
        for id in used {
            self.serial = self.serial.max(id.serial() + 1);
            taken.push(id.slot());
        }
        taken.sort_unstable();
        self.slots = self.slots.max(taken.last().map_or(0, |last| last + 1));
        self.free = (0..self.slots).rev().filter(|s| taken.binary_search(s).is_err()).collect();
    }
}
