//! The process that spot prices follow.

use greenroom_scheduler::time::Span;

/// A mean-reverting process of a logarithm (Ornstein-Uhlenbeck, sampled at equal steps).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogProcess {
    /// Deviation of the logarithm in the steady state.
    pub deviation: f64,
    /// Time after which half of a deviation is gone.
    pub half_life: Span,
    /// Time between two changes.
    pub step: Span,
}

impl LogProcess {
    /// What is left of a deviation after one step: 2^(-step / half-life).
    pub fn keep(&self) -> f64 {
        let halvings = self.step.as_ms() as f64 / (self.half_life.as_ms() as f64).max(1.0);
        libm::exp2(-halvings)
    }

    /// The process of these logarithms, one a step: their deviation, and the half-life that their
    /// correlation at one step gives, at most a thousand steps. `None` for fewer than ten.
    pub fn fit(logs: &[f64], step: Span) -> Option<Self> {
        const STEPS_MAX: f64 = 1_000.0;
        if logs.len() < 10 {
            return None;
        }
        let count = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / count;
        let variance = logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let together =
            logs.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>() / (count - 1.0);
        // A price that never moved, or jumps at random, forgets within a step.
        let keep = if variance > 1e-18 { (together / variance).clamp(1e-9, 1.0) } else { 1e-9 };
        let steps = (libm::log(0.5) / libm::log(keep)).min(STEPS_MAX);
        let steps = if steps.is_finite() { steps } else { STEPS_MAX };
        let half_life = Span::from_ms((step.as_ms() as f64 * steps).max(1.0) as u64);
        Some(Self { deviation: libm::sqrt(variance), half_life, step })
    }
}
