//! The matching of arrivals with ends, as a replay with two stacks.

use std::collections::VecDeque;

/// Strands with one history.
#[derive(Clone, Copy, Debug)]
struct Strands {
    /// What using one more of them would save per strand, at the time `at_ms`, in milliseconds.
    worth: f64,
    at_ms: f64,
    /// How many, in USD an hour.
    rate: f64,
}

/// The cheapest way to link each arrival with an end before it (the gap is paid), with an end
/// behind it (the wait is paid at `impatience`), or with none (a boot is paid), as arrivals and
/// ends are told in order of time. O(1) a call, amortised; memory for what is open.
///
/// Behind it is dynamic programming over the balance `x` of arrivals that wait (`x > 0`) or strands
/// that idle (`x < 0`), whose cost function stays convex, so its slopes tell everything: those
/// left of 0 fall as time passes (idling costs), those right of 0 rise (waiting costs). An arrival adds a slope of `-boot`, an end one of 0, and either moves one slope
/// across 0. New slopes are always the innermost, so that both sides are stacks: what is used
/// next is what came last. Without waiting this is the last-in-first-out replay of Lu and Chen.
/// Slopes that a boot has overtaken are dropped.
#[derive(Clone, Debug)]
pub struct Replay {
    boot_ms: f64,
    /// Cost of idling.
    idling: f64,
    /// Cost of waiting; infinite where nobody waits.
    impatience: f64,
    /// Innermost last; worth more than `-boot`.
    idle: VecDeque<Strands>,
    /// Innermost first; worth less than 0.
    waiting: VecDeque<Strands>,
    overhead: f64,
}

impl Replay {
    /// Nothing has happened. `boot_ms`: from a launch to ready. What a millisecond of a gap and of
    /// a wait costs a strand, in units of its price: `idling`, 0 to 1, and `impatience`, which may
    /// be infinite.
    pub const fn new(boot_ms: f64, idling: f64, impatience: f64) -> Self {
        let idle = VecDeque::new();
        Self { boot_ms, idling, impatience, idle, waiting: VecDeque::new(), overhead: 0.0 }
    }

    /// Nobody waits, and gaps cost what they cost.
    pub const fn without_waiting(boot_ms: f64) -> Self {
        Self::new(boot_ms, 1.0, f64::INFINITY)
    }

    /// Jobs come that hold `rate` (USD an hour) of strands. Times never go back; what ends at an
    /// instant is told before what arrives.
    pub fn arrives(&mut self, at_ms: f64, rate: f64) {
        let mut left = rate;
        while left > 0.0 {
            let Some(last) = self.idle.back_mut() else { break };
            let worth = last.worth - self.idling * (at_ms - last.at_ms);
            if worth <= -self.boot_ms {
                // Those below have idled longer.
                self.idle.clear();
                break;
            }
            let used = left.min(last.rate);
            self.overhead -= worth * used;
            left -= used;
            last.rate -= used;
            if last.rate <= 0.0 {
                self.idle.pop_back();
            }
            self.wait(worth, at_ms, used);
        }
        if left > 0.0 {
            self.overhead += self.boot_ms * left;
            self.wait(-self.boot_ms, at_ms, left);
        }
    }

    /// Whoever arrived may still be served by a later end, and then gives back what was paid.
    fn wait(&mut self, worth: f64, at_ms: f64, rate: f64) {
        if self.impatience.is_finite() && worth < 0.0 {
            self.waiting.push_front(Strands { worth, at_ms, rate });
        }
    }

    /// Jobs end that held `rate` (USD an hour) of strands.
    pub fn ends(&mut self, at_ms: f64, rate: f64) {
        let mut left = rate;
        while left > 0.0 {
            let Some(first) = self.waiting.front_mut() else { break };
            let worth = first.worth + self.impatience * (at_ms - first.at_ms);
            if worth >= 0.0 {
                // Those behind have waited longer.
                self.waiting.clear();
                break;
            }
            let used = left.min(first.rate);
            self.overhead += worth * used;
            left -= used;
            first.rate -= used;
            if first.rate <= 0.0 {
                self.waiting.pop_front();
            }
            self.idle.push_back(Strands { worth, at_ms, rate: used });
        }
        if left > 0.0 {
            self.idle.push_back(Strands { worth: 0.0, at_ms, rate: left });
        }
        self.forget(at_ms);
    }

    /// Drops what no arrival or end will ever use, from the outer ends.
    fn forget(&mut self, at_ms: f64) {
        let (idling, impatience, boot_ms) = (self.idling, self.impatience, self.boot_ms);
        let is_old = |old: &Strands| old.worth - idling * (at_ms - old.at_ms) <= -boot_ms;
        while self.idle.front().is_some_and(is_old) {
            self.idle.pop_front();
        }
        let is_old = |old: &Strands| old.worth + impatience * (at_ms - old.at_ms) >= 0.0;
        while self.waiting.back().is_some_and(is_old) {
            self.waiting.pop_back();
        }
    }

    /// What boots, gaps and waits cost beside the jobs themselves, in USD an hour times
    /// milliseconds.
    pub const fn overhead(&self) -> f64 {
        self.overhead
    }
}
