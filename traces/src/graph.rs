//! Follows predecessors while rows stream by.

use crate::compact::{job_key, run_key};
use crate::error::{Place, TraceError, shown};
use crate::mix::NumberMap;
use crate::provenance::Files;
use crate::schema::Row;
use greenroom_scheduler::time::{Span, Time};
use std::collections::{BTreeMap, VecDeque};

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
    jobs: NumberMap<u128, Known>,
    /// Rows whose predecessors are not all placed.
    waiting: BTreeMap<u32, Waiting>,
    /// Which rows wait for a job.
    waiters: NumberMap<u128, Vec<u32>>,
    /// Ids in order of reading, to forget them behind the window.
    ids: VecDeque<(u32, u128)>,
    window: usize,
    /// The latest row added.
    latest: u32,
}

struct Known {
    seq: u32,
    run: u128,
    end: Time,
    line: u64,
    file: u32,
    placed: Option<(Time, u32)>,
    /// Left out by a rule: whoever waits for it need not.
    is_absent: bool,
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
            jobs: NumberMap::default(),
            waiting: BTreeMap::new(),
            waiters: NumberMap::default(),
            ids: VecDeque::new(),
            window,
            latest: 0,
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
        if let Some(twice) = self.jobs.get(&job) {
            return Err(duplicate(row, twice.file, twice.line, files));
        }
        self.forget(seq, files)?;
        self.latest = seq;
        if job != 0 {
            let known = Known {
                seq,
                run,
                end,
                line: row.line,
                file: row.file,
                placed: None,
                is_absent: false,
            };
            self.jobs.insert(job, known);
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
        let (enter, depth) = self.place(seq, &waiting, files, placed, edges)?;
        if let Some(known) = self.jobs.get_mut(&job) {
            known.placed = Some((enter, depth));
        }
        let mut next = Vec::new();
        self.wake(job, &mut next);
        self.settle(next, files, placed, edges)
    }

    /// Notes that the job of `row` is left out by a rule.
    pub(crate) fn leave_out(
        &mut self,
        row: &Row,
        files: &Files,
        placed: &mut Vec<Placed>,
        edges: &mut Vec<(u32, u32)>,
    ) -> Result<(), TraceError> {
        let job = job_key(row, &row.job_id);
        if job == 0 || self.jobs.contains_key(&job) {
            return Ok(());
        }
        let seq = self.latest;
        let (run, end, line, file) = (run_key(row), Time::ZERO, row.line, row.file);
        let placed_at = Some((Time::ZERO, 0));
        let known = Known { seq, run, end, line, file, placed: placed_at, is_absent: true };
        self.jobs.insert(job, known);
        self.ids.push_back((seq, job));
        let mut next = Vec::new();
        self.wake(job, &mut next);
        self.settle(next, files, placed, edges)
    }

    /// Whether a job was left out by a rule.
    pub(crate) fn is_left_out(&self, job: u128) -> bool {
        self.jobs.get(&job).is_some_and(|known| known.is_absent)
    }

    /// Places rows that wait for nothing more, and those that waited for them.
    fn settle(
        &mut self,
        mut next: Vec<(u32, Waiting)>,
        files: &Files,
        placed: &mut Vec<Placed>,
        edges: &mut Vec<(u32, u32)>,
    ) -> Result<(), TraceError> {
        while let Some((seq, waiting)) = next.pop() {
            let (enter, depth) = self.place(seq, &waiting, files, placed, edges)?;
            if let Some(known) = self.jobs.get_mut(&waiting.job) {
                known.placed = Some((enter, depth));
            }
            self.wake(waiting.job, &mut next);
        }
        Ok(())
    }

    /// Moves rows that waited for nothing but `job` to `next`.
    fn wake(&mut self, job: u128, next: &mut Vec<(u32, Waiting)>) {
        if self.waiters.is_empty() {
            return;
        }
        for waiter in self.waiters.remove(&job).unwrap_or_default() {
            let Some(other) = self.waiting.get_mut(&waiter) else { continue };
            other.missing -= 1;
            if other.missing == 0 {
                next.extend(self.waiting.remove_entry(&waiter));
            }
        }
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
        let mut is_root = true;
        for predecessor in &row.predecessors {
            let Some(known) = self.jobs.get(predecessor) else {
                let found = "a job that came too long before".to_owned();
                let expected = format!("job_ids of rows at most {} rows away", self.window);
                return Err(wrong(files.at(row.file, row.line), found, &expected));
            };
            if known.is_absent {
                continue;
            }
            is_root = false;
            if known.run != row.run || row.run == 0 {
                let at = files.at(known.file, known.line);
                let other =
                    if row.run == 0 { "a job without a run_id" } else { "a job of another run" };
                return Err(wrong(
                    files.at(row.file, row.line),
                    format!("{other}, in {at}"),
                    "jobs of the same run_id and run_attempt",
                ));
            }
            let (its_enter, its_depth) = known.placed.expect("it is not missing any more");
            enter = enter.max(its_enter);
            depth = depth.max(its_depth + 1);
            end = end.max(known.end);
            edges.push((seq, known.seq));
        }
        if is_root {
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
        if oldest == 0 {
            return Ok(());
        }
        if let Some((&late, row)) = self.waiting.first_key_value()
            && late < oldest
        {
            return Err(self.unplaced(row, files, false));
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
            Some(row) => Err(self.unplaced(row, files, true)),
            None => Ok(()),
        }
    }

    fn unplaced(&self, row: &Waiting, files: &Files, is_over: bool) -> TraceError {
        let place = files.at(row.file, row.line);
        let unknown = row.names.iter().find(|(id, _)| !self.jobs.contains_key(id));
        let expected = match self.window {
            usize::MAX => "job_ids of this trace".to_owned(),
            window => format!("job_ids of rows at most {window} rows away"),
        };
        if let Some((_, name)) = unknown {
            let found = format!("{}, which no row has", shown(name.as_bytes()));
            return wrong(place, found, &expected);
        }
        let in_turn = row.names.iter().find(|(id, _)| self.jobs[id].placed.is_none());
        let name = in_turn.map_or("", |(_, name)| name);
        if !is_over {
            let found =
                format!("{}, which itself waits for a row not read yet", shown(name.as_bytes()));
            return wrong(place, found, &expected);
        }
        wrong(place, format!("{}, which waits in a cycle", shown(name.as_bytes())), "no cycle")
    }
}

/// The error that a job is there again, first in that file and line.
pub(crate) fn duplicate(row: &Row, file: u32, line: u64, files: &Files) -> TraceError {
    let first = files.at(file, line);
    TraceError::Field {
        place: files.place(row),
        field: "job_id".to_owned(),
        found: format!("{} again, first in {first}", shown(row.job_id.as_bytes())),
        expected: "each job once".to_owned(),
    }
}

fn wrong(place: Place, found: String, expected: &str) -> TraceError {
    TraceError::Predecessor { place, found, expected: expected.to_owned() }
}
