//! What waiting jobs wait for: said when it changes.

use crate::core::Core;
use crate::decision::{Cause, Decision};
use crate::id::{FleetId, SetId};

impl Core {
    /// Says why a fleet's queue does not move, to each set in it, when the reason changed.
    pub(super) fn explain_queue(&mut self, id: FleetId) {
        let cause = self.queue_cause(id);
        let Some(fleet) = self.state.view.fleet_mut(id) else { return };
        if fleet.cause == cause {
            return;
        }
        fleet.cause = cause;
        fleet.keeps &= cause.is_some();
        // Reasons change rarely, so a walk over the queue is in proportion.
        for place in 0..fleet.queue.len() {
            let Some(set) = self.state.view.fleet(id).and_then(|f| f.queue.get(place).copied())
            else {
                return;
            };
            self.explain_set(set);
        }
    }

    /// Says that empty nodes are kept for foreseen jobs while others wait, once until nobody does.
    pub(super) fn explain_kept(&mut self, id: FleetId) {
        let Some(fleet) = self.state.view.fleet_mut(id) else { return };
        if core::mem::replace(&mut fleet.keeps, true) {
            return;
        }
        let (empty, reserved) = (fleet.empties, fleet.reserved.pods as u32);
        let waiting = fleet.waiting.pods as u32;
        self.explain(Decision::Keep { fleet: id, empty, reserved, waiting });
    }

    /// Says what a set's jobs wait for, when that changed.
    pub(super) fn explain_set(&mut self, id: SetId) {
        let Some(set) = self.state.view.set(id) else { return };
        let is_hosted = || self.state.view.pool(set.spec.pool).is_some_and(|pool| pool.spec.hosted);
        // A policy with a most of its own asks for no runner beyond it; its jobs wait all the same.
        let beyond = set.waiting().saturating_sub(set.without_job());
        let beyond = if beyond > 0 && is_hosted() { 0 } else { beyond };
        // A runner of which Karpenter makes nothing is there, and still its job waits for it.
        let stuck = if set.misfit { set.waiting() } else { 0 };
        let waiting = (set.granted + set.denied).max(beyond).max(stuck);
        let cause = if waiting == 0 {
            None
        } else if set.misfit {
            Some(Cause::NoMachineFits)
        } else if set.denied > 0 {
            set.denied_by
        } else if set.granted > 0 {
            self.state.view.fleet(set.spec.fleet).and_then(|fleet| fleet.cause)
        } else {
            Some(Cause::AllBusy)
        };
        if set.hold == cause {
            return;
        }
        if let Some(set) = self.state.view.set_mut(id) {
            set.hold = cause;
        }
        if cause == Some(Cause::NoMachineFits) {
            self.explain_misfit(id);
        }
        self.explain(match cause {
            Some(cause) => Decision::Hold { set: id, waiting, cause },
            None => Decision::Free { set: id },
        });
    }

    /// Why runners of a fleet that quota allows have no place.
    fn queue_cause(&self, id: FleetId) -> Option<Cause> {
        let fleet = self.state.view.fleet(id)?;
        if fleet.queue.is_empty() {
            return None;
        }
        if let Some(retry) = fleet.retry
            && self.state.now < retry.at
        {
            return Some(retry.why.cause());
        }
        Some(if fleet.coming.pods > 0 { Cause::NodeStartup } else { Cause::AllBusy })
    }
}
