//! A run by day, and what its figures would have been on other days like its own.
//!
//! Replications vary the luck of the world and leave the trace as it is. How far a figure hangs on
//! which days the trace happened to have is another question, answered here by a circular block
//! bootstrap (Politis and Romano 1992): blocks of days that follow each other are drawn again,
//! the same blocks for both sides, so that what both share cancels.

use super::Metric;
use crate::dense::Slots;
use crate::replications::CONFIDENCE;
use crate::wait::Waits;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use hdrhistogram::Histogram;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};

pub(crate) const DAY_MS: u64 = 86_400_000;

/// Fewer days than this tell nothing of other days.
pub(crate) const DAYS_MIN: usize = 5;

/// Most days that are kept apart, two years; what comes later counts as the last of them.
pub(crate) const DAYS_MAX: usize = 731;

/// How often days are drawn anew: enough for two digits of a 95 % interval.
const DRAWS: usize = 1_000;

/// Seed of the draws: the same comparison gives the same interval.
const SEED: u64 = 0x6461_7973;

/// Significant digits of a day's queue times.
pub(crate) const DIGITS: u8 = 2;

/// The fold: one run, by the day on which a job became ready and over which a machine ran.
#[derive(Clone, Debug, Default)]
pub struct Days {
    waits: Waits,
    /// When each node that is alive was launched.
    launched: Slots<Time>,
    /// What stands beside machines, the same on every day.
    beside_usd: f64,
    first: Option<u64>,
    warmup: Time,
    by_day: Vec<Day>,
}

#[derive(Clone, Debug)]
struct Day {
    jobs: u64,
    waited_ms: u64,
    queue_ms: Histogram<u32>,
    cost_usd: f64,
}

impl Default for Day {
    fn default() -> Self {
        let mut queue_ms =
            Histogram::new(DIGITS).expect("two digits are within the crate's 0 to 5");
        queue_ms.auto(true);
        Self { jobs: 0, waited_ms: 0, queue_ms, cost_usd: 0.0 }
    }
}

impl Days {
    fn day(&mut self, at: Time) -> &mut Day {
        let day = at.as_ms() / DAY_MS;
        let first = *self.first.get_or_insert(day);
        let place = (day.saturating_sub(first) as usize).min(DAYS_MAX - 1);
        if place >= self.by_day.len() {
            self.by_day.resize_with(place + 1, Day::default);
        }
        &mut self.by_day[place]
    }

    /// Spreads a charge over the days of a machine's life, as far as they lie after warm-up.
    fn ran(&mut self, from: Time, until: Time, usd: f64) {
        let life_ms = until.since(from).as_ms().max(1) as f64;
        let mut at = from.max(self.warmup);
        if at == until {
            self.day(at).cost_usd += usd;
        }
        while at < until {
            let midnight = Time::from_ms((at.as_ms() / DAY_MS + 1) * DAY_MS);
            let stop = midnight.min(until);
            self.day(at).cost_usd += usd * stop.since(at).as_ms() as f64 / life_ms;
            at = stop;
        }
    }

    fn waited(&mut self, ready: Time, waited: Span) {
        let day = self.day(ready);
        day.jobs += 1;
        day.waited_ms = day.waited_ms.saturating_add(waited.as_ms());
        // Fails only where a value does not fit, and this one resizes itself.
        let _ = day.queue_ms.record(waited.as_ms());
    }
}

impl Sink for Days {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if let Some(story) = self.waits.step(at, entry)
            && story.result.is_some()
        {
            let (ready, waited) = (story.ready, story.waited);
            if ready >= self.warmup {
                self.waited(ready, waited);
            }
        }
        let Entry::Fact(fact) = entry else { return };
        match fact {
            Fact::Named(naming) => {
                if let greenroom_scheduler::fact::Naming::Warmup(until) = **naming {
                    self.warmup = until;
                }
            }
            Fact::NodeLaunched { node, .. } => {
                if let Some(launched) = self.launched.put(node.serial, node.slot) {
                    *launched = at;
                }
            }
            Fact::NodeBilled { node, charge } => {
                let launched = self.launched.get(node.serial, node.slot).map_or(at, |from| *from);
                self.ran(launched, at, charge.as_usd());
            }
            Fact::HostedBilled { charge, .. } => self.ran(at, at, charge.as_usd()),
            Fact::BesideBilled { charge, .. } | Fact::StoppedBilled { charge, .. } => {
                self.beside_usd += charge.as_usd();
            }
            _ => {}
        }
    }
}

/// A figure over days that were drawn again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// The figure on both sides, over the days as they were.
    pub(super) values: [f64; 2],
    /// Ends of the interval of their difference.
    pub(super) low: f64,
    pub(super) high: f64,
    /// How many days there are.
    pub(super) days: usize,
}

