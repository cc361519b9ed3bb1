//! `taskcluster`: the estimator of Taskcluster's worker manager
//! (`services/worker-manager/src/estimator.js`), asked by a provisioning loop of at least 10 s.
//!
//! Requested workers count as existing, so the estimator first takes them for idle and then takes
//! them off once more: jobs that come while as many workers are on their way get no worker of their
//! own. That is the source's rule, and kept.
//!
//! Workers end themselves after an idle time-out (Firefox CI has 120, 150 and 300 s), also those
//! below `min_capacity`, which the next loop replaces. What is not told here: the choice of region
//! by weight, the error rate of launches, and tasks' priorities (GitHub has none).

use super::growth::{Growth, Seen, Wish};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of a worker pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taskcluster {
    /// Workers for each pending task, in thousandths (`scalingRatio`).
    pub ratio_milli: u32,
    /// Fewest workers.
    pub min: u32,
    /// Most workers.
    pub max: u32,
    /// Time between two looks at the pool.
    pub every: Span,
}

impl Taskcluster {
    pub(super) fn wish(self, seen: &Seen) -> Wish {
        let (existing, stopping, requested) = (seen.existing(), seen.going, seen.coming);
        let idle = seen.idle_places() + requested;
        let pending = seen.waiting.saturating_sub(idle);
        let standing = existing + stopping;
        // Half a worker is launched as a whole one: the provider launches while any is missing.
        let more = (u64::from(pending) * u64::from(self.ratio_milli)).div_ceil(1_000) as u32;
        let desired = self.min.max(standing.saturating_add(more).min(self.max));
        Wish {
            places: desired.saturating_sub(standing).saturating_sub(requested),
            every: self.every,
            pause: Span::ZERO,
            why: Growth::Taskcluster { pending, existing: standing, desired, requested },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is spawned for so many pending, running (in use), requested and stopping workers.
    fn spawned(waiting: u32, in_use: u32, coming: u32, going: u32, rule: Taskcluster) -> u32 {
        rule.wish(&Seen { waiting, in_use, coming, going, ..Seen::default() }).places
    }

    const PLAIN: Taskcluster =
        Taskcluster { ratio_milli: 1_000, min: 0, max: 100, every: Span::from_secs(10) };

    #[test]
    fn a_worker_is_spawned_for_each_pending_task() {
        assert_eq!(spawned(10, 0, 0, 0, PLAIN), 10);
        assert_eq!(spawned(10, 5, 0, 0, PLAIN), 10);
        // All ten are on their way.
        assert_eq!(spawned(10, 0, 10, 0, PLAIN), 0);
    }

    #[test]
    fn requested_workers_are_taken_off_twice() {
        // Fifteen wait, ten come: idle = 10, adjusted = 5, to spawn = 5, less 10 requested.
        assert_eq!(spawned(15, 0, 10, 0, PLAIN), 0);
        assert_eq!(spawned(35, 0, 10, 0, PLAIN), 15);
    }

    #[test]
    fn ratio_least_and_most_hold() {
        let half = Taskcluster { ratio_milli: 500, ..PLAIN };
        assert_eq!(spawned(5, 0, 0, 0, half), 3);
        assert_eq!(spawned(200, 20, 0, 0, PLAIN), 80);
        // What stops still counts.
        assert_eq!(spawned(200, 20, 0, 30, PLAIN), 50);
        assert_eq!(spawned(0, 1, 0, 0, Taskcluster { min: 4, ..PLAIN }), 3);
    }
}
