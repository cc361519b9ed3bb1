//! How long everything takes in one run, each draw named by what it is for.

use crate::github::Draw;
use crate::latency::{Latencies, Sampler};
use crate::random::{Purpose, Streams, pair};
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::time::Span;
use std::sync::Arc;

/// The run's randomness and the distributions it is drawn from.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    pub(super) streams: Streams,
    pub(super) latency: Arc<Latencies>,
    samplers: Arc<Samplers>,
}

/// Those of the distributions that every job draws from, prepared for it.
#[derive(Debug)]
struct Samplers {
    configure: Sampler,
    listen: Sampler,
    clean_up: Sampler,
    seen: Sampler,
    bind: Sampler,
    start: Sampler,
    cached: Sampler,
    pull_overhead: Sampler,
    assignment: Sampler,
    job_message: Sampler,
    queue_message: Sampler,
}

impl Samplers {
    fn new(latency: &Latencies) -> Self {
        let Latencies { runner, pod, image_pull, github, .. } = latency;
        let of = |distribution: &crate::latency::Distribution| Sampler::new(distribution.clone());
        Self {
            configure: of(&runner.jit_config_call),
            listen: of(&runner.start),
            clean_up: of(&runner.clean_up),
            seen: of(&pod.seen),
            bind: of(&pod.bind),
            start: of(&pod.start),
            cached: of(&image_pull.cached),
            pull_overhead: of(&image_pull.overhead),
            assignment: of(&github.assignment),
            job_message: of(&github.job_message),
            queue_message: of(&github.queue_message),
        }
    }
}

/// What the start of a runner takes, step by step.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunnerSpans {
    /// The call that makes its configuration.
    pub(super) configure: Span,
    /// The steps of its pod that nobody else holds up.
    pub(super) pod: crate::kube::Spans,
    /// From containers running to listening.
    pub(super) listen: Span,
    /// From the job's end until the pod is gone.
    pub(super) clean_up: Span,
}

impl Draws {
    pub(super) fn new(streams: Streams, latency: Arc<Latencies>) -> Self {
        let samplers = Arc::new(Samplers::new(&latency));
        Self { streams, latency, samplers }
    }

    pub(super) fn runner(&self, runner: RunnerId) -> RunnerSpans {
        let of = &self.samplers;
        let entity = u64::from(runner.serial);
        let registration = &mut self.streams.stream(Purpose::Registration, entity);
        let pod = &mut self.streams.stream(Purpose::PodStart, entity);
        RunnerSpans {
            configure: of.configure.sample(registration),
            listen: of.listen.sample(registration),
            clean_up: of.clean_up.sample(registration),
            pod: crate::kube::Spans {
                bind: of.seen.sample(pod) + of.bind.sample(pod),
                start: of.start.sample(pod),
                cached: of.cached.sample(pod),
                pull_overhead: of.pull_overhead.sample(pod),
            },
        }
    }

    /// From GitHub's choice of a runner until the runner has the job.
    pub(super) fn assignment(&self, attempt: u64) -> Span {
        let stream = &mut self.streams.stream(Purpose::Assignment, attempt);
        self.samplers.assignment.sample(stream) + self.samplers.job_message.sample(stream)
    }
}

impl Draw for Draws {
    fn writing(&mut self, set: SetId, nth: u64) -> Span {
        // A waiting poll is answered as soon as there is something to say.
        let _ = (set, nth);
        Span::ZERO
    }

    fn travel(&mut self, set: SetId, nth: u64) -> Span {
        let entity = pair(u64::from(set.0), nth);
        let stream = &mut self.streams.stream(Purpose::Message, entity);
        self.samplers.queue_message.sample(stream)
    }

    fn lost(&mut self, _: SetId, _: u64) -> bool {
        false
    }

    fn hosted_start(&mut self, _: SetId, job: JobId) -> Span {
        let stream = &mut self.streams.stream(Purpose::Assignment, u64::from(job.serial));
        self.latency.github.hosted_start.sample(stream)
    }
}