/// The interval of `b - a`; none for figures that days do not add up to, and for too few days.
pub(super) fn bootstrap(metric: Metric, a: &Days, b: &Days) -> Option<Found> {
    let count = a.by_day.len().max(b.by_day.len());
    if count < DAYS_MIN || a.first != b.first {
        return None;
    }
    let as_they_were: Vec<usize> = (0..count).collect();
    let values = [over(metric, a, &as_they_were)?, over(metric, b, &as_they_were)?];
    let mut differences = Vec::with_capacity(DRAWS);
    for drawn in draws(count) {
        if let (Some(of_a), Some(of_b)) = (over(metric, a, &drawn), over(metric, b, &drawn)) {
            differences.push(of_b - of_a);
        }
    }
    let (low, high) = ends(&mut differences)?;
    Some(Found { values, low, high, days: count })
}

/// Days drawn again from so many, in blocks: the same draws for everybody who asks.
pub(crate) fn draws(count: usize) -> impl Iterator<Item = Vec<usize>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    // Blocks keep what days that follow each other share; their best length grows with the cube
    // root of the number of days (Hall, Horowitz and Jing 1995).
    let length = (count as f64).cbrt().round().max(1.0) as usize;
    (0..DRAWS).map(move |_| {
        let starts = (0..count.div_ceil(length)).map(|_| random.random_range(0..count));
        let drawn = starts.flat_map(|start| (start..start + length).map(|day| day % count));
        drawn.take(count).collect()
    })
}

/// The interval that holds the middle 95 % of what was drawn; none without any.
pub(crate) fn ends(drawn: &mut [f64]) -> Option<(f64, f64)> {
    drawn.sort_by(f64::total_cmp);
    let place = |share: f64| (drawn.len().saturating_sub(1) as f64 * share).round() as usize;
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let low = *drawn.get(place(tail))?;
    Some((low, *drawn.get(place(1.0 - tail))?))
}

fn over(metric: Metric, of: &Days, drawn: &[usize]) -> Option<f64> {
    let days = || drawn.iter().filter_map(|&day| of.by_day.get(day));
    let jobs: u64 = days().map(|day| day.jobs).sum();
    let quantile = |share: f64| {
        let mut all = Day::default().queue_ms;
        for day in days() {
            // Fails only where a value does not fit, and this one resizes itself.
            let _ = all.add(&day.queue_ms);
        }
        (jobs > 0).then(|| all.value_at_quantile(share) as f64 / 1e3)
    };
    match metric {
        Metric::Cost => {
            let machines: f64 = days().map(|day| day.cost_usd).sum();
            Some(machines + of.beside_usd)
        }
        Metric::QueueMean => {
            let waited_ms: u64 = days().map(|day| day.waited_ms).sum();
            (jobs > 0).then(|| waited_ms as f64 / 1e3 / jobs as f64)
        }
        Metric::QueueP50 => quantile(0.5),
        Metric::QueueP90 => quantile(0.9),
        Metric::QueueP95 => quantile(0.95),
        Metric::QueueP99 => quantile(0.99),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn days(waits_s: &[u64]) -> Days {
        let mut days = Days::default();
        for (day, &wait) in waits_s.iter().enumerate() {
            for _ in 0..10 {
                days.waited(Time::from_ms(day as u64 * DAY_MS), Span::from_ms(wait * 1_000));
            }
        }
        days
    }

    #[test]
    fn what_both_sides_share_cancels() {
        let quiet = days(&[10, 500, 20, 900, 30, 40, 5]);
        let slower = days(&[12, 502, 22, 902, 32, 42, 7]);
        let found = bootstrap(Metric::QueueMean, &quiet, &slower).unwrap();
        assert!((found.low - 2.0).abs() < 1e-9 && (found.high - 2.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_spread_of_a_mean_is_that_of_its_days() {
        // Days of 0 and 100 s, against nothing: the mean of 64 such days has a standard error of
        // 50 / 8 = 6.25 s if days owe nothing to each other, and they are drawn four at a time.
        let zero = days(&[0; 64]);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        let waits: Vec<u64> = (0..64).map(|_| 100 * random.random_range(0..2_u64)).collect();
        let found = bootstrap(Metric::QueueMean, &zero, &days(&waits)).unwrap();
        let half = (found.high - found.low) / 2.0;
        assert!((1.96 * 6.25 * 0.6..1.96 * 6.25 * 1.4).contains(&half), "{half}");
    }

    #[test]
    fn a_machine_is_paid_for_on_the_days_that_it_ran() {
        let mut days = Days::default();
        let at = |hours: u64| Time::from_ms(hours * 3_600_000);
        days.ran(at(12), at(60), 48.0);
        let by_day: Vec<f64> = days.by_day.iter().map(|day| day.cost_usd).collect();
        assert_eq!(by_day, [12.0, 24.0, 12.0]);
    }

    #[test]
    fn few_days_tell_nothing() {
        assert!(bootstrap(Metric::QueueMean, &days(&[1; 4]), &days(&[2; 4])).is_none());
    }
}
