//! A distribution of times in logarithmic bins.

use greenroom_scheduler::time::Span;

/// Bins in a decade: each is 6 % wide.
const PER_DECADE: usize = 40;

/// Decades from 10 ms to 10^7 s, which is 116 days.
const DECADES: usize = 9;

/// Bins, and one before them for all that is shorter.
const BINS: usize = PER_DECADE * DECADES + 1;

/// Shortest time with a bin of its own, in seconds.
const SHORTEST_S: f64 = 0.01;

/// Counts by the logarithm of the time.
#[derive(Clone, Debug)]
pub struct LogBins {
    counts: Vec<u64>,
    total: u64,
}

impl Default for LogBins {
    fn default() -> Self {
        Self { counts: vec![0; BINS], total: 0 }
    }
}

impl LogBins {
    /// Counts a time; one beyond the last bin counts there.
    pub fn add(&mut self, span: Span) {
        self.counts[bin(span)] += 1;
        self.total += 1;
    }

    /// How many there are.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The share of values up to the end of each bin, with that end in seconds: from the last
    /// empty bin before all values to the first that has all of them.
    pub fn cumulative(&self) -> Vec<(f64, f64)> {
        let mut points = Vec::new();
        let mut below = 0;
        for (bin, &count) in self.counts.iter().enumerate() {
            below += count;
            if below > 0 || self.counts.get(bin + 1).is_some_and(|&next| next > 0) {
                points.push((end_s(bin), below as f64 / self.total as f64));
            }
            if below == self.total {
                break;
            }
        }
        points
    }

    /// Share of values that are longer than some seconds, to the width of a bin.
    pub fn share_over(&self, seconds: f64) -> f64 {
        let first = bin(Span::from_secs_f64(seconds)) + 1;
        let over: u64 = self.counts[first.min(BINS)..].iter().sum();
        over as f64 / self.total.max(1) as f64
    }
}

fn bin(span: Span) -> usize {
    let s = span.as_secs_f64();
    if s <= SHORTEST_S {
        return 0;
    }
    // A value at the end of a bin belongs to it.
    let place = (libm::log10(s / SHORTEST_S) * PER_DECADE as f64).ceil();
    (place as usize).clamp(1, BINS - 1)
}

fn end_s(bin: usize) -> f64 {
    SHORTEST_S * libm::pow(10.0, bin as f64 / PER_DECADE as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cumulative_shares_end_at_one_and_bins_hold_what_they_should() {
        let mut bins = LogBins::default();
        for ms in [0, 5, 1_000, 1_000, 60_000, 100_000_000_000_000] {
            bins.add(Span::from_ms(ms));
        }
        let points = bins.cumulative();
        assert_eq!(points.first().map(|point| point.1), Some(2.0 / 6.0));
        assert_eq!(points.last().map(|point| point.1), Some(1.0));
        let at_one = points.iter().find(|point| point.0 >= 0.999).map(|point| point.1);
        assert_eq!(at_one, Some(4.0 / 6.0));
        assert_eq!(bins.share_over(61.0), 1.0 / 6.0);
    }
}
