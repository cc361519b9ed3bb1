//! Keyed streams: golden values, uniformity, independence, and the normal quantile.

use expect_test::expect;
use greenroom_sim::random::{Purpose, Streams, normal_quantile, pair, text, triple};
use proptest::prelude::*;
use rand::{Rng, RngExt};
use statrs::distribution::{ContinuousCDF, Normal};
use std::fmt::Write;

/// What a seed means may never change unnoticed: recorded results would change with it.
#[test]
fn the_first_values_of_known_streams_stay_what_they_are() {
    let mut text_of_values = String::new();
    for (seed, purpose, entity) in [
        (0, Purpose::JobDuration, 0),
        (1, Purpose::JobDuration, 0),
        (1, Purpose::Boot, 0),
        (1, Purpose::Boot, 1),
        (u64::MAX, Purpose::Choice, triple(1, 2, 3)),
        (7, Purpose::Capacity, pair(text("m7i.large"), text("us-east-1a"))),
    ] {
        let mut stream = Streams::new(seed).stream(purpose, entity);
        writeln!(
            text_of_values,
            "{:016x} {:016x} {:.17} {:.17}",
            stream.bits(),
            stream.bits(),
            stream.unit(),
            stream.normal(),
        )
        .unwrap();
    }
    expect![[r"
        dd6672ee0f835337 7c39c891f9339c3e 0.00373738832095605 -0.44088675835789382
        6bba78df7d7e8bbd 0def66783a35b75a 0.37870454537459308 -0.69716691532722874
        e73af0d8138c1b94 eb6904472e3bc3cb 0.28777758048764224 0.15835594287811158
        795123fba08bcdea 58ad6432e79f2a2e 0.77686980164975095 0.91080811332326395
        417db90bcf5247c6 58fd059ffedaf022 0.36039647211290815 0.35250288832289361
        17413c46cad582a8 f3cda686f5846c3a 0.63154317893197109 1.63785614098508958
    "]]
    .assert_eq(&text_of_values);
}

/// Pearson's chi-square over `cells` equally likely cells, as a deviation from its mean in
/// standard deviations (for many cells it is close to normal).
fn chi_square_deviation(counts: &[u32]) -> f64 {
    let total: u32 = counts.iter().sum();
    let expected = f64::from(total) / counts.len() as f64;
    let chi: f64 = counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    let freedom = counts.len() as f64 - 1.0;
    (chi - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn first_draws_of_neighbouring_entities_are_uniform_and_independent() {
    let mut cells = vec![0_u32; 256];
    let mut pairs = vec![0_u32; 4096];
    let mut before = 0;
    for entity in 0..200_000 {
        let top = Streams::new(42).stream(Purpose::Boot, entity).bits() >> 56;
        cells[top as usize] += 1;
        pairs[(((before >> 2) << 6) | (top >> 2)) as usize] += 1;
        before = top;
    }
    assert!(chi_square_deviation(&cells).abs() < 4.5);
    assert!(chi_square_deviation(&pairs).abs() < 4.5);
}

#[test]
fn neighbouring_seeds_and_purposes_are_independent() {
    let mut by_seed = vec![0_u32; 4096];
    let mut by_purpose = vec![0_u32; 4096];
    for n in 0..200_000 {
        let here = Streams::new(n).stream(Purpose::Boot, 5).bits() >> 58;
        let next = Streams::new(n + 1).stream(Purpose::Boot, 5).bits() >> 58;
        let other = Streams::new(n).stream(Purpose::Capacity, 5).bits() >> 58;
        by_seed[((here << 6) | next) as usize] += 1;
        by_purpose[((here << 6) | other) as usize] += 1;
    }
    assert!(chi_square_deviation(&by_seed).abs() < 4.5);
    assert!(chi_square_deviation(&by_purpose).abs() < 4.5);
}

#[test]
fn a_long_stream_is_uniform_and_its_neighbours_uncorrelated() {
    let mut stream = Streams::new(3).stream(Purpose::Generator, 1);
    let values: Vec<f64> = (0..400_000).map(|_| stream.unit()).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    // Uniform: deviation of the mean is 1 / sqrt(12 n).
    assert!((mean - 0.5).abs() < 4.5 / (12.0 * count).sqrt());
    let product: f64 = values.windows(2).map(|w| (w[0] - 0.5) * (w[1] - 0.5)).sum::<f64>();
    // Each product has deviation 1/12.
    assert!((product * 12.0 / count.sqrt()).abs() < 4.5);
}

#[test]
fn one_flipped_bit_of_a_seed_or_an_entity_flips_half_of_the_draw() {
    let flips = |f: &dyn Fn(u64) -> u64| {
        let total: u32 = (0..64)
            .flat_map(|bit| (0..64).map(move |n| (bit, n * 0x1234_5677)))
            .map(|(bit, n)| (f(n) ^ f(n ^ (1 << bit))).count_ones())
            .sum();
        f64::from(total) / 4096.0
    };
    let by_seed = flips(&|seed| Streams::new(seed).stream(Purpose::Boot, 9).bits());
    let by_entity = flips(&|entity| Streams::new(9).stream(Purpose::Boot, entity).bits());
    // 4,096 words of 64 fair bits: the mean of 32 has deviation 4 / 64.
    assert!((by_seed - 32.0).abs() < 0.3, "{by_seed}");
    assert!((by_entity - 32.0).abs() < 0.3, "{by_entity}");
}

#[test]
fn exponential_and_normal_have_their_moments() {
    let mut stream = Streams::new(8).stream(Purpose::Generator, 2);
    let count = 200_000_u32;
    let (mut exponential, mut normal, mut square) = (0.0, 0.0, 0.0);
    for _ in 0..count {
        exponential += stream.exponential();
        let z = stream.normal();
        normal += z;
        square += z * z;
    }
    let count = f64::from(count);
    assert!((exponential / count - 1.0).abs() < 4.5 / count.sqrt());
    assert!((normal / count).abs() < 4.5 / count.sqrt());
    assert!((square / count - 1.0).abs() < 4.5 * (2.0 / count).sqrt());
}

#[test]
fn the_normal_quantile_agrees_with_an_independent_one() {
    let normal = Normal::standard();
    for n in 1..2000 {
        let p = f64::from(n) / 2000.0;
        assert!((normal.cdf(normal_quantile(p)) - p).abs() < 1e-10, "{p}");
    }
    for (p, z) in [
        // Tables to 15 digits.
        (0.5, 0.0),
        (0.975, 1.959_963_984_540_054),
        (0.99, 2.326_347_874_040_841),
        (1e-6, -4.753_424_308_822_899),
        (1e-10, -6.361_340_902_404_056),
        (1e-300, -37.047_096_299_361_2),
    ] {
        assert!((normal_quantile(p) - z).abs() <= 1e-13 * z.abs().max(1.0), "{p}");
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(f64::NAN).is_nan());
}

#[test]
fn replication_zero_is_the_run_itself_and_others_differ() {
    let run = Streams::new(11);
    assert_eq!(run.replication(0), run);
    let mut seen: Vec<u64> =
        (0..1000).map(|n| run.replication(n).stream(Purpose::Boot, 0).bits()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 1000);
}

proptest! {
    #[test]
    fn a_stream_depends_on_its_name_alone(seed: u64, entity: u64, others in prop::collection::vec(any::<u64>(), 0..20)) {
        let alone = Streams::new(seed).stream(Purpose::Boot, entity).bits();
        for other in others {
            Streams::new(seed).stream(Purpose::Boot, other).bits();
        }
        prop_assert_eq!(alone, Streams::new(seed).stream(Purpose::Boot, entity).bits());
    }

    #[test]
    fn draws_stay_in_their_range(seed: u64, count in 1_u64..) {
        let mut stream = Streams::new(seed).stream(Purpose::Choice, 0);
        prop_assert!(stream.below(count) < count);
        let unit = stream.unit();
        prop_assert!(unit > 0.0 && unit < 1.0);
        prop_assert!(stream.exponential() > 0.0);
        prop_assert!(stream.normal().is_finite());
    }

    #[test]
    fn bytes_are_the_words_in_little_endian(seed: u64, length in 0_usize..40) {
        let mut bytes = vec![0; length];
        Streams::new(seed).stream(Purpose::Choice, 0).fill_bytes(&mut bytes);
        let mut stream = Streams::new(seed).stream(Purpose::Choice, 0);
        let words: Vec<u8> = (0..5).flat_map(|_| stream.next_u64().to_le_bytes()).collect();
        prop_assert_eq!(&bytes[..], &words[..length]);
        let die: u8 = stream.random_range(1..=6);
        prop_assert!((1..=6).contains(&die));
    }

    #[test]
    fn pairs_tell_their_order(a: u64, b: u64) {
        prop_assume!(a != b);
        prop_assert_ne!(pair(a, b), pair(b, a));
    }
}
