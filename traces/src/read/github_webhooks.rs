//! Logs of `workflow_job` deliveries: in any order, repeated, with holes, wrapped or bare.
//!
//! What a job is follows from the content of its deliveries alone (rank, then times), never from
//! their order, so any order of the log gives the same trace. The log is read whole: the last line
//! may belong to the first job.

use crate::error::{Place, TraceError, shown};
use crate::provenance::Provenance;
use crate::read::Step;
use crate::read::github::{self, Fields, Job, Object, Run};
use crate::read::json::Objects;
use crate::repair::Rule;
use crate::schema::Row;
use crate::source::Input;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const EXPECTED: &str = "a delivery of a workflow_job event";

/// Jobs of one log, which is held whole: a few gigabytes, some months of the largest organisations.
const JOBS_MAX: usize = 1 << 22;

/// Bodies within wrappers within wrappers: a delivery record holds a request that holds a payload.
const WRAPPERS_MAX: usize = 4;

/// A delivery, or a wrapper around one.
#[derive(Default, Deserialize)]
#[serde(default, expecting = "an object")]
struct Delivery {
    action: Value,
    workflow_job: Option<Object>,
    workflow_run: Option<Object>,
    repository: Value,
    delivered_at: Value,
    payload: Value,
    body: Value,
    request: Value,
}

/// A job as its deliveries tell it, by rank.
#[derive(Default)]
struct Seen {
    ranks: BTreeMap<Rank, (Job, Option<i64>)>,
    place: (u32, u64),
    repeats: u64,
}

/// How far a job had come. The order is GitHub's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Waiting,
    Queued,
    InProgress,
    Completed,
}

pub(crate) struct GithubWebhooks {
    /// The latest ready time first, to be taken from the end.
    rows: Vec<(Row, Outcome)>,
    runs: BTreeMap<String, Run>,
}

enum Outcome {
    Job(Box<Job>, Approval),
    Left(Rule, String),
}

/// What the deliveries tell about an approval.
enum Approval {
    None,
    /// It came after the job was created, at this time.
    At(i64),
    /// There was one, at a time unknown.
    Unknown,
}

impl GithubWebhooks {
    /// Reads all files. Unreadable deliveries are counted under `--skip-bad-rows`, else an error.
    pub(crate) fn open(
        files: &[u32],
        skip_bad_rows: bool,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let mut seen = BTreeMap::new();
        let mut runs = BTreeMap::new();
        let mut others = 0_u64;
        for &file in files {
            let path = Arc::clone(&provenance.files.0[file as usize].0);
            let mut objects = Objects::open(Input::open(&path)?);
            while objects.next()? {
                let place = Place { file: Arc::clone(&path), line: objects.begins() };
                let read = read(objects.object(), &place).and_then(|delivery| {
                    take(delivery, (file, objects.begins()), &place, &mut seen, &mut runs)
                });
                match read {
                    Ok(is_job) => others += u64::from(!is_job),
                    Err(error) if skip_bad_rows && error.is_row() => provenance.skip(&error),
                    Err(error) => return Err(error),
                }
            }
        }
        if others > 0 {
            provenance.remarks.insert(format!("{others} deliveries of other events"));
        }
        let mut rows: Vec<(Row, Outcome)> = Vec::with_capacity(seen.len());
        for seen in seen.into_values() {
            rows.push(seen.row(provenance)?);
        }
        rows.sort_by(|(one, _), (other, _)| {
            let key = |row: &Row| row.queued_ms.or(row.started_ms).or(row.completed_ms);
            key(other).cmp(&key(one)).then_with(|| other.job_id.cmp(&one.job_id))
        });
        Ok(Self { rows, runs })
    }

