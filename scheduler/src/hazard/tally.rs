//! A count of events beside what they are measured against; both are forgotten in step.

use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};

/// Events, and the exposure in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Events so far, halved again and again.
    pub(super) events: f64,
    /// Exposure so far, halved in step.
    pub(super) exposure: f64,
    updated_at: Time,
    half_life: Span,
}

impl Tally {
    /// Nothing was seen yet; what will be counts half after this time.
    pub(super) const fn halved_after(half_life: Span) -> Self {
        Self { events: 0.0, exposure: 0.0, updated_at: Time::ZERO, half_life }
    }

    /// Adds what was seen up to `now`.
    pub(super) fn add(&mut self, now: Time, events: f64, exposure: f64) {
        let since = now.since(self.updated_at);
        if !since.is_zero() {
            let kept = libm::exp2(-since.as_secs_f64() / self.half_life.as_secs_f64().max(1.0));
            self.events *= kept;
            self.exposure *= kept;
            self.updated_at = now;
        }
        self.events += events;
        self.exposure += exposure;
    }

    /// The mean of the Gamma posterior of a Poisson rate, where the prior is worth `events` in
    /// `exposure`.
    pub(super) const fn rate(&self, events: f64, exposure: f64) -> f64 {
        (events + self.events) / (exposure + self.exposure)
    }
}
