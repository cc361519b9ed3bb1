//! From assigned to a runner.

use super::config::{Effect, IdleChoice};
use super::draw::Draw;
use super::job::Phase;
use super::output::{Entry, Output};
use super::reassign::is_unconfirmed;
use super::runner::Standing;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::time::Time;

impl<D: Draw> GitHub<D> {
    /// From now on the job counts as assigned; an idle runner takes it at once.
    pub(super) fn assign<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        set: SetId,
        slot: u32,
    ) {
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
}
