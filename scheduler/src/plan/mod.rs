//! From what changed to what is done, in one direction: demand, quota, placement, claims, warm
//! level, consolidation, expiry. Each stage looks only at the sets and fleets that were touched.

mod ahead;
mod claim;
mod consolidate;
mod demand;
mod expire;
mod fair;
mod fit;
mod foresee;
mod grow;
mod guarantee;
mod hold;
mod learn;
pub mod packed;
mod place;
mod quota;
mod room;
pub mod shape;
mod slots;
mod spot;
mod stock;
mod timetable;
mod warm;
mod weather;

use crate::core::Core;
use crate::decision::Nonsense;
use crate::model::NodesBy;
use crate::wakes::Wake;
use alloc::vec::Vec;

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
        self.expect_runs();
        // In order of ids, so that the order of one instant's events cannot matter. What is touched
        // meanwhile comes behind and is the next plan's.
        self.dirty_sets.sort_unstable();
        let sets = self.dirty_sets.len();
        for place in 0..sets {
            let id = self.dirty_sets[place];
            if let Some(set) = self.state.view.set_mut(id) {
                set.dirty = false;
            }
            if policy.looks_ahead() {
                self.look_ahead(id);
            }
            self.plan_set(id, policy);
            self.pass_quota_on(id, policy);
        }
        self.dirty_fleets.sort_unstable();
        let fleets = self.dirty_fleets.len();
        for place in 0..fleets {
            let id = self.dirty_fleets[place];
            let Some(fleet) = self.state.view.fleet_mut(id) else { continue };
            fleet.dirty = false;
            let is_waited_for = !fleet.queue.is_empty();
            self.note_closed(id);
            if is_waited_for {
                self.place_waiting(id, nodes_by);
            }
            // Karpenter's nodes are its own business.
            if nodes_by == NodesBy::Core {
                self.reckon(id);
                self.keep_warm(id, policy);
                self.follow_timetable(id, policy);
                if is_waited_for || policy.looks_ahead() {
                    self.claim_for_waiting(id, policy);
                }
                self.keep_stock(id, policy);
                self.grow(id, policy);
                self.cancel_unwanted(id);
                self.release_spent(id);
                self.release_empty(id, policy);
            }
            self.explain_queue(id);
        }
        for place in 0..sets {
            self.explain_set(self.dirty_sets[place]);
        }
        forget_first(&mut self.dirty_sets, sets);
        forget_first(&mut self.dirty_fleets, fleets);
    }
}

/// Forgets the first so many: nearly always all.
fn forget_first<T>(list: &mut Vec<T>, count: usize) {
    if count == list.len() {
        list.clear();
    } else {
        list.drain(..count);
    }
}
