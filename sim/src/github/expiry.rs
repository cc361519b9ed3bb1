//! Nobody waits for more than a day.

use super::draw::Draw;
use super::job::{Jobs, Phase};
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::JobId;
use greenroom_scheduler::time::{Span, Time};

impl<D: Draw> GitHub<D> {
    pub(super) fn await_expiry<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, job: JobId) {
        let (jobs, delay) = (&self.jobs, self.expiry.delay());
        let unsettled = |due: Time, job| may_yet_expire(jobs, job, due, delay);
        if let Some(at) = self.expiry.push(turn.now, job, unsettled) {
            turn.timers.set(at, Timer::Expiry);
        }
    }

    pub(super) fn ring_expiry<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        let delay = self.expiry.delay();
        while let Some((due, job)) = self.expiry.pop(turn.now) {
            // One that a runner was just given is looked at again when that runner fails it.
            if may_yet_expire(&self.jobs, job, due, delay) && self.phase(job) != Phase::Taken {
                self.end_waiting(turn, job.slot, JobResult::Expired);
            }
        }
        let jobs = &self.jobs;
        if let Some(at) = self.expiry.rearm(|due, job| may_yet_expire(jobs, job, due, delay)) {
            turn.timers.set(at, Timer::Expiry);
        }
    }
}

/// Whether a job waits, or may come back to waiting.
fn may_yet_expire(jobs: &Jobs, job: JobId, due: Time, delay: Span) -> bool {
    jobs.get(job).is_some_and(|found| {
        found.queued_at + delay == due
            && matches!(
                found.phase,
                Phase::Paced
                    | Phase::Unmatched
                    | Phase::Queued
                    | Phase::Offered
                    | Phase::Assigned
                    | Phase::Taken
            )
    })
}
