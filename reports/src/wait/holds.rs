//! What held a runner set, over time.

use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::time::Time;
use std::collections::VecDeque;

/// Most changes that are remembered of a set. A job that waits through more of them has its
/// oldest time told under the first that is remembered.
const CHANGES_MAX: usize = 1_024;

/// Holds of one set; a cause is in force until the next change.
#[derive(Clone, Debug, Default)]
pub(super) struct Holds {
    changes: VecDeque<(Time, Option<Cause>)>,
}

impl Holds {
    pub(super) fn change(&mut self, at: Time, cause: Option<Cause>) {
        match self.changes.back_mut() {
            Some(last) if last.1 == cause => return,
            // What was in force for no time never held anybody.
            Some(last) if last.0 == at => last.1 = cause,
            _ => self.changes.push_back((at, cause)),
        }
        if self.changes.len() > CHANGES_MAX {
            self.changes.pop_front();
        }
    }

    /// Nobody waits: the past is of no use any more.
    pub(super) fn forget(&mut self) {
        if self.changes.len() > 1 {
            self.changes.drain(..self.changes.len() - 1);
        }
    }

    /// Calls `each` for the stretches between two instants, in order, with the cause in force.
    pub(super) fn between(
        &self,
        from: Time,
        until: Time,
        mut each: impl FnMut(Time, Option<Cause>),
    ) {
        let first = self.changes.partition_point(|&(at, _)| at <= from);
        let mut cause = first.checked_sub(1).and_then(|before| self.changes[before].1);
        for &(at, next) in self.changes.range(first..).take_while(|&&(at, _)| at < until) {
            each(at, cause);
            cause = next;
        }
        each(until, cause);
    }
}
