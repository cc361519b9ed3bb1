//! From a row with its texts to an arrival with numbers.

use crate::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use crate::names::Names;
use crate::recent::Recent;
use crate::schema::Row;
use crate::settle::is_cancelled;
use greenroom_scheduler::id::RunId;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use xxhash_rust::xxh3::xxh3_128;

/// Runs and groups (repository, workflow, branch) remembered at once. More than a held trace has
/// rows, and in a streamed one more than are alive at any time: GitHub allows 35 days a run, and
/// the busiest organisations start some ten thousand a day.
const REMEMBERED: usize = 1 << 20;

/// Gives names, runs and groups their numbers, in order of first sight.
pub(crate) struct Compactor {
    pub(crate) names: Names,
    /// The last text of each named column: neighbouring rows mostly share theirs.
    last: [(String, Name); 5],
    runs: Recent<u32>,
    runs_count: u32,
    groups: Recent<u32>,
    groups_count: u32,
}

impl Compactor {
    pub(crate) fn new() -> Self {
        Self {
            names: Names::default(),
            last: std::array::from_fn(|_| (String::new(), Name::NONE)),
            runs: Recent::new(REMEMBERED),
            runs_count: 0,
            groups: Recent::new(REMEMBERED),
            groups_count: 0,
        }
    }

    /// The arrival of a settled row. Its number, `enter`, `gap` and predecessors are set later,
    /// once the order is known.
    pub(crate) fn arrival(&mut self, row: &Row) -> Arrival {
        let millis = |ms: Option<i64>| ms.map(|ms| Time::from_ms(ms.max(0) as u64));
        let ready = millis(row.ready_ms).unwrap_or_default();
        let started = millis(row.started_ms);
        let duration = Span::from_ms(row.duration_ms.unwrap_or(0).max(0) as u64);
        let patience = patience(row).map(Span::from_ms);
        Arrival {
            row: 0,
            enter: ready,
            ready,
            recorded_start: started,
            duration,
            patience,
            gap: Span::ZERO,
            run: self.run(row),
            predecessors: 0,
            has_successors: false,
            conclusion: conclusion(&row.conclusion),
            forge: if row.forge == "enterprise" { Forge::Enterprise } else { Forge::Cloud },
            trigger: trigger(&row.event),
            class: self.name(0, &row.runner_class),
            team: self.name(1, &row.team),
            repository: self.name(2, &row.repository),
            workflow: self.name(3, &row.workflow),
            job: self.name(4, &row.job_name),
            group: self.group(row),
            size: size(row),
        }
    }

    fn name(&mut self, column: usize, text: &str) -> Name {
        // Columns that a format lacks are empty in every row. Comparing two empty texts is a trap:
        // some processors take 100 ns for a masked load through their dangling pointers.
        if text.is_empty() {
            return Name::NONE;
        }
        let (last, name) = &mut self.last[column];
        if last != text {
            last.clear();
            last.push_str(text);
            *name = self.names.intern(text);
        }
        *name
    }

    fn run(&mut self, row: &Row) -> Option<RunId> {
        let key = run_key(row);
        (key != 0).then(|| RunId(numbered(&mut self.runs, &mut self.runs_count, key)))
    }

    fn group(&mut self, row: &Row) -> Name {
        if row.head_branch.is_empty() {
            return Name::NONE;
        }
        let text = [&row.forge[..], &row.repository, &row.workflow, &row.head_branch].join("\n");
        let key = xxh3_128(text.as_bytes());
        // Number 0 means none.
        Name(numbered(&mut self.groups, &mut self.groups_count, key) + 1)
    }
}

fn numbered(known: &mut Recent<u32>, count: &mut u32, key: u128) -> u32 {
    if let Some(number) = known.get(key) {
        return number;
    }
    let number = *count;
    *count += 1;
    known.insert(key, number);
    number
}

/// How long a job waited before it was cancelled in the queue: a settled row says so by an end
/// without a start and without any work.
fn patience(row: &Row) -> Option<u64> {
    let completed = row.completed_ms?;
    let is_waiting =
        row.started_ms.is_none() && row.duration_ms == Some(0) && is_cancelled(&row.conclusion);
    is_waiting.then(|| (completed - row.ready_ms.unwrap_or(completed)).max(0) as u64)
}

fn size(row: &Row) -> Option<Resources> {
    row.cpu_milli.or(row.memory_mib).or(row.gpu)?;
    let or = |value: Option<i64>, default: u32| {
        value.map_or(default, |value| u32::try_from(value).unwrap_or(u32::MAX))
    };
    let default = Resources::JOB_DEFAULT;
    Some(Resources {
        cpu_milli: or(row.cpu_milli, default.cpu_milli),
        memory_mib: or(row.memory_mib, default.memory_mib),
        gpu: or(row.gpu, default.gpu),
    })
}

fn conclusion(text: &str) -> Conclusion {
    if text.is_empty() {
        return Conclusion::Unknown;
    }
    // GraphQL exports write them in capitals.
    match text.to_ascii_lowercase().as_str() {
        "success" | "neutral" => Conclusion::Success,
        "failure" | "timed_out" | "startup_failure" | "action_required" => Conclusion::Failure,
        "cancelled" | "canceled" => Conclusion::Cancelled,
        _ => Conclusion::Unknown,
    }
}

fn trigger(event: &str) -> Trigger {
    match event {
        "push" => Trigger::Push,
        "pull_request" | "pull_request_target" => Trigger::PullRequest,
        "merge_group" => Trigger::MergeGroup,
        "schedule" => Trigger::Schedule,
        _ => Trigger::Other,
    }
}

/// An id as a number: itself where it is one, else its hash with the highest bit set; 0 for none.
/// Two of a hundred million different texts share a hash with a chance below 1e-22.
fn key(id: &str) -> u128 {
    match id.parse::<u64>() {
        _ if id.is_empty() => 0,
        // `007` and `7` are different ids.
        Ok(number) if !id.starts_with(['0', '+']) => u128::from(number),
        _ => xxh3_128(id.as_bytes()) | 1 << 127,
    }
}

/// Jobs of the two kinds of GitHub may have the same id.
const ENTERPRISE: u128 = 1 << 126;

/// The key of a row's run and attempt; 0 where it has none.
pub(crate) fn run_key(row: &Row) -> u128 {
    match key(&row.run_id) {
        0 => 0,
        run => {
            let attempt = row.run_attempt.unwrap_or(1) as u128;
            (run ^ attempt << 64) ^ forge_bit(row)
        }
    }
}

/// The key of a job of the same GitHub as `row`; 0 where it has none.
pub(crate) fn job_key(row: &Row, id: &str) -> u128 {
    match key(id) {
        0 => 0,
        job => job ^ forge_bit(row),
    }
}

fn forge_bit(row: &Row) -> u128 {
    if row.forge == "enterprise" { ENTERPRISE } else { 0 }
}
