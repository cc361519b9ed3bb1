//! A comparison for a terminal.

use super::{Comparison, Metric, Over, Paired, Runs};
use crate::replications::{Interval, interval};
use crate::table::{aligned, columns};
use crate::words;
use std::fmt::Write as _;

/// Columns of the tables of sides: what they cost, and how long people waited.
const SHOWN: [&[(Metric, &str)]; 2] = [
    &[
        (Metric::Cost, "cost"),
        (Metric::CostRatio, "ratio"),
        (Metric::Gap, "avoidable"),
        (Metric::NodeTime, "node time"),
        (Metric::NeverUsed, "never used"),
        (Metric::Interrupted, "interrupted"),
        (Metric::Lost, "lost"),
    ],
    &[
        (Metric::QueueMean, "mean"),
        (Metric::QueueP50, "median"),
        (Metric::QueueP95, "p95"),
        (Metric::QueueP99, "p99"),
        (Metric::CriticalPath, "critical path"),
    ],
];

/// What the columns mean that are not plain.
const MEANING: &str = "ratio: cost of machines over the least that lets nobody wait. avoidable: cost \
                       of machines and waiting over\nthe best in hindsight, less one. never used: \
                       nodes that ran no job. ±: 95 % intervals.\n";

pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    let runs = comparison
        .summaries
        .iter()
        .map(|summary| summary.replications.as_ref().map_or(1, |replications| replications.n));
    if let Some(summary) = comparison.summaries.first() {
        // Writing to text cannot fail.
        let _ = writeln!(
            text,
            "{}: {} jobs, world {}, seed {}, {} a side\n",
            summary.trace,
            words::count(summary.jobs.arrived),
            summary.world,
            summary.seed,
            words::runs(runs.max().unwrap_or(1))
        );
    }
    for (shown, first) in SHOWN.into_iter().zip(["mean of", "queue time"]) {
        text.push_str(&columns(&sides(comparison, shown, first), |place| place == 0));
        text.push('\n');
    }
    text.push_str(MEANING);
    for over in [Over::World, Over::WorldUnpaired, Over::Days] {
        let pairs: Vec<&Paired> =
            comparison.paired.iter().filter(|pair| pair.over == over).collect();
        if pairs.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\nDifferences, 95 % intervals over {}:", over.meaning());
        text.push_str(&aligned(&rows(&pairs)));
    }
    let _ = writeln!(text, "\n{}", comparison.verdict);
    text
}

fn sides(comparison: &Comparison, shown: &[(Metric, &str)], first: &str) -> Vec<Vec<String>> {
    let names = shown.iter().map(|(_, name)| *name);
    let mut rows = vec![[first].into_iter().chain(names).map(ToOwned::to_owned).collect()];
    for runs in &comparison.sides {
        let mut row = vec![runs.name.clone()];
        row.extend(shown.iter().map(|(metric, _)| cell(*metric, runs)));
        rows.push(row);
    }
    rows
}

/// A mean and half the width of its interval, where it has any.
fn cell(metric: Metric, runs: &Runs) -> String {
    let Some(values) = runs.of_metric(metric) else { return "-".to_owned() };
    let Some(Interval { mean, high, .. }) = interval(&values) else { return "-".to_owned() };
    metric.with_spread(mean, high - mean)
}

fn rows(pairs: &[&Paired]) -> Vec<[String; 5]> {
    let mut rows = vec![["", "from", "to", "difference", "interval"].map(ToOwned::to_owned)];
    let mut sides: Option<(&str, &str)> = None;
    for pair in pairs {
        let Some(metric) = pair.metric() else { continue };
        if sides != Some((&pair.side_a, &pair.side_b)) {
            sides = Some((&pair.side_a, &pair.side_b));
            let name = format!("{} -> {}", pair.side_a, pair.side_b);
            rows.push([name, String::new(), String::new(), String::new(), String::new()]);
        }
        let share = pair.relative.map(|share| {
            let sign = if share < 0.0 { "-" } else { "+" };
            format!(" ({sign}{})", words::percent(share.abs()))
        });
        rows.push([
            format!("  {}", metric.title()),
            metric.text(pair.a),
            metric.text(pair.b),
            format!("{}{}", metric.signed(pair.difference), share.unwrap_or_default()),
            match (pair.low, pair.high) {
                (Some(low), Some(high)) => {
                    format!("{} to {}", metric.signed(low), metric.signed(high))
                }
                _ => "one run".to_owned(),
            },
        ]);
    }
    rows
}
