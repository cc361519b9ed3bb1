//! What the search found, as people and programs read it.

use super::capacity::PeakNodes;
use super::slo::Slo;
use super::trial::Tried;
use crate::compare::{Comparison, Finding, Metric, Over, Paired};
use crate::replications::{Interval, interval};
use crate::summary::Summary;
use serde::Serialize;

/// Hours of a month as AWS counts them.
pub const MONTH_H: f64 = 730.0;

/// The answer of `plan`.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// What was run.
    pub trace: String,
    /// In which world.
    pub world: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Jobs of the input.
    pub jobs: u64,
    /// From the first job that counts to the last, in hours.
    pub span_h: f64,
    /// What was wished for.
    pub slo: Vec<Wish>,
    /// Most jobs that may be lost to infrastructure, as a share.
    pub lost_share_max: f64,
    /// Whether a configuration meets all of it with confidence.
    pub is_met: bool,
    /// Share of such intervals that hold the mean of the modelled world.
    pub confidence: f64,
    /// How the search went.
    pub search: Search,
    /// Today's configuration.
    pub today: Choice,
    /// The cheapest that meets the objectives, else the one that comes nearest.
    pub chosen: Choice,
    /// The chosen one's figures in seconds on other days like those of the input (block bootstrap,
    /// one luck); none where there are fewer than five.
    pub chosen_over_days_s: Vec<Option<Interval>>,
    /// Configurations that no other beats in both cost and queue time, the cheapest first, and
    /// today's.
    pub front: Vec<Point>,
    /// What differs between today's configuration and the chosen one.
    pub changes: Vec<Change>,
    /// USD a month that the chosen one costs less than today's, paired run by run; negative where
    /// it costs more.
    pub saves_per_month_usd: Interval,
    /// The interval of the same over other days like those of the input, one luck; none where there
    /// are fewer than five.
    pub saves_over_days_per_month_usd: Option<Interval>,
    /// What could be worse than today, a sentence each.
    pub risks: Vec<String>,
    /// What the chosen one needs of EC2.
    pub capacity: Capacity,
    /// How the chosen one bears more jobs.
    pub stress: Stress,
}

/// An objective, and how many jobs it is about.
#[derive(Clone, Debug, Serialize)]
pub struct Wish {
    /// As text.
    pub objective: String,
    /// What it is at most, in seconds.
    pub limit_s: f64,
    /// Jobs of the input.
    pub jobs: u64,
}

/// How the search went.
#[derive(Clone, Debug, Serialize)]
pub struct Search {
    /// Keys that were turned, with the values that were tried.
    pub keys: Vec<Turned>,
    /// Combinations that the table of values makes.
    pub combinations: usize,
    /// Whether each of them was run.
    pub is_complete: bool,
    /// Configurations that were run.
    pub configurations: usize,
    /// Jobs of the beginning that most of them were run on; none where all ran the whole.
    pub beginning_jobs: Option<u64>,
    /// Runs that were made.
    pub runs: usize,
    /// Most runs that could have been made.
    pub runs_max: usize,
    /// Runs of the whole input behind today's and the chosen configuration.
    pub replications: u64,
}

/// A key and the values that were tried, the first one today's.
#[derive(Clone, Debug, Serialize)]
pub struct Turned {
    /// The key.
    pub key: String,
    /// Its values.
    pub values: Vec<String>,
    /// Whether any of them changed any outcome.
    pub has_effect: bool,
}

/// A configuration with its figures over all replications.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What it changes of today.
    pub set: Vec<String>,
    /// Modelled cost of the input in USD.
    pub cost_usd: Interval,
    /// The same for a month.
    pub month_usd: Interval,
    /// The objectives' figures in seconds, in their order.
    pub figures_s: Vec<Interval>,
    /// Whether each figure's interval keeps its limit.
    pub keeps: Vec<bool>,
    /// Share of jobs lost to infrastructure.
    pub lost_share: Interval,
    /// Share of node time on spot.
    pub spot_share: Option<Interval>,
    /// Runs behind it.
    pub runs: usize,
}

/// A configuration on the chart: its first run, which all have with the same luck.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// What it changes of today.
    pub set: Vec<String>,
    /// Modelled cost for a month in USD.
    pub month_usd: f64,
    /// The objectives' figures in seconds.
    pub figures_s: Vec<f64>,
    /// The worst of them, or of lost jobs, as a share of its limit.
    pub share_of_limit: f64,
    /// Runs of the whole input.
    pub runs: usize,
    /// Whether no other beats it in both.
    pub is_on_front: bool,
    /// Whether it is today's.
    pub is_today: bool,
    /// Whether it is the chosen one.
    pub is_chosen: bool,
}

/// A key that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key.
    pub key: String,
    /// Today's value; none where nothing is said.
    pub from: Option<String>,
    /// The other one.
    pub to: Option<String>,
}

/// What a configuration needs of EC2.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Capacity {
    /// Most nodes at once in any run, each type, zone and way of buying by itself.
    pub nodes: Vec<PeakNodes>,
    /// By quota of the account.
    pub quotas: Vec<QuotaRequest>,
}

