//! Where the delays of the service come from.

use greenroom_scheduler::id::{JobId, SetId};
use greenroom_scheduler::time::Span;

/// Supplies what differs from message to message and from job to job. The random keys are the
/// arguments, so that two policies meet the same service as far as they do the same.
pub trait Draw {
    /// From the first untold change to the writing of the `nth` message of a set, from 0.
    fn writing(&mut self, set: SetId, nth: u64) -> Span;
    /// From its writing to its arrival: so old are its statistics when they are read.
    fn travel(&mut self, set: SetId, nth: u64) -> Span;
    /// Whether the `nth` delivery of a set, counting repeated ones, is lost on the way.
    fn lost(&mut self, set: SetId, nth: u64) -> bool;
    /// From the start of a GitHub-hosted runner to the first step of its job.
    fn hosted_start(&mut self, set: SetId, job: JobId) -> Span;
}

/// A service without any delay or loss.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instant;

impl Draw for Instant {
    fn writing(&mut self, _: SetId, _: u64) -> Span {
        Span::ZERO
    }

    fn travel(&mut self, _: SetId, _: u64) -> Span {
        Span::ZERO
    }

    fn lost(&mut self, _: SetId, _: u64) -> bool {
        false
    }

    fn hosted_start(&mut self, _: SetId, _: JobId) -> Span {
        Span::ZERO
    }
}
