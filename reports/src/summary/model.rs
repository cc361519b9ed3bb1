//! `summary.json`: what its fields are called and what they mean.
//!
//! Field names are a contract with whoever reads the file: more may come, none changes.

use crate::provenance::{Provenance, Source};
use crate::replications::Replications;
use greenroom_scheduler::model::NodesBy;
use serde::{Deserialize, Serialize};

/// The figures of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Counts of logical jobs, and of attempts.
    pub jobs: Jobs,
    /// Queue time: all the time a job waited, from ready to the first step of the attempt that
    /// counts; the running time of lost attempts is not waiting. A job that was cancelled or
    /// expired while it waited counts with the time it had waited. None without jobs.
    pub queue_s: Option<Distribution>,
    /// Shares of those jobs that started within so many seconds.
    pub start_share: Option<StartShare>,
    /// Queue time in the record, where the trace has starts.
    pub recorded_queue_s: Option<Distribution>,
    /// Modelled cost.
    pub cost_usd: Cost,
    /// Of `cost_usd.beside`, stopped nodes and their preparation.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub stopped_usd: f64,
    /// Node time.
    pub node_seconds: NodeSeconds,
    /// Running time of attempts that were not lost, from first step to end.
    pub job_seconds: f64,
    /// `node_seconds.total / job_seconds - 1`; none without nodes or jobs. Below zero where nodes
    /// carry several jobs at once.
    pub overhead: Option<f64>,
    /// Counts of nodes.
    pub nodes: Nodes,
    /// Share of node time that ran on spot machines; none without nodes.
    pub spot_share_of_minutes: Option<f64>,
    /// The same by team, in order of first sight; last, where there is any, what the platform
    /// bears.
    pub by_team: Vec<Group>,
    /// The same by runner class.
    pub by_class: Vec<Group>,
    /// How well jobs that follow in runs were foreseen, where a policy said what it expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foresight: Option<super::foresight::Foresight>,
    /// Events that the core was told.
    pub events: u64,
    /// Commands that the core gave.
    pub commands: u64,
    /// Elapsed seconds of the program.
    pub wall_s: Option<f64>,
    /// Processor time per job, from opening the trace to the finished summary.
    pub ns_per_job: Option<f64>,
    /// Of that, decompression and parsing.
    pub parse_ns_per_job: Option<f64>,
    /// Time before the trace was opened.
    pub startup_ms: Option<f64>,
    /// Largest resident memory of the program.
    pub peak_rss_bytes: Option<u64>,
    /// How quantiles were computed.
    pub quantiles: Quantiles,
    /// Seed of everything random.
    pub seed: u64,
    /// Policy that decided.
    pub policy: String,
    /// World that it was decided for.
    pub world: String,
    /// Who claimed nodes.
    pub nodes_by: NodesBy,
    /// What was run.
    pub trace: String,
    /// The files behind it, with size, rows and hash.
    pub sources: Vec<Source>,
    /// What the figures do not cover, one sentence each.
    pub notes: Vec<String>,
    /// Hints of jobs that GitHub left out of its messages because too many waited to be told.
    pub hints_left_out: u64,
    /// Predecessors that jobs named and nobody knew, so that the jobs did not wait for them.
    pub predecessors_unknown: u64,
    /// Hash of the journal's entries (xxh3, 64 bits, hex).
    pub journal_hash: Option<String>,
    /// Best in hindsight, where it was computed.
    pub bound: Option<Bound>,
    /// Sum over runs of the queue seconds on the chain of predecessors that ended last; a job
    /// without a run is its own run.
    pub critical_path_queue_s: f64,
    /// Intervals over replications; all other fields are the first replication's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replications: Option<Replications>,
}

impl Summary {
    /// The same with what entries do not tell: where the figures come from.
    #[must_use]
    pub fn from(self, provenance: &Provenance) -> Self {
        Self {
            sources: provenance.sources.clone(),
            notes: provenance.limits.clone(),
            hints_left_out: provenance.hints_left_out,
            predecessors_unknown: provenance.predecessors_unknown,
            ..self
        }
    }
}

