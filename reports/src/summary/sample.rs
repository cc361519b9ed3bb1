//! Many values, few quantiles, bounded memory.

use super::model::{Distribution, Quantiles};
use crate::dense::cell;
use greenroom_scheduler::time::Span;
use hdrhistogram::Histogram;

/// Most values that are kept as they are: 16 MB. Beyond it histograms with three significant
/// digits take their place.
const EXACT_MAX: usize = 4_000_000;

/// Significant digits of the histograms.
const DIGITS: u8 = 3;

/// Spans by runner set, whole milliseconds; one above 49.7 days counts as that.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    exact: Vec<Vec<u32>>,
    kept: usize,
    exact_max: usize,
    rough: Option<Vec<Option<Histogram<u64>>>>,
    sums: Vec<Sum>,
    scratch: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u64,
    ms: u64,
    max: u32,
}

impl Default for Sample {
    fn default() -> Self {
        Self::keeping(EXACT_MAX)
    }
}

impl Sample {
    pub(crate) const fn keeping(exact_max: usize) -> Self {
        Self {
            exact: Vec::new(),
            kept: 0,
            exact_max,
            rough: None,
            sums: Vec::new(),
            scratch: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, set: usize, span: Span) {
        let ms = u32::try_from(span.as_ms()).unwrap_or(u32::MAX);
        let Some(sum) = cell(&mut self.sums, set) else { return };
        sum.count += 1;
        sum.ms += u64::from(ms);
        sum.max = sum.max.max(ms);
        if self.rough.is_some() {
            self.add_rough(set, ms);
        } else if let Some(values) = cell(&mut self.exact, set) {
            values.push(ms);
            self.kept += 1;
            if self.kept > self.exact_max {
                self.roughen();
            }
        }
    }

    #[cold]
    fn roughen(&mut self) {
        self.rough = Some(Vec::new());
        for (set, values) in std::mem::take(&mut self.exact).into_iter().enumerate() {
            for ms in values {
                self.add_rough(set, ms);
            }
        }
    }

    fn add_rough(&mut self, set: usize, ms: u32) {
        if let Some(histogram) = self.rough.as_mut().and_then(|rough| cell(rough, set)) {
            // Fails only where a value does not fit, and this one resizes itself.
            let _ = histogram.get_or_insert_with(histogram_new).record(u64::from(ms));
        }
    }

    pub(crate) const fn quantiles(&self) -> Quantiles {
        if self.rough.is_some() { Quantiles::Hdr3 } else { Quantiles::Exact }
    }

    /// How many values these sets have.
    pub(crate) fn count(&self, sets: &[usize]) -> u64 {
        sets.iter().filter_map(|&set| self.sums.get(set)).map(|sum| sum.count).sum()
    }

    /// The distribution over some sets; none without values.
    pub(crate) fn over(&mut self, sets: &[usize]) -> Option<Distribution> {
        let known = || sets.iter().filter_map(|&set| self.sums.get(set));
        let count = known().map(|sum| sum.count).sum::<u64>();
        let ms = known().map(|sum| sum.ms).sum::<u64>();
        let max = known().map(|sum| sum.max).max().filter(|_| count > 0)?;
        let [p50, p90, p95, p99] = match &self.rough {
            Some(rough) => {
                let mut all = histogram_new();
                for one in sets.iter().filter_map(|&set| rough.get(set)?.as_ref()) {
                    // Fails only where a value does not fit, and this one resizes itself.
                    let _ = all.add(one);
                }
                SHARES.map(|share| all.value_at_quantile(share).min(u64::from(max)) as u32)
            }
            None => self.ranks(sets),
        };
        let seconds = |ms: u32| f64::from(ms) / 1e3;
        Some(Distribution {
            mean: ms as f64 / count as f64 / 1e3,
            p50: seconds(p50),
            p90: seconds(p90),
            p95: seconds(p95),
            p99: seconds(p99),
            max: seconds(max),
        })
    }

    /// One quantile of one set by nearest rank, in seconds; none without values.
    pub(crate) fn quantile_s(&mut self, set: usize, share: f64) -> Option<f64> {
        let max = self.sums.get(set).filter(|sum| sum.count > 0)?.max;
        let ms = if let Some(rough) = &self.rough {
            let histogram = rough.get(set)?.as_ref()?;
            histogram.value_at_quantile(share).min(u64::from(max)) as u32
        } else {
            self.scratch.clear();
            self.scratch.extend_from_slice(self.exact.get(set)?);
            let place = rank(share, self.scratch.len());
            *self.scratch.select_nth_unstable(place).1
        };
        Some(f64::from(ms) / 1e3)
    }

    /// The mean of one set, in seconds; none without values.
    pub(crate) fn mean_s(&self, set: usize) -> Option<f64> {
        let sum = self.sums.get(set).filter(|sum| sum.count > 0)?;
        Some(sum.ms as f64 / sum.count as f64 / 1e3)
    }

    /// The largest value of one set, in seconds; none without values.
    pub(crate) fn max_s(&self, set: usize) -> Option<f64> {
        let sum = self.sums.get(set).filter(|sum| sum.count > 0)?;
        Some(f64::from(sum.max) / 1e3)
    }

    /// Exact quantiles by selection: linear, where sorting would cost more than all the rest of
    /// the fold.
    fn ranks(&mut self, sets: &[usize]) -> [u32; 4] {
        self.scratch.clear();
        for &set in sets {
            if let Some(values) = self.exact.get(set) {
                self.scratch.extend_from_slice(values);
            }
        }
        let count = self.scratch.len();
        let mut rest = &mut self.scratch[..];
        let mut below = 0;
        SHARES.map(|share| {
            let place = rank(share, count) - below;
            let (_, &mut value, _) = rest.select_nth_unstable(place);
            // Later shares lie at or above this place.
            rest = &mut std::mem::take(&mut rest)[place..];
            below += place;
            value
        })
    }
}

const SHARES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// Place of a quantile by nearest rank, from 0.
fn rank(share: f64, count: usize) -> usize {
    ((share * count as f64).ceil() as usize).clamp(1, count) - 1
}

fn histogram_new() -> Histogram<u64> {
    let mut histogram = Histogram::new(DIGITS).expect("three digits are within the crate's 0 to 5");
    histogram.auto(true);
    histogram
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn sample(exact_max: usize, values: &[u32]) -> Sample {
        let mut sample = Sample::keeping(exact_max);
        for (place, &ms) in values.iter().enumerate() {
            sample.add(place % 3, Span::from_ms(u64::from(ms)));
        }
        sample
    }

    #[test]
    fn no_values_have_no_distribution() {
        assert_eq!(Sample::default().over(&[0, 1]), None);
    }

    #[test]
    fn a_hundred_seconds_have_the_ranks_they_should() {
        let values: Vec<u32> = (1..=100).rev().map(|s| s * 1000).collect();
        let got = sample(1000, &values).over(&[0, 1, 2]).unwrap();
        let want =
            Distribution { mean: 50.5, p50: 50.0, p90: 90.0, p95: 95.0, p99: 99.0, max: 100.0 };
        assert_eq!(got, want);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn selection_gives_what_sorting_gives(values in prop::collection::vec(0_u32..5_000, 1..200)) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let got = sample(1000, &values).over(&[0, 1, 2]).unwrap();
            for (share, value) in SHARES.into_iter().zip([got.p50, got.p90, got.p95, got.p99]) {
                prop_assert_eq!(value, f64::from(sorted[rank(share, sorted.len())]) / 1e3);
            }
        }

        #[test]
        fn histograms_are_within_three_digits(values in prop::collection::vec(0_u32..90_000_000, 20..200)) {
            let exact = sample(1000, &values).over(&[0, 1, 2]).unwrap();
            let mut rough = sample(10, &values);
            prop_assert_eq!(rough.quantiles(), Quantiles::Hdr3);
            let rough = rough.over(&[0, 1, 2]).unwrap();
            prop_assert_eq!((rough.mean, rough.max), (exact.mean, exact.max));
            for (rough, exact) in [(rough.p50, exact.p50), (rough.p99, exact.p99)] {
                prop_assert!((rough - exact).abs() <= exact * 1e-3 + 1e-3, "{rough} {exact}");
            }
        }
    }
}
