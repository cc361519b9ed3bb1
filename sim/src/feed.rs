//! Where jobs come from: a trace, with one arrival looked ahead.

use crate::engine::simulation::Arrivals;
use greenroom_scheduler::time::Time;
use greenroom_traces::{Arrival, Name, Trace, TraceError};

/// A trace as the loop wants it.
pub struct TraceFeed {
    trace: Trace,
    next: Option<Arrival>,
    /// The predecessors of the arrival taken last; a buffer used again.
    needs: Vec<u32>,
    /// Times are divided by this: 2 makes everything arrive twice as fast.
    rate_scale: f64,
    /// The first instant of the trace: rates are scaled from there.
    begin: Option<Time>,
}

impl TraceFeed {
    /// The trace from its beginning, at `rate_scale` times its recorded rate (over 0).
    pub const fn new(trace: Trace, rate_scale: f64) -> Self {
        Self { trace, next: None, needs: Vec::new(), rate_scale, begin: None }
    }

    /// The trace behind it.
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    fn scaled(&mut self, mut job: Arrival) -> Arrival {
        let begin = *self.begin.get_or_insert(job.enter);
        if self.rate_scale == 1.0 {
            return job;
        }
        let scale = self.rate_scale;
        let squeeze = |at: Time| {
            begin
                + greenroom_scheduler::time::Span::from_secs_f64(
                    at.since(begin).as_secs_f64() / scale,
                )
        };
        // Queue times in the record belong to the recorded rate, so they are not compared.
        job.recorded_start = None;
        job.enter = squeeze(job.enter);
        job.ready = squeeze(job.ready);
        job
    }
}

impl Arrivals for TraceFeed {
    type Error = TraceError;

    #[inline]
    fn peek(&mut self) -> Result<Option<Time>, TraceError> {
        if self.next.is_none()
            && let Some(job) = self.trace.next().transpose()?
        {
            self.next = Some(self.scaled(job));
        }
        Ok(self.next.as_ref().map(|job| job.enter))
    }

    #[inline]
    fn take(&mut self) -> Arrival {
        let job = self.next.take().expect("peeked before");
        self.needs.clear();
        if job.predecessors > 0 {
            self.needs.extend_from_slice(self.trace.predecessors(&job));
        }
        job
    }

    fn needs(&self) -> &[u32] {
        &self.needs
    }

    fn text(&self, name: Name) -> &str {
        self.trace.names().text(name)
    }
}
