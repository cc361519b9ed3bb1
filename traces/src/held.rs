//! A whole trace in memory, for all threads to share.

use crate::arrival::{Arrival, Name};
use crate::error::TraceError;
use crate::graph::Placed;
use crate::loader::{Loader, no_jobs};
use crate::names::Names;
use crate::options::Limit;
use crate::provenance::Provenance;
use crate::repair::Rule;
use greenroom_scheduler::id::RunId;
use greenroom_scheduler::time::Time;

/// A trace in memory.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub(crate) arrivals: Vec<Arrival>,
    /// Of row `r`: `edges[starts[r]..starts[r + 1]]`. Empty where no row has any.
    starts: Vec<u32>,
    edges: Vec<u32>,
    pub(crate) names: Names,
    pub(crate) provenance: Provenance,
}

impl Held {
    /// All arrivals, in order: the place of each is its row.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    /// The rows of an arrival's predecessors, all smaller than its own.
    pub fn predecessors(&self, arrival: &Arrival) -> &[u32] {
        let row = arrival.row as usize;
        match self.starts.get(row..row + 2) {
            Some(&[start, end]) => &self.edges[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The texts behind the numbers.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What it was made from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

/// Rows in the order of reading, on their way to a [`Held`].
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) arrivals: Vec<Arrival>,
    /// By arrival; empty where nothing has predecessors.
    pub(crate) depths: Vec<u32>,
    /// From the later row to the earlier, in order of reading.
    pub(crate) edges: Vec<(u32, u32)>,
    /// By arrival, whether it has its place; empty where every row has it at once.
    pub(crate) is_placed: Vec<bool>,
}

impl Draft {
    /// Takes the next arrival, and what reading it told of the places of rows.
    pub(crate) fn push(&mut self, arrival: Arrival, loader: &mut Loader) {
        // Its row as well, where the file is in order.
        let row = self.arrivals.len() as u32;
        self.arrivals.push(Arrival { row, ..arrival });
        if loader.graph.is_none() {
            return;
        }
        self.is_placed.push(false);
        self.take_places(loader);
    }

    /// Takes what reading on told of the places of rows.
    pub(crate) fn take_places(&mut self, loader: &mut Loader) {
        self.edges.append(&mut loader.edges);
        for Placed { seq, enter, depth, gap, .. } in loader.placed.drain(..) {
            let arrival = &mut self.arrivals[seq as usize];
            (arrival.enter, arrival.gap) = (enter, gap);
            self.is_placed[seq as usize] = true;
            if depth > 0 {
                self.depths.resize(self.arrivals.len(), 0);
                self.depths[seq as usize] = depth;
            }
        }
    }

    fn key(&self, seq: usize) -> (Time, u32) {
        (self.arrivals[seq].enter, self.depths.get(seq).copied().unwrap_or(0))
    }

    /// Sorts, cuts to the range, and numbers rows, names, runs and groups in the order of delivery,
    /// so that the order of the file leaves no trace.
    pub(crate) fn finish(
        self,
        names: &Names,
        mut provenance: Provenance,
        range: (Option<Limit>, Option<Limit>),
    ) -> Result<Held, TraceError> {
        let count = self.arrivals.len();
        let mut order: Vec<u32> = Vec::new();
        let is_sorted = (1..count).all(|seq| self.key(seq - 1) <= self.key(seq));
        let mut enters = self.arrivals.iter().map(|arrival| arrival.enter);
        let first = if is_sorted { enters.next() } else { enters.min() }.unwrap_or_default();
        let range = Range::new(range, first, provenance.time_is_relative);
        let is_whole = range.is_all();
        if is_sorted && is_whole && self.edges.is_empty() {
            let arrivals = self.arrivals;
            provenance.rows_kept = count as u64;
            let names = names.clone();
            return Ok(Held { arrivals, starts: Vec::new(), edges: Vec::new(), names, provenance });
        }
        order.extend((0..count as u32).filter(|&seq| range.has(self.arrivals[seq as usize].enter)));
        order.sort_by_key(|&seq| self.key(seq as usize));
        provenance.rows_outside = (count - order.len()) as u64;
        provenance.rows_kept = order.len() as u64;
        if order.is_empty() {
            return Err(no_jobs(&provenance));
        }

        let mut rows = vec![u32::MAX; count];
        for (row, &seq) in order.iter().enumerate() {
            rows[seq as usize] = row as u32;
        }
        let mut renumber = Renumber::new(names);
        let mut arrivals: Vec<Arrival> =
            order.iter().map(|&seq| renumber.arrival(self.arrivals[seq as usize])).collect();
        for (row, arrival) in arrivals.iter_mut().enumerate() {
            arrival.row = row as u32;
        }
        let mut pairs = Vec::with_capacity(self.edges.len());
        for (later, earlier) in self.edges {
            let (row, predecessor) = (rows[later as usize], rows[earlier as usize]);
            match (row, predecessor) {
                (u32::MAX, _) => {}
                (_, u32::MAX) => {
                    let at = arrivals[row as usize].ready.as_ms() as i64;
                    let place = || crate::error::Place::whole(&provenance.files.0[0].0);
                    let found = || "a predecessor before --from".to_owned();
                    provenance.repairs.note(Rule::PredecessorOutsideRange, place, at, found)?;
                }
                pair => pairs.push(pair),
            }
        }
        pairs.sort_unstable();
        let (starts, edges) = rows_of(&pairs, &mut arrivals);
        Ok(Held { arrivals, starts, edges, names: renumber.names, provenance })
    }
}

/// Puts sorted pairs into one array with starts, and the counts into the arrivals.
fn rows_of(pairs: &[(u32, u32)], arrivals: &mut [Arrival]) -> (Vec<u32>, Vec<u32>) {
    if pairs.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut starts = vec![0; arrivals.len() + 1];
    for &(row, predecessor) in pairs {
        arrivals[row as usize].predecessors += 1;
        arrivals[predecessor as usize].has_successors = true;
        starts[row as usize + 1] += 1;
    }
    for row in 1..starts.len() {
        starts[row] += starts[row - 1];
    }
    (starts, pairs.iter().map(|&(_, predecessor)| predecessor).collect())
}

/// `--from` and `--to` on the trace's own time line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    from: Time,
    to: Time,
}

impl Range {
    /// `first` is where the trace begins if it knows the date; captures begin at 0.
    pub(crate) fn new(
        (from, to): (Option<Limit>, Option<Limit>),
        first: Time,
        time_is_relative: bool,
    ) -> Self {
        let start = if time_is_relative { 0 } else { first.as_ms() };
        let at = |limit: Option<Limit>, default| match limit {
            None => default,
            Some(Limit::At(ms)) => Time::from_ms(ms),
            Some(Limit::After(ms)) => Time::from_ms(start.saturating_add(ms)),
        };
        Self { from: at(from, Time::ZERO), to: at(to, Time::MAX) }
    }

