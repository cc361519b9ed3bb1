//! How long things take: a histogram with steps of a twelfth that forgets.
//!
//! Steps are a fixed share of what they measure, so a quantile is off by half a step at most, under
//! 5 %, from a tenth of a second to more than a week, in a few hundred bytes. Old values fade, so that what changed is noticed.

use crate::time::Span;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Steps of a histogram: they reach from [`LEAST_S`] over ten days.
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
}

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
    /// Counts a length. What was counted before is worth `kept` of what it was.
    pub fn add(&mut self, span: Span, kept: f32) {
        let step = step_of(span);
        self.total *= kept;
        if kept < 1.0 {
            for weight in &mut self.weights {
                *weight *= kept;
            }
        }
        if self.weights.is_empty() {
            self.first = step as u8;
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
        self.weights[place] += 1.0;
        self.total += 1.0;
    }

    /// What was counted, as far as it is not forgotten.
    pub const fn weight(&self) -> f64 {
        self.total as f64
    }

    /// Every step's length in seconds and its weight, the shortest first.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let first = usize::from(self.first);
        let weights = self.weights.iter().enumerate();
        weights.map(move |(place, weight)| (middle_of(first + place), f64::from(*weight)))
    }

    /// What a share of the lengths is not longer than, of those that are longer than `age`; none
    /// where nothing is known.
    pub fn quantile_after(&self, share: f64, age: Span) -> Option<Span> {
        Mix::of(&[(self, 1.0)]).quantile_after(share, age)
    }

    /// The same of all.
    pub fn quantile(&self, share: f64) -> Option<Span> {
        self.quantile_after(share, Span::ZERO)
    }
}

/// Several histograms, each with a weight.
#[derive(Clone, Copy, Debug)]
pub struct Mix<'h>(&'h [(&'h Histogram, f64)]);

impl<'h> Mix<'h> {
    /// Of these; each counts for its weight, whatever it holds.
    pub const fn of(parts: &'h [(&'h Histogram, f64)]) -> Self {
        Self(parts)
    }

    /// What a share of the lengths is not longer than, of those that are longer than `age`.
    pub fn quantile_after(self, share: f64, age: Span) -> Option<Span> {
        let mut steps = [0.0_f64; STEPS_MAX];
        for (histogram, weight) in self.0 {
            let scale = if histogram.total > 0.0 { weight / histogram.weight() } else { 0.0 };
            for (place, own) in histogram.weights.iter().enumerate() {
                steps[usize::from(histogram.first) + place] += f64::from(*own) * scale;
            }
        }
        // What is as long as its age, to a step, may end at any moment.
        let from = if age.is_zero() { 0 } else { step_of(age) };
        let total: f64 = steps[from..].iter().sum();
        if total <= 0.0 {
            return None;
        }
        let mut below = 0.0;
        for (step, weight) in steps.iter().enumerate().skip(from) {
            below += weight;
            if below >= share * total * (1.0 - 1e-9) {
                return Some(Span::from_secs_f64(middle_of(step)).max(age));
            }
        }
        None
    }
}
