//! From ready to a runner: queue, room, offer, assignment, dispatch, and every way out before it.

use super::config::{Effect, IdleChoice};
use super::draw::Draw;
use super::job::{Job, Jobs, Phase};
use super::output::{Entry, Output};
use super::runner::Standing;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, RunId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};

impl<D: Draw> GitHub<D> {
    /// A job became ready: it queues at `set`, or at none when no set has its labels. A run is
    /// named where the pace of its fan-out matters.
    ///
    /// Refused as `NotFound` for an unknown set and as `Busy` while another job holds the slot.
    pub fn job_ready(
        &mut self,
        now: Time,
        job: JobId,
        set: Option<SetId>,
        run: Option<RunId>,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        match self.jobs.holder(job.slot) {
            Some(holder) if holder.serial != job.serial => return Outcome::Refused(Refusal::Busy),
            Some(_) => return Outcome::Already,
            None => {}
        }
        let Some(set) = set else {
            self.jobs.insert(job, Phase::Unmatched, now);
            self.unmatched += 1;
            self.await_expiry(turn, job);
            return Outcome::Done;
        };
        if set.index() >= self.sets.len() {
            return Outcome::Refused(Refusal::NotFound);
        }
        let queues_at = run.map_or(now, |run| self.pace.next(now, run));
        let phase = if queues_at > now { Phase::Paced } else { Phase::Queued };
        self.jobs.insert(job, phase, now).set = set;
        self.await_expiry(turn, job);
        if queues_at > now {
            turn.timers.set(queues_at, Timer::FanOut(job.slot));
        } else {
            self.queue(turn, job.slot);
        }
        Outcome::Done
    }

    /// Runs a job again after its attempt ended: it queues anew, behind all others.
    pub fn rerun(
        &mut self,
        now: Time,
        job: JobId,
        set: SetId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        self.turn(now, timers, out);
        let Some(entry) = self.sets.get(set.index()) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        match self.outages.refusal(entry.forge) {
            Some(refusal) => Outcome::Refused(refusal),
            None => self.job_ready(now, job, Some(set), None, timers, out),
        }
    }

    /// Enterprise: the listener takes offered jobs. Answers how many it got; the others were taken
    /// before, went away, or were never offered to it.
    pub fn acquire(
        &mut self,
        now: Time,
        set: SetId,
        jobs: &[JobId],
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Result<u32, Refusal> {
        let turn = &mut self.turn(now, timers, out);
        let forge = self.sets.get(set.index()).ok_or(Refusal::NotFound)?.forge;
        if forge == Forge::Cloud {
            return Err(Refusal::Mode);
        }
        if let Some(refusal) = self.outages.refusal(forge) {
            return Err(refusal);
        }
        let mut acquired = 0;
        for &job in jobs {
            let offered = self
                .jobs
                .get(job)
                .is_some_and(|found| found.phase == Phase::Offered && found.set == set);
            if offered {
                acquired += 1;
                self.sets[set.index()].counts.available -= 1;
                self.assign(turn, set, job.slot);
            }
        }
        Ok(acquired)
    }

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

    /// Puts a job behind all others of its set.
    pub(super) fn queue<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, slot: u32) {
        let entry = self.jobs.at_mut(slot);
        entry.phase = Phase::Queued;
        entry.since = turn.now;
        entry.place = self.place;
        self.place += 1;
        let set = entry.set;
        self.jobs.links.push_back(&mut self.sets[set.index()].queued, slot);
        self.fill(turn, set);
    }

