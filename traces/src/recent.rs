//! A map that remembers at least the latest keys, however long the trace.

use std::collections::HashMap;

/// Keys seen or asked for among the latest `capacity` distinct ones are always found; memory stays
/// below twice that. Looked up by key only, never walked, so no order can leak out of it.
pub(crate) struct Recent<V> {
    young: HashMap<u128, V>,
    old: HashMap<u128, V>,
    capacity: usize,
}

impl<V: Copy> Recent<V> {
    /// Remembers at least `capacity` keys.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), capacity }
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
