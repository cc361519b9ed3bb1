//! Runners: configured, bound, started, registered, given a job, gone.

use super::Eks;
use super::draws::RunnerSpans;
use super::timer::{ForGitHub, ForKube, Own, Timer};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::kube::{Constraint, End, ImageId, Labels, PodSpec, Priority, Step};
use greenroom_scheduler::event::{Event, JobResult, RunnerChange, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Stage};
use greenroom_scheduler::id::{JobId, NodeId, RunnerId, SetId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::{Span, Time};

/// A runner that exists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runner {
    pub(super) id: RunnerId,
    pub(super) set: SetId,
    pub(super) wish: Constraint,
    /// How long its steps take.
    spans: RunnerSpans,
    pub(super) node: Option<NodeId>,
    pub(super) job: Option<u32>,
    /// How its job will end.
    pub(super) result: JobResult,
    /// How long the core wants its job's credentials to last.
    pub(super) token_ttl: Option<Span>,
    /// Whether its job could not get its credentials.
    pub(super) no_credentials: bool,
    /// Whether its program listens.
    up: bool,
    /// Whether GitHub admitted it.
    admitted: bool,
    /// Whether GitHub dropped it because it idled too long.
    reaped: bool,
    pulling: bool,
    /// Whether its pod was created.
    has_pod: bool,
}

