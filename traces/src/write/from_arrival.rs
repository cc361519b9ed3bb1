//! Back from an arrival to a row, for traces that never were a file.

use crate::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use crate::names::Names;
use crate::schema::Row;
use std::fmt::Write as _;

/// The columns that [`fill`] may set.
pub const COLUMNS_OF_ARRIVALS: [&str; 19] = [
    "run_id",
    "job_id",
    "job_name",
    "repository",
    "workflow",
    "event",
    "head_branch",
    "team",
    "forge",
    "runner_class",
    "ready_ms",
    "started_ms",
    "completed_ms",
    "duration_ms",
    "conclusion",
    "predecessors",
    "cpu_milli",
    "memory_mib",
    "gpu",
];

/// Makes `row` say what `arrival` does: reading it gives that arrival again. Jobs are numbered by
/// row, and branches by group, since an arrival does not hold their names.
pub fn fill(row: &mut Row, arrival: &Arrival, names: &Names, predecessors: &[u32]) {
    row.clear();
    let number = |into: &mut String, number: u32| {
        write!(into, "{number}").expect("a String takes any text");
    };
    if let Some(run) = arrival.run {
        number(&mut row.run_id, run.0);
    }
    number(&mut row.job_id, arrival.row);
    for (into, name) in [
        (&mut row.runner_class, arrival.class),
        (&mut row.team, arrival.team),
        (&mut row.repository, arrival.repository),
        (&mut row.workflow, arrival.workflow),
        (&mut row.job_name, arrival.job),
    ] {
        into.push_str(names.text(name));
    }
    if arrival.group != Name::NONE {
        row.head_branch.push_str("branch-");
        number(&mut row.head_branch, arrival.group.0);
    }
    row.event.push_str(match arrival.trigger {
        Trigger::Push => "push",
        Trigger::PullRequest => "pull_request",
        Trigger::MergeGroup => "merge_group",
        Trigger::Schedule => "schedule",
        Trigger::Other => "",
    });
    row.forge.push_str(match arrival.forge {
        Forge::Cloud => "cloud",
        Forge::Enterprise => "enterprise",
    });
    row.conclusion.push_str(match arrival.conclusion {
        Conclusion::Success => "success",
        Conclusion::Failure => "failure",
        Conclusion::Cancelled => "cancelled",
        Conclusion::Unknown => "",
    });
    for (place, predecessor) in predecessors.iter().enumerate() {
        if place > 0 {
            row.predecessors.push(' ');
        }
        number(&mut row.predecessors, *predecessor);
    }
    let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    row.ready_ms = Some(ms(arrival.ready.as_ms()));
    row.started_ms = arrival.recorded_start.map(|start| ms(start.as_ms()));
    row.duration_ms = Some(ms(arrival.duration.as_ms()));
    row.completed_ms = arrival.patience.map(|patience| ms((arrival.ready + patience).as_ms()));
    if let Some(size) = arrival.size {
        row.cpu_milli = Some(size.cpu_milli.into());
        row.memory_mib = Some(size.memory_mib.into());
        row.gpu = Some(size.gpu.into());
    }
}