    pub(crate) fn read(
        &mut self,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<Step, TraceError> {
        let Some((place, outcome)) = self.rows.pop() else { return Ok(Step::End) };
        *row = place;
        let (job, approval) = match outcome {
            Outcome::Left(rule, found) => {
                provenance.repairs.row(rule, &provenance.files, row, || found)?;
                return Ok(Step::Dropped);
            }
            Outcome::Job(job, approval) => (job, approval),
        };
        job.fill(self.runs.get(&job.run_id), row);
        let step = job.judge(row, provenance)?;
        let Provenance { repairs, files, .. } = &mut *provenance;
        match (step, approval) {
            (Step::Row, Approval::At(at)) => {
                let wait = at - row.queued_ms.unwrap_or(at);
                let found = || format!("an approval {} after creation", crate::settle::secs(wait));
                repairs.row(Rule::ApprovalWait, files, row, found)?;
                row.ready_ms = Some(at);
            }
            (Step::Row, Approval::Unknown) if job.created.is_some() && job.started.is_some() => {
                let found = || "an approval at an unknown time".to_owned();
                repairs.row(Rule::ApprovalTimeUnknown, files, row, found)?;
                job.forget_queue_time(job.started.unwrap_or_default(), row, provenance)?;
            }
            _ => {}
        }
        Ok(step)
    }
}

/// Unwraps an object down to the delivery itself.
fn read(object: &[u8], place: &Place) -> Result<Delivery, TraceError> {
    let mut delivery: Delivery = github::parse(object, place, EXPECTED)?;
    for _ in 0..WRAPPERS_MAX {
        if delivery.workflow_job.is_some() {
            break;
        }
        let inner = [delivery.payload.take(), delivery.body.take(), delivery.request.take()]
            .into_iter()
            .find(|value| !value.is_null());
        let Some(inner) = inner else { break };
        let delivered_at = delivery.delivered_at.take();
        // A queue holds the body as a text.
        delivery = match &inner {
            Value::String(text) => github::parse(text.as_bytes(), place, EXPECTED)?,
            other => github::parse(other.to_string().as_bytes(), place, EXPECTED)?,
        };
        if delivery.delivered_at.is_null() {
            delivery.delivered_at = delivered_at;
        }
    }
    Ok(delivery)
}

/// The key of a job: forge, id, attempt. Payloads of 2021 do not know attempts.
type Key = (String, String, i64);

/// Takes in one delivery; false when it is about something else.
fn take(
    delivery: Delivery,
    at: (u32, u64),
    place: &Place,
    seen: &mut BTreeMap<Key, Seen>,
    runs: &mut BTreeMap<String, Run>,
) -> Result<bool, TraceError> {
    if let Some(run) = delivery.workflow_run {
        let run = run.run(place)?;
        let known = runs.entry(run.id.clone()).or_default();
        *known = std::mem::take(known).max(run);
        return Ok(false);
    }
    let Some(object) = delivery.workflow_job else { return Ok(false) };
    let mut job = object.job(place)?;
    let fields = Fields(place);
    if job.repository.is_empty() || !delivery.repository.is_null() {
        let name = delivery.repository.get("full_name").unwrap_or(&Value::Null);
        let name = fields.text("repository.full_name", name)?;
        job.repository = if name.is_empty() { job.repository } else { name };
    }
    let delivered = fields.time("delivered_at", &delivery.delivered_at)?;
    let action = fields.text("action", &delivery.action)?;
    let state = if action.is_empty() { &job.status } else { &action };
    let rank = match state.as_str() {
        "waiting" => Rank::Waiting,
        "queued" => Rank::Queued,
        "in_progress" => Rank::InProgress,
        "completed" => Rank::Completed,
        other => {
            return Err(TraceError::Field {
                place: place.clone(),
                field: "action".to_owned(),
                found: shown(other.as_bytes()),
                expected: "waiting, queued, in_progress or completed".to_owned(),
            });
        }
    };
    let key = (job.forge.clone(), job.id.clone(), job.attempt.unwrap_or(1));
    if seen.len() == JOBS_MAX && !seen.contains_key(&key) {
        let (what, limit) = ("jobs in a log of deliveries", JOBS_MAX as u64);
        return Err(TraceError::TooMany { place: place.clone(), what, limit });
    }
    let known = seen.entry(key).or_default();
    if known.place.1 == 0 || rank == Rank::Completed {
        known.place = at;
    }
    match known.ranks.get_mut(&rank) {
        None => {
            known.ranks.insert(rank, (job, delivered));
        }
        Some((old, when)) => {
            known.repeats += 1;
            // The same whichever came first; the earliest delivery is the nearest to the event.
            *when = [*when, delivered].into_iter().flatten().min();
            if job > *old {
                *old = job;
            }
        }
    }
    Ok(true)
}

impl Seen {
    /// What its deliveries say together.
    fn row(self, provenance: &mut Provenance) -> Result<(Row, Outcome), TraceError> {
        let Self { ranks, place: (file, line), repeats } = self;
        let approval = approval(&ranks);
        let was_ready = ranks.contains_key(&Rank::Queued) || ranks.contains_key(&Rank::InProgress);
        let is_waiting = ranks.contains_key(&Rank::Waiting);
        let mut later = ranks.into_iter().rev();
        let Some((rank, (mut job, _))) = later.next() else {
            // An entry is made together with its first delivery.
            return Ok((Row::default(), Outcome::Left(Rule::Unfinished, String::new())));
        };
        let mut queued = None;
        for (rank, (mut earlier, _)) in later {
            // Until a job runs, started_at is when it was queued: the creation of a job whose
            // payloads, before 2022, have no created_at.
            if rank != Rank::InProgress {
                queued = [queued, earlier.started.take()].into_iter().flatten().min();
            }
            job.complete_from(&earlier);
        }
        job.created = job.created.or(queued);
        let mut row = Row { file, line, ..Row::default() };
        job.fill(None, &mut row);
        for _ in 0..repeats {
            let found = || format!("job {} again", job.id);
            provenance.repairs.row(Rule::Duplicate, &provenance.files, &row, found)?;
            provenance.count(file);
            provenance.rows_dropped += 1;
        }
        if rank != Rank::Completed || !job.is_over() {
            let found = format!("nothing after {}", shown(job.status.as_bytes()));
            return Ok((row, Outcome::Left(Rule::Unfinished, found)));
        }
        if is_waiting && !was_ready && job.steps == Some(0) && job.conclusion != "skipped" {
            let found = format!("{} while it waited for approval", job.conclusion);
            return Ok((row, Outcome::Left(Rule::ApprovalRefused, found)));
        }
        Ok((row, Outcome::Job(Box::new(job), approval)))
    }
}

/// When an approval came, if the job waited for one: the queued delivery behind it tells, by its
/// own start (the time of queueing while a job is queued) or by when it was delivered.
fn approval(ranks: &BTreeMap<Rank, (Job, Option<i64>)>) -> Approval {
    let Some((waiting, _)) = ranks.get(&Rank::Waiting) else { return Approval::None };
    let created = waiting.created.or(waiting.started);
    let queued = ranks.get(&Rank::Queued);
    let at = queued
        .and_then(|(job, delivered)| job.started.filter(|&at| Some(at) > created).or(*delivered));
    at.map_or(Approval::Unknown, Approval::At)
}
