//! What is put right in a trace, each kind under a name that is counted, listed and reported.

use crate::error::{Place, TraceError};
use crate::provenance::Files;
use crate::schema::Row;
use std::collections::BTreeMap;
use std::fmt;

/// A rule by which rows are repaired or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The first step ran before the job was ready: it was ready when it started.
    StartBeforeReady,
    /// It was ready before it was created: it was created when it was ready.
    ReadyBeforeQueued,
    /// It ended before it started: it ran for no time.
    EndBeforeStart,
    /// The stated duration is not the time from start to end: the times count.
    DurationDisagrees,
    /// Cancelled before any step ran: kept, with the time it waited as its patience.
    CancelledWhileQueued,
    /// Ready before its last predecessor ended: it was ready at that end.
    ReadyBeforePredecessorEnd,
    /// No start is known: it runs from the moment it was ready.
    NoStartTime,
    /// No creation is known: it was ready when it started, and its queue time is unknown.
    NoCreationTime,
    /// It waited for an approval whose time is unknown: its queue time is unknown.
    ApprovalTimeUnknown,
    /// It waited for an approval: it was ready when that came.
    ApprovalWait,
    /// Its approval never came: left out, since it was never ready.
    ApprovalRefused,
    /// Skipped by a condition: left out, since no runner ever saw it.
    Skipped,
    /// Not ended when the record was taken: left out.
    Unfinished,
    /// The same job once more: left out.
    Duplicate,
    /// A finished job listed again under a later attempt of its run: left out.
    InheritedByRerun,
    /// A job of a run that was started again, or hours late: left out with its whole run.
    RerunOrLate,
    /// It ended before it started, in a record whose own reading is to leave those out.
    NegativeDuration,
    /// It names a predecessor before `--from`: that one is taken as ended.
    PredecessorOutsideRange,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::StartBeforeReady,
        Self::ReadyBeforeQueued,
        Self::EndBeforeStart,
        Self::DurationDisagrees,
        Self::CancelledWhileQueued,
        Self::ReadyBeforePredecessorEnd,
        Self::NoStartTime,
        Self::NoCreationTime,
        Self::ApprovalTimeUnknown,
        Self::ApprovalWait,
        Self::ApprovalRefused,
        Self::Skipped,
        Self::Unfinished,
        Self::Duplicate,
        Self::InheritedByRerun,
        Self::RerunOrLate,
        Self::NegativeDuration,
        Self::PredecessorOutsideRange,
    ];

    /// The name that reports show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartBeforeReady => "start-before-ready",
            Self::ReadyBeforeQueued => "ready-before-queued",
            Self::EndBeforeStart => "end-before-start",
            Self::DurationDisagrees => "duration-disagrees",
            Self::CancelledWhileQueued => "cancelled-while-queued",
            Self::ReadyBeforePredecessorEnd => "ready-before-predecessor-end",
            Self::NoStartTime => "no-start-time",
            Self::NoCreationTime => "no-creation-time",
            Self::ApprovalTimeUnknown => "approval-time-unknown",
            Self::ApprovalWait => "approval-wait",
            Self::ApprovalRefused => "approval-refused",
            Self::Skipped => "skipped",
            Self::Unfinished => "unfinished",
            Self::Duplicate => "duplicate",
            Self::InheritedByRerun => "inherited-by-rerun",
            Self::RerunOrLate => "rerun-or-late",
            Self::NegativeDuration => "negative-duration",
            Self::PredecessorOutsideRange => "predecessor-outside-range",
        }
    }

    /// What is done, for people.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::StartBeforeReady => "ready when it started",
            Self::ReadyBeforeQueued => "created when it was ready",
            Self::EndBeforeStart => "kept, ran for no time",
            Self::DurationDisagrees => "duration taken from start and end",
            Self::CancelledWhileQueued => "kept, gives up after the time it waited",
            Self::ReadyBeforePredecessorEnd => "ready when its last predecessor ended",
            Self::NoStartTime => "runs from the moment it was ready",
            Self::NoCreationTime | Self::ApprovalTimeUnknown => {
                "ready when it started, queue time unknown"
            }
            Self::ApprovalWait => "ready when the approval came",
            Self::ApprovalRefused
            | Self::Skipped
            | Self::Unfinished
            | Self::Duplicate
            | Self::InheritedByRerun
            | Self::NegativeDuration => "left out",
            Self::RerunOrLate => "left out with its whole run",
            Self::PredecessorOutsideRange => "predecessor taken as ended",
        }
    }

    /// What a row without the fault would say, for `--strict`.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::StartBeforeReady => "a start at or after the time it was ready",
            Self::ReadyBeforeQueued => "a ready time at or after its creation",
            Self::EndBeforeStart | Self::NegativeDuration => "an end at or after the start",
            Self::DurationDisagrees => "the time from start to end",
            Self::CancelledWhileQueued | Self::Skipped => "a job that ran",
            Self::ReadyBeforePredecessorEnd => "a ready time at or after its predecessors' end",
            Self::NoStartTime => "a start",
            Self::NoCreationTime => "a creation time",
            Self::ApprovalTimeUnknown => "the time of the approval",
            Self::ApprovalWait | Self::ApprovalRefused => "a job without approval",
            Self::Unfinished => "a job that ended",
            Self::Duplicate => "each job once",
            Self::InheritedByRerun => "jobs of this attempt only",
            Self::RerunOrLate => "jobs of a first attempt that started within the hour",
            Self::PredecessorOutsideRange => "predecessors within the range",
        }
    }

    /// Whether `--strict` refuses it. Skipped jobs and repeated deliveries are how GitHub records
    /// sound histories, and a range is the user's own wish; everything else is a fault of the
    /// record.
    pub const fn is_fault(self) -> bool {
        !matches!(self, Self::Skipped | Self::Duplicate | Self::PredecessorOutsideRange)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often which rule applied, by day, with examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Rows by rule and day: days since 1970-01-01 UTC, or since the start of the capture.
    pub by_day: BTreeMap<(Rule, i64), u64>,
    /// The first few rows of each rule.
    pub examples: BTreeMap<Rule, Vec<Example>>,
    /// Repairs are errors.
    pub strict: bool,
}

