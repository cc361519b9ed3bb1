//! On a runner: started, done, lost.

use super::draw::Draw;
use super::job::{Job, Jobs, Phase};
use super::output::{Entry, Output};
use super::runner::Standing;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, RunnerId};
use greenroom_scheduler::time::{Span, Time};

impl<D: Draw> GitHub<D> {
    /// The first step of a runner's job runs: the runner confirmed it.
    pub fn job_started(
        &mut self,
        now: Time,
        runner: RunnerId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(job) = self.job_of(runner) else { return Outcome::Refused(Refusal::NotFound) };
        if self.jobs.at(job.slot).phase == Phase::Running {
            return Outcome::Already;
        }
        let entry = self.jobs.at_mut(job.slot);
        entry.phase = Phase::Running;
        entry.since = now;
        let set = entry.set;
        self.sets[set.index()].counts.running += 1;
        self.tell(turn, set, Entry::Started { job, runner });
        Outcome::Done
    }

    /// A runner's job ended. The runner is ephemeral: its registration ends with it.
    pub fn job_done(
        &mut self,
        now: Time,
        runner: RunnerId,
        result: JobResult,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(job) = self.job_of(runner) else { return Outcome::Refused(Refusal::NotFound) };
        self.forget_runner(runner);
        self.end_on_runner(turn, job, result);
        Outcome::Done
    }

    /// A runner vanished without a word. An idle one is simply no longer there; under a job, GitHub
    /// notices when it is not confirmed, or when its lease runs out.
    pub fn runner_lost(
        &mut self,
        now: Time,
        runner: RunnerId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(job) = self.job_of(runner) else {
            let lost_before =
                self.runners.get(runner).is_none_or(|found| found.standing == Standing::Lost);
            if lost_before {
                return Outcome::Already;
            }
            self.forget_runner(runner);
            return Outcome::Done;
        };
        self.runners.at_mut(runner.slot).standing = Standing::Lost;
        if self.jobs.at(job.slot).phase == Phase::Running {
            let entry = self.jobs.at_mut(job.slot);
            entry.phase = Phase::Orphaned;
            entry.since = now;
            let (jobs, delay) = (&self.jobs, self.losses.delay());
            let unnoticed = |due: Time, job| is_unnoticed(jobs, job, due, delay);
            if let Some(at) = self.losses.push(now, job, unnoticed) {
                turn.timers.set(at, Timer::Loss);
            }
        }
        Outcome::Done
    }

    /// Jobs whose runner has not renewed its lease end as lost, or as cancelled if that was asked.
    pub(super) fn ring_loss<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        let delay = self.losses.delay();
        while let Some((due, job)) = self.losses.pop(turn.now) {
            if is_unnoticed(&self.jobs, job, due, delay) {
                let &Job { runner, stopping, .. } = self.jobs.at(job.slot);
                let result = if stopping { JobResult::Cancelled } else { JobResult::Lost };
                self.forget_runner(runner);
                self.end_on_runner(turn, job, result);
            }
        }
        let jobs = &self.jobs;
        if let Some(at) = self.losses.rearm(|due, job| is_unnoticed(jobs, job, due, delay)) {
            turn.timers.set(at, Timer::Loss);
        }
    }

    /// Ends a job that a runner has or had.
    pub(super) fn end_on_runner<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        job: JobId,
        result: JobResult,
    ) {
        let &Job { phase, set, runner, .. } = self.jobs.at(job.slot);
        let counts = &mut self.sets[set.index()].counts;
        counts.assigned -= 1;
        if matches!(phase, Phase::Running | Phase::Orphaned) {
            counts.running -= 1;
        }
        self.jobs.forget(job.slot);
        let runner = Some(runner);
        turn.out.push(Output::Ended { job, runner, result });
        self.tell(turn, set, Entry::Completed { job, runner, result });
        self.fill(turn, set);
    }

    /// The job of a runner that is busy as far as anybody knows.
    fn job_of(&self, runner: RunnerId) -> Option<JobId> {
        let found = self.runners.get(runner)?;
        (found.standing == Standing::Busy).then_some(found.job)
    }
}

fn is_unnoticed(jobs: &Jobs, job: JobId, due: Time, delay: Span) -> bool {
    jobs.get(job).is_some_and(|found| found.phase == Phase::Orphaned && found.since + delay == due)
}
