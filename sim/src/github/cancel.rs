//! Every way out for a job that no runner has, and the wish to stop one that runs.

use super::draw::Draw;
use super::job::{Job, Phase};
use super::output::{Entry, Output};
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::Outcome;
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::JobId;
use greenroom_scheduler::time::Time;

impl<D: Draw> GitHub<D> {
    /// Somebody gave up on a job, or a newer run supersedes it. A job on a runner is asked to stop
    /// ([`Output::Stop`]) and ends when its runner says so.
    pub fn cancel(
        &mut self,
        now: Time,
        job: JobId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        self.cancel_job(turn, job)
    }

    pub(super) fn cancel_job<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        job: JobId,
    ) -> Outcome {
        let Some(&Job { phase, stopping, runner, .. }) = self.jobs.get(job) else {
            return Outcome::Already;
        };
        match phase {
            Phase::Taken | Phase::Running | Phase::HostedRunning if stopping => {
                return Outcome::Already;
            }
            Phase::Taken | Phase::Running => {
                self.jobs.at_mut(job.slot).stopping = true;
                turn.out.push(Output::Stop { job, runner: Some(runner) });
            }
            Phase::HostedRunning => {
                self.jobs.at_mut(job.slot).stopping = true;
                turn.out.push(Output::Stop { job, runner: None });
            }
            // GitHub waits for a runner that is no more; then the job ends as cancelled.
            Phase::Orphaned => self.jobs.at_mut(job.slot).stopping = true,
            _ => self.end_waiting(turn, job.slot, JobResult::Cancelled),
        }
        Outcome::Done
    }

    /// Ends a job that no runner has.
    pub(super) fn end_waiting<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        slot: u32,
        result: JobResult,
    ) {
        let &Job { phase, set, .. } = self.jobs.at(slot);
        let job = self.jobs.id(slot);
        let mut known_to_set = true;
        match phase {
            Phase::Queued => {
                self.jobs.links.remove(&mut self.sets[set.index()].queued, slot);
                known_to_set = false;
            }
            Phase::Offered => self.sets[set.index()].counts.available -= 1,
            Phase::Assigned => {
                let entry = &mut self.sets[set.index()];
                self.jobs.links.remove(&mut entry.assigned, slot);
                entry.counts.assigned -= 1;
            }
            Phase::HostedStarting => {
                turn.timers.cancel(Timer::Hosted(slot));
                self.sets[set.index()].counts.assigned -= 1;
                known_to_set = false;
            }
            Phase::Paced => {
                turn.timers.cancel(Timer::FanOut(slot));
                known_to_set = false;
            }
            Phase::Held => {
                turn.timers.cancel(Timer::Release(slot));
                self.release.forget(job);
                known_to_set = false;
            }
            Phase::Unmatched => {
                self.unmatched -= 1;
                known_to_set = false;
            }
            Phase::Absent
            | Phase::Taken
            | Phase::Running
            | Phase::Orphaned
            | Phase::HostedRunning => return,
        }
        self.jobs.forget(slot);
        turn.out.push(Output::Ended { job, runner: None, result });
        if known_to_set {
            self.tell(turn, set, Entry::Completed { job, runner: None, result });
        }
        if !matches!(phase, Phase::Held | Phase::Unmatched | Phase::Paced) {
            self.fill(turn, set);
        }
    }
}
