//! Follows predecessors while rows stream by.

use crate::compact::{job_key, run_key};
use crate::error::{Place, TraceError, shown};
use crate::provenance::Files;
use crate::schema::Row;
use greenroom_scheduler::time::{Span, Time};
use std::collections::{BTreeMap, HashMap};

/// Where a row stands in the order, once all its predecessors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The row's number in order of reading.
    pub(crate) seq: u32,
    /// When it must be known.
    pub(crate) enter: Time,
    /// Length of the longest chain of predecessors, so that among equal times they come first.
    pub(crate) depth: u32,
    /// Recorded time from the end of its last predecessor until it was ready.
    pub(crate) gap: Span,
    /// By how much it was ready before that end.
    pub(crate) early: Span,
    /// When it was ready.
    pub(crate) ready: Time,
    /// Its file and line.
    pub(crate) at: (u32, u64),
}

/// The graph of the rows that may still be named.
pub(crate) struct Graph {
    // Looked up by key only, never walked.
    jobs: HashMap<u128, Known>,
    /// Rows whose predecessors are not all placed.
    waiting: BTreeMap<u32, Waiting>,
    /// Which rows wait for a job.
    waiters: HashMap<u128, Vec<u32>>,
    /// Ids in order of reading, to forget them behind the window.
    ids: std::collections::VecDeque<(u32, u128)>,
    window: usize,
}

struct Known {
    seq: u32,
    run: u128,
    end: Time,
    line: u64,
    file: u32,
    placed: Option<(Time, u32)>,
}

struct Waiting {
    job: u128,
    run: u128,
    ready: Time,
    predecessors: Vec<u128>,
    missing: usize,
    file: u32,
    line: u64,
    /// What it waits for, as it names it.
    names: Vec<(u128, String)>,
}

impl Graph {
    /// A graph in which predecessors may be `window` rows away.
    pub(crate) fn new(window: usize) -> Self {
        Self {
            jobs: HashMap::new(),
            waiting: BTreeMap::new(),
            waiters: HashMap::new(),
            ids: std::collections::VecDeque::new(),
            window,
        }
    }

    /// From now on predecessors may be `window` rows away.
    pub(crate) fn set_window(&mut self, window: usize) {
        self.window = window;
    }

    /// Adds the row with number `seq`, which ends at `end` in the record. What can be placed now
    /// goes to `placed`, edges (from the later row to the earlier one) to `edges`.
    pub(crate) fn add(
        &mut self,
        seq: u32,
        row: &Row,
        (ready, end): (Time, Time),
        files: &Files,
        placed: &mut Vec<Placed>,
        edges: &mut Vec<(u32, u32)>,
    ) -> Result<(), TraceError> {
        let (job, run) = (job_key(row, &row.job_id), run_key(row));
        self.forget(seq, files)?;
        if job != 0 {
            let known = Known { seq, run, end, line: row.line, file: row.file, placed: None };
            if let Some(twice) = self.jobs.insert(job, known) {
                return Err(TraceError::Field {
                    place: files.place(row),
                    field: "job_id".to_owned(),
                    found: format!(
                        "{} again, first in {}",
                        shown(row.job_id.as_bytes()),
                        files.at(twice.file, twice.line)
                    ),
                    expected: "each job once".to_owned(),
                });
            }
            self.ids.push_back((seq, job));
        }
        let mut predecessors: Vec<u128> =
            row.predecessor_ids().map(|id| job_key(row, id)).collect();
        predecessors.sort_unstable();
        predecessors.dedup();
        if predecessors.len() > usize::from(u16::MAX) {
            return Err(wrong(
                files.place(row),
                format!("{} of them", predecessors.len()),
                "at most 65535",
            ));
        }
        let mut missing = 0;
        for &predecessor in &predecessors {
            if self.jobs.get(&predecessor).is_none_or(|known| known.placed.is_none()) {
                self.waiters.entry(predecessor).or_default().push(seq);
                missing += 1;
            }
        }
        let (file, line, names) = (row.file, row.line, Vec::new());
        let mut waiting = Waiting { job, run, ready, predecessors, missing, file, line, names };
        if missing > 0 {
            let names = row.predecessor_ids().map(|id| (job_key(row, id), id.to_owned()));
            waiting.names = names.collect();
            self.waiting.insert(seq, waiting);
            return Ok(());
        }
        let mut next = vec![(seq, waiting)];
        while let Some((seq, waiting)) = next.pop() {
            let (enter, depth) = self.place(seq, &waiting, files, placed, edges)?;
            if let Some(known) = self.jobs.get_mut(&waiting.job) {
                known.placed = Some((enter, depth));
            }
            for waiter in self.waiters.remove(&waiting.job).unwrap_or_default() {
                let Some(other) = self.waiting.get_mut(&waiter) else { continue };
                other.missing -= 1;
                if other.missing == 0 {
                    next.extend(self.waiting.remove_entry(&waiter));
                }
            }
        }
        Ok(())
    }

