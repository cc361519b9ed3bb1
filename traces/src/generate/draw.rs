//! Randomness by name, and the few distributions that jobs need.

use rand::distr::{Distribution, Open01};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// What a stream decides. The numbers are part of what a seed means: none is ever used again.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Stream {
    /// Teams, repositories, workflows and jobs. Entity: the repository, or 0.
    Catalogue = 1,
    /// Times between pushes. Entity: 0.
    Traffic = 2,
    /// Trigger, repository and follow-up of one push. Entity: the push.
    Push = 3,
    /// Width and durations of one run, the same in every attempt. Entity: the run.
    Run = 4,
    /// Failures of the first attempt of a run. Entity: the run.
    FirstFate = 5,
    /// Failures of the second attempt of a run. Entity: the run.
    SecondFate = 6,
    /// Repository and minute of one entry of the timetable. Entity: the entry.
    Timetable = 7,
}

/// A generator for one entity.
///
/// `Xoshiro256PlusPlus` is the portable one of `rand`: `SmallRng` differs between 32 and 64 bits,
/// and `StdRng` may change with a release and costs 70 ns to seed. Seeding this takes 8 ns, once a
/// run of several jobs. The distributions are own code since those of `rand_distr` follow the
/// mathematical library of the machine as soon as any crate of the build turns on
/// `num-traits/std`; the last bit would then differ between machines, and with it a trace.
pub(super) struct Draw {
    generator: Xoshiro256PlusPlus,
    spare: Option<f64>,
}

/// 2^64 divided by the golden ratio, made odd (the increment of SplitMix64).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64 (Steele, Lea, Flood, 2014): each input bit flips each output bit
/// about half of the time.
const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// One key of two, order mattering.
pub(super) const fn pair(first: u64, second: u64) -> u64 {
    mix(mix(first.wrapping_add(GOLDEN)) ^ second)
}

impl Draw {
    pub(super) fn new(seed: u64, stream: Stream, entity: u64) -> Self {
        let key = pair(pair(seed, stream as u64), entity);
        Self { generator: Xoshiro256PlusPlus::seed_from_u64(key), spare: None }
    }

    /// Uniform in the open interval (0, 1).
    #[inline]
    pub(super) fn unit(&mut self) -> f64 {
        Open01.sample(&mut self.generator)
    }

    /// Whether something of this probability happens.
    #[inline]
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform among `0..count`; 0 when `count` is 0.
    #[inline]
    pub(super) fn below(&mut self, count: u64) -> u64 {
        if count == 0 { 0 } else { self.generator.random_range(0..count) }
    }

    /// Exponential with mean 1.
    #[inline]
    pub(super) fn exponential(&mut self) -> f64 {
        -libm::log(self.unit())
    }

    /// Normal with mean 0 and deviation 1: Marsaglia's polar method, two at a time.
    #[inline]
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                let factor = libm::sqrt(-2.0 * libm::log(square) / square);
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Log-normal: `mu` and `sigma` are those of the natural logarithm.
    #[inline]
    pub(super) fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        libm::exp(mu + sigma * self.normal())
    }

    /// A place in a table of growing sums, each with the share that it adds.
    #[inline]
    pub(super) fn pick(&mut self, sums: &[f64]) -> usize {
        let Some(&total) = sums.last() else { return 0 };
        let at = self.unit() * total;
        sums.partition_point(|&sum| sum <= at).min(sums.len() - 1)
    }
}

/// The growing sums of some shares.
pub(super) fn sums(shares: impl Iterator<Item = f64>) -> Vec<f64> {
    shares
        .scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_numbers_for_ever() {
        let mut draw = Draw::new(1, Stream::Run, 42);
        let text = format!(
            "{} {} {:.15} {:.15} {:.15}",
            draw.below(1000),
            draw.below(1000),
            draw.unit(),
            draw.exponential(),
            draw.lognormal(6.97, 0.58)
        );
        expect_test::expect!["635 706 0.669707303809418 1.494645202704457 1182.055428476346606"]
            .assert_eq(&text);
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        const COUNT: u32 = 200_000;
        let mut draw = Draw::new(7, Stream::Run, 1);
        let mean = |values: &mut dyn FnMut() -> f64| {
            (0..COUNT).map(|_| values()).sum::<f64>() / f64::from(COUNT)
        };
        // Six standard errors of each estimate.
        let bound = 6.0 / f64::from(COUNT).sqrt();
        assert!(mean(&mut || draw.normal()).abs() < bound);
        assert!((mean(&mut || draw.normal().powi(2)) - 1.0).abs() < bound * 2_f64.sqrt());
        assert!((mean(&mut || draw.normal().powi(4)) - 3.0).abs() < bound * 96_f64.sqrt());
        assert!((mean(&mut || draw.exponential()) - 1.0).abs() < bound);
        assert!((mean(&mut || draw.lognormal(1.0, 0.5).ln()) - 1.0).abs() < bound * 0.5);
    }

    #[test]
    fn entities_streams_and_seeds_share_no_draws() {
        let first = |seed, stream, entity| Draw::new(seed, stream, entity).below(u64::MAX);
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..20 {
            for entity in 0..200 {
                assert!(seen.insert(first(seed, Stream::Run, entity)));
                assert!(seen.insert(first(seed, Stream::Push, entity)));
            }
        }
    }

    #[test]
    fn picks_follow_their_shares() {
        let table = sums([0.5, 0.0, 0.3, 0.2].into_iter());
        let mut draw = Draw::new(3, Stream::Push, 9);
        let mut counts = [0_u32; 4];
        for _ in 0..100_000 {
            counts[draw.pick(&table)] += 1;
        }
        assert_eq!(counts[1], 0);
        for (count, share) in counts.iter().zip([0.5, 0.0, 0.3, 0.2]) {
            assert!((f64::from(*count) - 100_000.0 * share).abs() < 1_000.0, "{counts:?}");
        }
    }
}
