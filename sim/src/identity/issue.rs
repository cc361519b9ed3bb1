//! Getting credentials.

use super::config::{IdentityConfig, Step};
use crate::latency::{self, Sampler};
use crate::random::{Purpose, Stream, Streams};
use greenroom_scheduler::time::Span;

/// How the way to credentials went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How long it took, pauses included, to its end or to giving up.
    pub took: Span,
    /// Calls made, the failed ones included.
    pub calls: u32,
    /// The step whose attempts all failed; then there are no credentials, and the job fails.
    pub failed_at: Option<Step>,
}

/// The identity path of a run.
#[derive(Clone, Debug)]
pub struct Identity {
    pub(super) config: IdentityConfig,
    oidc: Sampler,
    sts: Sampler,
    vault: Sampler,
    pub(super) streams: Streams,
}

impl Identity {
    /// The path with these settings.
    pub fn new(streams: Streams, config: IdentityConfig, latencies: latency::Identity) -> Self {
        let latency::Identity { oidc_token, sts, vault_login, .. } = latencies;
        let [oidc, sts, vault] = [oidc_token, sts, vault_login].map(Sampler::new);
        Self { config, oidc, sts, vault, streams }
    }

    /// The settings.
    pub const fn config(&self) -> &IdentityConfig {
        &self.config
    }

    /// The credentials that an attempt of a job gets before its first step. `attempt` names it:
    /// the same attempt of the same job has the same luck under every policy.
    pub fn issue(&self, attempt: u64) -> Issue {
        self.walk(&mut self.streams.stream(Purpose::Identity, attempt))
    }

    /// All steps in order, each until it succeeds or its attempts are used up.
    pub(super) fn walk(&self, stream: &mut Stream) -> Issue {
        let mut issue = Issue { took: Span::ZERO, calls: 0, failed_at: None };
        for &step in &self.config.steps {
            if !self.step(step, stream, &mut issue) {
                issue.failed_at = Some(step);
                break;
            }
        }
        issue
    }

    fn step(&self, step: Step, stream: &mut Stream, issue: &mut Issue) -> bool {
        let latency = match step {
            Step::Oidc => &self.oidc,
            Step::Sts => &self.sts,
            Step::Vault => &self.vault,
        };
        let mut pause_s = self.config.backoff_s;
        for attempt in 1..=self.config.attempts_max {
            issue.took += latency.sample(stream);
            issue.calls += 1;
            if !stream.chance(self.config.failure_share(step)) {
                return true;
            }
            if attempt < self.config.attempts_max {
                issue.took += Span::from_secs_f64(pause_s * stream.unit());
                pause_s = (pause_s * 2.0).min(self.config.backoff_max_s);
            }
        }
        false
    }
}
