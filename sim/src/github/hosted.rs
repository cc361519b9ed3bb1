//! Jobs on GitHub's own runners.

use super::draw::Draw;
use super::job::Phase;
use super::output::Output;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, SetId};
use greenroom_scheduler::time::Time;

impl<D: Draw> GitHub<D> {
    /// A job on a GitHub-hosted runner ended.
    pub fn hosted_done(
        &mut self,
        now: Time,
        job: JobId,
        result: JobResult,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        if self.phase(job) != Phase::HostedRunning {
            return Outcome::Refused(Refusal::NotFound);
        }
        let set = self.jobs.at(job.slot).set;
        let counts = &mut self.sets[set.index()].counts;
        counts.assigned -= 1;
        counts.running -= 1;
        self.jobs.forget(job.slot);
        turn.out.push(Output::Ended { job, runner: None, result });
        self.fill(turn, set);
        Outcome::Done
    }

    /// Starts a runner for a job that has room in its class.
    pub(super) fn start_hosted<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        set: SetId,
        slot: u32,
    ) {
        self.sets[set.index()].counts.assigned += 1;
        let job = self.jobs.id(slot);
        let entry = self.jobs.at_mut(slot);
        entry.phase = Phase::HostedStarting;
        entry.since = turn.now;
        turn.out.push(Output::Assigned { set, job });
        let delay = self.draw.hosted_start(set, job);
        if delay.is_zero() {
            self.hosted_is_up(turn, slot);
        } else {
            turn.timers.set(turn.now + delay, Timer::Hosted(slot));
        }
    }

    pub(super) fn hosted_is_up<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, slot: u32) {
        if self.jobs.holder(slot).is_none_or(|job| job.phase != Phase::HostedStarting) {
            return;
        }
        let entry = self.jobs.at_mut(slot);
        entry.phase = Phase::HostedRunning;
        entry.since = turn.now;
        let set = entry.set;
        self.sets[set.index()].counts.running += 1;
        turn.out.push(Output::HostedStarted { job: self.jobs.id(slot) });
    }
}
