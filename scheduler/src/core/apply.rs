//! What each event changes in the view.

use super::{Core, Rerun};
use crate::decision::{Decision, Nonsense};
use crate::event::{Event, JobResult, RunnerChange, RunnerEnd};
use crate::id::{JobId, PoolId, RunnerId, SetId, TeamId};
use crate::intent::Subject;
use crate::model::CapacityType;
use crate::spec::{Fleet, Pool, RunnerSet, Team};
use crate::view::set::Set;
use crate::view::{Limited, fleet, put};

/// Most jobs that lost their runner and are remembered; the oldest are forgotten first. Only what
/// is told again after so many other losses would be taken for news.
const RERUNS_MAX: usize = 10_000;

impl Core {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Configured(settings) => {
                self.state.settings = Some((**settings).clone());
                self.forget_prices();
                self.measure_sets(|_| true);
                self.touch_all();
            }
            Event::Leading(generation) => {
                if *generation > self.state.generation {
                    self.state.generation = *generation;
                    self.forget_pauses();
                }
            }
            Event::PoolKnown(id, pool) => self.pool_known(*id, pool),
            Event::TeamKnown(id, team) => self.team_known(*id, team),
            Event::FleetKnown(id, spec) => self.fleet_known(*id, spec),
            Event::SetKnown(id, spec) => self.set_known(*id, *spec),
            Event::Statistics { set, counts } => {
                let Some(known) = self.state.view.set_mut(*set) else {
                    return self.ignore(Nonsense::UnknownSet);
                };
                known.counts = *counts;
                known.acquiring = 0;
                known.patch.saw_answer();
                self.touch_set(*set);
            }
            Event::JobAvailable { set, job } => {
                let Some(known) = self.state.view.set_mut(*set) else {
                    return self.ignore(Nonsense::UnknownSet);
                };
                known.offer(*job);
                self.touch_set(*set);
            }
            // A hint that the statistics of the same answer repeat.
            Event::JobAssigned { set, job, announced, class } => {
                if self.state.view.set(*set).is_none() {
                    return self.ignore(Nonsense::UnknownSet);
                }
                self.job_classed(*set, *class);
                if *announced || self.state.runs.take_expected(*job) {
                    self.redeem(*set, *job);
                } else {
                    self.twin_met(*set, *job, true);
                }
            }
            Event::JobStarted { set, job, runner } => self.job_started(*set, *job, *runner),
            Event::JobCompleted { set, job, runner, result } => {
                self.job_completed(*set, *job, *runner, *result);
            }
            Event::RunJobQueued { job, set, run, label } => {
                self.state.runs.queued(self.state.now, *job, *set, *run, *label);
            }
            Event::RunJobEnded { job } => self.state.runs.ended(self.state.now, *job),
            Event::LabelKnown { label, workflow } => self.state.runs.name(*label, *workflow),
            Event::RunnerChanged { runner, change } => match change {
                RunnerChange::Bound(node) => self.runner_bound(*runner, *node),
                RunnerChange::Registered => self.runner_confirmed(*runner),
                RunnerChange::Gone(end) => {
                    if *end == RunnerEnd::Finished {
                        self.job_measured(*runner, None);
                    }
                    self.runner_gone(*runner);
                }
            },
            Event::NodeChanged { node, change, .. } => self.node_changed(*node, *change),
            Event::PriceChanged { instance_type, capacity, rate, .. } => {
                let types = self.state.settings.as_mut().map(|settings| &mut settings.types);
                if let Some(known) = types.and_then(|t| t.get_mut(instance_type.index())) {
                    match capacity {
                        CapacityType::Spot => known.spot = *rate,
                        CapacityType::OnDemand => known.on_demand = *rate,
                    }
                    self.forget_prices();
                }
            }
            Event::TimetableKnown(fleet, timetable) => {
                self.state.timetables.put(*fleet, timetable);
                self.touch_fleet(*fleet);
            }
            Event::Finished { command, outcome } => self.finished(*command, *outcome),
            Event::Observed(snapshot) => self.observe(snapshot),
            Event::Audit => self.touch_all(),
            Event::Foreseen(foresight) => self.foreseen(foresight),
            // No policy makes forecasts of a run's graph yet. At a `Tick` the plan looks at what is
            // due by itself.
            Event::RunPlanned(_) | Event::Tick => {}
        }
    }

    /// A new leader owes nothing to what its predecessor was refused.
    fn forget_pauses(&mut self) {
        for set in self.state.view.sets.iter_mut().flatten() {
            set.retry = None;
        }
        for fleet in self.state.view.fleets.iter_mut().flatten() {
            fleet.retry = None;
        }
        self.touch_all();
    }

    /// Marks everything for the next plan.
    pub(super) fn touch_all(&mut self) {
        for set in 0..self.state.view.sets.len() as u32 {
            self.touch_set(SetId(set));
        }
        for fleet in 0..self.state.view.fleets.len() as u32 {
            self.touch_fleet(crate::id::FleetId(fleet));
        }
    }

    fn pool_known(&mut self, id: PoolId, pool: &Pool) {
        match self.state.view.pool_mut(id) {
            Some(known) => {
                known.spec = pool.clone();
                let blocked = core::mem::take(&mut known.blocked);
                self.unblock(blocked.into_iter());
                self.touch_waiting();
            }
            None => put(&mut self.state.view.pools, id.index(), Limited::new(pool.clone())),
        }
        self.measure_sets(|set| set.pool == id);
        self.note_limits();
    }

    fn team_known(&mut self, id: TeamId, team: &Team) {
        if let Some(known) = self.state.view.team_mut(id) {
            known.spec = team.clone();
            let blocked = core::mem::take(&mut known.blocked);
            self.unblock(blocked.into_iter());
            self.touch_waiting();
            for set in 0..self.state.view.sets.len() as u32 {
                self.note_guarantee(SetId(set));
            }
            self.note_limits();
        } else {
            let mut known = Limited::new(team.clone());
            known.month_from = self.state.now;
            put(&mut self.state.view.teams, id.index(), known);
        }
    }

    fn fleet_known(&mut self, id: crate::id::FleetId, spec: &Fleet) {
        let mut spec = spec.clone();
        if self.state.settings.as_ref().is_some_and(|s| s.policy.is_machine_per_job()) {
            spec.pods_per_node_max = Some(1);
        }
        match self.state.view.fleet_mut(id) {
            Some(known) => known.spec = spec,
            None => put(
                &mut self.state.view.fleets,
                id.index(),
                fleet::Fleet::new(spec, self.state.now),
            ),
        }
        self.forget_prices();
        self.measure_sets(|set| set.fleet == id);
        self.note_limits();
        self.touch_fleet(id);
    }

    fn set_known(&mut self, id: SetId, spec: RunnerSet) {
        if self.state.view.set(id).is_none() {
            put(&mut self.state.view.sets, id.index(), Set::new(spec));
            if let Some(pool) = self.state.view.pool_mut(spec.pool) {
                pool.sets += 1;
            }
            if let Some(team) = self.state.view.team_mut(spec.team) {
                team.sets += 1;
            }
            if let Some(fleet) = self.state.view.fleet_mut(spec.fleet) {
                fleet.sets += 1;
                if !fleet.pools.contains(&spec.pool) {
                    fleet.pools.push(spec.pool);
                }
            }
            self.note_guarantee(id);
        }
        self.measure_set(id);
        self.touch_set(id);
        self.touch_fleet(spec.fleet);
    }

    fn job_started(&mut self, set: SetId, job: JobId, runner: RunnerId) {
        // Its assignment may not have been told.
        if self.state.runs.take_expected(job) {
            self.redeem(set, job);
        }
        let view = &mut self.state.view;
        let Some(known) = view.sets.get_mut(set.index()).and_then(Option::as_mut) else {
            return self.ignore(Nonsense::UnknownSet);
        };
        known.patch.saw_job_event();
        let Some(taker) = view.runners.get_mut(runner) else {
            return self.ignore(Nonsense::UnknownRunner);
        };
        // It cannot have a job without being there.
        taker.take();
        known.ahead.served(job);
        if taker.job.replace(job).is_none() {
            taker.working_since = Some(self.state.now);
            known.busy += 1;
            known.counts.running = (known.counts.running + 1).min(known.counts.assigned);
            known.spare.remove(&mut view.runners, runner.slot);
        }
    }

    fn job_completed(
        &mut self,
        set: SetId,
        job: JobId,
        runner: Option<RunnerId>,
        result: JobResult,
    ) {
        let Some(known) = self.state.view.set_mut(set) else {
            return self.ignore(Nonsense::UnknownSet);
        };
        known.patch.saw_job_event();
        known.withdraw(job);
        known.ahead.served(job);
        known.counts.assigned = known.counts.assigned.saturating_sub(1);
        if runner.is_some() {
            known.counts.running = known.counts.running.saturating_sub(1);
        }
        if let Some(runner) = runner
            && matches!(result, JobResult::Succeeded | JobResult::Failed)
        {
            self.job_measured(runner, Some(job));
        }
        if result == JobResult::Lost {
            self.rerun(set, job, runner);
        } else {
            self.state.reruns.remove(&job.serial);
            self.twin_met(set, job, false);
            self.touch_set(set);
        }
    }

    /// A job that was lost with its runner is run again, so many times.
    fn rerun(&mut self, set: SetId, job: JobId, lost: Option<RunnerId>) {
        let most = self.state.settings.as_ref().map_or(0, |settings| settings.reruns_max);
        let known = self.state.reruns.get(&job.serial);
        if known.is_some_and(|known| lost.is_some() && known.lost == lost) {
            return self.touch_set(set);
        }
        let times = known.map_or(1, |known| known.times + 1);
        let asked = times <= most;
        // Also that no more are allowed is remembered: the loss may be told again.
        self.state.reruns.insert(job.serial, Rerun { job, set, lost, times, asked });
        if self.state.reruns.len() > RERUNS_MAX {
            self.state.reruns.pop_first();
        }
        if !asked {
            return self.touch_set(set);
        }
        if !self.state.twins.contains(&job.serial)
            && let Some(fleet) = self.state.view.set(set).map(|known| known.spec.fleet)
            && let Some(fleet) = self.state.view.fleet_mut(fleet)
        {
            fleet.spot.strikes += 1;
        }
        self.explain(Decision::Rerun { job, time: times, most });
        let id = Subject::RerunJob { serial: job.serial, time: times }.id();
        if self.send(id, crate::command::Action::RerunJob { job, set }) {
            self.await_outcome(id);
        }
    }

    /// A limit changed: grants that wait for a place, and what denied others, are looked at again.
    pub(super) fn touch_waiting(&mut self) {
        for place in 0..self.state.view.sets.len() {
            let set = self.state.view.sets[place].as_ref();
            if set.is_some_and(|set| set.granted + set.denied > 0) {
                self.touch_set(SetId(place as u32));
            }
        }
    }

    /// Sets that wait for quota may try again.
    pub(crate) fn unblock(&mut self, sets: impl Iterator<Item = SetId>) {
        for id in sets {
            if let Some(set) = self.state.view.set_mut(id) {
                set.blocked = None;
            }
            self.touch_set(id);
        }
    }
}
