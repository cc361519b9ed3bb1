//! Where jobs come from: a trace or the generator, with one arrival looked ahead.

use crate::engine::simulation::Arrivals;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::generate::Generator;
use greenroom_traces::{Arrival, Name, Trace, TraceError};

/// What arrivals are taken from.
pub enum Rows {
    /// Files that were read.
    Trace(Trace),
    /// Jobs that are made up as the run goes on.
    Generated(Box<Generator>),
}

/// Arrivals as the loop wants them.
pub struct Feed {
    rows: Rows,
    next: Option<Arrival>,
    /// The predecessors of the arrival taken last; a buffer used again.
    needs: Vec<u32>,
    /// Times are divided by this: 2 makes everything arrive twice as fast.
    rate_scale: f64,
    /// The first instant of the trace: rates are scaled from there.
    begin: Option<Time>,
    /// Everything comes so much later.
    later_by: Span,
}

impl Feed {
    /// A trace from its beginning, at `rate_scale` times its recorded rate (over 0).
    pub const fn of_trace(trace: Trace, rate_scale: f64) -> Self {
        Self::new(Rows::Trace(trace), rate_scale)
    }

    /// Generated jobs. The generator scales its rate by itself.
    pub fn of_generator(generator: Generator) -> Self {
        Self::new(Rows::Generated(Box::new(generator)), 1.0)
    }

    const fn new(rows: Rows, rate_scale: f64) -> Self {
        let needs = Vec::new();
        Self { rows, next: None, needs, rate_scale, begin: None, later_by: Span::ZERO }
    }

    /// The same, with everything so much later.
    #[must_use]
    pub fn later_by(mut self, span: Span) -> Self {
        self.later_by = span;
        // Somebody may have looked at the first one already.
        self.next = self.next.map(|job| self.delayed(job));
        self
    }

    /// What arrivals are taken from.
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    fn look_ahead(&mut self) -> Result<(), TraceError> {
        self.next = match &mut self.rows {
            Rows::Trace(trace) => trace.next().transpose()?,
            Rows::Generated(generator) => generator.next(),
        };
        if self.rate_scale != 1.0 {
            self.scale();
        }
        if !self.later_by.is_zero() {
            self.next = self.next.map(|job| self.delayed(job));
        }
        Ok(())
    }

    fn delayed(&self, mut job: Arrival) -> Arrival {
        job.enter += self.later_by;
        job.ready += self.later_by;
        job.recorded_start = job.recorded_start.map(|start| start + self.later_by);
        job
    }

    fn scale(&mut self) {
        let Some(job) = &mut self.next else { return };
        let begin = *self.begin.get_or_insert(job.enter);
        let scale = self.rate_scale;
        let squeeze = |at: Time| begin + Span::from_secs_f64(at.since(begin).as_secs_f64() / scale);
        // Queue times in the record belong to the recorded rate, so they are not compared.
        job.recorded_start = None;
        job.enter = squeeze(job.enter);
        job.ready = squeeze(job.ready);
    }
}

impl Arrivals for Feed {
    type Error = TraceError;

    #[inline]
    fn peek(&mut self) -> Result<Option<Time>, TraceError> {
        if self.next.is_none() {
            self.look_ahead()?;
        }
        Ok(self.next.as_ref().map(|job| job.enter))
    }

    #[inline]
    fn take(&mut self) -> Arrival {
        let job = self.next.take().expect("peeked before");
        self.needs.clear();
        if job.predecessors > 0 {
            self.needs.extend_from_slice(match &self.rows {
                Rows::Trace(trace) => trace.predecessors(&job),
                Rows::Generated(generator) => generator.predecessors(&job),
            });
        }
        job
    }

    fn needs(&self) -> &[u32] {
        &self.needs
    }

    fn text(&self, name: Name) -> &str {
        match &self.rows {
            Rows::Trace(trace) => trace.names().text(name),
            Rows::Generated(generator) => generator.names().text(name),
        }
    }
}
