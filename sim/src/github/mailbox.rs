//! The message queue of one set.

use super::output::Entry;
use greenroom_scheduler::event::Counts;
use std::collections::VecDeque;

/// Most entries of a message (actions/scaleset README).
pub const ENTRIES_MAX: usize = 50;

/// The number of a set's first message (seen on github.com by several independent clients).
pub const FIRST_MESSAGE: u64 = 100_000_001;

/// Most entries that wait to be told. Beyond it offers wait, and other hints are left out and
/// counted: the statistics of the next message are still the truth.
pub(super) const UNTOLD_MAX: usize = 1 << 16;

/// Where the one message of a set is. The next is written only when this one is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// There is none; the poll waits.
    #[default]
    Resting,
    /// Something changed; it will be written when the timer rings.
    Writing,
    /// It is written and not acknowledged.
    Written,
}

#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    pub(super) stage: Stage,
    /// Whether a listener is there at all.
    pub(super) open: bool,
    /// Its timer rang while messages were stopped.
    pub(super) held: bool,
    untold: VecDeque<Entry>,
    /// Whether the statistics changed since the last message.
    changed: bool,
    /// The message: its number, its statistics, its entries.
    pub(super) id: u64,
    pub(super) counts: Counts,
    pub(super) entries: Vec<Entry>,
    /// Messages begun and deliveries tried: keys of their delays.
    pub(super) begun: u64,
    pub(super) tried: u64,
    /// Hints left out because too many waited.
    pub(super) left_out: u64,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            stage: Stage::Resting,
            open: true,
            held: false,
            untold: VecDeque::new(),
            changed: false,
            id: FIRST_MESSAGE - 1,
            counts: Counts::default(),
            entries: Vec::new(),
            begun: 0,
            tried: 0,
            left_out: 0,
        }
    }
}

impl Mailbox {
    pub(super) fn note(&mut self, entry: Entry) {
        self.changed = true;
        if self.untold.len() < UNTOLD_MAX || matches!(entry, Entry::Available { .. }) {
            self.untold.push_back(entry);
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn may_offer(&self) -> bool {
        self.untold.len() < UNTOLD_MAX
    }

    pub(super) fn has_news(&self) -> bool {
        self.changed
    }

    /// Writes the next message: up to [`ENTRIES_MAX`] entries and the statistics of this moment.
    pub(super) fn write(&mut self, counts: Counts) {
        let batch = self.untold.len().min(ENTRIES_MAX);
        self.entries.clear();
        self.entries.extend(self.untold.drain(..batch));
        self.changed = !self.untold.is_empty();
        self.counts = counts;
        self.id += 1;
        self.stage = Stage::Written;
    }
}
