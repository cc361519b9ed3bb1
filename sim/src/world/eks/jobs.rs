//! Jobs: logical ones, with attempts.

use super::Eks;
use super::timer::{ForGitHub, Own, Timer};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::registry::Place;
use greenroom_scheduler::event::{Event, JobResult};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{JobId, RunId, RunnerId, SetId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::ServiceClass;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Conclusion, Trigger};

/// How long the world waits for a lost job to be run again before it counts as lost for good.
/// GitHub allows 30 days; whoever has not acted within a day will not.
const RERUN_WITHIN: Span = Span::from_secs(24 * 3600);

/// A job that has not ended for good.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) id: JobId,
    pub(super) set: SetId,
    label: u32,
    run: Option<RunId>,
    group: u32,
    pub(super) duration: Span,
    recorded: Option<Span>,
    patience: Option<Span>,
    result: JobResult,
    pub(super) attempt: u32,
    pub(super) started_at: Option<Time>,
    has_successors: bool,
    /// How much its waiting matters, where somebody weighs that.
    pub(super) class: ServiceClass,
}

impl Job {
    /// Names the present attempt for draws.
    pub(super) const fn attempt_key(&self) -> u64 {
        (self.id.serial as u64) << 8 | (self.attempt as u64 & 0xff)
    }
}

/// How much waiting matters by what set a job off: somebody looks at a pull request or waits for a
/// merge, nobody at a nightly run.
const fn class_of(trigger: Trigger) -> ServiceClass {
    match trigger {
        Trigger::PullRequest | Trigger::MergeGroup => ServiceClass::Interactive,
        Trigger::Push | Trigger::Other => ServiceClass::Standard,
        Trigger::Schedule => ServiceClass::Batch,
    }
}

impl Eks {
    pub(super) fn job_arrives<S: Sink>(
        &mut self,
        now: Time,
        job: &Arrival,
        place: Place,
        needs: &[u32],
        out: &mut Outbox<'_, S>,
    ) {
        self.began.get_or_insert(now);
        let slot = self.free_jobs.pop().unwrap_or(self.jobs.len() as u32);
        let id = JobId { serial: job.row, slot };
        let held = Job {
            id,
            set: place.set,
            label: place.label,
            run: job.run,
            group: job.group.0,
            duration: job.duration,
            recorded: job.recorded_start.map(|start| start.since(job.ready)),
            patience: job.patience,
            result: match job.conclusion {
                Conclusion::Success | Conclusion::Unknown => JobResult::Succeeded,
                Conclusion::Failure => JobResult::Failed,
                Conclusion::Cancelled => JobResult::Cancelled,
            },
            attempt: 1,
            started_at: None,
            has_successors: job.has_successors,
            class: if self.plan.weighs { class_of(job.trigger) } else { ServiceClass::Standard },
        };
        if slot as usize == self.jobs.len() {
            self.jobs.push(held);
        } else {
            self.jobs[slot as usize] = held;
        }
        self.open_jobs += 1;
        if job.has_successors {
            self.github.expect_successors(job.row);
        }
        if !needs.is_empty() {
            let timers = &mut ForGitHub(&mut self.timers);
            self.github.hold(now, id, needs, job.gap, timers, &mut self.github_says);
            self.pass_on(now, out);
        } else if job.ready > now {
            self.timers.set(job.ready, Timer::Own(Own::JobReady, slot));
        } else {
            self.job_ready(now, slot, None, out);
            self.pass_on(now, out);
        }
    }

