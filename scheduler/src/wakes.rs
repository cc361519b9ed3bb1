//! When the core wants to be called again.

use crate::id::{FleetId, SetId};
use crate::time::Time;
use alloc::collections::VecDeque;
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

/// The wake-ups that are set, in order. Few: each fleet and set has one at a time, and a fleet's
/// covers all its empty nodes, since they expire in the order in which they became empty. Most are
/// set for later than all others, so a queue takes them in a few steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wakes(VecDeque<(Time, Wake)>);

impl Wakes {
    /// Sets one.
    pub fn set(&mut self, at: Time, wake: Wake) {
        match self.0.back() {
            Some(last) if *last >= (at, wake) => {
                if let Err(place) = self.0.binary_search(&(at, wake)) {
                    self.0.insert(place, (at, wake));
                }
            }
            _ => self.0.push_back((at, wake)),
        }
    }

    /// The next time, if any.
    pub fn next_at(&self) -> Option<Time> {
        self.0.front().map(|(at, _)| *at)
    }

    /// Takes one that is due.
    pub fn take_due(&mut self, now: Time) -> Option<Wake> {
        if self.next_at().is_none_or(|at| at > now) {
            return None;
        }
        self.0.pop_front().map(|(_, wake)| wake)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
