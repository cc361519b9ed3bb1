//! Runner sets as GitHub keeps them.

use super::chain::Chain;
use super::mailbox::Mailbox;
use greenroom_scheduler::event::Counts;
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::Time;

/// What GitHub must know of a runner set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetSpec {
    /// At which instance.
    pub forge: Forge,
    /// Whose machines run its jobs.
    pub host: Host,
}

/// Whose machines run the jobs of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Our own runners, found through the runner-set protocol.
    Own {
        /// Repository, organisation or enterprise that registrations are counted for, numbered
        /// densely from 0 over both instances.
        scope: u32,
        /// GitHub App that registers, numbered densely from 0 over both instances.
        app: u32,
        /// Jobs that the first poll of its listener advertises.
        capacity: u32,
        /// Who fetches its messages.
        listener: Listener,
    },
    /// GitHub's own runners: a larger-runner or standard class.
    GitHub {
        /// Most of its jobs at once; no limit when absent.
        jobs_max: Option<u32>,
    },
}

/// Who fetches the messages of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listener {
    /// A simulated listener: polls again as soon as it was answered, acknowledges what arrives.
    #[default]
    Simulated,
    /// Somebody outside, through [`GitHub::poll`](super::GitHub::poll) and
    /// [`GitHub::acknowledge`](super::GitHub::acknowledge).
    Outside,
}

#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) forge: Forge,
    pub(super) host: Host,
    /// Most jobs that may be offered or assigned at once.
    pub(super) capacity: u32,
    /// What the next poll will say.
    pub(super) next_capacity: u32,
    /// Whether a poll failed that would have told it.
    pub(super) poll_failed: bool,
    /// When the present poll began.
    pub(super) polled_at: Time,
    pub(super) queued: Chain,
    pub(super) assigned: Chain,
    pub(super) idle: Chain,
    pub(super) counts: Counts,
    pub(super) mailbox: Mailbox,
}

impl Set {
    pub(super) fn new(spec: SetSpec, now: Time) -> Self {
        let capacity = match spec.host {
            Host::Own { capacity, .. } => capacity,
            Host::GitHub { jobs_max } => jobs_max.unwrap_or(u32::MAX),
        };
        Self {
            forge: spec.forge,
            host: spec.host,
            capacity,
            next_capacity: capacity,
            poll_failed: false,
            polled_at: now,
            queued: Chain::default(),
            assigned: Chain::default(),
            idle: Chain::default(),
            counts: Counts::default(),
            mailbox: Mailbox::default(),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.counts.available + self.counts.assigned < self.capacity
    }

    pub(super) fn is_hosted(&self) -> bool {
        matches!(self.host, Host::GitHub { .. })
    }

    pub(super) fn listener(&self) -> Listener {
        match self.host {
            Host::Own { listener, .. } => listener,
            Host::GitHub { .. } => Listener::Outside,
        }
    }
}
