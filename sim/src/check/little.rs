//! Little's law, exactly: the sum of all waits is the integral of how many wait (Little 1961; for
//! a finite run from empty it is an identity, so in integers it holds to the millisecond).

use super::Broken;
use greenroom_scheduler::time::{Span, Time};

#[derive(Debug, Default)]
pub(super) struct Little {
    waiting: u64,
    since: Time,
    by_time_ms: u128,
    by_job_ms: u128,
}

impl Little {
    #[inline]
    pub(super) fn waits(&mut self, now: Time, more: u64) {
        self.integrate(now);
        self.waiting += more;
    }

    #[inline]
    pub(super) fn served(&mut self, now: Time, waited: Span) {
        self.integrate(now);
        self.waiting = self.waiting.wrapping_sub(1);
        self.by_job_ms += u128::from(waited.as_ms());
    }

    #[inline]
    fn integrate(&mut self, now: Time) {
        if now != self.since {
            self.by_time_ms += u128::from(self.waiting) * u128::from(now.since(self.since).as_ms());
            self.since = now;
        }
    }

    pub(super) fn holds(
        &mut self,
        now: Time,
        still_waiting_since: impl Iterator<Item = Time>,
    ) -> Result<(), Broken> {
        self.integrate(now);
        let open: u128 =
            still_waiting_since.map(|since| u128::from(now.since(since).as_ms())).sum();
        let (by_job, by_time) = (self.by_job_ms + open, self.by_time_ms);
        if by_job == by_time { Ok(()) } else { Err(Broken::LittleBroken { by_job, by_time }) }
    }
}
