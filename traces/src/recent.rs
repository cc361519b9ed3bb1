//! A map that remembers at least the latest keys, however long the trace.

use crate::mix::NumberMap;

/// Keys seen or asked for among the latest `capacity` distinct ones are always found; memory stays
/// below twice that.
pub(crate) struct Recent<V> {
    young: NumberMap<u128, V>,
    old: NumberMap<u128, V>,
    capacity: usize,
}

impl<V: Copy> Recent<V> {
    /// Remembers at least `capacity` keys.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { young: NumberMap::default(), old: NumberMap::default(), capacity }
    }

    /// The value of a key that is still remembered.
    pub(crate) fn get(&mut self, key: u128) -> Option<V> {
        if let Some(&value) = self.young.get(&key) {
            return Some(value);
        }
        let value = self.old.remove(&key)?;
        self.insert(key, value);
        Some(value)
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: u128, value: V) {
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}
