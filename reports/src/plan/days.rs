//! Objectives by the day on which jobs became ready, and what their figures would have been on other
//! days like these.

use super::slo::{Objective, Slo, Statistic};
use crate::compare::days::{DAY_MS, DAYS_MAX, DAYS_MIN, DIGITS, draws, ends};
use crate::replications::Interval;
use greenroom_scheduler::time::{Span, Time};
use hdrhistogram::Histogram;

/// Queue times by objective and day.
#[derive(Clone, Debug, Default)]
pub(super) struct ByDay {
    first: Option<u64>,
    days: usize,
    by_objective: Vec<Vec<Day>>,
}

#[derive(Clone, Debug)]
struct Day {
    queue_ms: Histogram<u32>,
    waited_ms: u64,
}

impl Default for Day {
    fn default() -> Self {
        let mut queue_ms =
            Histogram::new(DIGITS).expect("two digits are within the crate's 0 to 5");
        queue_ms.auto(true);
        Self { queue_ms, waited_ms: 0 }
    }
}

impl ByDay {
    pub(super) fn add(&mut self, objective: usize, ready: Time, waited: Span) {
        let day = ready.as_ms() / DAY_MS;
        let first = *self.first.get_or_insert(day);
        let place = (day.saturating_sub(first) as usize).min(DAYS_MAX - 1);
        self.days = self.days.max(place + 1);
        if objective >= self.by_objective.len() {
            self.by_objective.resize_with(objective + 1, Vec::new);
        }
        let days = &mut self.by_objective[objective];
        if place >= days.len() {
            days.resize_with(place + 1, Day::default);
        }
        let day = &mut days[place];
        day.waited_ms = day.waited_ms.saturating_add(waited.as_ms());
        // Fails only where a value does not fit, and this one resizes itself.
        let _ = day.queue_ms.record(waited.as_ms());
    }

    /// Each objective's figure in seconds with its interval over days that are drawn again; none
    /// where there are too few days.
    pub(super) fn spread_s(&self, slo: &Slo) -> Vec<Option<Interval>> {
        let objectives = slo.objectives.iter().enumerate();
        objectives.map(|(place, objective)| self.spread_of(place, objective)).collect()
    }

    fn spread_of(&self, place: usize, objective: &Objective) -> Option<Interval> {
        let days = self.by_objective.get(place).filter(|_| self.days >= DAYS_MIN)?;
        let as_they_were: Vec<usize> = (0..self.days).collect();
        let mean = figure(objective.statistic, days, &as_they_were)?;
        let drawn = draws(self.days);
        let mut figures: Vec<f64> =
            drawn.filter_map(|drawn| figure(objective.statistic, days, &drawn)).collect();
        let (low, high) = ends(&mut figures)?;
        Some(Interval { mean, low, high })
    }
}

/// A figure over some days, in seconds.
fn figure(statistic: Statistic, days: &[Day], drawn: &[usize]) -> Option<f64> {
    let mut all = Day::default();
    for day in drawn.iter().filter_map(|&day| days.get(day)) {
        // Fails only where a value does not fit, and this one resizes itself.
        let _ = all.queue_ms.add(&day.queue_ms);
        all.waited_ms = all.waited_ms.saturating_add(day.waited_ms);
    }
    let jobs = all.queue_ms.len();
    let ms = match statistic {
        Statistic::Percentile(percent) => all.queue_ms.value_at_quantile(percent / 100.0) as f64,
        Statistic::Mean => all.waited_ms as f64 / jobs as f64,
        Statistic::Max => all.queue_ms.max() as f64,
    };
    (jobs > 0).then_some(ms / 1e3)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn by_day(waits_s: &[u64]) -> ByDay {
        let mut by_day = ByDay::default();
        for (day, &wait_s) in waits_s.iter().enumerate() {
            for _ in 0..10 {
                by_day.add(0, Time::from_ms(day as u64 * DAY_MS), Span::from_ms(wait_s * 1_000));
            }
        }
        by_day
    }

    #[test]
    fn days_that_are_alike_leave_nothing_open_and_a_bad_one_does() {
        let slo = Slo::parse("p95<=15s, mean<=15s").unwrap();
        let spread = |waits_s: &[u64]| {
            let mut by_day = by_day(waits_s);
            by_day.by_objective.push(by_day.by_objective[0].clone());
            by_day.spread_s(&slo)
        };
        let alike = spread(&[10; 8])[1].unwrap();
        assert_eq!((alike.low, alike.mean, alike.high), (10.0, 10.0, 10.0));
        // One bad day of fourteen is 7 % of the jobs: often drawn twice, often not at all.
        let bad = spread(&[10, 10, 10, 10, 90, 10, 10, 10, 10, 10, 10, 10, 10, 10]);
        let (p95, mean) = (bad[0].unwrap(), bad[1].unwrap());
        assert!(p95.low < 11.0 && p95.high > 89.0, "{p95:?}");
        assert!(mean.low < 11.0 && mean.high > 20.0 && mean.high < 45.0, "{mean:?}");
    }

    #[test]
    fn few_days_tell_nothing() {
        assert_eq!(by_day(&[10; 4]).spread_s(&Slo::parse("p95<=15s").unwrap()), [None]);
    }
}
