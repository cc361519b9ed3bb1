//! Tables by dense number.

/// How far a number may run ahead of twice the count of numbers seen: the gap that placeholders
/// and things announced in batches leave. A number beyond it comes from a damaged journal, and a
/// table for it would not fit into memory.
const AHEAD_MAX: usize = 65_536;

/// Serial of a cell that nobody has used yet.
const NOBODY: u32 = u32::MAX;

/// A table of living things by slot. A cell is valid for one serial at a time.
#[derive(Clone, Debug)]
pub(crate) struct Slots<T> {
    cells: Vec<Cell<T>>,
    puts: usize,
}

#[derive(Clone, Debug)]
struct Cell<T> {
    serial: u32,
    value: T,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { cells: Vec::new(), puts: 0 }
    }
}

impl<T: Default> Slots<T> {
    /// The cell of a thing that appears now, with what its predecessor left in it; none when the
    /// slot is out of all proportion.
    #[inline]
    pub(crate) fn put(&mut self, serial: u32, slot: u32) -> Option<&mut T> {
        let slot = slot as usize;
        self.puts += 1;
        if slot >= self.cells.len() {
            self.grow(slot)?;
        }
        let cell = &mut self.cells[slot];
        cell.serial = serial;
        Some(&mut cell.value)
    }

    #[cold]
    fn grow(&mut self, slot: usize) -> Option<()> {
        if slot > 2 * self.puts + AHEAD_MAX {
            return None;
        }
        self.cells.resize_with(slot + 1, || Cell { serial: NOBODY, value: T::default() });
        Some(())
    }

    /// The thing, if it is the one that holds its slot now.
    #[inline]
    pub(crate) fn get(&mut self, serial: u32, slot: u32) -> Option<&mut T> {
        match self.cells.get_mut(slot as usize) {
            Some(cell) if cell.serial == serial => Some(&mut cell.value),
            _ => None,
        }
    }

    /// Whatever holds the slot, with its serial.
    #[inline]
    pub(crate) fn at(&mut self, slot: usize) -> Option<(u32, &mut T)> {
        self.cells
            .get_mut(slot)
            .filter(|cell| cell.serial != NOBODY)
            .map(|cell| (cell.serial, &mut cell.value))
    }

    /// How many slots there are, used or not.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }
}

/// The cell of a number in a table that grows with its numbers; none when the number is out of
/// all proportion.
#[inline]
pub(crate) fn cell<T: Default>(table: &mut Vec<T>, index: usize) -> Option<&mut T> {
    if index >= table.len() {
        extend(table, index)?;
    }
    table.get_mut(index)
}

#[cold]
fn extend<T: Default>(table: &mut Vec<T>, index: usize) -> Option<()> {
    if index > 2 * table.len() + AHEAD_MAX {
        return None;
    }
    table.resize_with(index + 1, T::default);
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_slot_answers_only_to_the_serial_that_holds_it() {
        let mut slots = Slots::<u8>::default();
        *slots.put(7, 0).unwrap() = 1;
        assert_eq!(slots.get(7, 0), Some(&mut 1));
        assert_eq!(slots.get(6, 0), None);
        *slots.put(8, 0).unwrap() = 2;
        assert_eq!(slots.get(7, 0), None);
        assert_eq!(slots.get(8, 0), Some(&mut 2));
    }

    #[test]
    fn an_absurd_slot_takes_no_memory() {
        let mut slots = Slots::<u64>::default();
        assert!(slots.put(0, u32::MAX).is_none());
        assert_eq!(slots.len(), 0);
        assert!(cell(&mut Vec::<u64>::new(), usize::MAX).is_none());
    }
}
