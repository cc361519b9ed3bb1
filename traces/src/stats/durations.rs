//! How long jobs run: exact while that is cheap, a histogram beyond.

use super::figures::DurationFigures;
use greenroom_scheduler::time::Span;
use hdrhistogram::Histogram;

/// Up to so many durations are kept as they are (32 MB); beyond, quantiles have three digits.
pub const EXACT_MAX: u64 = 4_000_000;

/// Durations of one class.
#[derive(Clone, Debug)]
pub(super) struct Durations {
    values: Values,
    logarithms: Logarithms,
}

#[derive(Clone, Debug)]
enum Values {
    Exact(Vec<u64>),
    Hdr(Box<Histogram<u64>>),
}

/// Count, mean and sum of squared distances from it (Welford 1962), of logarithms.
#[derive(Clone, Copy, Debug, Default)]
struct Logarithms {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Logarithms {
    fn add(&mut self, duration: Span) {
        if duration.is_zero() {
            return;
        }
        let value = libm::log(duration.as_secs_f64());
        self.count += 1;
        let from_old = value - self.mean;
        self.mean += from_old / self.count as f64;
        self.squares += from_old * (value - self.mean);
    }

    /// Chan, Golub and LeVeque (1979).
    fn merge(&mut self, other: Self) {
        match (self.count, other.count) {
            (_, 0) => return,
            (0, _) => {
                *self = other;
                return;
            }
            _ => {}
        }
        let (mine, its) = (self.count as f64, other.count as f64);
        let distance = other.mean - self.mean;
        self.count += other.count;
        self.mean += distance * its / (mine + its);
        self.squares += other.squares + distance * distance * mine * its / (mine + its);
    }
}

/// Any length of time: 2^63 ms. Takes 430 KB.
const LENGTH_MS_MAX: u64 = u64::MAX >> 1;

fn histogram() -> Histogram<u64> {
    let histogram = Histogram::new_with_bounds(1, LENGTH_MS_MAX, 3);
    histogram.expect("the bounds are two apart, and three digits are within 0 to 5")
}

impl Durations {
    pub(super) fn new(is_exact: bool) -> Self {
        let values =
            if is_exact { Values::Exact(Vec::new()) } else { Values::Hdr(Box::new(histogram())) };
        Self { values, logarithms: Logarithms::default() }
    }

    pub(super) fn add(&mut self, duration: Span) {
        self.logarithms.add(duration);
        self.record(duration.as_ms(), 1);
    }

    fn record(&mut self, ms: u64, count: u64) {
        match &mut self.values {
            Values::Exact(values) => values.extend(std::iter::repeat_n(ms, count as usize)),
            Values::Hdr(values) => values.saturating_record_n(ms, count),
        }
    }

    /// Gives up the values for a histogram.
    pub(super) fn condense(&mut self) {
        if let Values::Exact(values) = &mut self.values {
            let values = std::mem::take(values);
            self.values = Values::Hdr(Box::new(histogram()));
            for ms in values {
                self.record(ms, 1);
            }
        }
    }

    /// Takes over what another one of the same kind has.
    pub(super) fn merge(&mut self, other: &Self) {
        self.logarithms.merge(other.logarithms);
        match &other.values {
            Values::Exact(its) => its.iter().for_each(|&ms| self.record(ms, 1)),
            Values::Hdr(its) => {
                for value in its.iter_recorded() {
                    self.record(value.value_iterated_to(), value.count_at_value());
                }
            }
        }
    }

    pub(super) fn figures(mut self) -> DurationFigures {
        let [p50, p90, p99] = [0.50, 0.90, 0.99]
            .map(|quantile| self.quantile(quantile).map(|ms| Span::from_ms(ms).as_secs_f64()));
        let Logarithms { count, mean, squares } = self.logarithms;
        let lognormal_mu = (count > 0).then_some(mean);
        let lognormal_sigma = (count > 0).then(|| libm::sqrt(squares / count as f64));
        DurationFigures { p50, p90, p99, lognormal_mu, lognormal_sigma }
    }

    /// Nearest rank.
    fn quantile(&mut self, quantile: f64) -> Option<u64> {
        match &mut self.values {
            Values::Exact(values) if values.is_empty() => None,
            Values::Exact(values) => {
                let rank = (libm::ceil(quantile * values.len() as f64) as usize).max(1);
                Some(*values.select_nth_unstable(rank - 1).1)
            }
            Values::Hdr(values) if values.is_empty() => None,
            Values::Hdr(values) => Some(values.value_at_quantile(quantile)),
        }
    }
}
