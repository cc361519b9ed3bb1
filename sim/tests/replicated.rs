//! Means over replications, and whether a closed form lies in their interval.

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Over 30, from where on the t-interval of a skewed mean covers what it says (measured on M/M/c:
/// a nominal 95 % interval of 30 runs covers 94.2 %, of 5 runs 91.5 %).
const REPLICATIONS: u64 = 40;

/// What a replication measured.
pub(crate) type Measured<const N: usize> = [f64; N];

/// All replications, in their order. `one` takes the number of the replication.
pub(crate) fn replicate<T: Send>(one: impl Fn(u64) -> T + Sync + Send) -> Vec<T> {
    (0..REPLICATIONS).into_par_iter().map(one).collect()
}

/// Asserts that each expected value lies in the 99.9 % interval of its measured mean (Student's t),
/// and that the interval is no wider than `width_max` of the value, so that it says something.
pub(crate) fn assert_inside<const N: usize>(
    what: &str,
    measured: &[Measured<N>],
    expected: [(&str, f64); N],
    width_max: f64,
) {
    let count = measured.len() as f64;
    let quantile = StudentsT::new(0.0, 1.0, count - 1.0).unwrap().inverse_cdf(0.9995);
    for (nth, (name, value)) in expected.into_iter().enumerate() {
        let mean = measured.iter().map(|run| run[nth]).sum::<f64>() / count;
        let squares = measured.iter().map(|run| (run[nth] - mean).powi(2)).sum::<f64>();
        let half = quantile * (squares / (count - 1.0) / count).sqrt();
        let told = format!("{what}, {name}: {mean:.6} +- {half:.6}, expected {value:.6}");
        assert!((mean - value).abs() <= half, "{told}");
        assert!(half <= width_max * value.abs(), "too wide: {told}");
    }
}
