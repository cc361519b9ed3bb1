//! Jobs of bitcoin-core's statistics. The job's own creation is not in the record, only that of
//! its run; a second file names the class of each job and the job that it `needs`.

use crate::error::{Place, TraceError, shown};
use crate::provenance::Provenance;
use crate::read::Step;
use crate::read::csv_file::CsvFile;
use crate::repair::Rule;
use crate::schema::Row;
use crate::settle::secs;
use crate::source::Input;
use std::collections::BTreeMap;
use std::path::Path;

/// What the classes file says about a job name.
struct Class {
    runs_on: String,
    /// GitHub's own machines queue by rules of their own.
    is_hosted: bool,
    needs: String,
}

/// The class of a job whose name the classes file does not have.
const UNMATCHED: &str = "unmatched";

/// A job that starts later than this after its run was created belongs to a second attempt, whose
/// creation the record lacks. Hosted jobs are let off: they may queue for hours for macOS.
const LATE_MS: i64 = 3_600_000;

/// Rows of one run: GitHub allows a run 256 jobs for each of its matrices; more than this is not
/// a run but a column that went wrong.
const RUN_ROWS_MAX: usize = 65_536;
const RUN_TOO_LARGE: &str = "a run of more than 65536 jobs (a wrong run_id?)";

pub(crate) struct BitcoinCore {
    csv: CsvFile,
    file: u32,
    class: String,
    columns: Columns,
    /// `None` without a classes file: every job is of the file's class and ready with its run.
    classes: Option<BTreeMap<String, Class>>,
    /// The run being given, last row first.
    run: Vec<Job>,
    /// Rows of the run being read. They outlive an unreadable row among them.
    next: Vec<Job>,
}

struct Columns {
    run_id: usize,
    job_id: usize,
    job_name: usize,
    branch: Option<usize>,
    status: usize,
    created: usize,
    started: usize,
    completed: usize,
}

/// A row as it is read, and whether its whole run is left out, with what was found.
struct Job {
    row: Row,
    fault: Option<(Rule, String)>,
}

/// All columns that this reader knows; `duration_s` is the time from start to end once more.
const KNOWN: [&str; 9] = [
    "run_id",
    "job_id",
    "job_name",
    "branch",
    "status",
    "run_created_s",
    "job_started_s",
    "job_completed_s",
    "duration_s",
];

impl BitcoinCore {
    pub(crate) fn open(
        input: Input,
        file: u32,
        class: String,
        classes: Option<&Path>,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let csv = CsvFile::open(input, b',')?;
        let columns = Columns {
            run_id: csv.need("run_id")?,
            job_id: csv.need("job_id")?,
            job_name: csv.need("job_name")?,
            branch: csv.find("branch"),
            status: csv.need("status")?,
            created: csv.need("run_created_s")?,
            started: csv.need("job_started_s")?,
            completed: csv.need("job_completed_s")?,
        };
        csv.note_unknown(&KNOWN, provenance);
        let classes = classes.map(read_classes).transpose()?;
        if classes.is_none() {
            provenance.remarks.insert(
                "bitcoin-core without --classes: one class for all jobs, and jobs with `needs` \
                 count as ready when their run was created"
                    .to_owned(),
            );
        }
        Ok(Self { csv, file, class, columns, classes, run: Vec::new(), next: Vec::new() })
    }

    /// Whether jobs have predecessors: only the classes file knows.
    pub(crate) fn has_predecessors(&self) -> bool {
        self.classes.is_some()
    }

