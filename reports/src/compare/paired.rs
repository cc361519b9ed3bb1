//! Differences between two sides, with intervals that say what they are intervals of.

use super::{Metric, Side};
use crate::replications::{CONFIDENCE, Interval, interval};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// What an interval is an interval of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The randomness of the world, the same luck on both sides (common random numbers).
    World,
    /// The randomness of the world, each side with luck of its own.
    WorldUnpaired,
    /// Which days the trace happened to have: days drawn again from its own.
    Days,
}

impl Over {
    /// Said wherever the interval is shown.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::World => "the randomness of the world, both sides with the same luck",
            Self::WorldUnpaired => "the randomness of the world, each side with luck of its own",
            Self::Days => "other days like those of the trace (block bootstrap), one luck",
        }
    }
}

/// A figure of two sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// Path of the figure in a summary.
    pub metric: &'static str,
    /// Its mean on the first side.
    pub a: f64,
    /// Its mean on the second side.
    pub b: f64,
    /// `b - a`.
    pub difference: f64,
    /// Lower end of the 95 % interval of the difference; none where one run tells no spread.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// `difference / a`; none where `a` is 0.
    pub relative: Option<f64>,
    /// Name of the first side.
    pub side_a: String,
    /// Name of the second side.
    pub side_b: String,
    /// What the interval is one of.
    pub over: Over,
    /// Runs, or days, behind it.
    pub n: u64,
    /// About how many further runs would show which side has less; none where the runs do show
    /// it, or where no number of runs can.
    pub further_runs: Option<u64>,
}

/// What an interval says of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The second side has less.
    Less,
    /// The second side has more.
    More,
    /// Both have the same, in every run.
    Same,
    /// The interval holds both less and more, or there is none.
    Open,
}

/// More than this many further runs are not worth asking for.
const FURTHER_MAX: f64 = 1e6;

impl Paired {
    /// Compares two sides over the world's randomness; none where one has no such figure.
    pub fn over_world(metric: Metric, a: &Side, b: &Side) -> Option<Self> {
        let (of_a, of_b) = (a.runs.of_metric(metric)?, b.runs.of_metric(metric)?);
        if a.runs.is_paired_with(&b.runs) {
            let differences: Vec<f64> = of_a.iter().zip(&of_b).map(|(a, b)| b - a).collect();
            let interval = interval(&differences)?;
            let further = further_runs(&differences, interval);
            let own = Self::new(metric, [a, b], [mean(&of_a), mean(&of_b)], Over::World);
            return Some(Self { further_runs: further, ..own.with(interval, differences.len()) });
        }
        let own = Self::new(metric, [a, b], [mean(&of_a), mean(&of_b)], Over::WorldUnpaired);
        let n = of_a.len().min(of_b.len());
        Some(match welch(&of_a, &of_b) {
            Some(interval) => own.with(interval, of_a.len() + of_b.len()),
            None => Self { n: n as u64, ..own },
        })
    }

    /// Compares two sides over the days of the trace; none where there are too few.
    pub fn over_days(metric: Metric, a: &Side, b: &Side) -> Option<Self> {
        let (days_a, days_b) = (a.days.as_ref()?, b.days.as_ref()?);
        let found = super::days::bootstrap(metric, days_a, days_b)?;
        let own = Self::new(metric, [a, b], found.values, Over::Days);
        let interval = Interval { mean: own.difference, low: found.low, high: found.high };
        Some(own.with(interval, found.days))
    }

    fn new(metric: Metric, [a, b]: [&Side; 2], [of_a, of_b]: [f64; 2], over: Over) -> Self {
        let difference = of_b - of_a;
        Self {
            metric: metric.path(),
            a: of_a,
            b: of_b,
            difference,
            low: None,
            high: None,
            relative: (of_a != 0.0).then(|| difference / of_a),
            side_a: a.name.clone(),
            side_b: b.name.clone(),
            over,
            n: 1,
            further_runs: None,
        }
    }

