//! One side of a comparison.

use super::Metric;
use super::days::Days;
use super::frontier::Frontier;
use crate::summary::Summary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A policy or a configuration, with what came of it.
#[derive(Clone, Debug)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// Its summary, intervals over replications included.
    pub summary: Summary,
    /// Its figures, replication by replication.
    pub runs: Runs,
    /// Its first replication by day, where it was followed.
    pub days: Option<Days>,
    /// What it cannot lie below, where that is known.
    pub frontier: Option<Frontier>,
}

/// Figures of a side, replication by replication: what pairs are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// What the side is called.
    pub name: String,
    /// Seed of the first replication.
    pub seed: u64,
    /// What was run.
    pub trace: String,
    /// Values by the path of the field in a summary; none where a run had no jobs.
    pub values: BTreeMap<String, Vec<Option<f64>>>,
}

impl Runs {
    /// From summaries in the order of their replications.
    pub fn of(name: &str, summaries: &[Summary]) -> Self {
        let first = summaries.first();
        let values = Metric::ALL.into_iter().map(|metric| {
            let values = summaries.iter().map(|summary| metric.of(summary)).collect();
            (metric.path().to_owned(), values)
        });
        Self {
            name: name.to_owned(),
            seed: first.map_or(0, |summary| summary.seed),
            trace: first.map(|summary| summary.trace.clone()).unwrap_or_default(),
            values: values.collect(),
        }
    }

    /// The values of a figure; none where a run lacks it.
    pub fn of_metric(&self, metric: Metric) -> Option<Vec<f64>> {
        let values = self.values.get(metric.path())?;
        values.iter().copied().collect::<Option<Vec<f64>>>().filter(|values| !values.is_empty())
    }

    /// Whether run by run both met the same world: the same jobs, and the same luck.
    pub fn is_paired_with(&self, other: &Self) -> bool {
        let runs = |of: &Self| of.values.values().next().map_or(0, Vec::len);
        self.seed == other.seed && self.trace == other.trace && runs(self) == runs(other)
    }
}