    pub(crate) fn read(
        &mut self,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<Step, TraceError> {
        if self.run.is_empty() {
            self.read_run()?;
        }
        let Some(job) = self.run.pop() else { return Ok(Step::End) };
        *row = job.row;
        if let Some((rule, found)) = job.fault {
            provenance.repairs.row(rule, &provenance.files, row, || found)?;
            return Ok(Step::Dropped);
        }
        if row.runner_class == UNMATCHED {
            *provenance.unmatched.entry(row.job_name.clone()).or_default() += 1;
        }
        Ok(Step::Row)
    }

    /// Reads all rows of the next run, which stand together, and finds when each was ready.
    fn read_run(&mut self) -> Result<(), TraceError> {
        let ahead = loop {
            let Some(job) = self.read_job()? else { break None };
            if self.next.first().is_some_and(|first| first.row.run_id != job.row.run_id) {
                break Some(job);
            }
            if self.next.len() == RUN_ROWS_MAX {
                return Err(TraceError::Huge { place: self.csv.place(), what: RUN_TOO_LARGE });
            }
            self.next.push(job);
        };
        let mut jobs = std::mem::take(&mut self.next);
        self.next.extend(ahead);
        self.link(&mut jobs);
        jobs.reverse();
        self.run = jobs;
        Ok(())
    }

    fn read_job(&mut self) -> Result<Option<Job>, TraceError> {
        let (csv, at) = (&mut self.csv, &self.columns);
        if !csv.next()? {
            return Ok(None);
        }
        let mut row = Row { file: self.file, line: csv.line(), ..Row::default() };
        csv.text(at.run_id, &mut row.run_id)?;
        csv.text(at.job_id, &mut row.job_id)?;
        csv.text(at.job_name, &mut row.job_name)?;
        if let Some(branch) = at.branch {
            csv.text(branch, &mut row.head_branch)?;
        }
        row.conclusion.push_str(match csv.value(at.status) {
            Some(b"COMPLETED") => "success",
            Some(b"FAILED") => "failure",
            Some(b"ABORTED") => "cancelled",
            _ => return Err(csv.wrong(at.status, "COMPLETED, FAILED or ABORTED")),
        });
        row.ready_ms = Some(csv.seconds(at.created)?);
        row.started_ms = Some(csv.seconds(at.started)?);
        row.completed_ms = Some(csv.seconds(at.completed)?);
        Ok(Some(Job { row, fault: None }))
    }

    /// Classes, predecessors and ready times within one run, and what is wrong with it.
    fn link(&self, jobs: &mut [Job]) {
        let Some(classes) = &self.classes else {
            for job in jobs.iter_mut() {
                job.row.runner_class.push_str(&self.class);
            }
            self.blame(jobs);
            return;
        };
        let ends: BTreeMap<String, (String, i64)> = jobs
            .iter()
            .filter(|job| !is_negative(&job.row))
            .map(|Job { row, .. }| {
                let end = row.completed_ms.unwrap_or_default();
                (row.job_name.clone(), (row.job_id.clone(), end))
            })
            .collect();
        self.blame(jobs);
        for Job { row, .. } in jobs {
            let Some(class) = classes.get(&row.job_name) else {
                row.runner_class.push_str(UNMATCHED);
                continue;
            };
            row.runner_class.push_str(&class.runs_on);
            // A run whose workflow lacks the predecessor starts the job at once.
            if let Some((id, end)) = ends.get(&class.needs) {
                row.predecessors.push_str(id);
                row.ready_ms = row.ready_ms.max(Some(*end));
            }
        }
    }

    /// Marks what is to be left out.
    fn blame(&self, jobs: &mut [Job]) {
        let is_hosted = |row: &Row| {
            let class = self.classes.as_ref().and_then(|classes| classes.get(&row.job_name));
            class.map_or_else(|| self.classes.is_some(), |class| class.is_hosted)
        };
        let mut fault = None;
        for Job { row, .. } in jobs.iter() {
            let wait = row.started_ms.unwrap_or(0) - row.ready_ms.unwrap_or(0);
            if wait < 0 || wait > LATE_MS && !is_hosted(row) {
                let side = if wait < 0 { "before" } else { "after" };
                let found = format!("a job that started {} {side} its run was created", secs(wait));
                fault.get_or_insert((Rule::RerunOrLate, found));
            }
        }
        for job in jobs {
            job.fault.clone_from(&fault);
            if job.fault.is_none() && is_negative(&job.row) {
                let length = job.row.completed_ms.unwrap_or(0) - job.row.started_ms.unwrap_or(0);
                let found = format!("an end {} before the start", secs(length));
                job.fault = Some((Rule::NegativeDuration, found));
            }
        }
    }
}

fn is_negative(row: &Row) -> bool {
    row.completed_ms < row.started_ms
}

/// Reads `job_name,runs_on,provider,needs`.
fn read_classes(path: &Path) -> Result<BTreeMap<String, Class>, TraceError> {
    let mut csv = CsvFile::open(Input::open(path)?, b',')?;
    let (name, runs_on) = (csv.need("job_name")?, csv.need("runs_on")?);
    let (provider, needs) = (csv.find("provider"), csv.find("needs"));
    let mut classes = BTreeMap::new();
    while csv.next()? {
        let text = |column: usize| {
            let mut text = String::new();
            csv.text(column, &mut text).map(|()| text)
        };
        let class = Class {
            runs_on: text(runs_on)?,
            is_hosted: provider.map(text).transpose()?.as_deref() == Some("github"),
            needs: needs.map(text).transpose()?.unwrap_or_default(),
        };
        let job = text(name)?;
        if job.is_empty() || class.runs_on.is_empty() {
            let column = if job.is_empty() { name } else { runs_on };
            return Err(csv.wrong(column, "a text"));
        }
        if classes.insert(job.clone(), class).is_some() {
            return Err(TraceError::Field {
                place: csv.place(),
                field: "job_name".to_owned(),
                found: format!("{} again", shown(job.as_bytes())),
                expected: "each job once".to_owned(),
            });
        }
    }
    for (job, class) in &classes {
        let mut at = &class.needs;
        // A chain of `needs` as long as the file has rows comes back to itself.
        for _ in 0..classes.len() {
            match classes.get(at) {
                Some(next) => at = &next.needs,
                None => break,
            }
        }
        if !at.is_empty() && classes.contains_key(at) {
            return Err(TraceError::Field {
                place: Place::whole(&csv.file),
                field: "needs".to_owned(),
                found: format!("a cycle through {}", shown(job.as_bytes())),
                expected: "jobs that can start".to_owned(),
            });
        }
    }
    Ok(classes)
}
