//! Slots: places that free before a new node would be ready.
//!
//! Who waits takes whatever place frees first. Where many jobs run, some end within the time that a
//! node takes to start; a node for those who then have their places would never be used.

use crate::core::Core;
use crate::decision::Decision;
use crate::id::FleetId;
use crate::wakes::Wake;

/// How many standard deviations fewer places are counted on than are expected: about one time in
/// forty fewer free.
const CAUTION: u64 = 2;

impl Core {
    /// How many of those who wait are left to places that free in time. Nobody is left to them for
    /// longer than a node takes to start.
    pub(super) fn await_slots(&mut self, id: FleetId) -> u32 {
        let is_on = self.state.settings.as_ref().and_then(|s| s.packing).is_some_and(|p| p.slots);
        let (now, boot) = (self.state.now, self.boot(id));
        let Some(fleet) = self.state.view.fleet_mut(id).filter(|_| is_on) else { return 0 };
        let waiting = fleet.waiting.pods as u32;
        if waiting == 0 {
            (fleet.slots_until, fleet.slots) = (None, 0);
            return 0;
        }
        // Pools of different sizes do not take each other's places. A stopped node starts sooner than
        // a new one, and sooner than most places free.
        let counts = fleet.pools.len() == 1 && fleet.stock == 0;
        let share = fleet.lengths.ending_permille(boot).filter(|_| counts).unwrap_or(0);
        let expected = u64::from(fleet.pods) * u64::from(share);
        // In thousandths, so that the root is in thirty-seconds of one.
        let less = CAUTION * (expected * 1_000).isqrt();
        let slots = (expected.saturating_sub(less) / 1_000) as u32;
        let slots = match fleet.slots_until {
            Some(until) if until <= now => 0,
            _ => slots.min(waiting),
        };
        let is_news = slots > fleet.slots;
        fleet.slots = slots;
        if slots > 0 && fleet.slots_until.is_none() {
            fleet.slots_until = Some(now + boot);
            self.state.wakes.set(now + boot, Wake::Fleet(id));
        }
        if is_news {
            self.explain(Decision::AwaitSlots { fleet: id, waiting, slots, within: boot });
        }
        slots
    }
}
