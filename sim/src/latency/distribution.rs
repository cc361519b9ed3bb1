//! A distribution of lengths of time.

use super::form::Form;
use crate::random::{Stream, normal_quantile};
use greenroom_scheduler::time::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use thiserror::Error;

/// The longest time that a configuration may name: 30 days in seconds, far above anything that is
/// waited for, and low enough that a slip of units is noticed.
pub const SECONDS_MAX: f64 = 30.0 * 86_400.0;

/// The normal quantile of 0.99, to read a log-normal off its median and p99.
const Z_99: f64 = 2.326_347_874_040_841;

/// A distribution of lengths of time, in seconds.
///
/// Sampling is inversion: each sample takes exactly one draw whatever the distribution, and grows
/// with that draw. So a change of one figure in a configuration shifts the samples of that figure,
/// all in the same direction, and no others.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "Form", into = "Form")]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// Seconds.
        s: f64,
    },
    /// Anything between two bounds, equally likely.
    Uniform {
        /// Seconds at least.
        min_s: f64,
        /// Seconds at most.
        max_s: f64,
    },
    /// The logarithm is normal: the usual shape of times that many small causes multiply.
    LogNormal {
        /// Mean of the natural logarithm of the seconds.
        mu: f64,
        /// Deviation of that logarithm.
        sigma: f64,
    },
    /// Without memory.
    Exponential {
        /// Mean in seconds.
        mean_s: f64,
    },
    /// A measured distribution: points (probability, seconds), joined by straight lines and held
    /// constant before the first and after the last.
    Empirical {
        /// The points, both columns ascending.
        quantiles: Vec<(f64, f64)>,
    },
    /// Another distribution, later by a fixed time.
    Shifted {
        /// Seconds added.
        plus_s: f64,
        /// What they are added to.
        of: Box<Self>,
    },
}

/// Why the figures of a distribution make none.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{key}: found {found}, expected {expected}")]
pub struct Invalid {
    /// The key at fault.
    pub key: &'static str,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

impl Invalid {
    pub(super) fn new(
        key: &'static str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { key, found: found.into(), expected: expected.into() }
    }
}

/// A number of seconds that a distribution can work with.
fn seconds(key: &'static str, value: f64) -> Result<f64, Invalid> {
    if (0.0..=SECONDS_MAX).contains(&value) {
        Ok(value)
    } else {
        Err(Invalid::new(key, value.to_string(), format!("0 to {SECONDS_MAX} seconds")))
    }
}

impl Distribution {
    /// Always `s` seconds, 0 to [`SECONDS_MAX`].
    pub fn constant(s: f64) -> Result<Self, Invalid> {
        Ok(Self::Constant { s: seconds("constant_s", s)? })
    }

    /// Between `min_s` and `max_s` seconds.
    pub fn uniform(min_s: f64, max_s: f64) -> Result<Self, Invalid> {
        let (min_s, max_s) = (seconds("min_s", min_s)?, seconds("max_s", max_s)?);
        if max_s < min_s {
            return Err(Invalid::new(
                "max_s",
                max_s.to_string(),
                format!("at least min_s, which is {min_s}"),
            ));
        }
        Ok(Self::Uniform { min_s, max_s })
    }

    /// Log-normal with this median and p99: `mu = ln p50`, `sigma = ln(p99 / p50) / 2.3263`.
    pub fn log_normal(p50_s: f64, p99_s: f64) -> Result<Self, Invalid> {
        let (p50_s, p99_s) = (seconds("p50_s", p50_s)?, seconds("p99_s", p99_s)?);
        if p50_s == 0.0 {
            return Err(Invalid::new("p50_s", p50_s.to_string(), "more than 0 seconds"));
        }
        if p99_s < p50_s {
            return Err(Invalid::new(
                "p99_s",
                p99_s.to_string(),
                format!("at least p50_s, which is {p50_s}"),
            ));
        }
        Ok(Self::LogNormal { mu: libm::log(p50_s), sigma: libm::log(p99_s / p50_s) / Z_99 })
    }

    /// Log-normal with the mean and deviation of its logarithm.
    pub fn log_normal_of_log(mu: f64, sigma: f64) -> Result<Self, Invalid> {
        // Their bounds: a millisecond to 30 days in the median, a factor of e^5 a deviation.
        if !(-7.0..=15.0).contains(&mu) {
            return Err(Invalid::new(
                "lognormal_mu",
                mu.to_string(),
                "-7 to 15, the logarithm of seconds",
            ));
        }
        if !(0.0..=5.0).contains(&sigma) {
            return Err(Invalid::new("lognormal_sigma", sigma.to_string(), "0 to 5"));
        }
        Ok(Self::LogNormal { mu, sigma })
    }