/// Counts of logical jobs. `arrived` is the sum of all others but `attempts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jobs {
    /// Became ready.
    pub arrived: u64,
    /// Succeeded.
    pub completed: u64,
    /// Failed by their own doing.
    pub failed: u64,
    /// Were cancelled.
    pub cancelled: u64,
    /// Ended by infrastructure: lost with their runner, or taken by nobody for 24 hours.
    pub lost: u64,
    /// Still run where the run was cut.
    pub running: u64,
    /// Still wait where the run was cut.
    pub waiting: u64,
    /// Attempts that started.
    pub attempts: u64,
}

/// A distribution in seconds. Quantiles are by nearest rank: the smallest value that at least
/// the given share of values does not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Arithmetic mean, exact.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest, exact.
    pub max: f64,
}

/// Shares of jobs, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartShare {
    /// Started within 5 s.
    pub le_5s: f64,
    /// Started within 15 s.
    pub le_15s: f64,
    /// Started within 30 s.
    pub le_30s: f64,
}

/// Modelled cost in USD. `spot` to `beside` sum to the total, and so do `used` to `other`, to the
/// micro-dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Everything.
    pub total: f64,
    /// Spot machines.
    pub spot: f64,
    /// On-demand machines.
    pub on_demand: f64,
    /// GitHub-hosted minutes.
    pub hosted: f64,
    /// Everything beside machines and minutes: volumes, traffic, control planes, fees.
    pub beside: f64,
    /// Capacity that jobs occupied.
    pub used: f64,
    /// Capacity that was ready and not occupied.
    pub idle: f64,
    /// Machines from launch until ready.
    pub startup: f64,
    /// Attempts that were lost with their runner.
    pub interrupted: f64,
    /// What is charged beyond a machine's or minute's use, and everything beside.
    pub other: f64,
}

/// Node time in seconds; `total` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeSeconds {
    /// From launch to end.
    pub total: f64,
    /// Occupied by a runner with a job or on its way to one, weighted by the runner's dominant
    /// share of the node.
    pub busy: f64,
    /// Ready and not occupied.
    pub idle: f64,
    /// From launch until ready.
    pub startup: f64,
}

/// Counts of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nodes {
    /// Launched.
    pub launched: u64,
    /// Of those, never ran a job.
    pub never_used: u64,
    /// Of those, taken back by EC2.
    pub interrupted: u64,
    /// Most at once.
    pub peak: u64,
}

/// The figures of one team or class. Node time and cost are what it pays for under the rule for
/// idle capacity. Its nodes are those that ran its jobs (a shared node counts for each of its
/// users) and the never used ones of fleets that serve nobody else; `peak` counts nodes with its
/// runners on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Counts of logical jobs, and of attempts.
    pub jobs: Jobs,
    /// Queue time.
    pub queue_s: Option<Distribution>,
    /// Modelled cost.
    pub cost_usd: Cost,
    /// Node time.
    pub node_seconds: NodeSeconds,
    /// Running time.
    pub job_seconds: f64,
    /// Counts of nodes.
    pub nodes: Nodes,
    /// Stopped nodes of its fleets, a part of what stands beside machines, in USD.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub stopped_usd: f64,
    /// Best in hindsight, where it was computed.
    pub bound: Option<Bound>,
}

/// Left out where it is nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_nothing(usd: &f64) -> bool {
    *usd == 0.0
}

/// Best in hindsight: the least that any policy could have spent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Least cost of machines if nobody may wait.
    pub cost_usd: f64,
    /// Cost of machines (spot, on-demand and stopped) over that. Below 1 only for who lets jobs wait.
    pub cost_ratio: f64,
    /// Avoidable cost: cost of machines plus the value of queue time on critical paths, over the
    /// least that anybody could have had of both, less one. None where it is not known: with work
    /// that was lost and repeated, in a class some of whose jobs belong to runs, and beyond a
    /// million jobs.
    pub gap: Option<f64>,
    /// What an hour of waiting was taken to cost.
    pub wait_value_usd_per_hour: f64,
}

/// How quantiles were computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantiles {
    /// From all values.
    #[default]
    Exact,
    /// From histograms with three significant digits.
    Hdr3,
}
