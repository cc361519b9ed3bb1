//! Counts of arrivals in windows of equal length.

use super::figures::Dispersion;
use greenroom_scheduler::time::Time;

const LENGTHS_MS: [u64; 3] = [60_000, 600_000, 3_600_000];

/// Counts in windows of a minute, ten minutes and an hour at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows {
    /// Where the first window of each length begins.
    origin: Option<Time>,
    counts: [Counts; 3],
}

#[derive(Clone, Debug, Default)]
struct Counts {
    /// The window that is being counted: how many lie before it.
    current: u64,
    in_current: u64,
    /// Of the windows before: the sum of their counts and of the squares.
    sum: u128,
    squares: u128,
}

impl Windows {
    /// A job arrives. `now` never goes back.
    pub(super) fn add(&mut self, now: Time) {
        let origin = *self.origin.get_or_insert(now);
        for (counts, length) in self.counts.iter_mut().zip(LENGTHS_MS) {
            let window = now.since(origin).as_ms() / length;
            if window > counts.current {
                counts.close();
                counts.current = window;
            }
            counts.in_current += 1;
        }
    }

    pub(super) fn dispersion(mut self) -> Dispersion {
        self.counts.iter_mut().for_each(Counts::close);
        let [one_minute, ten_minutes, one_hour] =
            [0, 1, 2].map(|which| self.counts[which].dispersion());
        Dispersion { one_minute, ten_minutes, one_hour }
    }
}

impl Counts {
    fn close(&mut self) {
        let count = u128::from(self.in_current);
        self.sum += count;
        self.squares += count * count;
        self.in_current = 0;
    }

    fn dispersion(&self) -> Option<f64> {
        // One window has no variance.
        if self.current == 0 {
            return None;
        }
        let count = (self.current + 1) as f64;
        let mean = self.sum as f64 / count;
        let variance = self.squares as f64 / count - mean * mean;
        Some(variance.max(0.0) / mean)
    }
}
