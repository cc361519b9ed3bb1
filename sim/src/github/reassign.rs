//! Assignments that lead to nothing: a runner that does not confirm, a set that has no runner.

use super::draw::Draw;
use super::job::{Jobs, Phase};
use super::output::{Drop, Entry, Output};
use super::runner::Standing;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::JobId;
use greenroom_scheduler::time::{Span, Time};

impl<D: Draw> GitHub<D> {
    /// A runner that did not confirm loses the job and its registration.
    pub(super) fn ring_confirm<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        let delay = self.confirm.delay();
        while let Some((due, job)) = self.confirm.pop(turn.now) {
            if is_unconfirmed(&self.jobs, job, due, delay) {
                let runner = self.jobs.at(job.slot).runner;
                if self.runners.get(runner).is_some_and(|found| found.standing == Standing::Busy) {
                    turn.out.push(Output::Dropped { runner, why: Drop::Unconfirmed });
                }
                self.forget_runner(runner);
                self.take_back(turn, job);
            }
        }
        let jobs = &self.jobs;
        if let Some(at) = self.confirm.rearm(|due, job| is_unconfirmed(jobs, job, due, delay)) {
            turn.timers.set(at, Timer::Confirm);
        }
    }

    /// A job that its runner never started goes back to its set, so often and no oftener.
    fn take_back<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, job: JobId) {
        let entry = self.jobs.at_mut(job.slot);
        entry.reassigned += 1;
        let (set, reassigned) = (entry.set, entry.reassigned);
        let expires_at = entry.queued_at + self.expiry.delay();
        if entry.stopping {
            self.end_on_runner(turn, job, JobResult::Cancelled);
        } else if reassigned > self.config.reassignments_max {
            self.end_on_runner(turn, job, JobResult::Lost);
        } else if expires_at <= turn.now {
            self.end_on_runner(turn, job, JobResult::Expired);
        } else {
            self.await_runner(turn, set, job.slot);
        }
    }

    pub(super) fn await_withdrawal<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        slot: u32,
        attempt: u32,
    ) {
        let Some(later) = self.withdraw.get_mut(attempt as usize) else { return };
        let (jobs, delay, job) = (&self.jobs, later.delay(), self.jobs.id(slot));
        let waits = |due: Time, job| waits_for_runner(jobs, job, due, delay, attempt);
        if let Some(at) = later.push(turn.now, job, waits) {
            turn.timers.set(at, Timer::Withdraw(attempt));
        }
    }

    pub(super) fn ring_withdraw<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        attempt: usize,
    ) {
        let Some(delay) = self.withdraw.get(attempt).map(super::later::Later::delay) else {
            return;
        };
        while let Some((due, job)) = self.withdraw[attempt].pop(turn.now) {
            if waits_for_runner(&self.jobs, job, due, delay, attempt as u32) {
                self.withdraw_assignment(turn, job);
            }
        }
        let jobs = &self.jobs;
        let waits = |due: Time, job| waits_for_runner(jobs, job, due, delay, attempt as u32);
        if let Some(at) = self.withdraw[attempt].rearm(waits) {
            turn.timers.set(at, Timer::Withdraw(attempt as u32));
        }
    }

    /// The set hears that the job is cancelled; in truth it queues again, at its old place.
    fn withdraw_assignment<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, job: JobId) {
        let entry = self.jobs.at_mut(job.slot);
        entry.reassigned += 1;
        entry.phase = Phase::Queued;
        entry.since = turn.now;
        let set = entry.set;
        let of = &mut self.sets[set.index()];
        self.jobs.links.remove(&mut of.assigned, job.slot);
        of.counts.assigned -= 1;
        self.jobs.insert_by_age(&mut of.queued, job.slot);
        let result = JobResult::Cancelled;
        self.tell(turn, set, Entry::Completed { job, runner: None, result });
        self.fill(turn, set);
    }
}

pub(super) fn is_unconfirmed(jobs: &Jobs, job: JobId, due: Time, delay: Span) -> bool {
    jobs.get(job).is_some_and(|found| found.phase == Phase::Taken && found.since + delay == due)
}

fn waits_for_runner(jobs: &Jobs, job: JobId, due: Time, delay: Span, attempt: u32) -> bool {
    jobs.get(job).is_some_and(|found| {
        found.phase == Phase::Assigned && found.reassigned == attempt && found.since + delay == due
    })
}
