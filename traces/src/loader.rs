//! From files to arrivals, in the order of reading.

use crate::arrival::Arrival;
use crate::compact::{Compactor, job_key};
use crate::error::{Place, TraceError};
use crate::graph::{Graph, Placed, duplicate};
use crate::options::ReadOptions;
use crate::provenance::Provenance;
use crate::read::Merged;
use crate::recent::Recent;
use crate::repair::Rule;
use crate::schema::Row;
use crate::source::Source;
use greenroom_scheduler::time::Time;

/// Reads rows, makes them small, and follows their predecessors.
pub(crate) struct Loader {
    pub(crate) merged: Merged,
    pub(crate) compactor: Compactor,
    /// Only where rows may name predecessors; without it every row stands where it is ready.
    pub(crate) graph: Option<Graph>,
    /// Rows placed since the reader of this looked, among them perhaps earlier ones.
    pub(crate) placed: Vec<Placed>,
    /// Their edges, from the later row to the earlier, by order of reading.
    pub(crate) edges: Vec<(u32, u32)>,
    pub(crate) row: Row,
    /// Where jobs were seen, to find those that are there twice; the graph knows by itself.
    ids: Recent<(u32, u64)>,
    count: u32,
}

/// Different classes, teams, repositories, workflows and job names, together: about half a gigabyte.
/// The largest organisations have tens of thousands; more comes of ids within job names.
const NAMES_MAX: usize = 1 << 22;

/// Jobs remembered to find those that are there twice: about 20 MB. Files that overlap do so within
/// days of each other.
const REMEMBERED: usize = 1 << 18;

impl Loader {
    /// Opens the files.
    pub(crate) fn open(sources: &[Source], options: &ReadOptions) -> Result<Self, TraceError> {
        let merged = Merged::open(sources, options)?;
        let graph = merged.has_predecessors().then(|| Graph::new(usize::MAX));
        Ok(Self {
            merged,
            compactor: Compactor::new(),
            graph,
            placed: Vec::new(),
            edges: Vec::new(),
            row: Row::default(),
            ids: Recent::new(REMEMBERED),
            count: 0,
        })
    }

    /// The next row's arrival, which still lacks its row number and, where there is a graph, its
    /// place; `None` behind the last.
    pub(crate) fn read(&mut self) -> Result<Option<Arrival>, TraceError> {
        if !self.next()? {
            return Ok(None);
        }
        let arrival = self.compactor.arrival(&self.row);
        if self.compactor.names.len() > NAMES_MAX {
            let place = self.merged.provenance.files.place(&self.row);
            let (what, limit) = ("different names", NAMES_MAX as u64);
            return Err(TraceError::TooMany { place, what, limit });
        }
        self.merged.provenance.has_recorded_starts |= arrival.recorded_start.is_some();
        Ok(Some(arrival))
    }

    /// Goes to the next row and follows its predecessors; false behind the last.
    pub(crate) fn next(&mut self) -> Result<bool, TraceError> {
        loop {
            let more = self.merged.next(&mut self.row)?;
            match self.follow(more) {
                Err(error) if self.merged.skip_bad_rows && error.is_row() => {
                    self.merged.provenance.discard(&error);
                }
                followed => return followed.map(|()| more),
            }
        }
    }

    fn follow(&mut self, more: bool) -> Result<(), TraceError> {
        let Self { merged, graph, ids, placed, edges, row, count, .. } = self;
        let files = &merged.provenance.files;
        let Some(graph) = graph else {
            if !more {
                return Ok(());
            }
            let job = job_key(row, &row.job_id);
            if job != 0 {
                if let Some((file, line)) = ids.get(job) {
                    return Err(duplicate(row, file, line, files));
                }
                ids.insert(job, (row.file, row.line));
            }
            return self.count_row();
        };
        let before = placed.len();
        for row in merged.left_out.drain(..) {
            graph.leave_out(&row, files, placed, edges)?;
        }
        if more {
            let ready = Time::from_ms(row.ready_ms.unwrap_or(0).max(0) as u64);
            graph.add(*count, row, (ready, recorded_end(row)), files, placed, edges)?;
        }
        for placed in placed[before..].iter().filter(|placed| !placed.early.is_zero()) {
            let place = || files.at(placed.at.0, placed.at.1);
            let found = || format!("ready {} before its last predecessor ended", placed.early);
            let ms = placed.ready.as_ms() as i64;
            merged.provenance.repairs.note(Rule::ReadyBeforePredecessorEnd, place, ms, found)?;
        }
        if more { self.count_row() } else { Ok(()) }
    }

    fn count_row(&mut self) -> Result<(), TraceError> {
        if self.count == u32::MAX - 1 {
            let place = self.merged.provenance.files.place(&self.row);
            return Err(TraceError::TooMany {
                place,
                what: "rows",
                limit: u64::from(u32::MAX) - 1,
            });
        }
        self.count += 1;
        Ok(())
    }

    /// To be called behind the last row: refuses what can never be placed, and a trace of nothing.
    pub(crate) fn finish(&mut self) -> Result<(), TraceError> {
        let provenance = &self.merged.provenance;
        if let Some(graph) = &self.graph {
            graph.finish(&provenance.files)?;
        }
        match self.count {
            0 => Err(no_jobs(provenance)),
            _ => Ok(()),
        }
    }
}

/// When a settled row ended in the record; without start and end, as if it had started when it was
/// ready.
fn recorded_end(row: &Row) -> Time {
    let start = row.started_ms.or(row.ready_ms).unwrap_or(0);
    let end = row.completed_ms.unwrap_or_else(|| start + row.duration_ms.unwrap_or(0));
    Time::from_ms(end.max(0) as u64)
}

/// The error that a trace holds no job at all.
pub(crate) fn no_jobs(provenance: &Provenance) -> TraceError {
    let place = Place::whole(&provenance.files.0[0].0);
    let mut why: Vec<String> =
        provenance.repairs.totals().map(|(rule, count)| format!("{count} {rule}")).collect();
    if provenance.rows_unreadable > 0 {
        why.push(format!("{} unreadable", provenance.rows_unreadable));
    }
    if provenance.rows_outside > 0 {
        why.push(format!("{} outside --from and --to", provenance.rows_outside));
    }
    why.extend(provenance.remarks.iter().cloned());
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
    TraceError::NoJobs { place, why }
}
