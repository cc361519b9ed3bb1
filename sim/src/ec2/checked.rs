//! Numbers of a configuration within their bounds; a value outside is an error that says both.

use serde::de::{Deserialize, Deserializer, Error};

fn within<'de, D>(deserializer: D, from: f64, to: f64, what: &str) -> Result<f64, D::Error>
where
    D: Deserializer<'de>,
{
    let value = f64::deserialize(deserializer)?;
    if (from..=to).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("found {value}, expected {what} of {from} to {to}")))
    }
}

/// A share of a whole.
pub(crate) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 0.0, 1.0, "a share")
}

/// Events an hour. A pool that is lost more than once a minute is no pool, and the bound keeps a
/// timeline small.
pub(crate) fn per_hour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 0.0, 60.0, "a rate an hour")
}

/// The same, where it may be absent.
pub(crate) fn optional_per_hour<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    per_hour(deserializer).map(Some)
}

/// A factor.
pub(crate) fn factor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 0.0, 1_000.0, "a factor")
}

/// A percentage below the whole.
pub(crate) fn optional_percent<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    within(deserializer, 0.0, 99.0, "percent").map(Some)
}

/// A deviation of a logarithm.
pub(crate) fn log_deviation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 0.0, 2.0, "a deviation of the logarithm")
}

/// A length of time in hours that is not nothing.
pub(crate) fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 0.01, 100_000.0, "hours")
}

/// A percentage below the whole, always there.
pub(crate) fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 0.0, 99.0, "percent")
}