    pub(crate) fn is_all(self) -> bool {
        self.from == Time::ZERO && self.to == Time::MAX
    }

    pub(crate) fn has(self, enter: Time) -> bool {
        self.from <= enter && enter < self.to
    }
}

/// Numbers in order of delivery instead of reading.
struct Renumber<'a> {
    old: &'a Names,
    names: Names,
    new_names: Vec<u32>,
    runs: Numbers,
    groups: Numbers,
}

#[derive(Default)]
struct Numbers {
    new: Vec<u32>,
    count: u32,
}

impl Numbers {
    fn of(&mut self, old: u32) -> u32 {
        let old = old as usize;
        if old >= self.new.len() {
            self.new.resize(old + 1, u32::MAX);
        }
        if self.new[old] == u32::MAX {
            self.new[old] = self.count;
            self.count += 1;
        }
        self.new[old]
    }
}

impl<'a> Renumber<'a> {
    fn new(old: &'a Names) -> Self {
        let new_names = vec![u32::MAX; old.len()];
        let (runs, groups) = (Numbers::default(), Numbers::default());
        Self { old, names: Names::default(), new_names, runs, groups }
    }

    fn name(&mut self, old: Name) -> Name {
        let new = &mut self.new_names[old.0 as usize];
        if *new == u32::MAX {
            *new = self.names.intern(self.old.text(old)).0;
        }
        Name(*new)
    }

    /// In the order of columns in which reading numbers them.
    fn arrival(&mut self, arrival: Arrival) -> Arrival {
        Arrival {
            run: arrival.run.map(|run| RunId(self.runs.of(run.0))),
            class: self.name(arrival.class),
            team: self.name(arrival.team),
            repository: self.name(arrival.repository),
            workflow: self.name(arrival.workflow),
            job: self.name(arrival.job),
            group: match arrival.group {
                Name::NONE => Name::NONE,
                Name(group) => Name(self.groups.of(group - 1) + 1),
            },
            ..arrival
        }
    }
}
