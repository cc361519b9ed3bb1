//! What sides are compared by.

use crate::summary::Summary;
use crate::words;

/// A figure of a summary that can be paired. Less of each is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Modelled cost.
    Cost,
    /// Mean queue time.
    QueueMean,
    /// Median queue time.
    QueueP50,
    /// 90th percentile of queue time.
    QueueP90,
    /// 95th percentile of queue time.
    QueueP95,
    /// 99th percentile of queue time.
    QueueP99,
    /// Queue time on the critical paths of all runs.
    CriticalPath,
    /// Node time.
    NodeTime,
    /// Nodes that never ran a job.
    NeverUsed,
    /// Nodes taken back by EC2.
    Interrupted,
    /// Jobs lost to infrastructure.
    Lost,
    /// Cost of machines over the least that lets nobody wait.
    CostRatio,
    /// Avoidable cost: cost of machines and value of waiting over the best in hindsight, less one.
    Gap,
}

impl Metric {
    /// All of them, in the order of a table.
    pub const ALL: [Self; 13] = [
        Self::Cost,
        Self::QueueMean,
        Self::QueueP50,
        Self::QueueP90,
        Self::QueueP95,
        Self::QueueP99,
        Self::CriticalPath,
        Self::NodeTime,
        Self::NeverUsed,
        Self::Interrupted,
        Self::Lost,
        Self::CostRatio,
        Self::Gap,
    ];

    /// Its path in `summary.json`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Cost => "cost_usd.total",
            Self::QueueMean => "queue_s.mean",
            Self::QueueP50 => "queue_s.p50",
            Self::QueueP90 => "queue_s.p90",
            Self::QueueP95 => "queue_s.p95",
            Self::QueueP99 => "queue_s.p99",
            Self::CriticalPath => "critical_path_queue_s",
            Self::NodeTime => "node_seconds.total",
            Self::NeverUsed => "nodes.never_used",
            Self::Interrupted => "nodes.interrupted",
            Self::Lost => "jobs.lost",
            Self::CostRatio => "bound.cost_ratio",
            Self::Gap => "bound.gap",
        }
    }

    /// What conditions of a gate call it; its path serves as well.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::QueueMean => "mean_queue",
            Self::QueueP50 => "p50_queue",
            Self::QueueP90 => "p90_queue",
            Self::QueueP95 => "p95_queue",
            Self::QueueP99 => "p99_queue",
            Self::CriticalPath => "critical_path_queue",
            Self::NodeTime => "node_seconds",
            Self::NeverUsed => "never_used",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
            Self::CostRatio => "cost_ratio",
            Self::Gap => "gap",
        }
    }

    /// What people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Cost => "modelled cost",
            Self::QueueMean => "mean queue time",
            Self::QueueP50 => "median queue time",
            Self::QueueP90 => "p90 queue time",
            Self::QueueP95 => "p95 queue time",
            Self::QueueP99 => "p99 queue time",
            Self::CriticalPath => "critical-path queue time",
            Self::NodeTime => "node time",
            Self::NeverUsed => "nodes never used",
            Self::Interrupted => "nodes interrupted",
            Self::Lost => "jobs lost",
            Self::CostRatio => "cost over best in hindsight",
            Self::Gap => "avoidable cost",
        }
    }

    /// The metric behind a word or a path.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.word() == name || metric.path() == name)
    }

    /// Its value; none without jobs.
    pub fn of(self, summary: &Summary) -> Option<f64> {
        let queue = summary.queue_s;
        Some(match self {
            Self::Cost => summary.cost_usd.total,
            Self::QueueMean => queue?.mean,
            Self::QueueP50 => queue?.p50,
            Self::QueueP90 => queue?.p90,
            Self::QueueP95 => queue?.p95,
            Self::QueueP99 => queue?.p99,
            Self::CriticalPath => summary.critical_path_queue_s,
            Self::NodeTime => summary.node_seconds.total,
            Self::NeverUsed => summary.nodes.never_used as f64,
            Self::Interrupted => summary.nodes.interrupted as f64,
            Self::Lost => summary.jobs.lost as f64,
            Self::CostRatio => summary.bound?.cost_ratio,
            Self::Gap => summary.bound?.gap?,
        })
    }

    /// A value as people read it.
    pub(crate) fn text(self, value: f64) -> String {
        match self {
            Self::Cost => words::usd(value),
            Self::CriticalPath | Self::NodeTime => words::hours(value),
            Self::NeverUsed | Self::Interrupted | Self::Lost => words::decimal(value),
            Self::CostRatio => format!("{value:.3}"),
            Self::Gap => words::percent(value),
            _ => words::seconds(value),
        }
    }

    /// A value and half the width of its interval as people read them; a width that would be shown
    /// as nothing is left out.
    pub(super) fn with_spread(self, value: f64, half: f64) -> String {
        // Nobody reads percents of five digits.
        let times = |value: f64| match value {
            some if some < 100.0 => format!("{some:.2}x"),
            many => format!("{}x", words::count(many.round() as u64)),
        };
        let [value, half] = match self {
            Self::Gap if value >= 10.0 => [value, half].map(times),
            _ => [value, half].map(|value| self.text(value)),
        };
        let is_seen = half.contains(|digit: char| digit.is_ascii_digit() && digit != '0');
        if is_seen { format!("{value} ±{half}") } else { value }
    }

    /// A difference as people read it, with its sign.
    pub(super) fn signed(self, difference: f64) -> String {
        let sign = if difference < 0.0 { "-" } else { "+" };
        format!("{sign}{}", self.text(difference.abs()))
    }
}
