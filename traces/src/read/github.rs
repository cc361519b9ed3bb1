//! What the REST API and the webhooks say about a job in the same words.

use crate::error::{Place, TraceError, shown};
use crate::provenance::Provenance;
use crate::read::{Step, time};
use crate::repair::Rule;
use crate::schema::{Row, class_of_labels};
use crate::settle::{is_cancelled, secs};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// An object as it comes. Values stay untyped, so that an error can name the one that is wrong.
/// Other names are those of home-made lists.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(crate) struct Object {
    #[serde(alias = "job_id")]
    id: Value,
    pub(crate) run_id: Value,
    run_attempt: Value,
    #[serde(alias = "job_name")]
    name: Value,
    workflow_name: Value,
    #[serde(alias = "branch")]
    head_branch: Value,
    #[serde(alias = "commit_hash")]
    head_sha: Value,
    html_url: Value,
    run_url: Value,
    url: Value,
    status: Value,
    conclusion: Value,
    #[serde(alias = "queued_at")]
    created_at: Value,
    pub(crate) started_at: Value,
    completed_at: Value,
    #[serde(alias = "runner_label", alias = "runner_labels")]
    labels: Value,
    runner_name: Value,
    runner_group_name: Value,
    steps: Option<Vec<IgnoredAny>>,
    event: Value,
    actor: Value,
    repository: Value,
    pub(crate) workflow_id: Value,
    pub(crate) run_number: Value,
    path: Value,
}

/// A run, for what its jobs do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Run {
    pub(crate) id: String,
    event: String,
    branch: String,
    sha: String,
    actor: String,
    workflow: String,
    repository: String,
}

/// A job, or one delivery about it. The order means nothing; it makes a choice among equals the
/// same in any order of reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Job {
    pub(crate) completed: Option<i64>,
    pub(crate) started: Option<i64>,
    pub(crate) created: Option<i64>,
    pub(crate) steps: Option<usize>,
    pub(crate) status: String,
    pub(crate) conclusion: String,
    pub(crate) runner_name: Option<String>,
    runner_group: String,
    pub(crate) id: String,
    pub(crate) run_id: String,
    pub(crate) attempt: Option<i64>,
    name: String,
    workflow: String,
    branch: String,
    sha: String,
    pub(crate) repository: String,
    pub(crate) forge: String,
    labels: Vec<String>,
}

/// Names the place of wrong values.
pub(crate) struct Fields<'a>(pub(crate) &'a Place);

impl Fields<'_> {
    fn wrong(&self, field: &str, found: &Value, expected: &str) -> TraceError {
        let text = match found {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        TraceError::Field {
            place: self.0.clone(),
            field: field.to_owned(),
            found: shown(text.as_bytes()),
            expected: expected.to_owned(),
        }
    }

    pub(crate) fn text(&self, field: &str, value: &Value) -> Result<String, TraceError> {
        match value {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            other => Err(self.wrong(field, other, "a text or null")),
        }
    }

    /// An id: a number, or a text as some exports quote it; empty for null.
    pub(crate) fn id(&self, field: &str, value: &Value) -> Result<String, TraceError> {
        match value {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) if number.is_u64() => Ok(number.to_string()),
            other => Err(self.wrong(field, other, "an id")),
        }
    }

    pub(crate) fn time(&self, field: &str, value: &Value) -> Result<Option<i64>, TraceError> {
        let expected = "a time such as 2025-09-04T10:00:00Z, or null";
        let ms = match value {
            Value::Null => return Ok(None),
            Value::String(text) if text.is_empty() => return Ok(None),
            Value::String(text) => time::parse(text),
            _ => None,
        };
        ms.filter(|&ms| ms >= 0).map(Some).ok_or_else(|| self.wrong(field, value, expected))
    }

    fn labels(&self, value: &Value) -> Result<Vec<String>, TraceError> {
        let wrong = || self.wrong("labels", value, "a list of texts");
        match value {
            Value::Null => Ok(Vec::new()),
            Value::String(one) => Ok(vec![one.clone()]),
            Value::Array(many) => many
                .iter()
                .map(|label| label.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect(),
            _ => Err(wrong()),
        }
    }
}

/// Reads one object, or says in which line it is none.
pub(crate) fn parse<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    place: &Place,
    expected: &str,
) -> Result<T, TraceError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let line = place.line + error.line().saturating_sub(1) as u64;
        // The message ends with a line and column of its own, counted within the object.
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        let found = if error.is_data() { text.to_owned() } else { format!("broken JSON ({text})") };
        TraceError::Field {
            place: Place { line, ..place.clone() },
            field: "object".to_owned(),
            found,
            expected: expected.to_owned(),
        }
    })
}

