//! What GitHub does: jobs arrive, start, end.

use super::truth::{Job, JobState, World};
use greenroom_scheduler::event::{Event, JobResult, RunnerChange, RunnerEnd};
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::model::{Forge, ServiceClass};

impl World {
    /// A job queues. Cloud assigns it to its set; Enterprise offers it.
    pub(crate) fn arrive(&mut self, set: SetId) {
        let serial = self.jobs.len() as u32;
        let job = JobId { serial, slot: serial };
        let is_offer = self.town.sets[set.index()].forge == Forge::Enterprise;
        let state = if is_offer { JobState::Offered } else { JobState::Waiting };
        self.jobs.push(Job { id: job, set, state });
        self.news.push_back(if is_offer {
            Event::JobAvailable { set, job }
        } else {
            let announced = self.foreseen[set.index()] > 0;
            self.foreseen[set.index()] -= u32::from(announced);
            Event::JobAssigned { set, job, announced, class: ServiceClass::Standard }
        });
        self.say_counts(set);
    }

    /// The runner comes a step further: its pod is bound, it registers, it takes a job.
    pub(crate) fn advance_runner(&mut self, id: RunnerId) {
        let Some(runner) = self.runners.get(&id) else { return };
        match (runner.bound, runner.registered, runner.job) {
            (false, ..) => self.bind(id),
            (true, false, _) => self.register(id),
            (true, true, None) => self.start(id),
            (true, true, Some(_)) => {}
        }
    }

    /// The runner is known to GitHub.
    pub(crate) fn register(&mut self, id: RunnerId) {
        let Some(runner) = self.runners.get_mut(&id) else { return };
        runner.registered = true;
        self.news.push_back(Event::RunnerChanged { runner: id, change: RunnerChange::Registered });
    }

    /// The runner takes a job of its set, if one waits.
    pub(crate) fn start(&mut self, id: RunnerId) {
        let Some(runner) = self.runners.get_mut(&id) else { return };
        let set = runner.set;
        let waits = |job: &Job| job.set == set && job.state == JobState::Waiting;
        if let Some(place) = self.jobs.iter().position(waits) {
            runner.job = Some(place);
            self.jobs[place].state = JobState::Running(id);
            let job = self.jobs[place].id;
            self.news.push_back(Event::JobStarted { set, job, runner: id });
            self.say_counts(set);
        }
    }

    /// A running job ends, and its runner with it.
    pub(crate) fn end(&mut self, place: usize) {
        let Job { id: job, set, state } = self.jobs[place];
        let JobState::Running(runner) = state else { return };
        self.jobs[place].state = JobState::Ended;
        let result = JobResult::Succeeded;
        self.news.push_back(Event::JobCompleted { set, job, runner: Some(runner), result });
        self.say_counts(set);
        self.drop_runner(runner, RunnerEnd::Finished);
    }

    /// A waiting job is cancelled.
    pub(crate) fn cancel(&mut self, place: usize) {
        let Job { id: job, set, state } = self.jobs[place];
        if matches!(state, JobState::Waiting) {
            self.jobs[place].state = JobState::Ended;
            let result = JobResult::Cancelled;
            self.news.push_back(Event::JobCompleted { set, job, runner: None, result });
            self.say_counts(set);
        }
    }

    /// A runner is gone; a job that it held is lost.
    pub(crate) fn drop_runner(&mut self, id: RunnerId, end: RunnerEnd) {
        let Some(runner) = self.runners.remove(&id) else { return };
        self.past_runners.insert(id);
        if let Some(place) = runner.job
            && self.jobs[place].state == JobState::Running(id)
        {
            self.jobs[place].state = JobState::Lost;
            let Job { id: job, set, .. } = self.jobs[place];
            let result = JobResult::Lost;
            self.news.push_back(Event::JobCompleted { set, job, runner: Some(id), result });
            self.say_counts(set);
        }
        self.news.push_back(Event::RunnerChanged { runner: id, change: RunnerChange::Gone(end) });
    }
}
