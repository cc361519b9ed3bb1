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
pub struct Wakes(BTreeSet<(Time, Wake)>);

impl Wakes {
    /// Sets one.
    pub fn set(&mut self, at: Time, wake: Wake) {
        self.0.insert((at, wake));
    }

    /// The next time, if any.
    pub fn next_at(&self) -> Option<Time> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes one that is due.
    pub fn take_due(&mut self, now: Time) -> Option<Wake> {
        let &(at, wake) = self.0.first()?;
        if at > now {
            return None;
        }
        self.0.pop_first();
        Some(wake)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