    /// Places a row whose predecessors all are.
    fn place(
        &self,
        seq: u32,
        row: &Waiting,
        files: &Files,
        placed: &mut Vec<Placed>,
        edges: &mut Vec<(u32, u32)>,
    ) -> Result<(Time, u32), TraceError> {
        let (mut enter, mut depth, mut end) = (Time::ZERO, 0, Time::ZERO);
        for predecessor in &row.predecessors {
            let known = &self.jobs[predecessor];
            if known.run != row.run || row.run == 0 {
                let at = files.at(known.file, known.line);
                let other = if row.run == 0 { "a job without a run_id" } else { "another run" };
                return Err(wrong(
                    files.at(row.file, row.line),
                    format!("a job of {other}, in {at}"),
                    "jobs of the same run_id and run_attempt",
                ));
            }
            let (its_enter, its_depth) = known.placed.expect("it is not missing any more");
            enter = enter.max(its_enter);
            depth = depth.max(its_depth + 1);
            end = end.max(known.end);
            edges.push((seq, known.seq));
        }
        if row.predecessors.is_empty() {
            (enter, end) = (row.ready, row.ready);
        }
        let (gap, early) = (row.ready.since(end), end.since(row.ready));
        placed.push(Placed {
            seq,
            enter,
            depth,
            gap,
            early,
            ready: row.ready,
            at: (row.file, row.line),
        });
        Ok((enter, depth))
    }

    /// Forgets jobs behind the window, and refuses rows that still wait there.
    fn forget(&mut self, seq: u32, files: &Files) -> Result<(), TraceError> {
        let oldest = (seq as usize).saturating_sub(self.window) as u32;
        if let Some((&late, row)) = self.waiting.first_key_value()
            && late < oldest
        {
            return Err(self.unplaced(row, files));
        }
        while let Some(&(first, id)) = self.ids.front()
            && first < oldest
        {
            self.jobs.remove(&id);
            self.ids.pop_front();
        }
        Ok(())
    }

    /// Whatever still waits at the end waits for ever.
    pub(crate) fn finish(&self, files: &Files) -> Result<(), TraceError> {
        // The first row whose predecessor does not exist explains those behind it.
        let unknown = self
            .waiting
            .values()
            .find(|row| row.predecessors.iter().any(|id| !self.jobs.contains_key(id)));
        match unknown.or_else(|| self.waiting.values().next()) {
            Some(row) => Err(self.unplaced(row, files)),
            None => Ok(()),
        }
    }

    fn unplaced(&self, row: &Waiting, files: &Files) -> TraceError {
        let place = files.at(row.file, row.line);
        let unknown = row.names.iter().find(|(id, _)| !self.jobs.contains_key(id));
        if let Some((_, name)) = unknown {
            let expected = match self.window {
                usize::MAX => "job_ids of this trace".to_owned(),
                window => format!("job_ids of rows at most {window} rows away"),
            };
            let found = format!("{}, which no row has", shown(name.as_bytes()));
            return wrong(place, found, &expected);
        }
        let in_turn = row.names.iter().find(|(id, _)| self.jobs[id].placed.is_none());
        let name = in_turn.map_or("", |(_, name)| name);
        wrong(place, format!("{}, which waits in a cycle", shown(name.as_bytes())), "no cycle")
    }
}

fn wrong(place: Place, found: String, expected: &str) -> TraceError {
    TraceError::Predecessor { place, found, expected: expected.to_owned() }
}