impl Eks {
    pub(super) fn make_runner<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        set: SetId,
        wish: Constraint,
        out: &mut Outbox<'_, S>,
    ) {
        if id.index() >= self.runners.len() {
            self.runners.resize_with(id.index() + 1, || None);
        }
        let spans = self.draws.runner(id);
        self.runners[id.index()] = Some(Runner {
            id,
            set,
            wish,
            spans,
            node: None,
            job: None,
            result: JobResult::Succeeded,
            token_ttl: None,
            no_credentials: false,
            up: false,
            admitted: false,
            reaped: false,
            pulling: false,
            has_pod: false,
        });
        out.fact(&Fact::RunnerCreated { runner: id, set });
        self.timers.set(now + spans.configure, Timer::Own(Own::RunnerConfigured, id.slot));
    }

    /// How long its job's credentials are to last.
    pub(super) fn runner_credentials(&mut self, id: RunnerId, ttl: Option<Span>) {
        if let Some(runner) = self.runner_mut(id) {
            runner.token_ttl = ttl;
        }
    }

    /// GitHub made the configuration: the runner counts as registered, and its pod is created.
    pub(super) fn runner_configured(&mut self, now: Time, slot: u32) {
        let Some(runner) = &mut self.runners[slot as usize] else { return };
        runner.has_pod = true;
        let Runner { id, set, wish, spans, .. } = *runner;
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.reserve(now, id, set, timers, &mut self.github_says);
        let spec = PodSpec {
            size: self.sets[set.index()].request,
            constraint: wish,
            priority: Priority::Runner,
            protected: self.plan.karpenter.do_not_disrupt,
            image: ImageId(self.sets[set.index()].image),
            spans: spans.pod,
        };
        let timers = &mut ForKube(&mut self.timers);
        let step = &mut Step { now, timers, out: &mut self.kube_says };
        self.kube.create_pod(step, id, &spec);
    }

    pub(super) fn runner_bound<S: Sink>(
        &mut self,
        id: RunnerId,
        node: NodeId,
        out: &mut Outbox<'_, S>,
    ) {
        if let Some(runner) = self.runner_mut(id) {
            runner.node = Some(node);
            out.fact(&Fact::RunnerBound { runner: id, node });
            out.tell(Event::RunnerChanged { runner: id, change: RunnerChange::Bound(node) });
        }
    }

    /// It waits for its image.
    pub(super) fn runner_pulls(&mut self, id: RunnerId) {
        let Some(runner) = self.runner_mut(id) else { return };
        runner.pulling = true;
        let Some(node) = runner.node else { return };
        if let Some(node) = self.node_mut(node) {
            node.pulling.push(id);
        }
    }

    /// The image is there for all runners of a node that waited for it.
    pub(super) fn image_pulled<S: Sink>(
        &mut self,
        node: NodeId,
        image: ImageId,
        out: &mut Outbox<'_, S>,
    ) {
        let compressed_mb = self.plan.images.get(image.0 as usize).map_or(0, |i| i.compressed_mb);
        self.bill.pull(u64::from(compressed_mb) * 1_000_000, out);
        let Some(known) = self.nodes.get(node.index()).and_then(Option::as_ref) else { return };
        if known.id != node {
            return;
        }
        for at in 0..known.pulling.len() {
            let id = self.nodes[node.index()].as_ref().expect("just looked up").pulling[at];
            if let Some(runner) = self.runner_mut(id)
                && std::mem::take(&mut runner.pulling)
            {
                out.fact(&Fact::RunnerReached { runner: id, stage: Stage::ImagePulled });
            }
        }
        if let Some(known) = &mut self.nodes[node.index()] {
            known.pulling.clear();
        }
    }

    pub(super) fn runner_started<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(runner) = self.runner_mut(id) else { return };
        // A pull can end with another's, or the image was there: then this is the first word of it.
        runner.pulling = false;
        let listen = runner.spans.listen;
        out.fact(&Fact::RunnerReached { runner: id, stage: Stage::PodStarted });
        self.timers.set(now + listen, Timer::Own(Own::RunnerUp, id.slot));
    }

    /// The runner's program listens for a job.
    pub(super) fn runner_up<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let Some(runner) = &mut self.runners[slot as usize] else { return };
        runner.up = true;
        let id = runner.id;
        if runner.admitted {
            Self::tell_registered(id, out);
        }
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.connect(now, id, timers, &mut self.github_says);
    }

    /// GitHub admitted the registration.
    pub(super) fn runner_admitted<S: Sink>(&mut self, id: RunnerId, out: &mut Outbox<'_, S>) {
        let Some(runner) = self.runner_mut(id) else { return };
        runner.admitted = true;
        if runner.up {
            Self::tell_registered(id, out);
        }
    }

    fn tell_registered<S: Sink>(id: RunnerId, out: &mut Outbox<'_, S>) {
        out.fact(&Fact::RunnerReached { runner: id, stage: Stage::Registered });
        out.tell(Event::RunnerChanged { runner: id, change: RunnerChange::Registered });
    }

    /// GitHub gave it a job; its first step runs once it has its credentials and the job.
    pub(super) fn runner_dispatched(&mut self, now: Time, job: JobId, id: RunnerId) {
        let key = self.jobs[job.index()].attempt_key();
        let issue = self.identity.issue(key);
        if let Some(runner) = self.runner_mut(id) {
            runner.job = Some(job.slot);
            runner.no_credentials = issue.failed_at.is_some();
        }
        if issue.took.is_zero() {
            let at = now + self.draws.assignment(key);
            self.timers.set(at, Timer::Own(Own::FirstStep, id.slot));
        } else {
            self.timers.set(now + issue.took, Timer::Own(Own::Credentials, id.slot));
        }
    }

    /// It has its tokens, or cannot get them.
    pub(super) fn credentials_issued<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(runner) = self.runners[slot as usize] else { return };
        let Some(job) = runner.job else { return };
        out.fact(&Fact::RunnerReached { runner: runner.id, stage: Stage::CredentialsIssued });
        let at = now + self.draws.assignment(self.jobs[job as usize].attempt_key());
        self.timers.set(at, Timer::Own(Own::FirstStep, slot));
    }

    /// Its job ended: it cleans up and goes.
    pub(super) fn runner_done(&mut self, now: Time, id: RunnerId) {
        let Some(runner) = self.runner_mut(id) else { return };
        runner.job = None;
        let clean_up = runner.spans.clean_up;
        self.timers.cancel(Timer::Own(Own::JobEnds, id.slot));
        self.timers.cancel(Timer::Own(Own::FirstStep, id.slot));
        self.timers.cancel(Timer::Own(Own::Credentials, id.slot));
        let timers = &mut ForKube(&mut self.timers);
        let step = &mut Step { now, timers, out: &mut self.kube_says };
        self.kube.finish_pod(step, id, clean_up);
    }

    /// GitHub dropped its registration: its program exits.
    pub(super) fn runner_dropped(&mut self, now: Time, id: RunnerId) {
        if let Some(runner) = self.runner_mut(id) {
            runner.reaped = true;
            runner.job = None;
            self.timers.cancel(Timer::Own(Own::Credentials, id.slot));
            self.timers.cancel(Timer::Own(Own::FirstStep, id.slot));
            self.delete_pod(now, id);
        }
    }

    pub(super) fn delete_pod(&mut self, now: Time, id: RunnerId) {
        let timers = &mut ForKube(&mut self.timers);
        let step = &mut Step { now, timers, out: &mut self.kube_says };
        self.kube.delete_pod(step, id, Span::from_secs(1));
    }

    /// Its pod is over.
    pub(super) fn pod_ended<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        why: End,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(runner) = self.runner_mut(id).copied() else { return };
        let end = match why {
            End::Finished => RunnerEnd::Finished,
            End::Deleted if runner.reaped => RunnerEnd::Reaped,
            End::Deleted => RunnerEnd::Removed,
            End::Evicted | End::Preempted => RunnerEnd::Evicted,
            End::NodeLost => RunnerEnd::NodeLost,
        };
        if let Some(slot) = runner.job {
            let job = &mut self.jobs[slot as usize];
            if job.started_at.is_some() {
                out.fact(&Fact::AttemptLost { job: job.id, runner: id });
            }
        }
        self.forget_runner(now, id, end, out);
    }

    /// The runner is gone, whatever it was doing.
    pub(super) fn forget_runner<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        end: RunnerEnd,
        out: &mut Outbox<'_, S>,
    ) {
        for own in
            [Own::RunnerConfigured, Own::RunnerUp, Own::Credentials, Own::FirstStep, Own::JobEnds]
        {
            self.timers.cancel(Timer::Own(own, id.slot));
        }
        let timers = &mut ForGitHub(&mut self.timers);
        self.github.runner_lost(now, id, timers, &mut self.github_says);
        self.runners[id.index()] = None;
        out.fact(&Fact::RunnerGone { runner: id, end });
        out.tell(Event::RunnerChanged { runner: id, change: RunnerChange::Gone(end) });
    }

    pub(super) fn runner_mut(&mut self, id: RunnerId) -> Option<&mut Runner> {
        let runner = self.runners.get_mut(id.index())?.as_mut()?;
        (runner.id == id).then_some(runner)
    }

    pub(super) fn has_pod(&self, id: RunnerId) -> bool {
        self.runners.get(id.index()).is_some_and(|r| r.is_some_and(|r| r.id == id && r.has_pod))
    }

    /// The constraint of a pod that may go to any node of its set's fleet.
    pub(super) fn anywhere(
        &self,
        set: SetId,
        capacity: Option<greenroom_scheduler::model::CapacityType>,
    ) -> Constraint {
        let fleet = self.sets[set.index()].spec.fleet;
        Constraint::Fleet { fleet, capacity, labels: Labels::default() }
    }
}
