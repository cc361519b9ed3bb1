//! How long everything takes in one run, each draw named by what it is for.

use crate::github::Draw;
use crate::latency::Latencies;
use crate::random::{Purpose, Streams, pair};
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::time::Span;
use std::sync::Arc;

/// The run's randomness and the distributions it is drawn from.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    pub(super) streams: Streams,
    pub(super) latency: Arc<Latencies>,
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
    pub(super) fn runner(&self, runner: RunnerId) -> RunnerSpans {
        let latency = &self.latency;
        let entity = u64::from(runner.serial);
        let registration = &mut self.streams.stream(Purpose::Registration, entity);
        let pod = &mut self.streams.stream(Purpose::PodStart, entity);
        RunnerSpans {
            configure: latency.runner.jit_config_call.sample(registration),
            listen: latency.runner.start.sample(registration),
            clean_up: latency.runner.clean_up.sample(registration),
            pod: crate::kube::Spans {
                bind: latency.pod.seen.sample(pod) + latency.pod.bind.sample(pod),
                start: latency.pod.start.sample(pod),
                cached: latency.image_pull.cached.sample(pod),
                pull_overhead: latency.image_pull.overhead.sample(pod),
            },
        }
    }

    /// From GitHub's choice of a runner until the runner has the job.
    pub(super) fn assignment(&self, attempt: u64) -> Span {
        let stream = &mut self.streams.stream(Purpose::Assignment, attempt);
        let github = &self.latency.github;
        github.assignment.sample(stream) + github.job_message.sample(stream)
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
        self.latency.github.queue_message.sample(stream)
    }

    fn lost(&mut self, _: SetId, _: u64) -> bool {
        false
    }

    fn hosted_start(&mut self, _: SetId, job: JobId) -> Span {
        let stream = &mut self.streams.stream(Purpose::Assignment, u64::from(job.serial));
        self.latency.github.hosted_start.sample(stream)
    }
}
