//! How good what was expected of runs was: counted by class and minute, beside a baseline.
//!
//! What counts is what a run brings after the instant in which it appeared. It was expected as the core
//! said in that instant, at the minute in which the core expected it. Of each class and minute, as many
//! are met as were both expected and came. The baseline knows the hour of the day: it expects of each
//! minute what minutes of that hour have brought on average so far. Nothing looks into the future:
//! a minute is counted when it is over.

use greenroom_scheduler::id::RunId;
use greenroom_scheduler::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How well jobs that followed in runs were foreseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Foresight {
    /// Jobs that followed in a run.
    pub followed: u64,
    /// Jobs that were expected when their run appeared.
    pub expected: u64,
    /// Share of those that followed which were expected, by class and minute.
    pub recall: f64,
    /// Share of those that were expected which came, by class and minute.
    pub precision: f64,
    /// The recall of what the hour of the day alone tells.
    pub baseline_recall: f64,
    /// The precision of that.
    pub baseline_precision: f64,
    /// From the appearance of a run to the queueing of what followed: the median, in seconds.
    pub lead_p50_s: f64,
    /// Its 90 % quantile.
    pub lead_p90_s: f64,
    /// Share of what followed after a minute or more.
    pub lead_share_60s: f64,
}

/// Most runs whose beginning is remembered; of older ones nothing follows.
const RUNS_MAX: usize = 100_000;

const MINUTE_MS: u64 = 60_000;
const MINUTES_PER_DAY: u64 = 1_440;

/// Counts what was expected and what came.
#[derive(Clone, Debug, Default)]
pub struct Score {
    runs: HashMap<RunId, Time>,
    order: VecDeque<RunId>,
    /// By minute and class: expected and came.
    open: BTreeMap<(u64, u32), [u64; 2]>,
    /// By class and hour of the day: what came, in minutes that are over.
    hours: HashMap<(u32, u64), u64>,
    classes: u32,
    first_minute: Option<u64>,
    counted_to: u64,
    met: u64,
    totals: [u64; 2],
    baseline_met: f64,
    baseline_expected: f64,
    leads: Vec<f32>,
}

impl Score {
    /// A job of a run and class was ready.
    pub fn ready(&mut self, at: Time, run: RunId, class: u32) {
        let began_at = *self.runs.entry(run).or_insert_with(|| {
            self.order.push_back(run);
            at
        });
        if self.order.len() > RUNS_MAX
            && let Some(old) = self.order.pop_front()
        {
            self.runs.remove(&old);
        }
        if at == began_at {
            return;
        }
        self.classes = self.classes.max(class + 1);
        self.close(at);
        self.open.entry((at.as_ms() / MINUTE_MS, class)).or_default()[1] += 1;
        self.leads.push(at.since(began_at).as_secs_f64() as f32);
    }

    /// Jobs of a class are expected.
    pub fn expected(&mut self, at: Time, count: u32, class: u32, expected_at: Time) {
        self.classes = self.classes.max(class + 1);
        self.close(at);
        let minute = expected_at.as_ms() / MINUTE_MS;
        self.open.entry((minute, class)).or_default()[0] += u64::from(count);
    }

    /// Counts the minutes that are over.
    fn close(&mut self, at: Time) {
        let now = at.as_ms() / MINUTE_MS;
        let first = *self.first_minute.get_or_insert(now);
        self.counted_to = self.counted_to.max(first);
        for minute in self.counted_to..now {
            for class in 0..self.classes {
                let [expected, came] = self.open.remove(&(minute, class)).unwrap_or_default();
                self.met += expected.min(came);
                self.totals[0] += expected;
                self.totals[1] += came;
                let hour = minute % MINUTES_PER_DAY / 60;
                let sum = self.hours.entry((class, hour)).or_default();
                let minutes = minutes_of_hour(first, minute, hour);
                let usual = if minutes == 0 { 0.0 } else { *sum as f64 / minutes as f64 };
                self.baseline_met += usual.min(came as f64);
                self.baseline_expected += usual;
                *sum += came;
            }
        }
        self.counted_to = self.counted_to.max(now);
    }

