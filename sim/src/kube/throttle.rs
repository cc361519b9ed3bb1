//! A token bucket without a refill timer.

use std::num::NonZeroU32;

/// The generic cell rate algorithm (ITU-T I.371): the bucket as one number, the instant at which
/// it would be full again. Integer microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Throttle {
    full_at_us: u64,
}

/// A rate and a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    interval_us: u64,
    burst_us: u64,
}

impl Limit {
    /// `None` when there is no limit. A burst of less than one counts as one.
    pub(super) fn new(per_s: Option<NonZeroU32>, burst: u32) -> Option<Self> {
        per_s.map(|per_s| {
            let interval_us = 1_000_000 / u64::from(per_s.get());
            Self { interval_us, burst_us: interval_us * u64::from(burst.max(1)) }
        })
    }
}

impl Throttle {
    /// Takes a token if there is one.
    pub(super) fn try_take(&mut self, now_us: u64, limit: Option<Limit>) -> bool {
        let Some(limit) = limit else { return true };
        let full_at_us = self.full_at_us.max(now_us) + limit.interval_us;
        let there = full_at_us <= now_us + limit.burst_us;
        if there {
            self.full_at_us = full_at_us;
        }
        there
    }

    /// Takes a token in advance and says when it will be there.
    pub(super) fn reserve(&mut self, now_us: u64, limit: Option<Limit>) -> u64 {
        let Some(limit) = limit else { return now_us };
        self.full_at_us = self.full_at_us.max(now_us) + limit.interval_us;
        now_us.max(self.full_at_us.saturating_sub(limit.burst_us))
    }
}
