//! `cron`: terraform-aws-github-runner with ephemeral runners (`lambdas/functions/control-plane`:
//! `scale-up.ts`, `scale-down.ts`, `pool.ts`).
//!
//! Each job that is queued gets an instance of its own, which ends with its job. `pool_config` tops
//! the idle instances up to a size whenever it fires; `idle_config` keeps so many from being scaled
//! down (the first entry that holds now). Every five minutes (`scale_down_schedule_expression`)
//! idle instances older than `minimum_running_time_in_minutes` (5 for Linux) are terminated, those
//! of the pool too: the pool creates them anew, as its users have found.
//!
//! Schedules are hours of the week in UTC; inside them the pool fires at the same five minutes as
//! scale-down. The minimum running time counts from when the node is ready, not from its launch.
//! The delay of a queued event (`delay_webhook_event`) is the 0 s that is advised for ephemeral
//! runners. There is no re-run of lost jobs there: set `reruns_max = 0` to have it so.

use super::growth::{Growth, Seen, Wish};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of the module; its pools are in [`Schedule`](super::schedule::Schedule).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cron {
    /// Time between two runs of the scale-down and pool functions.
    pub every: Span,
    /// `runners_maximum_count`: most instances.
    pub max: u32,
}

impl Cron {
    pub(super) fn wish(self, seen: &Seen) -> Wish {
        let (waiting, coming) = (seen.waiting, seen.coming);
        let room = self.max.saturating_sub(seen.existing());
        let missing = waiting.saturating_sub(coming);
        if missing > 0 {
            let why = Growth::OneEach { waiting, coming };
            return Wish { places: missing.min(room), every: Span::ZERO, pause: Span::ZERO, why };
        }
        let idle = seen.idle_places() + (coming - waiting);
        let wanted = seen.pool.unwrap_or(0);
        let why = Growth::Pool { wanted, idle };
        Wish {
            places: wanted.saturating_sub(idle).min(room),
            every: self.every,
            pause: Span::ZERO,
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Cron = Cron { every: Span::from_secs(300), max: 20 };

    #[test]
    fn a_job_gets_an_instance_at_once_and_the_pool_at_its_time() {
        let seen = Seen { waiting: 3, coming: 1, pool: Some(5), ..Seen::default() };
        let wish = PLAIN.wish(&seen);
        assert_eq!((wish.places, wish.every), (2, Span::ZERO));
        let wish = PLAIN.wish(&Seen { coming: 3, ..seen });
        assert_eq!((wish.places, wish.every), (5, Span::from_secs(300)));
        let wish = PLAIN.wish(&Seen { waiting: 0, coming: 1, free: 3, ..seen });
        assert_eq!(wish.places, 1);
    }

    #[test]
    fn never_more_than_the_maximum() {
        let seen = Seen { waiting: 30, in_use: 15, ..Seen::default() };
        assert_eq!(PLAIN.wish(&seen).places, 5);
    }
}
