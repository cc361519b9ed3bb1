//! Pages of GitHub's REST API, as tools leave them: documents one after the other, `--slurp`
//! arrays, NDJSON, pages of runs and of jobs, single objects, objects keyed by id.
//!
//! The files are read twice, first for the runs, since a page of jobs may come before the page of
//! its run; so memory holds runs, and one job at a time.

use crate::error::{Place, TraceError};
use crate::provenance::Provenance;
use crate::read::Step;
use crate::read::github::{self, Job, Object, Run};
use crate::read::json::Objects;
use crate::recent::Recent;
use crate::repair::Rule;
use crate::schema::Row;
use crate::source::Input;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Jobs remembered to find those that overlapping pages list twice: more than a month of the
/// busiest public repositories.
const REMEMBERED: usize = 1 << 20;

/// Runs held to be joined with their jobs: about a gigabyte, a year of the largest organisations.
const RUNS_MAX: usize = 1 << 22;

const EXPECTED: &str = "a run or a job of GitHub's REST API";

pub(crate) struct GithubRest {
    files: Vec<u32>,
    next_file: usize,
    objects: Option<Objects>,
    runs: BTreeMap<String, Run>,
    /// By run, how many jobs were listed and how many there are by its pages.
    listed: BTreeMap<String, (u64, u64)>,
    finished: Recent<()>,
    /// Jobs that had not ended where they were listed, with what was found: another page may have
    /// caught them later.
    unfinished: BTreeMap<String, (Row, String)>,
}

impl GithubRest {
    pub(crate) fn open(files: Vec<u32>, provenance: &Provenance) -> Result<Self, TraceError> {
        let mut runs = BTreeMap::new();
        for &file in &files {
            let mut objects = open(&provenance.files.0[file as usize].0)?;
            while objects.next()? {
                if !may_be_run(objects.object()) {
                    continue;
                }
                let place = Place { file: Arc::clone(&objects.file), line: objects.begins() };
                // Whatever is wrong is said when the object's turn comes.
                if let Ok(object) = github::parse::<Object>(objects.object(), &place, EXPECTED)
                    && object.is_run()
                    && let Ok(run) = object.run(&place)
                {
                    runs.insert(run.id.clone(), run);
                    if runs.len() > RUNS_MAX {
                        let (what, limit) = ("runs", RUNS_MAX as u64);
                        return Err(TraceError::TooMany { place, what, limit });
                    }
                }
            }
        }
        Ok(Self {
            files,
            next_file: 0,
            objects: None,
            runs,
            listed: BTreeMap::new(),
            finished: Recent::new(REMEMBERED),
            unfinished: BTreeMap::new(),
        })
    }

    pub(crate) fn read(
        &mut self,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<Step, TraceError> {
        loop {
            let Some(objects) = &mut self.objects else {
                let Some(&file) = self.files.get(self.next_file) else {
                    return self.rest(row, provenance);
                };
                self.next_file += 1;
                self.objects = Some(open(&provenance.files.0[file as usize].0)?);
                continue;
            };
            if !objects.next()? {
                self.objects = None;
                continue;
            }
            row.clear();
            row.file = self.files[self.next_file - 1];
            row.line = objects.begins();
            let place = provenance.files.place(row);
            let object: Object = github::parse(objects.object(), &place, EXPECTED)?;
            if object.is_run() {
                object.run(&place)?;
                continue;
            }
            if !object.is_job() {
                let keys = objects.object();
                return Err(TraceError::Field {
                    place,
                    field: "object".to_owned(),
                    found: crate::error::shown(keys),
                    expected: EXPECTED.to_owned(),
                });
            }
            let total = objects.page_total;
            if let Some(step) = self.job(&object.job(&place)?, total, row, provenance)? {
                return Ok(step);
            }
        }
    }

    /// The step that a job makes; `None` for one that may yet turn up finished.
    fn job(
        &mut self,
        job: &Job,
        page_total: Option<u64>,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<Option<Step>, TraceError> {
        if !self.listed.contains_key(&job.run_id) {
            self.listed.insert(job.run_id.clone(), (0, 0));
        }
        if let Some((listed, total)) = self.listed.get_mut(&job.run_id) {
            *listed += 1;
            *total = page_total.unwrap_or(0).max(*total);
        }
        job.fill(self.runs.get(&job.run_id), row);
        let key = crate::compact::job_key(row, &job.id);
        if !job.is_over() {
            if self.finished.get(key).is_none() {
                let found = format!("status {}", crate::error::shown(job.status.as_bytes()));
                self.unfinished.entry(job.id.clone()).or_insert_with(|| (row.clone(), found));
            }
            return Ok(None);
        }
        self.unfinished.remove(&job.id);
        if self.finished.get(key).is_some() {
            let found = || format!("job {} again", job.id);
            provenance.repairs.row(Rule::Duplicate, &provenance.files, row, found)?;
            return Ok(Some(Step::Dropped));
        }
        self.finished.insert(key, ());
        job.judge(row, provenance).map(Some)
    }

    /// Behind the last file: what never ended, and runs without jobs.
    fn rest(&mut self, row: &mut Row, provenance: &mut Provenance) -> Result<Step, TraceError> {
        if let Some((_, (unfinished, found))) = self.unfinished.pop_first() {
            *row = unfinished;
            provenance.repairs.row(Rule::Unfinished, &provenance.files, row, || found)?;
            return Ok(Step::Dropped);
        }
        let empty = self.runs.keys().filter(|run| !self.listed.contains_key(*run)).count();
        if empty > 0 {
            provenance.remarks.insert(format!(
                "{empty} of {} runs have no jobs in these files (a startup_failure has none)",
                self.runs.len()
            ));
        }
        let missing = |(listed, total): &(u64, u64)| total.saturating_sub(*listed);
        let short = self.listed.values().filter(|counts| missing(counts) > 0).count();
        if short > 0 {
            let jobs: u64 = self.listed.values().map(missing).sum();
            provenance.remarks.insert(format!(
                "{jobs} jobs of {short} runs are not in these files: pages are missing"
            ));
        }
        Ok(Step::End)
    }
}

/// Opens a file that can be opened again.
fn open(file: &Path) -> Result<Objects, TraceError> {
    Input::open(file).map(Objects::open)
}

/// A quick look, so that jobs are parsed once only.
fn may_be_run(object: &[u8]) -> bool {
    [&b"\"workflow_id\""[..], b"\"run_number\""]
        .iter()
        .any(|key| memchr::memmem::find(object, key).is_some())
}
