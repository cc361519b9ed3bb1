//! From what changed to what is done, in one direction: demand, quota, placement, claims, warm
//! level, consolidation, expiry. Each stage looks only at the sets and fleets that were touched.

mod claim;
mod consolidate;
mod demand;
mod expire;
mod hold;
mod place;
mod quota;
pub mod shape;
mod spot;
mod warm;

use crate::core::Core;
use crate::decision::Nonsense;
use crate::wakes::Wake;

impl Core {
    /// One plan for everything that was touched since the last one.
    pub(crate) fn plan(&mut self) {
        let Some(settings) = self.state.settings.as_ref() else {
            self.dirty_sets.clear();
            self.dirty_fleets.clear();
            return self.ignore(Nonsense::NotConfigured);
        };
        let (policy, nodes_by) = (settings.policy, settings.nodes_by);
        while let Some(wake) = self.state.wakes.take_due(self.state.now) {
            match wake {
                Wake::Fleet(id) => {
                    if let Some(fleet) = self.state.view.fleet_mut(id) {
                        fleet.wake_set = false;
                    }
                    self.touch_fleet(id);
                }
                Wake::Set(id) => self.touch_set(id),
                Wake::Intents => self.retry_overdue(),
            }
        }
        // In order of ids, so that the order of one instant's events cannot matter.
        let mut sets = core::mem::take(&mut self.dirty_sets);
        sets.sort_unstable();
        for &id in &sets {
            if let Some(set) = self.state.view.set_mut(id) {
                set.dirty = false;
            }
            self.plan_set(id, policy);
        }
        let mut fleets = core::mem::take(&mut self.dirty_fleets);
        fleets.sort_unstable();
        for &id in &fleets {
            if let Some(fleet) = self.state.view.fleet_mut(id) {
                fleet.dirty = false;
            }
            self.place_waiting(id, nodes_by);
            self.keep_warm(id, policy);
            self.claim_for_waiting(id, policy);
            self.release_empty(id, policy);
            self.explain_queue(id);
        }
        for &id in &sets {
            self.explain_set(id);
        }
        // Both buffers are used again: no allocation on the steady path.
        sets.clear();
        fleets.clear();
        sets.append(&mut self.dirty_sets);
        fleets.append(&mut self.dirty_fleets);
        self.dirty_sets = sets;
        self.dirty_fleets = fleets;
    }
}
