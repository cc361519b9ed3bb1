//! The memory of offerings that ran out of capacity
//! (aws:pkg/cache/unavailableofferings.go).

use super::bits::Bits;
use super::constants::{UNAVAILABLE, UNAVAILABLE_SWEEP};
use greenroom_scheduler::time::Time;
use std::collections::BTreeMap;

/// Offerings (type, zone and capacity type) that a launch was refused, or whose spot instance was
/// taken back, in the last three minutes.
///
/// An offering comes back at the first sweep after its time: sweeps are at multiples of
/// [`UNAVAILABLE_SWEEP`] of the run's time line.
#[derive(Clone, Debug, Default)]
pub struct Unavailable {
    /// When each comes back; one entry an offering at most.
    until: BTreeMap<u32, Time>,
    offerings: Bits,
}

impl Unavailable {
    /// Everything available.
    pub fn new() -> Self {
        Self::default()
    }

    /// The offering was refused, or its instance interrupted. Known ones stay longer.
    pub fn mark(&mut self, now: Time, offering: u32) {
        let sweep = UNAVAILABLE_SWEEP.as_ms();
        let back = (now + UNAVAILABLE).as_ms().div_ceil(sweep).saturating_mul(sweep);
        self.until.insert(offering, Time::from_ms(back));
        self.offerings.insert(offering as usize);
    }

    /// What is unavailable now, as places in the universe's offerings.
    pub fn at(&mut self, now: Time) -> &Bits {
        let offerings = &mut self.offerings;
        self.until.retain(|&offering, &mut back| {
            if back <= now {
                offerings.remove(offering as usize);
            }
            back > now
        });
        &self.offerings
    }

    /// When the next offering comes back.
    pub fn next_at(&self) -> Option<Time> {
        self.until.values().copied().min()
    }
}