    /// The result so far; none where no run brought anything or nothing was expected of any.
    pub fn result(&mut self, at: Time) -> Option<Foresight> {
        self.close(Time::from_ms(at.as_ms() + MINUTE_MS));
        let [expected, came] = self.totals;
        if expected == 0 || came == 0 {
            return None;
        }
        self.leads.sort_by(f32::total_cmp);
        let lead = |share: f64| {
            let place = (share * self.leads.len() as f64).ceil() as usize;
            f64::from(self.leads[place.clamp(1, self.leads.len()) - 1])
        };
        let late = self.leads.iter().filter(|lead| **lead >= 60.0).count();
        let baseline_precision = if self.baseline_expected > 0.0 {
            self.baseline_met / self.baseline_expected
        } else {
            0.0
        };
        Some(Foresight {
            followed: came,
            expected,
            recall: self.met as f64 / came as f64,
            precision: self.met as f64 / expected as f64,
            baseline_recall: self.baseline_met / came as f64,
            baseline_precision,
            lead_p50_s: lead(0.5),
            lead_p90_s: lead(0.9),
            lead_share_60s: late as f64 / self.leads.len() as f64,
        })
    }
}

/// How many minutes of an hour of the day there were from `first` until before `minute`, which is of
/// that hour.
const fn minutes_of_hour(first: u64, minute: u64, hour: u64) -> u64 {
    // Of whole days since the first minute's midnight, less what came before it.
    let midnight = first - first % MINUTES_PER_DAY;
    let days = (minute - midnight) / MINUTES_PER_DAY;
    let all = days * 60 + minute % 60;
    let before = (first - midnight).saturating_sub(hour * 60);
    all - if before > 60 { 60 } else { before }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Time {
        Time::from_ms(seconds * 1_000)
    }

    #[test]
    fn minutes_of_an_hour_are_counted_from_the_first() {
        for (first, hour) in [(0, 0), (30, 0), (90, 0), (90, 1), (90, 2), (1_500, 1)] {
            let mut count = 0;
            for minute in first..first + 4_000 {
                if minute % MINUTES_PER_DAY / 60 == hour {
                    assert_eq!(minutes_of_hour(first, minute, hour), count, "{first} {minute}");
                    count += 1;
                }
            }
        }
    }

    #[test]
    fn what_comes_in_its_minute_is_met_and_nothing_else() {
        let mut score = Score::default();
        score.ready(s(0), RunId(1), 0);
        score.expected(s(0), 3, 0, s(70));
        score.expected(s(0), 1, 1, s(70));
        // Two of three come in that minute, one in the next, and none of the other class.
        for at in [65, 110, 130] {
            score.ready(s(at), RunId(1), 0);
        }
        let found = score.result(s(200)).expect("something was expected");
        assert_eq!((found.followed, found.expected), (3, 4));
        assert_eq!((found.recall, found.precision), (2.0 / 3.0, 0.5));
        assert_eq!((found.lead_p50_s, found.lead_share_60s), (110.0, 1.0));
    }

    #[test]
    fn the_baseline_learns_what_an_hour_brings() {
        let mut score = Score::default();
        for minute in 0..60 {
            score.ready(s(minute * 60), RunId(minute as u32), 0);
            score.expected(s(minute * 60), 1, 0, s(minute * 60 + 1));
            score.ready(s(minute * 60 + 1), RunId(minute as u32), 0);
        }
        let found = score.result(s(3_600)).expect("something was expected");
        assert_eq!((found.recall, found.precision), (1.0, 1.0));
        // Only of the first minute nothing was known.
        assert!((found.baseline_recall - 59.0 / 60.0).abs() < 0.02, "{found:?}");
    }
}