    /// Gives a set what it has room for, oldest first.
    pub(super) fn fill<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let index = set.index();
        if self.outages.stops(self.sets[index].forge, Effect::Assignment) {
            return;
        }
        while self.sets[index].has_room() {
            let entry = &mut self.sets[index];
            let offers = entry.forge == Forge::Enterprise && !entry.is_hosted();
            if offers && !entry.mailbox.may_offer() {
                return;
            }
            let Some(slot) = self.jobs.links.pop_front(&mut entry.queued) else { return };
            if entry.is_hosted() {
                self.start_hosted(turn, set, slot);
            } else if offers {
                entry.counts.available += 1;
                let job = self.jobs.id(slot);
                let entry = self.jobs.at_mut(slot);
                entry.phase = Phase::Offered;
                entry.since = turn.now;
                self.tell(turn, set, Entry::Available { job });
            } else {
                self.assign(turn, set, slot);
            }
        }
    }

    /// From now on the job counts as assigned; an idle runner takes it at once.
    fn assign<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId, slot: u32) {
        let job = self.jobs.id(slot);
        self.sets[set.index()].counts.assigned += 1;
        turn.out.push(Output::Assigned { set, job });
        self.tell(turn, set, Entry::Assigned { job });
        self.await_runner(turn, set, slot);
    }

    /// Puts an assigned job where it belongs by age, and an idle runner takes the oldest.
    pub(super) fn await_runner<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        set: SetId,
        slot: u32,
    ) {
        let entry = self.jobs.at_mut(slot);
        entry.phase = Phase::Assigned;
        entry.since = turn.now;
        let attempt = entry.reassigned;
        self.jobs.insert_by_age(&mut self.sets[set.index()].assigned, slot);
        self.match_idle(turn, set);
        if self.jobs.at(slot).phase == Phase::Assigned {
            self.await_withdrawal(turn, slot, attempt);
        }
    }

    fn await_withdrawal<T: Timers<Timer>>(
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

    /// Gives waiting jobs to idle runners for as long as there are both.
    pub(super) fn match_idle<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &mut self.sets[set.index()];
        while let (Some(slot), Some(oldest)) = (entry.assigned.first(), entry.idle.first()) {
            if self.outages.stops(entry.forge, Effect::Assignment) {
                return;
            }
            let runner_slot = match self.config.idle_choice {
                IdleChoice::OldestFirst => oldest,
                IdleChoice::NewestFirst => entry.idle.last().unwrap_or(oldest),
            };
            self.jobs.links.remove(&mut entry.assigned, slot);
            self.runners.links.remove(&mut entry.idle, runner_slot);
            let (job, runner) = (self.jobs.id(slot), self.runners.id(runner_slot));
            let taken = self.jobs.at_mut(slot);
            taken.phase = Phase::Taken;
            taken.runner = runner;
            taken.since = turn.now;
            let busy = self.runners.at_mut(runner_slot);
            busy.standing = Standing::Busy;
            busy.job = job;
            turn.out.push(Output::Dispatched { job, runner });
            let (jobs, delay) = (&self.jobs, self.confirm.delay());
            let unconfirmed = |due: Time, job| is_unconfirmed(jobs, job, due, delay);
            if let Some(at) = self.confirm.push(turn.now, job, unconfirmed) {
                turn.timers.set(at, Timer::Confirm);
            }
        }
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

    fn await_expiry<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, job: JobId) {
        let (jobs, delay) = (&self.jobs, self.expiry.delay());
        let waits = |due: Time, job| may_expire(jobs, job, due, delay);
        if let Some(at) = self.expiry.push(turn.now, job, waits) {
            turn.timers.set(at, Timer::Expiry);
        }
    }

    pub(super) fn ring_expiry<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        let delay = self.expiry.delay();
        while let Some((due, job)) = self.expiry.pop(turn.now) {
            if may_expire(&self.jobs, job, due, delay) {
                self.end_waiting(turn, job.slot, JobResult::Expired);
            }
        }
        let jobs = &self.jobs;
        if let Some(at) = self.expiry.rearm(|due, job| may_expire(jobs, job, due, delay)) {
            turn.timers.set(at, Timer::Expiry);
        }
    }

    /// A runner that did not confirm loses the job and its registration.
    pub(super) fn ring_confirm<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        let delay = self.confirm.delay();
        while let Some((due, job)) = self.confirm.pop(turn.now) {
            if is_unconfirmed(&self.jobs, job, due, delay) {
                let runner = self.jobs.at(job.slot).runner;
                if self.runners.get(runner).is_some_and(|found| found.standing == Standing::Busy) {
                    turn.out.push(Output::Dropped { runner, why: super::Drop::Unconfirmed });
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
        if entry.stopping {
            self.end_on_runner(turn, job, JobResult::Cancelled);
        } else if reassigned > self.config.reassignments_max {
            self.end_on_runner(turn, job, JobResult::Lost);
        } else {
            self.await_runner(turn, set, job.slot);
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

fn may_expire(jobs: &Jobs, job: JobId, due: Time, delay: Span) -> bool {
    jobs.get(job).is_some_and(|found| {
        found.queued_at + delay == due
            && matches!(
                found.phase,
                Phase::Paced | Phase::Unmatched | Phase::Queued | Phase::Offered | Phase::Assigned
            )
    })
}

fn is_unconfirmed(jobs: &Jobs, job: JobId, due: Time, delay: Span) -> bool {
    jobs.get(job).is_some_and(|found| found.phase == Phase::Taken && found.since + delay == due)
}

fn waits_for_runner(jobs: &Jobs, job: JobId, due: Time, delay: Span, attempt: u32) -> bool {
    jobs.get(job).is_some_and(|found| {
        found.phase == Phase::Assigned && found.reassigned == attempt && found.since + delay == due
    })
}