/// A row that a rule applied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Where it stands.
    pub place: Place,
    /// What it said.
    pub found: String,
}

/// Enough to look one up and see a pattern; the counts tell the rest.
const EXAMPLES_MAX: usize = 20;
const DAY_MS: i64 = 86_400_000;

impl Repairs {
    /// Rows that a rule applied to.
    pub fn count(&self, rule: Rule) -> u64 {
        self.by_day.range((rule, i64::MIN)..=(rule, i64::MAX)).map(|(_, count)| count).sum()
    }

    /// The rules that applied, with their counts.
    pub fn totals(&self) -> impl Iterator<Item = (Rule, u64)> {
        Rule::ALL.into_iter().map(|rule| (rule, self.count(rule))).filter(|&(_, count)| count > 0)
    }

    /// Counts a repair of the row at `place`, dated `ms`, or refuses it under `--strict`.
    pub(crate) fn note(
        &mut self,
        rule: Rule,
        place: impl FnOnce() -> Place,
        ms: i64,
        found: impl FnOnce() -> String,
    ) -> Result<(), TraceError> {
        if self.strict && rule.is_fault() {
            return Err(TraceError::Strict { place: place(), rule, found: found() });
        }
        *self.by_day.entry((rule, ms.div_euclid(DAY_MS))).or_default() += 1;
        let examples = self.examples.entry(rule).or_default();
        if examples.len() < EXAMPLES_MAX {
            examples.push(Example { place: place(), found: found() });
        }
        Ok(())
    }

    /// The same for a row.
    pub(crate) fn row(
        &mut self,
        rule: Rule,
        files: &Files,
        row: &Row,
        found: impl FnOnce() -> String,
    ) -> Result<(), TraceError> {
        let ms = row.queued_ms.or(row.ready_ms).or(row.started_ms).or(row.completed_ms);
        self.note(rule, || files.place(row), ms.unwrap_or(0), found)
    }
}