    /// The job's queue time begins.
    pub(super) fn job_ready<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        by: Option<u32>,
        out: &mut Outbox<'_, S>,
    ) {
        let Job { id, set, label, run, group, recorded, patience, .. } = self.jobs[slot as usize];
        out.fact(&Fact::JobReady { job: id, set, run, label, recorded });
        if let Some(run) = run.filter(|_| self.plan.tells_runs) {
            out.tell(Event::RunJobQueued { job: id, set, run, label });
        }
        if let Some(by) = by {
            out.fact(&Fact::JobReleased { job: id, by });
        }
        if let Some(patience) = patience {
            self.timers.set(now + patience, Timer::Own(Own::GiveUp, slot));
        }
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.job_ready(now, id, Some(set), run, timers, &mut self.github_says);
        if let Some(run) = run
            && group != 0
        {
            self.github.join_group(now, id, run, group, timers, &mut self.github_says);
        }
    }

    /// Whoever waited for the job gave it up; or it was lost and nobody ran it again.
    pub(super) fn job_given_up<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let Job { id, attempt, started_at, .. } = self.jobs[slot as usize];
        if attempt > 1 && started_at.is_none() && self.github.is_forgotten(id) {
            return self.job_over(now, slot, JobResult::Lost, out);
        }
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.cancel(now, id, timers, &mut self.github_says);
    }

    /// A runner's job takes its first step, or its credentials failed.
    pub(super) fn first_step<S: Sink>(
        &mut self,
        now: Time,
        runner_slot: u32,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(runner) = self.runners[runner_slot as usize] else { return };
        let Some(slot) = runner.job else { return };
        let job = &mut self.jobs[slot as usize];
        job.started_at = Some(now);
        let (id, attempt) = (job.id, job.attempt);
        self.timers.cancel(Timer::Own(Own::GiveUp, slot));
        out.fact(&Fact::JobStarted { job: id, runner: Some(runner.id), attempt });
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.job_started(now, runner.id, timers, &mut self.github_says);
        let ends_at = now + self.jobs[slot as usize].duration;
        let key = self.jobs[slot as usize].attempt_key();
        let (ends_at, result) = if runner.no_credentials {
            (now, JobResult::Failed)
        } else {
            match self.identity.lasting(key, now, ends_at, runner.token_ttl) {
                crate::identity::Lasting::Ends { at, .. } => (at, JobResult::Failed),
                crate::identity::Lasting::Lasts { .. } => {
                    (ends_at, self.jobs[slot as usize].result)
                }
            }
        };
        if let Some(runner) = &mut self.runners[runner_slot as usize] {
            runner.result = result;
        }
        self.timers.set(ends_at, Timer::Own(Own::JobEnds, runner_slot));
    }

    /// A runner's job ends by itself.
    pub(super) fn job_ends(&mut self, now: Time, runner_slot: u32) {
        let Some(runner) = self.runners[runner_slot as usize] else { return };
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.job_done(now, runner.id, runner.result, timers, &mut self.github_says);
    }

    /// A GitHub-hosted runner starts a job.
    pub(super) fn hosted_starts<S: Sink>(&mut self, now: Time, id: JobId, out: &mut Outbox<'_, S>) {
        let job = &mut self.jobs[id.index()];
        job.started_at = Some(now);
        let attempt = job.attempt;
        self.timers.cancel(Timer::Own(Own::GiveUp, id.slot));
        out.fact(&Fact::JobStarted { job: id, runner: None, attempt });
        let ends_at = now + self.jobs[id.index()].duration;
        self.timers.set(ends_at, Timer::Own(Own::HostedEnds, id.slot));
    }

    pub(super) fn hosted_ends(&mut self, now: Time, slot: u32) {
        let Job { id, result, .. } = self.jobs[slot as usize];
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.hosted_done(now, id, result, timers, &mut self.github_says);
    }

    /// GitHub is done with an attempt.
    pub(super) fn attempt_ended<S: Sink>(
        &mut self,
        now: Time,
        id: JobId,
        runner: Option<RunnerId>,
        result: JobResult,
        out: &mut Outbox<'_, S>,
    ) {
        let job = self.jobs[id.index()];
        let team = self.sets[job.set.index()].spec.team;
        if let Some(started) = job.started_at {
            self.bill.job(team, now.since(started), out);
        }
        if let Some(runner) = runner {
            self.runner_done(now, runner);
        }
        if result == JobResult::Lost && job.attempt <= self.plan.reruns_max {
            let waiting = &mut self.jobs[id.index()];
            waiting.attempt += 1;
            waiting.started_at = None;
            self.timers.set(now + RERUN_WITHIN, Timer::Own(Own::GiveUp, id.slot));
            return;
        }
        self.job_over(now, id.slot, result, out);
    }

    /// The logical job ended for good.
    fn job_over<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        result: JobResult,
        out: &mut Outbox<'_, S>,
    ) {
        let Job { id, set, started_at, has_successors, .. } = self.jobs[slot as usize];
        self.timers.cancel(Timer::Own(Own::GiveUp, slot));
        self.timers.cancel(Timer::Own(Own::HostedEnds, slot));
        let per_minute = self.sets[set.index()].hosted_per_minute;
        out.fact(&Fact::JobEnded { job: id, result });
        if self.plan.tells_runs && self.jobs[slot as usize].run.is_some() {
            out.tell(Event::RunJobEnded { job: id });
        }
        if let (Some(per_minute), Some(started)) = (per_minute, started_at) {
            // GitHub rounds each job up to whole minutes (docs.github.com, billing for Actions).
            let minutes = now.since(started).as_ms().div_ceil(60_000) as i64;
            let charge = Money::from_micros(per_minute.as_micros() * minutes);
            self.bill.add(charge);
            out.fact(&Fact::HostedBilled { job: id, charge });
        }
        if has_successors {
            let timers = &mut ForGitHub(&mut self.timers);
            self.github.settle(now, id, timers, &mut self.github_says);
        }
        self.open_jobs -= 1;
        self.free_jobs.push(slot);
    }
}
