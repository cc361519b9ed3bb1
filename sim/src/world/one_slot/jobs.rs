//! Jobs: they arrive, wait in their set's queue, run, and end.

use super::OneSlot;
use super::timer::Timer;
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::registry::Place;
use greenroom_scheduler::event::{Counts, Event, JobResult, RunnerChange, RunnerEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{JobId, RunId, RunnerId, SetId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::ServiceClass;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Conclusion};
use std::collections::VecDeque;

/// A job that has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) id: JobId,
    set: SetId,
    label: u32,
    run: Option<RunId>,
    duration: Span,
    recorded: Option<Span>,
    patience: Option<Span>,
    ready_at: Time,
    result: JobResult,
    /// Whether it was told before it came.
    announced: bool,
    phase: Phase,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for a runner.
    Queued,
    /// A runner has it.
    Taken,
    /// It has ended; its entry in a queue is skipped.
    Over,
}

/// The jobs and idle runners of a set.
#[derive(Debug, Default)]
pub(super) struct SetQueue {
    /// Jobs that were told before they came. They are served first: a rule of the published figures,
    /// and not what GitHub does, which serves in the order of queueing.
    pub(super) announced: VecDeque<u32>,
    pub(super) waiting: VecDeque<u32>,
    pub(super) idle: Vec<RunnerId>,
    pub(super) counts: Counts,
    pub(super) changed: bool,
}

impl OneSlot {
    pub(super) fn job_arrives<S: Sink>(
        &mut self,
        now: Time,
        job: &Arrival,
        place: Place,
        out: &mut Outbox<'_, S>,
    ) {
        if place.set.index() >= self.sets.len() {
            self.sets.resize_with(place.set.index() + 1, SetQueue::default);
        }
        let slot = self.free_jobs.pop().unwrap_or(self.jobs.len() as u32);
        let result = match job.conclusion {
            Conclusion::Success | Conclusion::Unknown => JobResult::Succeeded,
            Conclusion::Failure => JobResult::Failed,
            Conclusion::Cancelled => JobResult::Cancelled,
        };
        let held = Job {
            id: JobId { serial: job.row, slot },
            set: place.set,
            label: place.label,
            run: job.run,
            duration: job.duration.max(self.parameters.duration_min),
            recorded: job.recorded_start.map(|start| start.since(job.ready)),
            patience: job.patience,
            ready_at: job.ready,
            result,
            announced: place.announced,
            phase: Phase::Queued,
        };
        if slot as usize == self.jobs.len() {
            self.jobs.push(held);
        } else {
            self.jobs[slot as usize] = held;
        }
        self.open_jobs += 1;
        if job.ready > now {
            self.timers.set(job.ready, Timer::JobReady(slot));
        } else {
            self.job_ready(now, slot, out);
        }
    }

