//! Sampling a distribution many million times.

use super::Distribution;
use crate::random::Stream;
use greenroom_scheduler::time::Span;

/// Cells of equal probability. A table takes 4 KB.
const CELLS: usize = 1 << 10;
/// Cells at either end where a line would be too coarse: 0.8 % of samples take the exact function.
const EDGE: usize = 4;

/// A distribution prepared for sampling: its quantiles at equal distances, with straight lines
/// between them, and the exact function in the outermost cells.
///
/// A log-normal sample takes a quarter of the time of the exact one. With a deviation of up to 1 it
/// differs from it by less than 0.1 % within the inner 98 % and by less than 0.5 % beyond; like it, it
/// takes exactly one draw and grows with that draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampler {
    /// Milliseconds at i / CELLS; those at 0 and 1 are never read.
    quantiles: Box<[f32]>,
    exact: Distribution,
}

impl Sampler {
    /// Prepares a distribution.
    pub fn new(exact: Distribution) -> Self {
        let milliseconds = |cell: usize| match cell {
            0 | CELLS => 0.0,
            inner => (exact.quantile_s(inner as f64 / CELLS as f64) * 1000.0) as f32,
        };
        Self { quantiles: (0..=CELLS).map(milliseconds).collect(), exact }
    }

    /// The distribution that it samples.
    pub const fn distribution(&self) -> &Distribution {
        &self.exact
    }

    /// One sample. Takes exactly one draw.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> Span {
        let unit = stream.unit();
        let place = unit * CELLS as f64;
        let cell = place as usize;
        if !(EDGE..CELLS - EDGE).contains(&cell) {
            return Span::from_secs_f64(self.exact.quantile_s(unit));
        }
        let (low, high) = (f64::from(self.quantiles[cell]), f64::from(self.quantiles[cell + 1]));
        let ms = low + (high - low) * (place - cell as f64);
        // Half up; never negative.
        Span::from_ms((ms + 0.5) as u64)
    }
}
