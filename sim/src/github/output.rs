//! What GitHub does that somebody else must hear of.

use greenroom_scheduler::event::{Counts, Event, JobResult};
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::model::ServiceClass;

/// One thing that GitHub did, in the order in which it did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A message reached the listener of a set; its `entries` follow as [`Output::Told`].
    Message {
        /// Whose.
        set: SetId,
        /// Its number: unique and rising within a set.
        message: u64,
        /// Statistics as they were when the message was written.
        counts: Counts,
        /// How many entries follow.
        entries: u32,
    },
    /// An entry of the message before it.
    Told {
        /// Whose.
        set: SetId,
        /// What it says.
        entry: Entry,
    },
    /// A set with a listener outside has something to fetch: a poll that waits can be answered.
    Pending {
        /// Whose.
        set: SetId,
    },
    /// A held job may queue: the gap after its predecessors is over.
    Ready {
        /// Which.
        job: JobId,
        /// Serial of the predecessor that ended last; none when all had been forgotten.
        by: Option<u32>,
    },
    /// The service gave a job to a set: from now on it counts as assigned.
    Assigned {
        /// To whom.
        set: SetId,
        /// Which.
        job: JobId,
    },
    /// A registration was admitted.
    Registered {
        /// Which.
        runner: RunnerId,
    },
    /// A runner was given a job and should confirm it by starting.
    Dispatched {
        /// Which job.
        job: JobId,
        /// Which runner.
        runner: RunnerId,
    },
    /// A GitHub-hosted runner is up and starts the job.
    HostedStarted {
        /// Which.
        job: JobId,
    },
    /// A job that runs was cancelled: whoever runs it should end it.
    Stop {
        /// Which.
        job: JobId,
        /// Its runner; none on GitHub-hosted ones.
        runner: Option<RunnerId>,
    },
    /// An attempt ended. GitHub knows nothing of the job any more.
    Ended {
        /// Which.
        job: JobId,
        /// The runner that had it.
        runner: Option<RunnerId>,
        /// How it ended.
        result: JobResult,
    },
    /// The service dropped the registration of a runner that still exists.
    Dropped {
        /// Which.
        runner: RunnerId,
        /// Why.
        why: Drop,
    },
}

/// Why the service dropped a registration by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drop {
    /// It idled too long.
    Idle,
    /// It was given a job and did not confirm it. An ephemeral registration is used up by that
    /// (actions/runner issue 4617).
    Unconfirmed,
}

/// An entry of a message: a hint. The statistics are the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A job is offered.
    Available {
        /// Which.
        job: JobId,
    },
    /// A job was assigned.
    Assigned {
        /// Which.
        job: JobId,
    },
    /// A runner started a job.
    Started {
        /// Which job.
        job: JobId,
        /// Which runner.
        runner: RunnerId,
    },
    /// A job ended, or its assignment was withdrawn (then as cancelled, without a runner).
    Completed {
        /// Which job.
        job: JobId,
        /// The runner that had it.
        runner: Option<RunnerId>,
        /// How it ended.
        result: JobResult,
    },
}

impl Entry {
    /// The job it speaks of.
    pub const fn job(self) -> JobId {
        match self {
            Self::Available { job }
            | Self::Assigned { job }
            | Self::Started { job, .. }
            | Self::Completed { job, .. } => job,
        }
    }

    /// The event that tells the core of it.
    pub const fn event(self, set: SetId) -> Event {
        match self {
            Self::Available { job } => Event::JobAvailable { set, job },
            Self::Assigned { job } => {
                Event::JobAssigned { set, job, announced: false, class: ServiceClass::Standard }
            }
            Self::Started { job, runner } => Event::JobStarted { set, job, runner },
            Self::Completed { job, runner, result } => {
                Event::JobCompleted { set, job, runner, result }
            }
        }
    }
}