impl Object {
    /// Whether it is a run and not a job.
    pub(crate) fn is_run(&self) -> bool {
        self.run_id.is_null() && !(self.workflow_id.is_null() && self.run_number.is_null())
    }

    /// Whether it is a job.
    pub(crate) fn is_job(&self) -> bool {
        !self.id.is_null() && !self.started_at.is_null()
            || !self.run_id.is_null()
            || !self.status.is_null()
    }

    /// The run it is.
    pub(crate) fn run(&self, place: &Place) -> Result<Run, TraceError> {
        let fields = Fields(place);
        let workflow = fields.text("name", &self.name)?;
        let path = fields.text("path", &self.path)?;
        Ok(Run {
            id: fields.id("id", &self.id)?,
            event: fields.text("event", &self.event)?,
            branch: fields.text("head_branch", &self.head_branch)?,
            sha: fields.text("head_sha", &self.head_sha)?,
            actor: fields.text("actor.login", self.actor.get("login").unwrap_or(&Value::Null))?,
            workflow: if workflow.is_empty() { path } else { workflow },
            repository: repository(&self.repository, [&self.url, &self.html_url]),
        })
    }

    /// The job it is.
    pub(crate) fn job(&self, place: &Place) -> Result<Job, TraceError> {
        let fields = Fields(place);
        let id = fields.id("id", &self.id)?;
        if id.is_empty() {
            return Err(fields.wrong("id", &self.id, "the id of a job"));
        }
        let status = fields.text("status", &self.status)?.to_lowercase();
        let mut conclusion = fields.text("conclusion", &self.conclusion)?.to_lowercase();
        // Home-made lists write the conclusion as status.
        if conclusion.is_empty() && !status.is_empty() && !STATES.contains(&status.as_str()) {
            conclusion.clone_from(&status);
        }
        let attempt = match &self.run_attempt {
            Value::Null => None,
            value => Some(
                value
                    .as_i64()
                    .filter(|attempt| (1..=i64::from(u32::MAX)).contains(attempt))
                    .ok_or_else(|| fields.wrong("run_attempt", value, "a number from 1"))?,
            ),
        };
        let urls = [&self.run_url, &self.url, &self.html_url];
        Ok(Job {
            completed: fields.time("completed_at", &self.completed_at)?,
            started: fields.time("started_at", &self.started_at)?,
            created: fields.time("created_at", &self.created_at)?,
            steps: self.steps.as_ref().map(Vec::len),
            status,
            conclusion,
            runner_name: match &self.runner_name {
                Value::Null => None,
                name => Some(fields.text("runner_name", name)?),
            },
            runner_group: fields.text("runner_group_name", &self.runner_group_name)?,
            id,
            run_id: fields.id("run_id", &self.run_id)?,
            attempt,
            name: fields.text("name", &self.name)?,
            workflow: fields.text("workflow_name", &self.workflow_name)?,
            branch: fields.text("head_branch", &self.head_branch)?,
            sha: fields.text("head_sha", &self.head_sha)?,
            repository: repository(&self.repository, [&self.html_url, &self.run_url]),
            forge: urls.into_iter().find_map(|url| forge(url.as_str()?)).unwrap_or_default(),
            labels: fields.labels(&self.labels)?,
        })
    }
}

/// `owner/name` from the object or from a link to a run of it.
fn repository(object: &Value, urls: [&Value; 2]) -> String {
    if let Some(name) = object.get("full_name").and_then(Value::as_str) {
        return name.to_owned();
    }
    let from = |url: &str| {
        let (before, _) = url.split_once("/actions/").or_else(|| url.split_once("/runs/"))?;
        let mut parts = before.rsplit('/');
        let (name, owner) = (parts.next()?, parts.next()?);
        Some(format!("{owner}/{name}"))
    };
    urls.into_iter().find_map(|url| from(url.as_str()?)).unwrap_or_default()
}

