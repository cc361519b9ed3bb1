//! `greenroom`: as `reactive`, and before: a job that is foreseen has a node when it queues.
//!
//! Nodes there are, ready and empty or on their way, for all runners that wait, for all jobs that
//! are foreseen (reservations), and for the hot ones of the fleet. A reservation is for any of the
//! jobs foreseen for its set: they are fungible, and no other job takes an empty node that backs one.
//! What is foreseen and does not come is forgotten. Runners that wait are served from the stock of
//! stopped nodes first, since those start sooner; launches for what is foreseen are cold, since they
//! have the time. What the stock gave is prepared anew at once.
//!
//! Look-ahead of a boot's length and no more is worth anything (Lu and Chen 2013), so nothing is
//! launched sooner than a foreseen job's time less a boot and less two standard deviations.

use crate::event::Foresight;
use crate::time::{Span, Time};

/// How many standard deviations before the expected time a node is to be ready: 98 of 100 jobs then
/// meet one, if the error is normal.
const LEAD_SIGMAS: u64 = 2;

/// How many standard deviations after the expected time a foreseen job is given up: of a thousand
/// jobs that come, one comes later.
const LATE_SIGMAS: u64 = 3;

/// What is added to that, for the delivery of the news and for forecasts that name no spread.
const LATE_MARGIN: Span = Span::from_secs(15);

/// Forecasts that are more likely wrong than right make no reservation.
pub const PROBABILITY_MIN: f64 = 0.5;

/// Places beside those for what is foreseen: one for each 25 jobs. News is as often late as early, and
/// what comes in bursts is never foreseen whole; a job that is not foreseen takes one of these.
pub const fn spare(reserved: u32) -> u32 {
    reserved / 25
}

/// When a node for what is foreseen is launched or kept, where a node takes `boot` to start.
pub fn reserve_at(foresight: &Foresight, boot: Span) -> Time {
    let early = boot.as_ms().saturating_add(foresight.sigma.as_ms().saturating_mul(LEAD_SIGMAS));
    Time::from_ms(foresight.expected_at.as_ms().saturating_sub(early))
}

/// When what is foreseen and has not come is forgotten.
pub fn forget_at(foresight: &Foresight) -> Time {
    let late = foresight.sigma.as_ms().saturating_mul(LATE_SIGMAS);
    let late = late.saturating_add(LATE_MARGIN.as_ms());
    Time::from_ms(foresight.expected_at.as_ms().saturating_add(late))
}
