//! One run of one configuration, and what came of it.

use super::space::Point;
use crate::replications::interval;
use std::cmp::Ordering;

/// A run that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Of which configuration.
    pub point: Point,
    /// Over how much of the input.
    pub span: Extent,
    /// With which luck, from 0; the same for all configurations (common random numbers).
    pub replication: u64,
}

/// How much of the input is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Its beginning: enough to tell the hopeless from the hopeful.
    Beginning,
    /// All of it.
    Whole,
}

/// What a run cost, and how it did by each limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Modelled cost in USD.
    pub cost_usd: f64,
    /// Figures, in the order and units of the limits; none where the run had no such job.
    pub values: Vec<Option<f64>>,
}

/// A configuration that was run, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Which.
    pub point: Point,
    /// Of the beginning of the input.
    pub beginning: Option<Outcome>,
    /// Of the whole input, by replication.
    pub whole: Vec<Outcome>,
}

/// Where a configuration stands among others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) cost_usd: f64,
    /// The worst figure as a share of its limit: up to 1 all limits are met.
    pub(super) ratio: f64,
}

impl Tried {
    pub(super) const fn new(point: Point) -> Self {
        Self { point, beginning: None, whole: Vec::new() }
    }

    /// What its first run of the whole input cost; none if that was not run.
    pub fn cost_usd(&self) -> Option<f64> {
        self.whole.first().map(|outcome| outcome.cost_usd)
    }

    /// A figure of that run.
    pub fn value(&self, limit: usize) -> Option<f64> {
        self.whole.first()?.values[limit]
    }

    /// The values of a figure, run by run.
    pub fn values(&self, limit: usize) -> Vec<f64> {
        self.whole.iter().filter_map(|outcome| outcome.values[limit]).collect()
    }

    /// Where it stands by runs of this extent; none without any. Costs are of the first run, which
    /// all have, with the same luck.
    pub(super) fn standing(&self, extent: Extent, limits: &[f64]) -> Option<Standing> {
        let outcomes = match extent {
            Extent::Beginning => self.beginning.as_slice(),
            Extent::Whole => &self.whole,
        };
        standing(outcomes, limits)
    }

    /// The same by the first run of the whole input alone.
    pub(super) fn first_standing(&self, limits: &[f64]) -> Option<Standing> {
        standing(self.whole.get(..1)?, limits)
    }

    /// Whether every figure keeps its limit with the stated confidence: the upper end of its 95 %
    /// interval over the replications does.
    pub fn keeps(&self, limits: &[f64]) -> bool {
        limits.iter().enumerate().all(|(place, limit)| {
            interval(&self.values(place)).is_none_or(|interval| interval.high <= *limit)
        })
    }
}

impl Tried {
    /// How far above the mean the interval of the figure reaches that stands worst, as a factor.
    pub(super) fn reach(&self, limits: &[f64]) -> f64 {
        let all = limits.iter().enumerate().filter_map(|(place, limit)| {
            let interval = interval(&self.values(place))?;
            let factor = if interval.mean > 0.0 { interval.high / interval.mean } else { 1.0 };
            Some((ratio(interval.high, *limit), factor))
        });
        all.max_by(|(a, _), (b, _)| a.total_cmp(b)).map_or(1.0, |(_, factor)| factor)
    }
}

fn standing(outcomes: &[Outcome], limits: &[f64]) -> Option<Standing> {
    let cost_usd = outcomes.first()?.cost_usd;
    let ratios = limits.iter().enumerate().filter_map(|(place, limit)| {
        let value = mean(outcomes.iter().filter_map(|outcome| outcome.values[place]))?;
        Some(ratio(value, *limit))
    });
    Some(Standing { cost_usd, ratio: ratios.fold(0.0, f64::max) })
}

/// A figure as a share of its limit; a limit of 0 is kept by 0 alone.
fn ratio(value: f64, limit: f64) -> f64 {
    if limit > 0.0 {
        value / limit
    } else if value > 0.0 {
        f64::INFINITY
    } else {
        0.0
    }
}

impl Standing {
    /// The better one first: who keeps all limits before who does not; among those the cheaper;
    /// among the others who is nearer.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let fails = |standing: &Self| standing.ratio > 1.0;
        let by_cost = self.cost_usd.total_cmp(&other.cost_usd);
        let by_ratio = self.ratio.total_cmp(&other.ratio);
        fails(self).cmp(&fails(other)).then(if fails(self) {
            by_ratio.then(by_cost)
        } else {
            by_cost.then(by_ratio)
        })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Of those that stand somewhere, in order of cost, who is not beaten in both cost and queue time.
pub(super) fn front<T: Copy>(all: &[(T, Standing)]) -> Vec<(T, Standing)> {
    let mut sorted: Vec<(T, Standing)> = all.to_vec();
    sorted.sort_by(|(_, a), (_, b)| {
        a.cost_usd.total_cmp(&b.cost_usd).then(a.ratio.total_cmp(&b.ratio))
    });
    let mut least = f64::INFINITY;
    sorted.retain(|(_, standing)| {
        let is_better = standing.ratio < least;
        least = least.min(standing.ratio);
        is_better
    });
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(runs: &[(f64, f64)]) -> Tried {
        let whole = runs.iter().map(|&(cost_usd, value)| {
            let values = vec![Some(value)];
            Outcome { cost_usd, values }
        });
        Tried { point: vec![], beginning: None, whole: whole.collect() }
    }

    #[test]
    fn a_mean_below_the_limit_is_not_enough_when_the_runs_differ_much() {
        // Mean 10, s = 1.58, half width t(4) s / sqrt(5) = 1.96.
        let runs = [8.0, 9.0, 10.0, 11.0, 12.0].map(|value| (1.0, value));
        assert!(tried(&runs).keeps(&[12.0]));
        assert!(!tried(&runs).keeps(&[11.9]));
        assert!(tried(&[(1.0, 10.0)]).keeps(&[10.0]));
    }

    #[test]
    fn a_front_is_whom_nobody_beats() {
        let standing = |cost_usd, ratio| Standing { cost_usd, ratio };
        let all = [(0, standing(5.0, 0.5)), (1, standing(3.0, 2.0)), (2, standing(4.0, 2.0))];
        let more = [(3, standing(3.0, 3.0)), (4, standing(9.0, 0.5)), (5, standing(7.0, 0.4))];
        let all: Vec<_> = all.into_iter().chain(more).collect();
        let on: Vec<i32> = front(&all).iter().map(|(name, _)| *name).collect();
        assert_eq!(on, [1, 0, 5]);
    }
}
