//! What the EKS world waits for.

use crate::engine::queue::Queue;
use crate::engine::timers::{Key, Timers};
use crate::{github, kube};
use greenroom_scheduler::time::Time;

/// A timer of the world or of one of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// GitHub's.
    GitHub(github::Timer),
    /// Kubernetes'.
    Kube(kube::Timer),
    /// One of the world's own, with the slot of its job, runner or node, or 0.
    Own(Own, u32),
}

/// What the world itself waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// A job becomes ready.
    JobReady,
    /// Whoever waits for a job gives it up; or nobody ran a lost one again.
    GiveUp,
    /// A job on a GitHub-hosted runner ends.
    HostedEnds,
    /// GitHub has made a runner's configuration: its pod can be created.
    RunnerConfigured,
    /// A runner's program listens.
    RunnerUp,
    /// A runner has its tokens.
    Credentials,
    /// The first step of a runner's job runs.
    FirstStep,
    /// A runner's job ends.
    JobEnds,
    /// EC2 answers a claim.
    ClaimAnswered,
    /// A node's kubelet registers.
    NodeRegistered,
    /// A node takes pods.
    NodeReady,
    /// A node's next instance hour begins.
    InstanceHour,
    /// EC2 recommends to rebalance.
    Rebalance,
    /// EC2's notice reaches whoever listens.
    Notice,
    /// EC2 takes a node.
    Reclaim,
    /// A drained node is terminated.
    Terminate,
    /// Karpenter's provisioner has something to do.
    Provision,
    /// Karpenter looks which nodes of a fleet can go. With the number of the fleet.
    Disrupt,
    /// Karpenter looks at a node that is going.
    NodeLeaves,
    /// The oldest of Karpenter's nodes is too old.
    Expire,
}

const OWN: [Own; 20] = [
    Own::JobReady,
    Own::GiveUp,
    Own::HostedEnds,
    Own::RunnerConfigured,
    Own::RunnerUp,
    Own::Credentials,
    Own::FirstStep,
    Own::JobEnds,
    Own::ClaimAnswered,
    Own::NodeRegistered,
    Own::NodeReady,
    Own::InstanceHour,
    Own::Rebalance,
    Own::Notice,
    Own::Reclaim,
    Own::Terminate,
    Own::Provision,
    Own::Disrupt,
    Own::NodeLeaves,
    Own::Expire,
];

/// Kinds of each part, one after the other.
const KUBE: usize = github::Timer::KINDS;
const OURS: usize = KUBE + kube::Timer::KINDS;

impl Key for Timer {
    const KINDS: usize = OURS + OWN.len();

    #[inline]
    fn place(self) -> (usize, usize) {
        match self {
            Self::GitHub(key) => key.place(),
            Self::Kube(key) => {
                let (kind, slot) = key.place();
                (KUBE + kind, slot)
            }
            Self::Own(own, slot) => (OURS + own as usize, slot as usize),
        }
    }

    fn at(kind: usize, slot: usize) -> Self {
        match kind {
            0..KUBE => Self::GitHub(github::Timer::at(kind, slot)),
            KUBE..OURS => Self::Kube(kube::Timer::at(kind - KUBE, slot)),
            _ => Self::Own(OWN[kind - OURS], slot as u32),
        }
    }
}

/// GitHub's view of the world's timers.
#[derive(Debug)]
pub(super) struct ForGitHub<'a>(pub(super) &'a mut Queue<Timer>);

impl Timers<github::Timer> for ForGitHub<'_> {
    #[inline]
    fn set(&mut self, at: Time, key: github::Timer) {
        self.0.set(at, Timer::GitHub(key));
    }

    #[inline]
    fn cancel(&mut self, key: github::Timer) {
        self.0.cancel(Timer::GitHub(key));
    }
}

/// Kubernetes' view of the world's timers.
#[derive(Debug)]
pub(super) struct ForKube<'a>(pub(super) &'a mut Queue<Timer>);

impl Timers<kube::Timer> for ForKube<'_> {
    #[inline]
    fn set(&mut self, at: Time, key: kube::Timer) {
        self.0.set(at, Timer::Kube(key));
    }

    #[inline]
    fn cancel(&mut self, key: kube::Timer) {
        self.0.cancel(Timer::Kube(key));
    }
}
