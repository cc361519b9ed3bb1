//! Two or more sides of one question, run against the same trace and the same luck.

pub(crate) mod days;
mod frontier;
mod gate;
mod metric;
mod paired;
mod side;
mod text;
mod verdict;

pub use days::Days;
pub use frontier::{Bound, Curve, Frontier};
pub use gate::{Checked, Condition, Gate, GateError, Limit, Op};
pub use metric::Metric;
pub use paired::{Finding, Over, Paired};
pub use side::{Runs, Side};

use crate::chart::{ChartError, Rival, rivals};
use crate::replications::interval;
use crate::summary::Summary;
use serde::Serialize;

/// What came of all sides, the first of which is what the others are held against.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Summaries, in the order of the sides.
    pub summaries: Vec<Summary>,
    /// Every side but the first against the first.
    pub paired: Vec<Paired>,
    /// What was shown, a sentence a side.
    pub verdict: String,
    /// Figures of each side, replication by replication: with these the file can be the
    /// `--baseline` of a later comparison and still be paired.
    pub sides: Vec<Runs>,
    /// What no side can lie below, where that is known.
    pub frontier: Option<Frontier>,
}

impl Comparison {
    /// Holds all sides against the first. Empty without sides.
    pub fn new(sides: Vec<Side>) -> Self {
        let mut paired = Vec::new();
        let mut verdicts = Vec::new();
        if let Some((first, others)) = sides.split_first() {
            for side in others {
                let pair = |metric| Paired::over_world(metric, first, side);
                paired.extend(Metric::ALL.into_iter().filter_map(pair));
                let pair = |metric| Paired::over_days(metric, first, side);
                paired.extend(Metric::ALL.into_iter().filter_map(pair));
                let all: Vec<&Paired> = paired.iter().collect();
                verdicts.push(verdict::verdict(&side.name, &first.name, &all));
            }
        }
        Self {
            summaries: sides.iter().map(|side| side.summary.clone()).collect(),
            paired,
            verdict: verdicts.join("\n"),
            frontier: Frontier::of_all(sides.iter().map(|side| side.frontier.as_ref())),
            sides: sides.into_iter().map(|side| side.runs).collect(),
        }
    }

    /// Checks a gate on every side but the first. Answers what was looked at, and whether it
    /// fails.
    pub fn check(&self, gate: &Gate) -> (Vec<Checked>, bool) {
        let mut checked = Vec::new();
        let mut fails = false;
        for side in self.sides.iter().skip(1) {
            let own: Vec<&Paired> = self
                .paired
                .iter()
                .filter(|pair| pair.side_b == side.name && pair.over != Over::Days)
                .collect();
            fails |= gate.fails(&own, &mut checked);
        }
        (checked, fails)
    }

    /// Modelled cost against queue time on the critical paths, as an SVG file.
    ///
    /// # Errors
    /// The drawing library refuses.
    pub fn chart(&self) -> Result<String, ChartError> {
        let points = self.sides.iter().filter_map(|runs| {
            let range = |metric| interval(&runs.of_metric(metric)?);
            let (waiting, cost) = (range(Metric::CriticalPath)?, range(Metric::Cost)?);
            Some(Rival { name: runs.name.clone(), waiting_s: waiting, cost_usd: cost })
        });
        let trace = self.summaries.first().map_or("", |summary| &summary.trace);
        let is_interrupted = self.summaries.iter().any(|summary| summary.nodes.interrupted > 0);
        let beyond = if is_interrupted {
            // EC2 charges nothing for those, and bounds count them as paid.
            "best in hindsight of machines alone, if EC2 takes none back in its first hour"
        } else {
            "best in hindsight: machines alone cost no less"
        };
        let frontier = self.frontier.as_ref().map(|frontier| (frontier, beyond));
        rivals(&points.collect::<Vec<_>>(), frontier, trace)
    }

    /// The comparison for a terminal.
    pub fn text(&self) -> String {
        text::text(self)
    }
}
