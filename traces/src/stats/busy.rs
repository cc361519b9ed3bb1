//! How many jobs run at once, weighted by time.

use super::figures::Concurrency;
use greenroom_scheduler::time::Time;

/// Exact sums over the time from the first start to the last one so far. Whole numbers: no order
/// of addition changes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy {
    running: u64,
    peak: u64,
    first: Option<Time>,
    /// Up to when the sums below go.
    until: Time,
    /// Sum of running x ms, and of its square x ms.
    sums: (u128, u128),
    /// The sums and the time as they were at the last start: what comes later is no part of the
    /// span.
    settled: ((u128, u128), Time),
}

impl Busy {
    fn advance(&mut self, now: Time) {
        let ms = u128::from(now.since(self.until).as_ms());
        let running = u128::from(self.running);
        self.sums.0 += running * ms;
        self.sums.1 += running * running * ms;
        self.until = now;
    }

    /// A job becomes ready. `now` never goes back.
    pub(super) fn arrive(&mut self, now: Time) {
        if self.first.is_none() {
            self.first = Some(now);
            self.until = now;
        }
        self.advance(now);
        self.settled = (self.sums, now);
    }

    /// It starts at the same instant.
    pub(super) fn start(&mut self) {
        self.running += 1;
        self.peak = self.peak.max(self.running);
    }

    /// A job ends.
    pub(super) fn end(&mut self, now: Time) {
        self.advance(now);
        self.running = self.running.saturating_sub(1);
    }

    /// Length of the span.
    pub(super) fn span_s(&self) -> f64 {
        self.settled.1.since(self.first.unwrap_or_default()).as_secs_f64()
    }

    pub(super) fn concurrency(&self) -> Concurrency {
        let ms = self.span_s() * 1000.0;
        let mean = (ms > 0.0).then(|| self.settled.0.0 as f64 / ms);
        Concurrency { mean, peak: self.peak }
    }

    /// Variance divided by mean.
    pub(super) fn peakedness(&self) -> Option<f64> {
        let mean = self.concurrency().mean.filter(|&mean| mean > 0.0)?;
        let square = self.settled.0.1 as f64 / (self.span_s() * 1000.0);
        Some((square - mean * mean).max(0.0) / mean)
    }
}