/// Which GitHub a link leads to: github.com and its data-residency hosts, or a server of one's own.
fn forge(url: &str) -> Option<String> {
    let host = url.split_once("://")?.1.split('/').next()?;
    let is_cloud = ["github.com", "ghe.com"].iter().any(|cloud| {
        host.strip_suffix(cloud).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    Some(if is_cloud { "cloud" } else { "enterprise" }.to_owned())
}

/// What a status may be that is no conclusion.
const STATES: [&str; 6] = ["queued", "in_progress", "completed", "waiting", "requested", "pending"];

/// The class of jobs whose labels the record lacks (2021, and home-made lists).
const UNLABELLED: &str = "unlabelled";

impl Job {
    /// Fills what is empty here from an earlier delivery.
    pub(crate) fn complete_from(&mut self, earlier: &Self) {
        let texts = [
            (&mut self.run_id, &earlier.run_id),
            (&mut self.name, &earlier.name),
            (&mut self.workflow, &earlier.workflow),
            (&mut self.branch, &earlier.branch),
            (&mut self.sha, &earlier.sha),
            (&mut self.repository, &earlier.repository),
            (&mut self.forge, &earlier.forge),
            (&mut self.runner_group, &earlier.runner_group),
        ];
        for (mine, other) in texts {
            if mine.is_empty() {
                mine.clone_from(other);
            }
        }
        self.created = self.created.or(earlier.created);
        self.started = self.started.or(earlier.started);
        if self.labels.is_empty() {
            self.labels.clone_from(&earlier.labels);
        }
        if self.runner_name.as_ref().is_none_or(String::is_empty) && earlier.runner_name.is_some() {
            self.runner_name.clone_from(&earlier.runner_name);
        }
    }

    /// Writes it into a row, without judging.
    pub(crate) fn fill(&self, run: Option<&Run>, row: &mut Row) {
        let or = |mine: &str, theirs: fn(&Run) -> &String| match run {
            Some(run) if mine.is_empty() => theirs(run).clone(),
            _ => mine.to_owned(),
        };
        row.run_id.clone_from(&self.run_id);
        row.run_attempt = self.attempt;
        row.job_id.clone_from(&self.id);
        row.job_name.clone_from(&self.name);
        row.repository = or(&self.repository, |run| &run.repository);
        row.workflow = or(&self.workflow, |run| &run.workflow);
        row.event = or("", |run| &run.event);
        row.head_branch = or(&self.branch, |run| &run.branch);
        row.head_sha = or(&self.sha, |run| &run.sha);
        row.actor = or("", |run| &run.actor);
        row.forge.clone_from(&self.forge);
        row.labels = self.labels.join(";");
        row.runner_class = class_of_labels(self.labels.iter().map(String::as_str));
        if row.runner_class.is_empty() {
            row.runner_class.push_str(UNLABELLED);
        }
        row.queued_ms = self.created;
        row.started_ms = self.started;
        row.completed_ms = self.completed;
        row.conclusion.clone_from(&self.conclusion);
        row.runner_name = self.runner_name.clone().unwrap_or_default();
        row.runner_group.clone_from(&self.runner_group);
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self) -> bool {
        !self.conclusion.is_empty() && self.completed.is_some()
    }

    fn has_no_runner(&self) -> bool {
        self.runner_name.as_ref().is_none_or(String::is_empty)
    }

    /// Cancelled before it got a runner.
    fn never_ran(&self) -> bool {
        is_cancelled(&self.conclusion)
            && match self.steps {
                Some(steps) => {
                    steps == 0 && (self.has_no_runner() || self.started >= self.completed)
                }
                None => self.started.is_none() || self.started >= self.completed,
            }
    }

    /// Repairs what only GitHub's records have. `row` was filled from this job.
    pub(crate) fn judge(
        &self,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<Step, TraceError> {
        let Provenance { repairs, files, .. } = provenance;
        if self.conclusion == "skipped" {
            return Ok(Step::Row);
        }
        if let (Some(created), Some(completed)) = (self.created, self.completed)
            && completed < created
            && (self.runner_name.as_deref() == Some("") || self.attempt.is_some_and(|n| n > 1))
            && !self.never_ran()
        {
            repairs.row(Rule::InheritedByRerun, files, row, || {
                format!("a job that ended {} before it was created", secs(created - completed))
            })?;
            return Ok(Step::Dropped);
        }
        if self.never_ran() {
            row.started_ms = None;
            row.duration_ms = None;
        }
        if self.created.is_none() {
            let Some(start) = self.started.or(self.completed) else { return Ok(Step::Row) };
            repairs.row(Rule::NoCreationTime, files, row, || "no created_at".to_owned())?;
            self.forget_queue_time(start, row, provenance)?;
        }
        Ok(Step::Row)
    }

    /// For a job whose wait is unknown: ready when it started, and no recorded start to compare.
    pub(crate) fn forget_queue_time(
        &self,
        start: i64,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<(), TraceError> {
        row.ready_ms = Some(start);
        if self.never_ran() {
            return Ok(());
        }
        let end = self.completed.unwrap_or(start);
        if end < start {
            let found = || format!("an end {} before the start", secs(start - end));
            provenance.repairs.row(Rule::EndBeforeStart, &provenance.files, row, found)?;
        }
        row.started_ms = None;
        row.completed_ms = Some(end.max(start));
        row.duration_ms = Some((end - start).max(0));
        Ok(())
    }
}