/// A quota and what is to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaRequest {
    /// Its name at AWS.
    pub quota: String,
    /// Most vCPUs at once in any run.
    pub peak_vcpu: u32,
    /// The same under stress.
    pub peak_under_stress_vcpu: u32,
    /// What the configuration says the account has; none for no limit.
    pub limit_vcpu: Option<u32>,
    /// What to ask for: the peak under stress, in full steps of [`QUOTA_STEP_VCPU`].
    pub file_vcpu: u32,
}

/// Requests are made in such steps, since a request for 1,237 only has to be made again.
pub const QUOTA_STEP_VCPU: u32 = 32;

/// How a configuration bears more jobs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stress {
    /// The most that was tried: jobs arrive so many times as fast.
    pub factor: f64,
    /// What was tried, in order.
    pub steps: Vec<StressStep>,
    /// What breaks, the first first.
    pub breaks: Vec<Break>,
}

/// Jobs that arrive faster.
#[derive(Clone, Debug, Serialize)]
pub struct StressStep {
    /// How many times as fast.
    pub factor: f64,
    /// The objectives' figures in seconds, means over the runs.
    pub figures_s: Vec<f64>,
    /// Share of jobs lost to infrastructure.
    pub lost_share: f64,
}

/// Something that does not hold any more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Break {
    /// At how many times as fast.
    pub factor: f64,
    /// What, as a sentence without its end.
    pub what: String,
}

impl Choice {
    /// From its runs. `limits` end with the one for lost jobs; none without runs.
    pub fn new(
        set: Vec<String>,
        tried: &Tried,
        summaries: &[Summary],
        limits: &[f64],
        span_h: f64,
    ) -> Option<Self> {
        let costs: Vec<f64> = tried.whole.iter().map(|outcome| outcome.cost_usd).collect();
        let cost_usd = interval(&costs)?;
        let nothing = Interval { mean: 0.0, low: 0.0, high: 0.0 };
        let figure = |place: usize| interval(&tried.values(place)).unwrap_or(nothing);
        let objectives = limits.len() - 1;
        let spot: Vec<f64> =
            summaries.iter().filter_map(|summary| summary.spot_share_of_minutes).collect();
        Some(Self {
            set,
            cost_usd,
            month_usd: cost_usd.times(MONTH_H / span_h),
            figures_s: (0..objectives).map(figure).collect(),
            keeps: (0..objectives).map(|place| figure(place).high <= limits[place]).collect(),
            lost_share: figure(objectives),
            spot_share: interval(&spot),
            runs: tried.whole.len(),
        })
    }
}

impl Interval {
    /// The same in another unit.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, low: self.low * factor, high: self.high * factor }
    }
}

impl Wish {
    /// Of each objective; `jobs` says how many jobs one is about.
    pub fn of(slo: &Slo, jobs: impl Fn(usize) -> u64) -> Vec<Self> {
        let all = slo.objectives.iter().enumerate().map(|(place, objective)| Self {
            objective: objective.to_string(),
            limit_s: objective.limit_s,
            jobs: jobs(place),
        });
        all.collect()
    }
}

/// What may be worse with the second side of a comparison than with the first, a sentence each: what
/// the intervals show, and what they leave open where it is about lost work.
pub fn risks(comparison: &Comparison) -> Vec<String> {
    const ABOUT: [Metric; 5] = [
        Metric::QueueP99,
        Metric::CriticalPath,
        Metric::Interrupted,
        Metric::NeverUsed,
        Metric::Lost,
    ];
    let told = ABOUT.into_iter().filter_map(|metric| {
        let of_world = |pair: &&Paired| pair.metric == metric.path() && pair.over != Over::Days;
        let pair = comparison.paired.iter().find(of_world)?;
        let is_loss = matches!(metric, Metric::Lost | Metric::Interrupted);
        let (from, to) = (metric.text(pair.a), metric.text(pair.b));
        let title = metric.title();
        match pair.finding() {
            Finding::More => Some(format!("{title} rise from {from} to {to}")),
            Finding::Open if is_loss && pair.difference > 0.0 => Some(format!(
                "{title} may rise: {from} today, {to} then, which the runs leave open"
            )),
            _ => None,
        }
    });
    told.map(|sentence| sentence.replace("queue time rise", "queue time rises")).collect()
}

/// The keys that differ between two lists of keys and values, both in order.
pub fn changes(
    from: &std::collections::BTreeMap<String, String>,
    to: &std::collections::BTreeMap<String, String>,
) -> Vec<Change> {
    let mut keys: Vec<&String> = from.keys().chain(to.keys()).collect();
    keys.sort();
    keys.dedup();
    let differs = keys.into_iter().filter(|key| from.get(*key) != to.get(*key));
    let change = |key: &String| Change {
        key: key.clone(),
        from: from.get(key).cloned(),
        to: to.get(key).cloned(),
    };
    differs.map(change).collect()
}
