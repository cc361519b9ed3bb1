//! A trace too large to hold: rows pass through a window in which they are put in order.

use crate::arrival::Arrival;
use crate::error::{Place, TraceError};
use crate::graph::Placed;
use crate::held::{Draft, Range};
use crate::lane::Lane;
use crate::loader::{Loader, no_jobs};
use crate::mix::NumberMap;
use crate::names::Names;
use crate::options::Limit;
use crate::provenance::Provenance;
use crate::repair::Rule;
use greenroom_scheduler::time::Time;
use std::collections::VecDeque;

/// Rows held back so that late ones can be put in order and successors be seen: about 20 MB, and
/// at one job a second, busy for one organisation, a day and a half.
pub(crate) const WINDOW_ROWS: usize = 1 << 17;

/// A trace that streams by.
pub(crate) struct Window {
    loader: Loader,
    slots: Vec<Arrival>,
    /// By slot, for rows that have any: their predecessors by order of reading.
    needs: NumberMap<u32, Vec<u32>>,
    free: Vec<u32>,
    /// Rows that are placed, by time, depth and order of reading.
    order: Lane<(Time, u32, u32, u32)>,
    /// Where a row is by order of reading; kept only where rows may have predecessors.
    rows: NumberMap<u32, Whereabouts>,
    /// Rows already given, in that order, to forget them in time.
    given: VecDeque<u32>,
    range: (Option<Limit>, Option<Limit>),
    /// Known once the first row leaves.
    cut: Option<Range>,
    /// Rows in slots, placed or not.
    held: usize,
    rows_max: usize,
    last: (Time, u32),
    next_row: u32,
    seq: u32,
    predecessors: Vec<u32>,
    is_over: bool,
}

#[derive(Clone, Copy)]
enum Whereabouts {
    /// Held back.
    Slot(u32),
    /// Given under this row.
    Row(u32),
    /// Left out as earlier than `--from`.
    Outside,
}

impl Window {
    /// Goes on behind the rows of `draft`.
    pub(crate) fn new(
        mut loader: Loader,
        draft: Draft,
        range: (Option<Limit>, Option<Limit>),
    ) -> Result<Self, TraceError> {
        // A trace that was to be held in less memory must not need more for its window.
        let rows_max = draft.arrivals.len().min(WINDOW_ROWS);
        if let Some(graph) = &mut loader.graph {
            graph.set_window(rows_max);
        }
        let mut this = Self {
            slots: Vec::new(),
            needs: NumberMap::default(),
            free: Vec::new(),
            order: Lane::new(),
            rows: NumberMap::default(),
            given: VecDeque::new(),
            range,
            cut: None,
            held: 0,
            rows_max,
            last: (Time::ZERO, 0),
            next_row: 0,
            seq: 0,
            predecessors: Vec::new(),
            is_over: false,
            loader,
        };
        let Draft { arrivals, depths, edges, is_placed } = draft;
        let is_followed = this.loader.graph.is_some();
        for (number, arrival) in arrivals.iter().enumerate() {
            let seq = number as u32;
            if is_followed {
                this.rows.insert(seq, Whereabouts::Slot(seq));
            }
            if is_placed.get(number).copied().unwrap_or(true) {
                let depth = depths.get(number).copied().unwrap_or(0);
                this.order.push((arrival.enter, depth, seq, seq));
            }
        }
        this.held = arrivals.len();
        this.seq = arrivals.len() as u32;
        // The draft becomes the first slots where it lies: a copy would double the memory.
        this.slots = arrivals;
        this.connect(&edges)?;
        Ok(this)
    }

    /// The next arrival in order.
    pub(crate) fn next(&mut self) -> Result<Option<Arrival>, TraceError> {
        loop {
            while !self.is_over && self.held <= self.rows_max {
                self.read()?;
            }
            let Some((enter, depth, seq, slot)) = self.order.pop() else {
                if self.is_over && self.next_row == 0 {
                    return Err(no_jobs(self.provenance()));
                }
                if self.is_over {
                    return Ok(None);
                }
                // Everything held back waits for rows further on.
                self.read()?;
                continue;
            };
            self.last = (enter, depth);
            self.held -= 1;
            self.free.push(slot);
            let time_is_relative = self.loader.merged.provenance.time_is_relative;
            let range = self.range;
            let cut = *self.cut.get_or_insert_with(|| Range::new(range, enter, time_is_relative));
            if !cut.has(enter) {
                self.loader.merged.provenance.rows_outside += 1;
                self.needs.remove(&slot);
                self.forget(seq, Whereabouts::Outside);
                continue;
            }
            return self.give(seq, slot).map(Some);
        }
    }

