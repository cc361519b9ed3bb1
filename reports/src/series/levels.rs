//! Levels over time in bins that double in width as the run goes on.

use greenroom_scheduler::time::{Span, Time};

/// Most bins: a chart is about as many pixels wide.
const BINS_MAX: usize = 512;

/// Width of a bin at first.
const WIDTH_MS: u64 = 1_000;

/// The means of `K` levels over time.
#[derive(Clone, Debug)]
pub struct Levels<const K: usize> {
    start: Option<Time>,
    now: Time,
    width_ms: u64,
    level: [u64; K],
    /// Level times milliseconds.
    bins: Vec<[u64; K]>,
    peak: [u64; K],
}

impl<const K: usize> Default for Levels<K> {
    fn default() -> Self {
        Self {
            start: None,
            now: Time::ZERO,
            width_ms: WIDTH_MS,
            level: [0; K],
            bins: Vec::new(),
            peak: [0; K],
        }
    }
}

impl<const K: usize> Levels<K> {
    /// A level rises by one.
    pub fn up(&mut self, at: Time, level: usize) {
        self.advance(at);
        self.level[level] += 1;
        self.peak[level] = self.peak[level].max(self.level[level]);
    }

    /// A level falls by one.
    pub fn down(&mut self, at: Time, level: usize) {
        self.advance(at);
        self.level[level] = self.level[level].saturating_sub(1);
    }

    /// Time passes.
    pub fn advance(&mut self, at: Time) {
        let start = *self.start.get_or_insert(at);
        let mut from = self.now.max(start);
        while at.since(start).as_ms() > self.width_ms.saturating_mul(BINS_MAX as u64) {
            self.double();
        }
        while from < at {
            let bin = from.since(start).as_ms() / self.width_ms;
            let until = (start + Span::from_ms((bin + 1).saturating_mul(self.width_ms))).min(at);
            let bin = bin as usize;
            if bin >= self.bins.len() {
                self.bins.resize(bin + 1, [0; K]);
            }
            let ms = until.since(from).as_ms();
            for (sum, level) in self.bins[bin].iter_mut().zip(self.level) {
                *sum = sum.saturating_add(level.saturating_mul(ms));
            }
            from = until;
        }
        self.now = self.now.max(at);
    }

    fn double(&mut self) {
        let halves = std::mem::take(&mut self.bins);
        self.bins = halves
            .chunks(2)
            .map(|pair| {
                let mut sum = pair[0];
                for (sum, other) in sum.iter_mut().zip(pair.get(1).unwrap_or(&[0; K])) {
                    *sum = sum.saturating_add(*other);
                }
                sum
            })
            .collect();
        self.width_ms = self.width_ms.saturating_mul(2);
    }

    /// First instant.
    pub fn start(&self) -> Time {
        self.start.unwrap_or(Time::ZERO)
    }

    /// Last instant.
    pub const fn end(&self) -> Time {
        self.now
    }

    /// Width of a bin.
    pub const fn width(&self) -> Span {
        Span::from_ms(self.width_ms)
    }

    /// Highest value of each level at any instant.
    pub const fn peak(&self) -> [u64; K] {
        self.peak
    }

    /// Mean of each level in each bin, in order of time.
    pub fn means(&self) -> Vec<[f64; K]> {
        let all_ms = self.now.since(self.start()).as_ms();
        self.bins
            .iter()
            .enumerate()
            .map(|(bin, sums)| {
                // The last bin may not be full.
                let from_ms = (bin as u64).saturating_mul(self.width_ms);
                let ms = self.width_ms.min(all_ms.saturating_sub(from_ms)).max(1);
                sums.map(|sum| sum as f64 / ms as f64)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn doubling_loses_no_time(steps in prop::collection::vec((1_u64..4_000_000, any::<bool>()), 1..60)) {
            let (mut levels, mut at, mut level, mut area) = (Levels::<1>::default(), 500_u64, 0_u64, 0_u64);
            levels.advance(Time::from_ms(at));
            for (ms, up) in steps {
                at += ms;
                area += level * ms;
                if up {
                    levels.up(Time::from_ms(at), 0);
                    level += 1;
                } else {
                    levels.down(Time::from_ms(at), 0);
                    level = level.saturating_sub(1);
                }
            }
            prop_assert!(levels.bins.len() <= BINS_MAX);
            prop_assert_eq!(levels.bins.iter().map(|sums| sums[0]).sum::<u64>(), area);
        }
    }
}