    fn with(self, interval: Interval, n: usize) -> Self {
        let ends = (n > 1).then_some((interval.low, interval.high));
        Self { low: ends.map(|ends| ends.0), high: ends.map(|ends| ends.1), n: n as u64, ..self }
    }

    /// What the interval shows, and no more.
    pub fn finding(&self) -> Finding {
        match (self.low, self.high) {
            (Some(low), Some(high)) if low == 0.0 && high == 0.0 => Finding::Same,
            (_, Some(high)) if high < 0.0 => Finding::Less,
            (Some(low), _) if low > 0.0 => Finding::More,
            _ => Finding::Open,
        }
    }

    /// Which figure it is.
    pub fn metric(&self) -> Option<Metric> {
        Metric::named(self.metric)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// Runs until the half width t s / sqrt(n) falls under the mean that was seen, less those that
/// there are: an estimate from the spread so far.
fn further_runs(differences: &[f64], interval: Interval) -> Option<u64> {
    let n = differences.len() as f64;
    let half = interval.high - interval.mean;
    let is_open = interval.low <= 0.0 && interval.high >= 0.0;
    if n < 2.0 || !is_open || interval.mean == 0.0 {
        return None;
    }
    let needed = n * (half / interval.mean).powi(2);
    (needed < FURTHER_MAX).then(|| (needed - n).ceil().max(1.0) as u64)
}

/// Welch's interval for a difference of means (Welch 1947, degrees of freedom by Satterthwaite);
/// a side of one run counts as exact where the other has more. None where both have one.
fn welch(a: &[f64], b: &[f64]) -> Option<Interval> {
    let error = |values: &[f64]| {
        if values.len() > 1 { variance(values) / values.len() as f64 } else { 0.0 }
    };
    let freedom = |values: &[f64], error: f64| {
        if values.len() > 1 { error.powi(2) / (values.len() as f64 - 1.0) } else { 0.0 }
    };
    if a.len() < 2 && b.len() < 2 {
        return None;
    }
    let (of_a, of_b) = (error(a), error(b));
    let mean = mean(b) - mean(a);
    let sum = of_a + of_b;
    if sum == 0.0 {
        return Some(Interval { mean, low: mean, high: mean });
    }
    let degrees = sum.powi(2) / (freedom(a, of_a) + freedom(b, of_b));
    let t = StudentsT::new(0.0, 1.0, degrees).ok()?;
    let half = t.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)) * sum.sqrt();
    Some(Interval { mean, low: mean - half, high: mean + half })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn welch_is_the_textbook_one() {
        // Two samples of n = 5: means 3 and 6, variances 2.5 and 10; standard error
        // sqrt(0.5 + 2); degrees 2.5^2 / (0.5^2/4 + 2^2/4) = 5.882; t(5.882, 0.975) = 2.4586.
        let got = welch(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0, 6.0, 8.0, 10.0]).unwrap();
        assert_eq!(got.mean, 3.0);
        assert!((got.high - (3.0 + 2.4586 * 2.5_f64.sqrt())).abs() < 1e-3, "{got:?}");
    }

    #[test]
    fn one_run_against_one_tells_no_spread() {
        assert_eq!(welch(&[1.0], &[2.0]), None);
    }

    #[test]
    fn the_further_runs_would_do_if_the_spread_stays() {
        let differences = [-3.0, 1.0, 4.0, -1.0, 3.0, 2.0, -2.0, 3.0];
        let seen = interval(&differences).unwrap();
        assert!(seen.low < 0.0 && seen.high > 0.0);
        let further = further_runs(&differences, seen).unwrap();
        let times = (differences.len() as u64 + further).div_ceil(differences.len() as u64);
        let more = differences.repeat(times as usize);
        assert!(interval(&more).unwrap().low > 0.0, "{further} further runs");
    }
}
