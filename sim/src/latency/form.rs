//! How a distribution is written in a configuration.

use super::{Distribution, Invalid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A distribution of times as a table. Give one of: `constant_s`; `min_s` and `max_s`; `p50_s` and
/// `p99_s`; `lognormal_mu` and `lognormal_sigma`; `mean_s` (exponential); `quantiles_s`. With any
/// of them `plus_s` may stand, which is added. All in seconds, 0 to 2,592,000.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { p50_s = 24, p99_s = 60 }")]
pub struct Form {
    /// Always this long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_s: Option<f64>,
    /// Lower bound of a uniform time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_s: Option<f64>,
    /// Upper bound of a uniform time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_s: Option<f64>,
    /// Median of a log-normal time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_s: Option<f64>,
    /// 99th percentile of a log-normal time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_s: Option<f64>,
    /// Mean of the natural logarithm of a log-normal time in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lognormal_mu: Option<f64>,
    /// Deviation of that logarithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lognormal_sigma: Option<f64>,
    /// Mean of an exponential time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_s: Option<f64>,
    /// Measured points `[probability, seconds]`, ascending; straight lines between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles_s: Option<Vec<(f64, f64)>>,
    /// Added to every sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus_s: Option<f64>,
}

/// The ways to write one, for error messages.
const WAYS: &str = "one of: constant_s; min_s and max_s; p50_s and p99_s; lognormal_mu and \
                    lognormal_sigma; mean_s; quantiles_s (each with plus_s if wanted)";

impl Form {
    /// The keys that were given, beside `plus_s`, in their order in this type.
    fn given(&self) -> Vec<&'static str> {
        [
            ("constant_s", self.constant_s.is_some()),
            ("min_s", self.min_s.is_some()),
            ("max_s", self.max_s.is_some()),
            ("p50_s", self.p50_s.is_some()),
            ("p99_s", self.p99_s.is_some()),
            ("lognormal_mu", self.lognormal_mu.is_some()),
            ("lognormal_sigma", self.lognormal_sigma.is_some()),
            ("mean_s", self.mean_s.is_some()),
            ("quantiles_s", self.quantiles_s.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, given)| given.then_some(key))
        .collect()
    }
}

impl TryFrom<Form> for Distribution {
    type Error = Invalid;

    fn try_from(form: Form) -> Result<Self, Invalid> {
        let given = form.given();
        let plain = match (given.as_slice(), &form) {
            (["constant_s"], Form { constant_s: Some(s), .. }) => Self::constant(*s)?,
            (["min_s", "max_s"], Form { min_s: Some(min), max_s: Some(max), .. }) => {
                Self::uniform(*min, *max)?
            }
            (["p50_s", "p99_s"], Form { p50_s: Some(p50), p99_s: Some(p99), .. }) => {
                Self::log_normal(*p50, *p99)?
            }
            (
                ["lognormal_mu", "lognormal_sigma"],
                Form { lognormal_mu: Some(mu), lognormal_sigma: Some(sigma), .. },
            ) => Self::log_normal_of_log(*mu, *sigma)?,
            (["mean_s"], Form { mean_s: Some(mean), .. }) => Self::exponential(*mean)?,
            (["quantiles_s"], Form { quantiles_s: Some(points), .. }) => {
                Self::empirical(points.clone())?
            }
            ([], _) => return Err(Invalid::new("distribution", "no key of one", WAYS)),
            (keys, _) => return Err(Invalid::new("distribution", keys.join(", "), WAYS)),
        };
        match form.plus_s {
            Some(plus_s) => plain.shifted(plus_s),
            None => Ok(plain),
        }
    }
}

impl From<Distribution> for Form {
    fn from(distribution: Distribution) -> Self {
        let none = Self::default();
        match distribution {
            Distribution::Constant { s } => Self { constant_s: Some(s), ..none },
            Distribution::Uniform { min_s, max_s } => {
                Self { min_s: Some(min_s), max_s: Some(max_s), ..none }
            }
            Distribution::LogNormal { mu, sigma } => {
                Self { lognormal_mu: Some(mu), lognormal_sigma: Some(sigma), ..none }
            }
            Distribution::Exponential { mean_s } => Self { mean_s: Some(mean_s), ..none },
            Distribution::Empirical { quantiles } => Self { quantiles_s: Some(quantiles), ..none },
            Distribution::Shifted { plus_s, of } => {
                let inner = Self::from(*of);
                Self { plus_s: Some(plus_s + inner.plus_s.unwrap_or(0.0)), ..inner }
            }
        }
    }
}
