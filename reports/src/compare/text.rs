//! A comparison for a terminal.

use super::{Comparison, Metric, Over, Paired};
use crate::table::aligned;
use crate::words;
use std::fmt::Write as _;

/// Columns of the table of sides.
const SHOWN: [Metric; 8] = [
    Metric::Cost,
    Metric::QueueP50,
    Metric::QueueP95,
    Metric::QueueP99,
    Metric::CriticalPath,
    Metric::NodeTime,
    Metric::NeverUsed,
    Metric::Lost,
];

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
    text.push_str(&aligned(&sides(comparison)));
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

fn sides(comparison: &Comparison) -> Vec<[String; SHOWN.len() + 1]> {
    let mut head = [const { String::new() }; SHOWN.len() + 1];
    for (cell, name) in head.iter_mut().zip([
        "mean of",
        "cost",
        "median",
        "p95",
        "p99",
        "critical path",
        "node time",
        "never used",
        "lost",
    ]) {
        name.clone_into(cell);
    }
    let mut rows = vec![head];
    for runs in &comparison.sides {
        let mut row = [const { String::new() }; SHOWN.len() + 1];
        row[0].clone_from(&runs.name);
        for (cell, metric) in row[1..].iter_mut().zip(SHOWN) {
            *cell = match runs.of_metric(metric) {
                Some(values) => metric.text(values.iter().sum::<f64>() / values.len() as f64),
                None => "-".to_owned(),
            };
        }
        rows.push(row);
    }
    rows
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
