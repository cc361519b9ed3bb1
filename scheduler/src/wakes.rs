//! When the core wants to be called again.

use crate::id::{FleetId, SetId};
use crate::time::Time;
use alloc::collections::BTreeSet;
use serde::{Deserialize, Serialize};

/// What to look at when the time comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wake {
    /// The longest empty node of a fleet, or its pause after a refusal.
    Fleet(FleetId),
    /// Runners of a set without a job.
    Set(SetId),
    /// Commands that nobody answered.
    Intents,
}

/// The wake-ups that are set. Few: each fleet and set has one at a time, and a fleet's covers all
/// its empty nodes, since they expire in the order in which they became empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wakes {
    set: BTreeSet<(Time, Wake)>,
    /// The first of them: asked for at every poll.
    next_at: Option<Time>,
}

impl Wakes {
    /// Sets one.
    pub fn set(&mut self, at: Time, wake: Wake) {
        self.set.insert((at, wake));
        self.next_at = Some(self.next_at.map_or(at, |next| next.min(at)));
    }

    /// The next time, if any.
    pub const fn next_at(&self) -> Option<Time> {
        self.next_at
    }

    /// Takes one that is due.
    pub fn take_due(&mut self, now: Time) -> Option<Wake> {
        if self.next_at.is_none_or(|at| at > now) {
            return None;
        }
        let (_, wake) = self.set.pop_first()?;
        self.next_at = self.set.first().map(|(at, _)| *at);
        Some(wake)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.set.clear();
        self.next_at = None;
    }
}
