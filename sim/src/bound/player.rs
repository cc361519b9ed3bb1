//! Jobs into a replay: their ends are merged with the arrivals that follow.

use super::replay::Replay;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A replay that is told jobs. O(log n) a job, memory for the jobs that run at once.
#[derive(Clone, Debug)]
pub struct Player {
    replay: Replay,
    /// Ends to come, with the rate's bits: of positive numbers they keep the order.
    ends: BinaryHeap<Reverse<(u64, u64)>>,
    work: f64,
}

impl Player {
    /// No job yet.
    pub const fn new(replay: Replay) -> Self {
        Self { replay, ends: BinaryHeap::new(), work: 0.0 }
    }

    /// A job comes at `ready_ms`, in order of time, and holds `rate` (USD an hour, positive) for
    /// `busy_ms`.
    pub fn job(&mut self, ready_ms: u64, busy_ms: u64, rate: f64) {
        self.until(ready_ms);
        self.replay.arrives(ready_ms as f64, rate);
        self.ends.push(Reverse((ready_ms.saturating_add(busy_ms), rate.to_bits())));
        self.work += rate * busy_ms as f64;
    }

    fn until(&mut self, now_ms: u64) {
        while let Some(&Reverse((at_ms, bits))) = self.ends.peek()
            && at_ms <= now_ms
        {
            self.ends.pop();
            self.replay.ends(at_ms as f64, f64::from_bits(bits));
        }
    }

    /// What the jobs hold and what boots, gaps and waits cost beside, each in USD an hour times
    /// milliseconds.
    pub fn finish(mut self) -> (f64, f64) {
        self.until(u64::MAX);
        (self.work, self.replay.overhead())
    }
}
