//! A job enters GitHub, and its set takes in what it has room for.

use super::config::Effect;
use super::draw::Draw;
use super::job::Phase;
use super::output::{Entry, Output};
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::id::{JobId, RunId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::Time;

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
}
