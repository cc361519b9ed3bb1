//! `buildkite`: the scaler of Buildkite's elastic stack (`buildkite-agent-scaler`:
//! `scaler/scaler.go`, `scaler/scaling_calculator.go`), run every 10 s.
//!
//! desired = jobs scheduled or running, plus a buffer of as many again and `instance_buffer` at
//! most (none without jobs), between `min_size` and `max_size`. It scales out at once unless it did
//! so within `scale_out_cooldown`, and in unless it did so within `scale_in_cooldown` (1 h in the
//! elastic mode); the factors on a step are left at their 1.
//!
//! An agent is a place here, so agents an instance follow from sizes. Scaling in takes idle
//! machines only, as the elastic mode's graceful way does in effect. The threshold of available
//! agents, which mends agents that never connect, and waiting (blocked) jobs are not told here.

use super::growth::{Growth, Seen, Wish};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of the scaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buildkite {
    /// Most agents beyond jobs (`INSTANCE_BUFFER`).
    pub buffer: u32,
    /// Fewest agents (`MinSize`).
    pub min: u32,
    /// Most agents (`MaxSize`).
    pub max: u32,
    /// Time between two runs.
    pub every: Span,
    /// Least time between two steps out.
    pub out_cooldown: Span,
    /// Least time between two steps in.
    pub in_cooldown: Span,
}

impl Buildkite {
    /// Agents that there should be, and how many of them are buffer.
    fn desired(self, seen: &Seen) -> (u32, u32) {
        let jobs = seen.waiting + seen.in_use;
        let buffer = jobs.min(self.buffer);
        (jobs.saturating_add(buffer).min(self.max).max(self.min), buffer)
    }

    pub(super) fn wish(self, seen: &Seen) -> Wish {
        let (desired, buffer) = self.desired(seen);
        let agents = seen.in_use + seen.idle_places() + seen.coming;
        let missing = desired.saturating_sub(agents);
        Wish {
            places: missing.min(self.max.saturating_sub(seen.existing())),
            every: self.every,
            pause: seen.pause(self.out_cooldown),
            why: Growth::Buildkite { jobs: seen.waiting + seen.in_use, buffer, agents },
        }
    }

    /// How many free places stay.
    pub(super) fn idle_wanted(self, seen: &Seen) -> u32 {
        self.desired(seen).0.saturating_sub(seen.in_use + seen.coming)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Buildkite = Buildkite {
        buffer: 5,
        min: 0,
        max: 100,
        every: Span::from_secs(10),
        out_cooldown: Span::ZERO,
        in_cooldown: Span::from_secs(3_600),
    };

    #[test]
    fn the_buffer_grows_with_the_jobs_up_to_its_most() {
        let desired = |waiting, in_use| PLAIN.desired(&Seen { waiting, in_use, ..Seen::default() });
        assert_eq!(desired(0, 0), (0, 0));
        assert_eq!(desired(1, 0), (2, 1));
        assert_eq!(desired(2, 2), (8, 4));
        assert_eq!(desired(20, 10), (35, 5));
        assert_eq!(desired(200, 10), (100, 5));
    }

    #[test]
    fn a_cool_down_holds_it() {
        let rule = Buildkite { out_cooldown: Span::from_secs(60), ..PLAIN };
        let seen = Seen { waiting: 3, grown_ago: Some(Span::from_secs(59)), ..Seen::default() };
        assert_eq!(rule.wish(&seen).pause, Span::from_secs(1));
        let later = rule.wish(&Seen { grown_ago: Some(Span::from_secs(60)), ..seen });
        assert_eq!((later.places, later.pause), (6, Span::ZERO));
    }
}
