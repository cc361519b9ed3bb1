//! How long things take: a histogram with steps of a twelfth that forgets.
//!
//! Steps are a fixed share of what they measure, so a quantile is off by half a step at most, under
//! 5 %, from a tenth of a second to more than a week, in a few hundred bytes. Old values fade, so that
//! what changed is noticed.

use crate::time::Span;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Steps of a histogram: they reach from `LEAST_S` over ten days.
pub const STEPS_MAX: usize = 200;

/// What is shorter counts as this.
const LEAST_S: f64 = 0.1;

/// From one step to the next.
pub const STEP: f64 = 1.0 + 1.0 / 12.0;

/// Weights of lengths of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The step of the first weight.
    first: u8,
    weights: Vec<f32>,
    total: f32,
    /// What one length counts now: instead of letting all others fade, each counts more.
    unit: f32,
}

/// Where everything is counted anew in units of one.
const UNIT_MAX: f32 = 1e6;

/// The step of a length.
fn step_of(span: Span) -> usize {
    let steps = libm::log(span.as_secs_f64().max(LEAST_S) / LEAST_S) / libm::log(STEP);
    (libm::round(steps) as usize).min(STEPS_MAX - 1)
}

/// The length in the middle of a step.
fn middle_of(step: usize) -> f64 {
    LEAST_S * libm::pow(STEP, step as f64)
}

impl Histogram {
    /// Counts a length. What was counted before is worth `kept` of what it was, over 0 and 1 at most.
    pub fn add(&mut self, span: Span, kept: f32) {
        let step = step_of(span);
        if self.weights.is_empty() {
            (self.first, self.unit) = (step as u8, 1.0);
        }
        self.unit /= kept;
        if self.unit > UNIT_MAX {
            for weight in &mut self.weights {
                *weight /= self.unit;
            }
            self.total /= self.unit;
            self.unit = 1.0;
        }
        let first = usize::from(self.first);
        if step < first {
            self.weights.splice(0..0, core::iter::repeat_n(0.0, first - step));
            self.first = step as u8;
        }
        let place = step - usize::from(self.first);
        if place >= self.weights.len() {
            self.weights.resize(place + 1, 0.0);
        }
        self.weights[place] += self.unit;
        self.total += self.unit;
    }

    /// What was counted, as far as it is not forgotten.
    pub fn weight(&self) -> f64 {
        if self.unit > 0.0 { f64::from(self.total / self.unit) } else { 0.0 }
    }

    /// Every step's length in seconds and its weight, the shortest first.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let first = usize::from(self.first);
        let weights = self.weights.iter().enumerate();
        weights
            .map(move |(place, weight)| (middle_of(first + place), f64::from(*weight / self.unit)))
    }

    /// What a share of the lengths is not longer than; none where nothing is known.
    pub fn quantile(&self, share: f64) -> Option<Span> {
        let total = f64::from(self.total);
        let mut below = 0.0;
        for (place, weight) in self.weights.iter().enumerate() {
            below += f64::from(*weight);
            if below >= share * total * (1.0 - 1e-9) && total > 0.0 {
                return Some(Span::from_secs_f64(middle_of(usize::from(self.first) + place)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Lengths over many orders of magnitude, as a fixed rule gives them.
    fn lengths() -> Vec<Span> {
        let draws = (0_u64..2_000).scan(17_u64, |state, _| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            Some(*state >> 33)
        });
        draws.map(|draw| Span::from_ms(200 + draw % 5_000 * (draw % 700))).collect()
    }

    #[test]
    fn quantiles_are_off_by_half_a_step_at_most() {
        let mut all = lengths();
        let mut histogram = Histogram::default();
        for length in &all {
            histogram.add(*length, 1.0);
        }
        all.sort_unstable();
        for (share, place) in [(0.1, 199), (0.5, 999), (0.9, 1_799), (0.99, 1_979)] {
            let (exact, told) = (all[place].as_secs_f64(), histogram.quantile(share).unwrap());
            let off = told.as_secs_f64() / exact;
            assert!((1.0 / 1.042..1.042).contains(&off), "{share}: {told} against {exact}");
        }
        assert!((histogram.weight() - 2_000.0).abs() < 1e-3);
        assert!(histogram.weights.len() <= STEPS_MAX);
    }

    #[test]
    fn old_lengths_fade() {
        let mut histogram = Histogram::default();
        for _ in 0..1_000 {
            histogram.add(Span::from_secs(10), 0.95);
        }
        assert!((histogram.weight() - 20.0).abs() < 0.1, "{}", histogram.weight());
        for _ in 0..20 {
            histogram.add(Span::from_secs(100), 0.95);
        }
        assert!(histogram.quantile(0.5).unwrap() > Span::from_secs(90));
    }
}
