//! How long a node stands empty until it is wanted again: what its keep-alive is learned from.
//!
//! The most recently used node is used first, so what an empty node waits for is known without
//! keeping it: every end of a node's work is laid on a stack, and whoever needs a node takes the top
//! one, as if none had been given back. The age of what is taken is a gap. Keeping nodes for `t` then
//! costs `min(gap, t)` of node time and, where the gap is longer, a new start; the best `t` of the
//! past is the keep-alive. Without a past it is a start's worth, which is never twice as dear as the
//! best (ski rental).

use super::histogram::Histogram;
use crate::time::{Span, Time};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most ends of work that are remembered; beyond it the oldest, which will hardly be wanted again, go.
const STACK_MAX: usize = 10_000;

/// Gaps that must have been seen before they are believed.
const SEEN_MIN: f64 = 20.0;

/// What each gap leaves of the weight of those before it: the last few thousand count.
const KEPT: f32 = 0.9995;

/// Gaps of a fleet's nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gaps {
    ends: Vec<Time>,
    lengths: Histogram,
}

impl Gaps {
    /// A node has nothing to do any more.
    pub fn freed(&mut self, now: Time) {
        if self.ends.len() >= STACK_MAX {
            self.ends.drain(..STACK_MAX / 2);
        }
        self.ends.push(now);
    }

    /// Somebody needs a node.
    pub fn wanted(&mut self, now: Time) {
        if let Some(end) = self.ends.pop() {
            self.lengths.add(now.since(end), KEPT);
        }
    }

    /// How long an empty node is best kept, where a new start costs `restart` of node time.
    pub fn keep_alive(&self, restart: Span, before_known: Span) -> Span {
        if self.lengths.weight() < SEEN_MIN {
            return before_known;
        }
        let restart_s = restart.as_secs_f64();
        let all = self.lengths.weight();
        let (mut shorter, mut waited) = (0.0, 0.0);
        let mut best = (all * restart_s, 0.0);
        for (length_s, weight) in self.lengths.steps() {
            shorter += weight;
            waited += weight * length_s;
            let cost = waited + (all - shorter) * (length_s + restart_s);
            if cost < best.0 {
                best = (cost, length_s);
            }
        }
        // To the end of the step.
        Span::from_secs_f64(best.1 * super::histogram::STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(gap_s: u64, times: u64) -> Span {
        let mut gaps = Gaps::default();
        for time in 0..times {
            gaps.freed(Time::from_ms(time * 1_000_000));
            gaps.wanted(Time::from_ms(time * 1_000_000 + gap_s * 1_000));
        }
        gaps.keep_alive(Span::from_secs(60), Span::from_secs(60))
    }

    #[test]
    fn nodes_are_kept_for_as_long_as_they_wait_if_that_is_cheaper_than_a_start() {
        assert_eq!(after(10, 5), Span::from_secs(60), "too few were seen");
        let kept = after(10, 100);
        assert!(kept >= Span::from_secs(10) && kept < Span::from_secs(12), "{kept}");
        assert_eq!(after(90, 100), Span::ZERO);
    }
}
