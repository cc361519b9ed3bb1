//! Look-ahead that is given: a share of the jobs is told before they queue.
//!
//! Which jobs, and by how much the time is off, is drawn for each row by itself, so that it is the
//! same under any policy and share: whoever is told at a share is told at any larger one. Told is
//! not when the job comes but when it is expected, which is off by what the news was early or late.

use crate::engine::simulation::{Arrivals, Hint};
use crate::random::{Purpose, Streams};
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Name};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

/// Where the error of the time is cut off, in standard deviations: it bounds how far ahead the trace
/// is read.
const SIGMAS_MAX: f64 = 5.0;

/// Which jobs are told, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// Which share of the jobs, 0 to 1.
    pub share: f64,
    /// How long before they queue.
    pub lead: Span,
    /// Standard deviation of that time.
    pub sigma: Span,
    /// Where the draws come from.
    pub streams: Streams,
}

/// Arrivals of which some are told before. The trace is read ahead by the lead and five standard
/// deviations and no further: what is held is the jobs of so much time.
#[derive(Debug)]
pub struct LookAhead<A> {
    inner: A,
    /// Nobody is told anything without: then everything goes by untouched.
    given: Option<Given>,
    /// Rows that were read and did not arrive yet, with their predecessors.
    read: VecDeque<Row>,
    /// What is to be told, by time and row.
    untold: BinaryHeap<Reverse<(Time, u32)>>,
    /// The jobs of those.
    jobs: HashMap<u32, Arrival>,
    /// The one taken last.
    taken: Option<Row>,
}

#[derive(Debug)]
struct Row {
    job: Arrival,
    needs: Box<[u32]>,
    announced: bool,
}

impl<A: Arrivals> LookAhead<A> {
    /// Arrivals of which some are told before, or none.
    pub fn new(inner: A, given: Option<Given>) -> Self {
        let (read, untold, jobs) = (VecDeque::new(), BinaryHeap::new(), HashMap::new());
        Self { inner, given, read, untold, jobs, taken: None }
    }

    /// Reads on while what comes next may be told before everything that is known.
    fn read_on(&mut self, given: Given) -> Result<(), A::Error> {
        let spread = Span::from_secs_f64(given.sigma.as_secs_f64() * SIGMAS_MAX);
        let window = given.lead.as_ms() + spread.as_ms();
        while let Some(enter) = self.inner.peek()? {
            let arrival = self.read.front().map(|row| row.job.enter);
            let hint = self.untold.peek().map(|Reverse((at, _))| *at);
            let next = arrival.into_iter().chain(hint).min();
            if next.is_some_and(|next| enter.as_ms().saturating_sub(window) > next.as_ms()) {
                break;
            }
            let job = self.inner.take();
            let told_at = given.told_at(&job);
            if let Some(at) = told_at {
                self.untold.push(Reverse((at, job.row)));
                self.jobs.insert(job.row, job);
            }
            let needs = self.inner.needs().into();
            self.read.push_back(Row { job, needs, announced: told_at.is_some() });
        }
        Ok(())
    }
}

impl Given {
    /// When a job is told, if it is. News that would come no sooner than the job is none.
    fn told_at(&self, job: &Arrival) -> Option<Time> {
        let stream = &mut self.streams.stream(Purpose::Foresight, u64::from(job.row));
        if !stream.chance(self.share) {
            return None;
        }
        let off = stream.normal().clamp(-SIGMAS_MAX, SIGMAS_MAX) * self.sigma.as_ms() as f64;
        let ready = job.ready.as_ms();
        let at = ready as f64 - self.lead.as_ms() as f64 + off.round();
        let at = at.max(0.0) as u64;
        (at < ready).then_some(Time::from_ms(at))
    }
}

impl<A: Arrivals> Arrivals for LookAhead<A> {
    type Error = A::Error;

    #[inline]
    fn peek(&mut self) -> Result<Option<Time>, A::Error> {
        let Some(given) = self.given else { return self.inner.peek() };
        self.read_on(given)?;
        Ok(self.read.front().map(|row| row.job.enter))
    }

    #[inline]
    fn take(&mut self) -> Arrival {
        if self.given.is_none() {
            return self.inner.take();
        }
        let row = self.read.pop_front().expect("peeked before");
        let job = row.job;
        self.taken = Some(row);
        job
    }

    #[inline]
    fn needs(&self) -> &[u32] {
        self.taken.as_ref().map_or_else(|| self.inner.needs(), |row| &row.needs)
    }

    #[inline]
    fn is_announced(&self) -> bool {
        self.taken.as_ref().is_some_and(|row| row.announced)
    }

    #[inline]
    fn peek_hint(&mut self) -> Result<Option<Time>, A::Error> {
        let Some(given) = self.given else { return Ok(None) };
        self.read_on(given)?;
        Ok(self.untold.peek().map(|Reverse((at, _))| *at))
    }

    fn take_hint(&mut self) -> Option<Hint> {
        let Reverse((at, row)) = self.untold.pop()?;
        let job = self.jobs.remove(&row)?;
        let given = self.given?;
        Some(Hint { job, expected_at: at + given.lead, sigma: given.sigma })
    }

    fn text(&self, name: Name) -> &str {
        self.inner.text(name)
    }
}
