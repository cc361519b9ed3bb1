//! `placeholder`: the capacity-aware fork of ARC at pytorch/ci-infra
//! (`osdc/docs/arc-fork-build-deploy.md`, pull requests 500 and 606).
//!
//! Pairs of placeholder pods (runner and workflow) hold places open; a real pair preempts one.
//! Every 30 s so many pairs are wanted as are proactive, plus this cluster's share of the queue:
//! with N clusters each takes one N-th, rounded up, of the jobs that queued less than 900 s ago and
//! all older ones, so that a cluster that fails is covered without anybody noticing. At most
//! `burst_max` pairs are added at a time: a limit of the *rate*; as a limit of the number of pairs
//! it once pinned 795 queued jobs behind 30 pairs (606).
//!
//! A pair is a place here. Priorities (-10, 0, 10, 20) order preemption inside Kubernetes and have
//! no counterpart, since runners take free places first. Only one cluster is simulated: what others
//! would take stays in the queue here and is shared anew at the next recalculation, until it is old.
//! A placeholder is not rebuilt while its place stands: empty places expire only beyond the pairs.

use super::growth::{Growth, Seen, Wish};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of the fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholder {
    /// Pairs that are always wanted (`proactive_capacity`).
    pub pairs: u32,
    /// Most new pairs at each recalculation.
    pub burst_max: u32,
    /// Clusters that share the queue.
    pub shards: u32,
    /// From which age on a job is everybody's.
    pub overdue: Span,
    /// Time between two recalculations.
    pub every: Span,
}

impl Placeholder {
    /// Queued jobs that this cluster takes.
    pub(super) const fn share(self, seen: &Seen) -> u32 {
        let young = seen.waiting.saturating_sub(seen.overdue);
        young.div_ceil(if self.shards == 0 { 1 } else { self.shards }) + seen.overdue
    }

    pub(super) fn wish(self, seen: &Seen) -> Wish {
        let queued = self.share(seen);
        let ready = seen.idle_places() + seen.coming;
        let missing = self.pairs.saturating_add(queued).saturating_sub(ready);
        Wish {
            places: missing.min(self.burst_max),
            every: self.every,
            // One step at a recalculation.
            pause: seen.pause(self.every),
            why: Growth::Placeholder { pairs: self.pairs, queued, ready, burst: self.burst_max },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Placeholder = Placeholder {
        pairs: 5,
        burst_max: 30,
        shards: 1,
        overdue: Span::from_secs(900),
        every: Span::from_secs(30),
    };

    #[test]
    fn pairs_and_the_queue_are_wanted_and_a_burst_is_capped() {
        assert_eq!(PLAIN.wish(&Seen::default()).places, 5);
        assert_eq!(PLAIN.wish(&Seen { waiting: 10, coming: 4, ..Seen::default() }).places, 11);
        let queue = Seen { waiting: 795, coming: 30, ..Seen::default() };
        assert_eq!(PLAIN.wish(&queue).places, 30);
        let stepped = Seen { grown_ago: Some(Span::ZERO), ..queue };
        assert_eq!(PLAIN.wish(&stepped).pause, Span::from_secs(30));
    }

    #[test]
    fn each_of_two_takes_half_of_the_young_and_all_of_the_old() {
        let two = Placeholder { shards: 2, ..PLAIN };
        assert_eq!(two.share(&Seen { waiting: 11, overdue: 0, ..Seen::default() }), 6);
        assert_eq!(two.share(&Seen { waiting: 11, overdue: 4, ..Seen::default() }), 8);
        assert_eq!(two.share(&Seen { waiting: 11, overdue: 11, ..Seen::default() }), 11);
    }
}
