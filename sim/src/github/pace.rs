//! A large matrix does not queue at once.

use super::draw::Draw;
use super::job::Phase;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::id::RunId;
use greenroom_scheduler::time::{Span, Time};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// Runs below this number are not worth a look for finished ones.
const LOOK_MIN: usize = 64;

/// When each run may queue its next job. Holds runs whose last slot is still to come, and at most
/// as many others.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    per_s: Option<NonZeroU32>,
    runs: BTreeMap<RunId, Series>,
    look_at: usize,
}

/// Slots at equal distance: the nth is `from` + n seconds / rate.
#[derive(Clone, Copy, Debug)]
struct Series {
    from: Time,
    used: u64,
}

impl Series {
    fn next(self, per_s: NonZeroU32) -> Time {
        self.from + Span::from_ms(self.used.saturating_mul(1000) / u64::from(per_s.get()))
    }
}

impl Pace {
    pub(super) fn new(per_s: Option<NonZeroU32>) -> Self {
        Self { per_s, runs: BTreeMap::new(), look_at: LOOK_MIN }
    }

    /// Takes the next slot of a run: now, or when its fan-out has come so far.
    pub(super) fn next(&mut self, now: Time, run: RunId) -> Time {
        let Some(per_s) = self.per_s else { return now };
        if self.runs.len() >= self.look_at {
            self.runs.retain(|_, series| series.next(per_s) > now);
            self.look_at = (2 * self.runs.len()).max(LOOK_MIN);
        }
        let series = self.runs.entry(run).or_insert(Series { from: now, used: 0 });
        if series.next(per_s) <= now {
            *series = Series { from: now, used: 0 };
        }
        let at = series.next(per_s);
        series.used += 1;
        at
    }
}

impl<D: Draw> GitHub<D> {
    pub(super) fn leave_fan_out<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, slot: u32) {
        if self.jobs.holder(slot).is_some_and(|job| job.phase == Phase::Paced) {
            self.queue(turn, slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_queues_four_a_second_and_then_rests() {
        let mut pace = Pace::new(NonZeroU32::new(4));
        let at = |ms| Time::from_ms(ms);
        let slots: Vec<_> = (0..5).map(|_| pace.next(at(1_000), RunId(7)).as_ms()).collect();
        assert_eq!(slots, [1_000, 1_250, 1_500, 1_750, 2_000]);
        assert_eq!(pace.next(at(1_000), RunId(8)), at(1_000), "runs do not share a pace");
        assert_eq!(pace.next(at(9_000), RunId(7)), at(9_000), "a slot that passed is not saved up");
    }

    #[test]
    fn finished_runs_are_forgotten() {
        let mut pace = Pace::new(NonZeroU32::new(4));
        for run in 0..10_000 {
            pace.next(Time::from_ms(u64::from(run) * 1_000), RunId(run));
        }
        assert!(pace.runs.len() <= LOOK_MIN);
    }
}
