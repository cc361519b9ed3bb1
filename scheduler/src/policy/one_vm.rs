//! `one-vm-per-job`: RunsOn (its documentation; the server is closed).
//!
//! A machine for each job, which ends with it; spot first. When a circuit breaker
//! (`COUNT/WINDOW/RECOVERY`, for instance 2/15/30 minutes) has seen so many interruptions within
//! its window, new machines are on demand until it recovers. A job that lost its machine is run
//! again once, on demand. Machines that nobody needs any more (their job was cancelled) end after
//! an idle time; how long it is there is not published, five minutes is our assumption.
//!
//! The breaker counts the interruptions of one fleet. Its hot and stopped pools are not told here.

use super::growth::{Growth, Seen, Wish};
use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};

/// Most interruptions that a breaker may count.
pub const BREAKER_COUNT_MAX: u32 = 8;

/// Interruptions that are remembered: twice what a breaker counts, so that one that is open is not
/// forgotten over those that follow.
const REMEMBERED: usize = 2 * BREAKER_COUNT_MAX as usize;

/// The circuit breaker's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneVm {
    /// Interruptions that open it; 0 never.
    pub count: u32,
    /// Within which time.
    pub window: Span,
    /// For how long spot is left then.
    pub recovery: Span,
}

impl OneVm {
    pub(super) const fn wish(seen: &Seen) -> Wish {
        let (waiting, coming) = (seen.waiting, seen.coming);
        let places = waiting.saturating_sub(coming);
        Wish {
            places,
            every: Span::ZERO,
            pause: Span::ZERO,
            why: Growth::OneEach { waiting, coming },
        }
    }
}

/// The latest interruptions of a fleet's spot nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Newest first.
    latest: [Option<Time>; REMEMBERED],
}

impl Breaker {
    /// A spot node was interrupted.
    pub fn saw_interruption(&mut self, now: Time) {
        self.latest.rotate_right(1);
        self.latest[0] = Some(now);
    }

    /// For how long it stays open, if it is.
    pub fn open_for(&self, rule: OneVm, now: Time) -> Option<Span> {
        let count = (rule.count as usize).min(BREAKER_COUNT_MAX as usize);
        if count == 0 {
            return None;
        }
        let opened = self.latest.windows(count).find_map(|run| {
            let (newest, oldest) = (run[0]?, run[count - 1]?);
            (newest.since(oldest) <= rule.window).then_some(newest)
        })?;
        Some((opened + rule.recovery).since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(n: u64) -> Span {
        Span::from_secs(60 * n)
    }

    fn rule() -> OneVm {
        OneVm { count: 2, window: minutes(15), recovery: minutes(30) }
    }

    #[test]
    fn two_within_fifteen_minutes_open_it_for_thirty() {
        let mut breaker = Breaker::default();
        let at = |n| Time::ZERO + minutes(n);
        breaker.saw_interruption(at(0));
        assert_eq!(breaker.open_for(rule(), at(0)), None);
        breaker.saw_interruption(at(15));
        assert_eq!(breaker.open_for(rule(), at(15)), Some(minutes(30)));
        assert_eq!(breaker.open_for(rule(), at(44)), Some(minutes(1)));
        assert_eq!(breaker.open_for(rule(), at(45)), None);
    }

    #[test]
    fn two_further_apart_do_not() {
        let mut breaker = Breaker::default();
        breaker.saw_interruption(Time::ZERO);
        breaker.saw_interruption(Time::ZERO + minutes(16));
        assert_eq!(breaker.open_for(rule(), Time::ZERO + minutes(16)), None);
        assert_eq!(breaker.open_for(OneVm { count: 0, ..rule() }, Time::ZERO), None);
    }
}