    pub(super) fn job_ready<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let job = self.jobs[slot as usize];
        let Job { id, set, label, run, recorded, .. } = job;
        out.fact(&Fact::JobReady { job: id, set, run, label, recorded });
        if let Some(run) = run.filter(|_| self.parameters.tells_runs) {
            out.tell(Event::RunJobQueued { job: id, set, run, label });
        }
        if let Some(patience) = job.patience {
            self.timers.set(job.ready_at + patience, Timer::GiveUp(slot));
        }
        let announced = job.announced;
        if announced {
            self.foreseen.remove(&id.serial);
        }
        if announced || (run.is_some() && self.parameters.tells_runs) {
            let class = ServiceClass::Standard;
            out.tell(Event::JobAssigned { set, job: id, announced, class });
        }
        let queue = &mut self.sets[set.index()];
        queue.counts.assigned += 1;
        if let Some(runner) = queue.idle.pop() {
            self.take(now, runner, slot, out);
        } else if job.announced {
            queue.announced.push_back(slot);
        } else {
            queue.waiting.push_back(slot);
        }
        self.touch(set);
    }

    /// A runner takes a job, and GitHub says so; its first step comes after the dispatch.
    fn take<S: Sink>(&mut self, now: Time, runner: RunnerId, slot: u32, out: &mut Outbox<'_, S>) {
        let job = &mut self.jobs[slot as usize];
        job.phase = Phase::Taken;
        out.tell(Event::JobStarted { set: job.set, job: job.id, runner });
        self.sets[job.set.index()].counts.running += 1;
        let taker = self.runners[runner.index()].as_mut().expect("idle runners exist");
        taker.job = Some(slot);
        self.starting.push_back((now + self.parameters.dispatch, runner.slot));
    }

    /// A runner that is ready takes the head of its set's queue, or waits.
    pub(super) fn runner_ready<S: Sink>(
        &mut self,
        now: Time,
        runner: RunnerId,
        set: SetId,
        out: &mut Outbox<'_, S>,
    ) {
        let queue = &mut self.sets[set.index()];
        while let Some(slot) = queue.announced.pop_front().or_else(|| queue.waiting.pop_front()) {
            if self.jobs[slot as usize].phase == Phase::Queued {
                return self.take(now, runner, slot, out);
            }
            self.free_jobs.push(slot);
        }
        queue.idle.push(runner);
        out.tell(Event::RunnerChanged { runner, change: RunnerChange::Registered });
    }

    pub(super) fn job_starts<S: Sink>(&mut self, now: Time, at: u32, out: &mut Outbox<'_, S>) {
        let runner = self.runners[at as usize].expect("a runner with a job exists");
        let slot = runner.job.expect("set when the timer was");
        let job = &self.jobs[slot as usize];
        if job.patience.is_some() {
            self.timers.cancel(Timer::GiveUp(slot));
        }
        out.fact(&Fact::JobStarted { job: job.id, runner: Some(runner.id), attempt: 1 });
        self.timers.set(now + job.duration, Timer::JobEnds(at));
    }

    pub(super) fn job_ends<S: Sink>(&mut self, at: u32, out: &mut Outbox<'_, S>) {
        let runner = self.runners[at as usize].take().expect("a runner with a job exists");
        let slot = runner.job.expect("set when the timer was");
        let Job { id, set, run, result, .. } = self.jobs[slot as usize];
        let counts = &mut self.sets[set.index()].counts;
        counts.assigned -= 1;
        counts.running -= 1;
        out.fact(&Fact::JobEnded { job: id, result });
        if run.is_some() && self.parameters.tells_runs {
            out.tell(Event::RunJobEnded { job: id });
        }
        out.tell(Event::JobCompleted { set, job: id, runner: Some(runner.id), result });
        self.runner_ends(runner, RunnerEnd::Finished, out);
        self.forget_job(slot);
    }

    /// The job was cancelled while it queued, or before its first step.
    pub(super) fn job_gives_up<S: Sink>(&mut self, slot: u32, out: &mut Outbox<'_, S>) {
        let Job { id, set, run, phase, .. } = self.jobs[slot as usize];
        let counts = &mut self.sets[set.index()].counts;
        counts.assigned -= 1;
        let result = JobResult::Cancelled;
        out.fact(&Fact::JobEnded { job: id, result });
        if run.is_some() && self.parameters.tells_runs {
            out.tell(Event::RunJobEnded { job: id });
        }
        if phase == Phase::Taken {
            counts.running -= 1;
            let holds = |r: &&super::nodes::Runner| r.job == Some(slot);
            let runner = self.runners.iter().flatten().find(holds).copied();
            if let Some(runner) = runner {
                self.starting.retain(|(_, slot)| *slot != runner.id.slot);
                self.runners[runner.id.index()] = None;
                out.tell(Event::JobCompleted { set, job: id, runner: Some(runner.id), result });
                self.runner_ends(runner, RunnerEnd::Finished, out);
            }
            self.forget_job(slot);
        } else {
            // Its place in the queue is skipped when its turn comes.
            self.jobs[slot as usize].phase = Phase::Over;
            self.open_jobs -= 1;
            out.tell(Event::JobCompleted { set, job: id, runner: None, result });
        }
        self.touch(set);
    }

    fn forget_job(&mut self, slot: u32) {
        self.open_jobs -= 1;
        self.free_jobs.push(slot);
    }

    pub(super) fn runner_ends<S: Sink>(
        &mut self,
        runner: super::nodes::Runner,
        end: RunnerEnd,
        out: &mut Outbox<'_, S>,
    ) {
        if let Some(node) = self.nodes[runner.node.index()].as_mut() {
            node.runner = None;
        }
        out.fact(&Fact::RunnerGone { runner: runner.id, end });
        out.tell(Event::RunnerChanged { runner: runner.id, change: RunnerChange::Gone(end) });
    }
}