    fn give(&mut self, seq: u32, slot: u32) -> Result<Arrival, TraceError> {
        let mut arrival = self.slots[slot as usize];
        arrival.row = self.next_row;
        self.next_row += 1;
        self.loader.merged.provenance.rows_kept += 1;
        self.predecessors.clear();
        let mut outside = 0;
        let needs = if self.needs.is_empty() { None } else { self.needs.remove(&slot) };
        for predecessor in needs.into_iter().flatten() {
            match self.rows.get(&predecessor) {
                Some(Whereabouts::Row(row)) => self.predecessors.push(*row),
                _ => outside += 1,
            }
        }
        self.predecessors.sort_unstable();
        arrival.predecessors = self.predecessors.len() as u16;
        for _ in 0..outside {
            let Provenance { repairs, files, .. } = &mut self.loader.merged.provenance;
            let place = || Place::whole(&files.0[0].0);
            let found = || "a predecessor before --from".to_owned();
            let ms = arrival.ready.as_ms() as i64;
            repairs.note(Rule::PredecessorOutsideRange, place, ms, found)?;
        }
        self.forget(seq, Whereabouts::Row(arrival.row));
        Ok(arrival)
    }

    /// Notes where a row went, and drops the notes that nobody can ask for any more: a successor is
    /// read at most one window behind its predecessor and leaves at most one window later.
    fn forget(&mut self, seq: u32, to: Whereabouts) {
        if self.loader.graph.is_none() {
            return;
        }
        self.rows.insert(seq, to);
        self.given.push_back(seq);
        while self.given.len() > 4 * self.rows_max.max(WINDOW_ROWS) {
            if let Some(old) = self.given.pop_front() {
                self.rows.remove(&old);
            }
        }
    }

    /// The rows of the predecessors of the arrival given last.
    pub(crate) fn predecessors(&self, arrival: &Arrival) -> &[u32] {
        if arrival.row + 1 == self.next_row { &self.predecessors } else { &[] }
    }

    pub(crate) fn names(&self) -> &Names {
        &self.loader.compactor.names
    }

    pub(crate) fn provenance(&self) -> &Provenance {
        &self.loader.merged.provenance
    }

    fn read(&mut self) -> Result<(), TraceError> {
        let arrival = self.loader.read()?;
        let Some(arrival) = arrival else {
            self.is_over = true;
            self.take_places()?;
            return self.loader.finish();
        };
        let seq = self.seq;
        let slot = self.hold(arrival);
        if self.loader.graph.is_none() {
            let at = (self.loader.row.file, self.loader.row.line);
            return self.place((arrival.enter, 0, seq, slot), at);
        }
        self.take_places()
    }

    fn take_places(&mut self) -> Result<(), TraceError> {
        let placed = std::mem::take(&mut self.loader.placed);
        for &Placed { seq, enter, depth, gap, at, .. } in &placed {
            let Some(&Whereabouts::Slot(slot)) = self.rows.get(&seq) else { continue };
            let arrival = &mut self.slots[slot as usize];
            (arrival.enter, arrival.gap) = (enter, gap);
            self.place((enter, depth, seq, slot), at)?;
        }
        self.loader.placed = placed;
        self.loader.placed.clear();
        let edges = std::mem::take(&mut self.loader.edges);
        self.connect(&edges)
    }

    fn hold(&mut self, arrival: Arrival) -> u32 {
        let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
        match self.slots.get_mut(slot as usize) {
            Some(old) => *old = arrival,
            None => self.slots.push(arrival),
        }
        if self.loader.graph.is_some() {
            self.rows.insert(self.seq, Whereabouts::Slot(slot));
        }
        self.held += 1;
        self.seq += 1;
        slot
    }

    fn place(&mut self, key: (Time, u32, u32, u32), at: (u32, u64)) -> Result<(), TraceError> {
        if (key.0, key.1) < self.last {
            return Err(TraceError::OutOfOrder {
                place: self.loader.merged.provenance.files.at(at.0, at.1),
                late: self.last.0.since(key.0).to_string(),
                window: self.rows_max,
            });
        }
        self.order.push(key);
        Ok(())
    }

    fn connect(&mut self, edges: &[(u32, u32)]) -> Result<(), TraceError> {
        for (later, earlier) in edges {
            let (Some(&Whereabouts::Slot(slot)), Some(&Whereabouts::Slot(predecessor))) =
                (self.rows.get(later), self.rows.get(earlier))
            else {
                let row = &self.loader.row;
                return Err(TraceError::Predecessor {
                    place: self.loader.merged.provenance.files.place(row),
                    found: "a job that was already delivered".to_owned(),
                    expected: format!(
                        "predecessors at most {} rows away; sort the trace with `greenroom \
                         traces import`",
                        self.rows_max
                    ),
                });
            };
            self.slots[predecessor as usize].has_successors = true;
            self.needs.entry(slot).or_default().push(*earlier);
        }
        Ok(())
    }
}
