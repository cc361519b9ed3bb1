//! GitHub's part of the world: what it says goes to whom it concerns.

use super::Eks;
use super::timer::ForGitHub;
use crate::engine::outbox::Outbox;
use crate::github::{Entry, Host, Listener, Output, SetSpec};
use crate::registry::SetFacts;
use greenroom_scheduler::event::{Counts, Event};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::Time;

/// A message whose entries are being told; its statistics come last, since they are the truth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling {
    set: SetId,
    counts: Counts,
    left: u32,
}

impl Eks {
    /// New runner sets get their listeners.
    pub(super) fn know_sets(&mut self, now: Time, sets: &[SetFacts]) {
        for facts in &sets[self.sets.len()..] {
            let forge = facts.spec.forge;
            let host = match facts.hosted_per_minute {
                Some(_) => Host::GitHub { jobs_max: facts.pool_max },
                None => Host::Own {
                    // An instance's registrations must not queue behind the other's.
                    scope: facts.spec.team.0 * 2 + u32::from(forge == Forge::Enterprise),
                    app: u32::from(forge == Forge::Enterprise),
                    capacity: self.plan.capacity_first,
                    listener: Listener::Simulated,
                },
            };
            self.github.add_set(now, SetSpec { forge, host });
            self.sets.push(*facts);
        }
    }

    pub(super) fn ring_github(&mut self, now: Time, timer: crate::github::Timer) {
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.on_timer(now, timer, timers, &mut self.github_says);
    }

    /// Passes on what GitHub and Kubernetes said, until neither has anything to say.
    #[inline]
    pub(super) fn pass_on<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        while !self.github_says.is_empty() || !self.kube_says.is_empty() {
            self.pass_on_once(now, out);
        }
    }

    fn pass_on_once<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        if !self.github_says.is_empty() {
            let mut said = std::mem::take(&mut self.github_says);
            for &output in &said {
                self.github_said(now, output, out);
            }
            said.clear();
            said.append(&mut self.github_says);
            self.github_says = said;
        }
        if !self.kube_says.is_empty() {
            self.pass_on_kube(now, out);
        }
    }

    fn github_said<S: Sink>(&mut self, now: Time, output: Output, out: &mut Outbox<'_, S>) {
        match output {
            Output::Message { set, counts, entries, .. } => {
                self.message = Some(Telling { set, counts, left: entries });
                self.tell_statistics(out);
            }
            Output::Told { set, entry } => {
                if let Entry::Assigned { job } | Entry::Available { job } = entry
                    && self.jobs[job.index()].id == job
                {
                    out.fact(&Fact::JobHeard { job });
                }
                out.tell(self.with_class(entry, set));
                if let Some(telling) = &mut self.message {
                    telling.left -= 1;
                }
                self.tell_statistics(out);
            }
            Output::Ready { job, by } => self.job_ready(now, job.slot, by, out),
            Output::Registered { runner } => self.runner_admitted(runner, out),
            Output::Dispatched { job, runner } => self.runner_dispatched(now, job, runner),
            Output::HostedStarted { job } => self.hosted_starts(now, job, out),
            Output::Stop { job, runner } => self.job_stopped(now, job, runner),
            Output::Ended { job, runner, result } => {
                self.attempt_ended(now, job, runner, result, out);
            }
            Output::Dropped { runner, .. } => self.runner_dropped(now, runner),
            // What the service knows is told in messages; nobody polls from outside.
            Output::Assigned { .. } | Output::Pending { .. } => {}
        }
    }

    /// The event of an entry; a job's message says what set it off.
    fn with_class(&self, entry: Entry, set: SetId) -> Event {
        match entry.event(set) {
            Event::JobAssigned { set, job, announced, .. } => {
                let known = self.jobs.get(job.index()).filter(|known| known.id == job);
                let class = known.map(|known| known.class).unwrap_or_default();
                Event::JobAssigned { set, job, announced, class }
            }
            other => other,
        }
    }

    /// After the last entry of a message come its statistics.
    fn tell_statistics<S: Sink>(&mut self, out: &mut Outbox<'_, S>) {
        if let Some(Telling { set, counts, left: 0 }) = self.message {
            self.message = None;
            out.tell(Event::Statistics { set, counts });
        }
    }

    /// A job that runs was cancelled: its runner, or GitHub's, ends it at once.
    fn job_stopped(
        &mut self,
        now: Time,
        job: greenroom_scheduler::id::JobId,
        runner: Option<greenroom_scheduler::id::RunnerId>,
    ) {
        let timers = &mut ForGitHub(&mut self.timers);
        let result = greenroom_scheduler::event::JobResult::Cancelled;
        match runner {
            Some(runner) => {
                self.github.job_done(now, runner, result, timers, &mut self.github_says);
            }
            None => {
                self.github.hosted_done(now, job, result, timers, &mut self.github_says);
            }
        }
    }
}
