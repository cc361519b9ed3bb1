//! The full row of a trace and the one table of its columns, which readers and writers share.

use std::fmt::Write as _;

/// One job as a trace tells it. Empty texts and `None` mean that the trace does not say. Times are
/// milliseconds since the Unix epoch, or since the start of the capture where it has no dates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Which of the trace's files, in the order given.
    pub file: u32,
    /// Its line there, from 1, or [`Place::row`](crate::error::Place::row).
    pub line: u64,
    /// The workflow run.
    pub run_id: String,
    /// Which attempt of the run, from 1.
    pub run_attempt: Option<i64>,
    /// The job, unique in the trace.
    pub job_id: String,
    /// The job's name.
    pub job_name: String,
    /// `owner/name`.
    pub repository: String,
    /// The workflow's name.
    pub workflow: String,
    /// What set the run off, as GitHub names events.
    pub event: String,
    /// The branch.
    pub head_branch: String,
    /// The commit.
    pub head_sha: String,
    /// Who set the run off.
    pub actor: String,
    /// The team that owns the job.
    pub team: String,
    /// `cloud` or `enterprise`; empty counts as `cloud`.
    pub forge: String,
    /// What the job asks of a runner, separated by `;`.
    pub labels: String,
    /// The runner class: what becomes its pool.
    pub runner_class: String,
    /// When the job was created.
    pub queued_ms: Option<i64>,
    /// When it could have started: after its predecessors and approvals.
    pub ready_ms: Option<i64>,
    /// When its first step ran.
    pub started_ms: Option<i64>,
    /// When it ended.
    pub completed_ms: Option<i64>,
    /// How long it ran.
    pub duration_ms: Option<i64>,
    /// How it ended, as GitHub names conclusions.
    pub conclusion: String,
    /// Ids of the jobs of the same run that must end first, separated by blanks or `;`.
    pub predecessors: String,
    /// Requested thousandths of a vCPU.
    pub cpu_milli: Option<i64>,
    /// Requested mebibytes.
    pub memory_mib: Option<i64>,
    /// Requested whole GPUs.
    pub gpu: Option<i64>,
    /// The runner that took it.
    pub runner_name: String,
    /// The group of that runner.
    pub runner_group: String,
    /// The machine type that it ran on.
    pub instance_type: String,
    /// The machine that it ran on.
    pub instance_id: String,
}

/// A column of the schema.
#[derive(Clone, Copy)]
pub struct Column {
    /// The header, units last.
    pub name: &'static str,
    /// Where the value lives in a row.
    pub slot: Slot,
    /// What it holds, for people.
    pub about: &'static str,
}

/// The kind of a column and its place in a [`Row`].
#[derive(Clone, Copy)]
pub enum Slot {
    /// Any text.
    Text(fn(&Row) -> &String, fn(&mut Row) -> &mut String),
    /// An instant or a length in whole milliseconds, at most [`TIME_MS_MAX`].
    Millis(fn(&Row) -> &Option<i64>, fn(&mut Row) -> &mut Option<i64>),
    /// A whole number from 0 to `u32::MAX`.
    Count(fn(&Row) -> &Option<i64>, fn(&mut Row) -> &mut Option<i64>),
}

/// The last millisecond of the year 9999: whatever is larger counts in another unit.
pub const TIME_MS_MAX: i64 = 253_402_300_799_999;

macro_rules! columns {
    ($($kind:ident $field:ident $about:literal,)*) => {
        /// Every column, in the order in which files are written.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: stringify!($field),
            slot: Slot::$kind(|row| &row.$field, |row| &mut row.$field),
            about: $about,
        }),*];

        impl Row {
            /// Forgets everything but keeps the memory.
            pub fn clear(&mut self) {
                self.file = 0;
                self.line = 0;
                $(columns!(@clear $kind self.$field);)*
            }
        }
    };
    (@clear Text $place:expr) => { $place.clear() };
    (@clear Millis $place:expr) => { $place = None };
    (@clear Count $place:expr) => { $place = None };
}

columns! {
    Text run_id "workflow run",
    Count run_attempt "attempt of the run, from 1",
    Text job_id "job, unique in the trace",
    Text job_name "name of the job",
    Text repository "owner/name",
    Text workflow "name of the workflow",
    Text event "what set the run off: push, pull_request, merge_group, schedule, ...",
    Text head_branch "branch",
    Text head_sha "commit",
    Text actor "who set the run off",
    Text team "team that owns the job",
    Text forge "cloud (also where empty) or enterprise",
    Text labels "what the job asks of a runner, separated by ;",
    Text runner_class "runner class, becomes the pool",
    Millis queued_ms "when the job was created",
    Millis ready_ms "when it could have started, after predecessors and approvals",
    Millis started_ms "when its first step ran",
    Millis completed_ms "when it ended",
    Millis duration_ms "how long it ran",
    Text conclusion "success, failure, cancelled, ...",
    Text predecessors "job_ids of the same run that end first, separated by blanks or ;",
    Count cpu_milli "requested thousandths of a vCPU",
    Count memory_mib "requested mebibytes",
    Count gpu "requested GPUs",
    Text runner_name "runner that took it",
    Text runner_group "group of that runner",
    Text instance_type "machine type it ran on",
    Text instance_id "machine it ran on",
}

/// The number of the column of that name.
pub fn column(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

impl Row {
    /// Appends the value of a column as files hold it.
    pub fn write(&self, column: &Column, into: &mut String) {
        match column.slot {
            Slot::Text(get, _) => into.push_str(get(self)),
            Slot::Millis(get, _) | Slot::Count(get, _) => {
                if let Some(number) = get(self) {
                    write!(into, "{number}").expect("a String takes any text");
                }
            }
        }
    }

    /// Gives a row without a class that of its labels, or `default` where it has none either.
    pub(crate) fn set_class(&mut self, default: &str) {
        if !self.runner_class.is_empty() {
            return;
        }
        if self.labels.is_empty() {
            self.runner_class.push_str(default);
        } else {
            self.runner_class = class_of_labels(self.labels.split(';'));
        }
    }

    /// The ids of its predecessors.
    pub fn predecessor_ids(&self) -> impl Iterator<Item = &str> {
        self.predecessors.split([' ', ';']).filter(|id| !id.is_empty())
    }
}

/// The class of a job that names none: its labels in lower case (GitHub compares them so), sorted,
/// once each, without `self-hosted` unless it is the only one, joined by `+`.
pub fn class_of_labels<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<String> =
        labels.map(|label| label.trim().to_lowercase()).filter(|label| !label.is_empty()).collect();
    all.sort();
    all.dedup();
    if all.len() > 1 {
        all.retain(|label| label != "self-hosted");
    }
    all.join("+")
}
