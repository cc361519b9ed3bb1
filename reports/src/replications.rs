//! Many runs of one input with different seeds.

use crate::summary::Summary;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::collections::BTreeMap;

/// What the intervals are, said wherever they are shown.
pub const MEANING: &str = "the randomness of the world, not the error of the forecast";

/// Share of such intervals that hold the mean of the modelled world.
pub const CONFIDENCE: f64 = 0.95;

/// Figures of the program's own run: they are not the world's.
const OWN: [&str; 5] = ["wall_s", "ns_per_job", "parse_ns_per_job", "startup_ms", "peak_rss_bytes"];

/// Fields that are not figures at all.
const NO_FIGURES: [&str; 3] = ["seed", "sources", "replications"];

/// Intervals of every figure over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replications {
    /// How many runs.
    pub n: u64,
    /// By the path of the field, such as `queue_s.p95` or `by_team.web.cost_usd.total`.
    #[serde(flatten)]
    pub fields: BTreeMap<String, Interval>,
}

/// A mean and its 95 % interval by Student's t.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Mean over the replications that have the figure.
    pub mean: f64,
    /// Lower end; the mean itself where there is one replication.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The first summary, with intervals over all. None without any. The order is the replications'
/// own, never that in which they finished.
pub fn fold(summaries: &[Summary]) -> Option<Summary> {
    let mut first = summaries.first()?.clone();
    let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for summary in summaries {
        // A summary has no map with other keys than text, so this cannot fail.
        if let Ok(value) = serde_json::to_value(summary) {
            gather(&value, "", &mut figures);
        }
    }
    let fields =
        figures.into_iter().filter_map(|(path, values)| Some((path, interval(&values)?))).collect();
    first.replications = Some(Replications { n: summaries.len() as u64, fields });
    Some(first)
}

fn gather(value: &Value, path: &str, into: &mut BTreeMap<String, Vec<f64>>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Number(number) => {
            if let Some(figure) = number.as_f64() {
                into.entry(path.to_owned()).or_default().push(figure);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                let own = path.is_empty()
                    && (OWN.contains(&key.as_str()) || NO_FIGURES.contains(&key.as_str()));
                if !own {
                    gather(field, &join(key), into);
                }
            }
        }
        Value::Array(groups) => {
            for group in groups {
                let name = group.get("name").and_then(Value::as_str).unwrap_or_default();
                gather(group, &join(name), into);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Mean plus and minus t(n-1, 97.5 %) standard errors; none without values.
pub fn interval(values: &[f64]) -> Option<Interval> {
    let n = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let half = StudentsT::new(0.0, 1.0, n - 1.0).map_or(0.0, |t| {
        let variance =
            values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
        t.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)) * (variance / n).sqrt()
    });
    Some(Interval { mean, low: mean - half, high: mean + half })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_interval_is_the_textbook_one() {
        // t(4, 0.975) = 2.776445 (any table); s = 1.581139, n = 5.
        let got = interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert_eq!(got.mean, 3.0);
        assert!((got.high - (3.0 + 2.776_445 * 1.581_139 / 5_f64.sqrt())).abs() < 1e-5);
        assert!((got.mean - got.low - (got.high - got.mean)).abs() < 1e-12);
    }

    #[test]
    fn one_value_has_no_width_and_none_has_no_interval() {
        assert_eq!(interval(&[2.5]), Some(Interval { mean: 2.5, low: 2.5, high: 2.5 }));
        assert_eq!(interval(&[]), None);
    }
}
