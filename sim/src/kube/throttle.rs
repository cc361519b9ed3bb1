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

#[cfg(test)]
mod tests {
    use super::*;

    fn limit() -> Option<Limit> {
        Limit::new(NonZeroU32::new(5), 10)
    }

    #[test]
    fn the_burst_is_there_at_once_and_the_rate_after_it() {
        let mut throttle = Throttle::default();
        let taken = (0..30).filter(|_| throttle.try_take(7, limit())).count();
        assert_eq!(taken, 10);
        // Refused requests took nothing: a second later there are five.
        let taken = (0..30).filter(|_| throttle.try_take(1_000_007, limit())).count();
        assert_eq!(taken, 5);
        let taken = (0..30).filter(|_| throttle.try_take(1_000_000_000, limit())).count();
        assert_eq!(taken, 10);
    }

    #[test]
    fn reservations_are_given_in_order_at_the_rate() {
        let mut throttle = Throttle::default();
        let at: Vec<u64> = (0..13).map(|_| throttle.reserve(1_000, limit())).collect();
        assert_eq!(at[..10], [1_000; 10]);
        assert_eq!(at[10..], [201_000, 401_000, 601_000]);
        assert_eq!(Throttle::default().reserve(9, None), 9);
    }
}
