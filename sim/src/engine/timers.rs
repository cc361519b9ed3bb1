//! Where a part of the world leaves its timers.

use greenroom_scheduler::time::Time;

/// A timer keyed by (entity, kind), packed densely so that a table can find it again.
pub trait Key: Copy {
    /// How many kinds there are.
    const KINDS: usize;
    /// `(kind, slot of the entity)`; `kind` is under [`Key::KINDS`].
    fn place(self) -> (usize, usize);
    /// The key at such a place.
    fn at(kind: usize, slot: usize) -> Self;
}

/// Takes timers. A part of the world is written against this, so that it can be tested alone.
pub trait Timers<K> {
    /// Rings `key` at `at`. A key that is set already is moved: each exists once.
    fn set(&mut self, at: Time, key: K);
    /// Takes `key` out for good; nothing happens when it is not set.
    fn cancel(&mut self, key: K);
}
