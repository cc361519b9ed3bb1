//! `gitlab`: GitLab Runner's autoscaling of machines (`docs/configuration/autoscale.md` and merge
//! request 3179 of gitlab-runner).
//!
//! So many machines stay idle: `IdleCount`, or with a scale factor `IdleScaleFactor` x machines in
//! use (rounded down), `IdleCountMin` at least and `IdleCount` at most. With an idle count jobs only
//! run on machines that were created to be idle, so a burst is served in steps of that count; with
//! an idle count of zero a machine is created for each job. A machine idle for longer than
//! `IdleTime` is removed while more than the wanted number are idle. Of the periods that hold now
//! the last one's idle count is taken.
//!
//! A machine is a place for one runner here. What is not told: `MaxBuilds`, an idle time for each
//! period, and the runner's `concurrent`; `IdleCountMin` counts only beside a scale factor, as
//! there.

use super::growth::{Growth, Seen, Wish};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of a runner's machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gitlab {
    /// `IdleCount`.
    pub idle_count: u32,
    /// `IdleCountMin`.
    pub idle_count_min: u32,
    /// `IdleScaleFactor` in thousandths; 0 is none.
    pub factor_milli: u32,
    /// `limit`: most machines.
    pub limit: u32,
    /// `MaxGrowthRate`: most machines in creation.
    pub growth_max: u32,
}

impl Gitlab {
    /// How many machines stay idle.
    pub(super) fn idle_wanted(self, seen: &Seen) -> u32 {
        let most = seen.idle.unwrap_or(self.idle_count);
        if self.factor_milli == 0 {
            return most;
        }
        let share = (u64::from(seen.in_use) * u64::from(self.factor_milli) / 1_000) as u32;
        share.max(self.idle_count_min).min(most)
    }

    pub(super) fn wish(self, seen: &Seen) -> Wish {
        let wanted = self.idle_wanted(seen);
        let on_demand = seen.idle.unwrap_or(self.idle_count) == 0;
        let idle = seen.idle_places() + seen.coming;
        let (missing, why) = if on_demand {
            let (waiting, coming) = (seen.waiting, seen.coming);
            (waiting.saturating_sub(coming), Growth::OneEach { waiting, coming })
        } else {
            let why = Growth::Idle { wanted, in_use: seen.in_use, idle };
            (wanted.saturating_sub(idle), why)
        };
        let room = self.limit.saturating_sub(seen.existing());
        let pace = self.growth_max.saturating_sub(seen.coming);
        Wish { places: missing.min(room).min(pace), every: Span::ZERO, pause: Span::ZERO, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Gitlab = Gitlab {
        idle_count: 40,
        idle_count_min: 1,
        factor_milli: 0,
        limit: u32::MAX,
        growth_max: u32::MAX,
    };

    #[test]
    fn a_fifth_of_two_hundred_in_use_is_forty() {
        // The example of the merge request.
        let rule = Gitlab { idle_count: 100, factor_milli: 200, ..PLAIN };
        let seen = |in_use| Seen { in_use, ..Seen::default() };
        assert_eq!(rule.idle_wanted(&seen(200)), 40);
        assert_eq!(rule.idle_wanted(&seen(0)), 1);
        assert_eq!(rule.idle_wanted(&seen(9)), 1);
        assert_eq!(rule.idle_wanted(&seen(10_000)), 100);
    }

    #[test]
    fn a_burst_is_served_in_steps_of_the_idle_count() {
        let waiting = Seen { waiting: 300, ..Seen::default() };
        assert_eq!(PLAIN.wish(&waiting).places, 40);
        assert_eq!(PLAIN.wish(&Seen { coming: 40, ..waiting }).places, 0);
        let on_demand = Gitlab { idle_count: 0, ..PLAIN };
        assert_eq!(on_demand.wish(&waiting).places, 300);
        assert_eq!(Gitlab { limit: 50, ..on_demand }.wish(&waiting).places, 50);
        assert_eq!(Gitlab { growth_max: 7, ..on_demand }.wish(&waiting).places, 7);
    }

    #[test]
    fn a_period_says_another_idle_count() {
        let night = Seen { idle: Some(0), waiting: 3, ..Seen::default() };
        assert_eq!(PLAIN.idle_wanted(&night), 0);
        assert_eq!(PLAIN.wish(&night).places, 3);
    }
}
