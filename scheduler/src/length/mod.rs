//! How long jobs of a runner set run: a histogram of what was seen to end.
//!
//! The core never knows how long a job will run; it knows how long others of its set did. Buckets are
//! half octaves from a second to twelve days, so that a quantile is right to a fifth; old jobs fade
//! (all counts are halved at `FULL`), and the memory is the same for a hundred jobs and a million.

use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Half octaves.
const BUCKETS: usize = 40;

/// At so many jobs what was seen counts half: a few hundred jobs name a 99th percentile.
const FULL: f32 = 1_024.0;

/// Below so many jobs nothing is said.
const ENOUGH: f32 = 8.0;

/// What was seen to end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    /// Made with the first job.
    counts: Vec<f32>,
    total: f32,
}

impl Lengths {
    /// A job ended after so long.
    pub fn saw(&mut self, length: Span) {
        if self.counts.is_empty() {
            self.counts = vec![0.0; BUCKETS];
        }
        if self.total >= FULL {
            self.counts.iter_mut().for_each(|count| *count *= 0.5);
            self.total = self.counts.iter().sum();
        }
        self.counts[bucket(length)] += 1.0;
        self.total += 1.0;
    }

    /// What a share `q` of the jobs does not exceed; none while too few were seen.
    pub fn quantile(&self, q: f64) -> Option<Span> {
        if self.total < ENOUGH {
            return None;
        }
        let mut left = q.clamp(0.0, 1.0) * f64::from(self.total);
        for (place, &count) in self.counts.iter().enumerate() {
            let count = f64::from(count);
            if left <= count && count > 0.0 {
                return Some(edge(place as f64 + left / count));
            }
            left -= count;
        }
        Some(edge(BUCKETS as f64))
    }

    /// The probability that a job that has run for `elapsed` ends within `more`; none while too few
    /// were seen, or none that ran so long.
    pub fn ends_within(&self, elapsed: Span, more: Span) -> Option<f64> {
        let alive = 1.0 - self.share_below(elapsed)?;
        let then = 1.0 - self.share_below(elapsed + more)?;
        (alive > 1e-6).then(|| 1.0 - then / alive)
    }

    /// The share of the jobs that run at any instant that ends within `more`, in thousandths: the mean
    /// of the lesser of a length and `more`, over the mean length (the residual life of a renewal
    /// process). None while too few were seen.
    pub fn ending_permille(&self, more: Span) -> Option<u32> {
        if self.total < ENOUGH {
            return None;
        }
        let (mut all, mut within) = (0.0, 0.0);
        for (place, &count) in self.counts.iter().enumerate() {
            let middle = edge(place as f64 + 0.5).as_secs_f64();
            all += f64::from(count) * middle;
            within += f64::from(count) * middle.min(more.as_secs_f64());
        }
        Some((1_000.0 * within / all) as u32)
    }

    /// The share of jobs that is over after `length`, straight within a bucket's logarithm.
    fn share_below(&self, length: Span) -> Option<f64> {
        if self.total < ENOUGH {
            return None;
        }
        let at = position(length);
        let mut sum = 0.0;
        for (place, &count) in self.counts.iter().enumerate() {
            sum += f64::from(count) * (at - place as f64).clamp(0.0, 1.0);
        }
        Some(sum / f64::from(self.total))
    }
}

/// Where a length lies among the buckets.
fn position(length: Span) -> f64 {
    2.0 * libm::log2(length.as_secs_f64().max(1.0))
}

/// The length at a place among the buckets.
fn edge(position: f64) -> Span {
    Span::from_secs_f64(libm::exp2(position / 2.0))
}

fn bucket(length: Span) -> usize {
    (position(length) as usize).min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_fifth_whatever_came_before() {
        let mut lengths = Lengths::default();
        assert_eq!(lengths.quantile(0.5), None);
        for _ in 0..5_000 {
            lengths.saw(Span::from_secs(7_200));
        }
        for nth in 1..=20_000 {
            // Every length as often, in no order.
            lengths.saw(Span::from_secs(nth * 7_919 % 1_000 + 1));
        }
        for (q, expected) in [(0.1, 100.0), (0.5, 500.0), (0.9, 900.0), (0.99, 990.0)] {
            let found = lengths.quantile(q).unwrap().as_secs_f64();
            assert!((found / expected - 1.0).abs() < 0.2, "{q}: {found}");
        }
    }

    #[test]
    fn of_jobs_of_one_length_a_share_ends_as_long_as_time_goes() {
        let mut lengths = Lengths::default();
        assert_eq!(lengths.ending_permille(Span::from_secs(60)), None);
        (0..200).for_each(|_| lengths.saw(Span::from_secs(600)));
        // 600 s fall into a bucket from 512 to 724 s, whose middle is 609 s.
        assert_eq!(lengths.ending_permille(Span::from_secs(60)), Some(98));
        assert_eq!(lengths.ending_permille(Span::from_secs(6_000)), Some(1_000));
    }

    #[test]
    fn who_has_run_long_has_little_left() {
        let mut lengths = Lengths::default();
        (0..200).for_each(|_| lengths.saw(Span::from_secs(600)));
        let within = |elapsed| {
            lengths.ends_within(Span::from_secs(elapsed), Span::from_secs(100)).unwrap_or(1.0)
        };
        assert!(within(60) < 0.05, "{}", within(60));
        assert!(within(620) > 0.3, "{}", within(620));
        // Longer than any was seen: nothing is known, and nothing is claimed.
        assert_eq!(lengths.ends_within(Span::from_secs(9_000), Span::from_secs(100)), None);
    }
}
