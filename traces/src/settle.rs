//! Makes the times of a row agree, by named rules.

use crate::error::{TraceError, shown};
use crate::provenance::Provenance;
use crate::read::Step;
use crate::repair::Rule;
use crate::schema::Row;

/// Tools round start, end and duration to seconds one by one; more is a contradiction.
const ROUNDING_MS: i64 = 1000;

/// Afterwards `ready_ms` and `duration_ms` are set, and what else is set agrees with them.
pub(crate) fn settle(row: &mut Row, provenance: &mut Provenance) -> Result<Step, TraceError> {
    let Provenance { repairs, files, .. } = provenance;
    if row.conclusion.eq_ignore_ascii_case("skipped") {
        repairs.row(Rule::Skipped, files, row, || "a skipped job".to_owned())?;
        return Ok(Step::Dropped);
    }
    let missing = |row: &Row, field: &str, expected: &str| TraceError::Field {
        place: files.place(row),
        field: field.to_owned(),
        found: shown(b""),
        expected: expected.to_owned(),
    };
    let Some(mut ready) = row.ready_ms.or(row.queued_ms) else {
        return Err(missing(row, "ready_ms", "a time here or in queued_ms"));
    };
    if let Some(queued) = row.queued_ms
        && queued > ready
    {
        repairs.row(Rule::ReadyBeforeQueued, files, row, || {
            format!("ready {} before it was created", secs(queued - ready))
        })?;
        row.queued_ms = Some(ready);
    }
    let is_cancelled = is_cancelled(&row.conclusion);
    if let (Some(started), Some(completed)) = (row.started_ms, row.completed_ms)
        && completed < started
        && !is_cancelled
    {
        repairs.row(Rule::EndBeforeStart, files, row, || {
            format!("an end {} before the start", secs(started - completed))
        })?;
        row.completed_ms = Some(started);
        row.duration_ms = Some(0);
    }
    // A cancelled job that has no start, or one behind its end, never ran.
    if let Some(completed) = row.completed_ms
        && is_cancelled
        && row.started_ms.is_none_or(|started| completed < started)
        && row.duration_ms.is_none_or(|duration| duration <= 0 || row.started_ms.is_some())
    {
        repairs.row(Rule::CancelledWhileQueued, files, row, || {
            format!("cancelled after {} in the queue", secs((completed - ready).max(0)))
        })?;
        row.started_ms = None;
        row.duration_ms = Some(0);
        row.completed_ms = Some(completed.max(ready));
        row.ready_ms = Some(ready);
        return Ok(Step::Row);
    }
    if let Some(started) = row.started_ms
        && started < ready
    {
        repairs.row(Rule::StartBeforeReady, files, row, || {
            format!("a start {} before it was ready", secs(ready - started))
        })?;
        ready = started;
        row.queued_ms = row.queued_ms.map(|queued| queued.min(ready));
    }
    row.ready_ms = Some(ready);
    match (row.started_ms, row.completed_ms, row.duration_ms) {
        (_, None, Some(_)) | (None, Some(_), Some(_)) => {}
        (Some(started), Some(completed), Some(duration)) => {
            let real = completed - started;
            if (real - duration).abs() > ROUNDING_MS {
                repairs.row(Rule::DurationDisagrees, files, row, || {
                    format!("{duration} ms for {real} ms from start to end")
                })?;
                row.duration_ms = Some(real);
            }
        }
        (Some(started), Some(completed), None) => row.duration_ms = Some(completed - started),
        (None, Some(completed), None) if completed >= ready => {
            repairs.row(Rule::NoStartTime, files, row, || "no start".to_owned())?;
            row.duration_ms = Some(completed - ready);
        }
        (None, Some(completed), None) => {
            return Err(TraceError::Field {
                place: files.place(row),
                field: "completed_ms".to_owned(),
                found: format!("{completed}, {} before the job was ready", secs(ready - completed)),
                expected: "an end at or after ready_ms".to_owned(),
            });
        }
        (_, None, None) => {
            return Err(missing(row, "duration_ms", "a length here or an end in completed_ms"));
        }
    }
    Ok(Step::Row)
}

/// Whether a conclusion means that somebody stopped the job.
pub(crate) fn is_cancelled(conclusion: &str) -> bool {
    conclusion.eq_ignore_ascii_case("cancelled") || conclusion.eq_ignore_ascii_case("canceled")
}

/// A length as messages say it.
pub(crate) fn secs(ms: i64) -> String {
    greenroom_scheduler::time::Span::from_ms(ms.unsigned_abs()).to_string()
}
