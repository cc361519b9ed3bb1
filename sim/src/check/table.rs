//! A table of live things by slot that notices a second life of the same place.

use super::Broken;

/// Live things by slot.
#[derive(Debug)]
pub(super) struct Table<T> {
    what: &'static str,
    cells: Vec<Option<(u32, T)>>,
    len: u64,
}

impl<T> Table<T> {
    pub(super) const fn new(what: &'static str) -> Self {
        Self { what, cells: Vec::new(), len: 0 }
    }

    /// Begins a life.
    #[inline]
    pub(super) fn begin(&mut self, serial: u32, slot: u32, thing: T) -> Result<(), Broken> {
        let slot = slot as usize;
        if slot >= self.cells.len() {
            self.cells.resize_with(slot + 1, || None);
        }
        let cell = &mut self.cells[slot];
        if cell.is_some() {
            return Err(Broken::PlaceTaken(self.what, serial));
        }
        *cell = Some((serial, thing));
        self.len += 1;
        Ok(())
    }

    /// Something alive.
    #[inline]
    pub(super) fn get(&mut self, serial: u32, slot: u32) -> Result<&mut T, Broken> {
        match self.cells.get_mut(slot as usize) {
            Some(Some((there, thing))) if *there == serial => Ok(thing),
            _ => Err(Broken::NotAlive(self.what, serial)),
        }
    }

    /// Ends a life.
    #[inline]
    pub(super) fn end(&mut self, serial: u32, slot: u32) -> Result<T, Broken> {
        let cell = self.cells.get_mut(slot as usize);
        let Some((_, thing)) = cell.and_then(|cell| cell.take_if(|(there, _)| *there == serial))
        else {
            return Err(Broken::NotAlive(self.what, serial));
        };
        self.len -= 1;
        Ok(thing)
    }

    /// How many live.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// All that live.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.cells.iter().flatten().map(|(_, thing)| thing)
    }
}