    /// Exponential with this mean in seconds.
    pub fn exponential(mean_s: f64) -> Result<Self, Invalid> {
        Ok(Self::Exponential { mean_s: seconds("mean_s", mean_s)? })
    }

    /// A measured distribution of at least one point (probability, seconds); the probabilities
    /// ascend strictly within 0 to 1, the seconds never fall.
    pub fn empirical(quantiles: Vec<(f64, f64)>) -> Result<Self, Invalid> {
        const KEY: &str = "quantiles_s";
        if quantiles.is_empty() {
            return Err(Invalid::new(KEY, "no points", "at least one [probability, seconds]"));
        }
        for &(p, s) in &quantiles {
            if !(0.0..=1.0).contains(&p) {
                return Err(Invalid::new(KEY, p.to_string(), "a probability of 0 to 1"));
            }
            seconds(KEY, s)?;
        }
        for pair in quantiles.windows(2) {
            if pair[1].0 <= pair[0].0 {
                return Err(Invalid::new(
                    KEY,
                    pair[1].0.to_string(),
                    format!("more than {}", pair[0].0),
                ));
            }
            if pair[1].1 < pair[0].1 {
                return Err(Invalid::new(
                    KEY,
                    pair[1].1.to_string(),
                    format!("at least {}", pair[0].1),
                ));
            }
        }
        Ok(Self::Empirical { quantiles })
    }

    /// The same distribution, later by `plus_s` seconds.
    pub fn shifted(self, plus_s: f64) -> Result<Self, Invalid> {
        Ok(Self::Shifted { plus_s: seconds("plus_s", plus_s)?, of: Box::new(self) })
    }

    /// The time that a share `p` (strictly between 0 and 1) of all samples stays below, in seconds.
    pub fn quantile_s(&self, p: f64) -> f64 {
        match self {
            Self::Constant { s } => *s,
            Self::Uniform { min_s, max_s } => min_s + (max_s - min_s) * p,
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(p)),
            Self::Exponential { mean_s } => -mean_s * libm::log1p(-p),
            Self::Empirical { quantiles } => between(quantiles, p),
            Self::Shifted { plus_s, of } => plus_s + of.quantile_s(p),
        }
    }

    /// The least that a sample can be, in seconds: that of the smallest draw
    /// ([`Stream::unit`] is never below 2^-53).
    pub fn least_s(&self) -> f64 {
        self.quantile_s(1.0 / (1_u64 << 53) as f64)
    }

    /// The mean in seconds, exactly.
    pub fn mean_s(&self) -> f64 {
        match self {
            Self::Constant { s } => *s,
            Self::Uniform { min_s, max_s } => f64::midpoint(*min_s, *max_s),
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Self::Exponential { mean_s } => *mean_s,
            Self::Empirical { quantiles } => area(quantiles),
            Self::Shifted { plus_s, of } => plus_s + of.mean_s(),
        }
    }

    /// One sample. Takes exactly one draw.
    #[inline]
    pub fn sample_s(&self, stream: &mut Stream) -> f64 {
        self.quantile_s(stream.unit())
    }

    /// One sample, to the millisecond. Takes exactly one draw.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> Span {
        Span::from_secs_f64(self.sample_s(stream))
    }
}

/// Linear interpolation, constant outside. The points are valid: at least one, ascending.
fn between(points: &[(f64, f64)], p: f64) -> f64 {
    let after = points.partition_point(|point| point.0 < p);
    match (after.checked_sub(1).and_then(|n| points.get(n)), points.get(after)) {
        (Some(low), Some(high)) => low.1 + (high.1 - low.1) * (p - low.0) / (high.0 - low.0),
        (Some(only), None) | (None, Some(only)) => only.1,
        (None, None) => 0.0,
    }
}

/// Mean of a distribution given by its quantiles: the integral of the quantile function.
fn area(points: &[(f64, f64)]) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return 0.0 };
    let inside: f64 =
        points.windows(2).map(|w| (w[1].0 - w[0].0) * f64::midpoint(w[0].1, w[1].1)).sum();
    first.0 * first.1 + inside + (1.0 - last.0) * last.1
}

impl JsonSchema for Distribution {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Form::json_schema(generator)
    }
}
