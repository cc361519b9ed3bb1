//! Everything the core can be told.
//!
//! No event carries the duration of a job that has not ended: what only the future knows has no
//! name here.

use crate::command::Outcome;
use crate::id::{CommandId, FleetId, Generation, JobId, NodeId, PoolId, RunId, RunnerId, SetId};
use crate::id::{TeamId, TypeId, ZoneId};
use crate::model::{CapacityType, ServiceClass};
use crate::money::Rate;
use crate::policy::oracle::Timetable;
use crate::snapshot::Snapshot;
use crate::spec::{Fleet, Pool, RunnerSet, Settings, Team};
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One thing that the core is told. Events may be late, repeated or missing; [`Event::Observed`]
/// makes good for all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The settings of the whole core. The first event of a run.
    Configured(Box<Settings>),
    /// This core leads from now on, with a generation newer than any before.
    Leading(Generation),
    /// A pool exists, or its limits changed.
    PoolKnown(PoolId, Box<Pool>),
    /// A team exists, or its limits changed.
    TeamKnown(TeamId, Box<Team>),
    /// A fleet exists.
    FleetKnown(FleetId, Box<Fleet>),
    /// A runner set exists.
    SetKnown(SetId, RunnerSet),

    /// The statistics of a runner set: the truth about demand, though perhaps an old one.
    Statistics {
        /// Whose.
        set: SetId,
        /// The counts.
        counts: Counts,
    },
    /// Enterprise: a job is offered and may be acquired.
    JobAvailable {
        /// To whom.
        set: SetId,
        /// Which.
        job: JobId,
    },
    /// A job was assigned to the set. A hint: the statistics are the truth.
    JobAssigned {
        /// To whom.
        set: SetId,
        /// Which.
        job: JobId,
        /// Whether it is one of those that were foreseen. Few are, so only that is written down.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        announced: bool,
        /// How much waiting matters to it. Told to policies that weigh it.
        #[serde(default, skip_serializing_if = "ServiceClass::is_standard")]
        class: ServiceClass,
    },
    /// A runner took a job.
    JobStarted {
        /// Whose runner.
        set: SetId,
        /// Which job.
        job: JobId,
        /// Which runner.
        runner: RunnerId,
    },
    /// A job ended, on a runner or before it had one.
    JobCompleted {
        /// Whose.
        set: SetId,
        /// Which job.
        job: JobId,
        /// The runner that had it.
        runner: Option<RunnerId>,
        /// How it ended, as GitHub sees it.
        result: JobResult,
    },

    /// A job of a run queued: what GitHub's web hooks tell of every job, whoever runs it. Told only to
    /// a policy that learns from it.
    RunJobQueued {
        /// Which.
        job: JobId,
        /// Where.
        set: SetId,
        /// Of which run.
        run: RunId,
        /// Number of repository, workflow and job name together.
        label: u32,
    },
    /// Such a job ended.
    RunJobEnded {
        /// Which.
        job: JobId,
    },
    /// Which workflow of which repository a label belongs to.
    LabelKnown {
        /// Number of repository, workflow and job name together.
        label: u32,
        /// Number of repository and workflow together.
        workflow: u32,
    },

    /// A runner came a step further, or is gone.
    RunnerChanged {
        /// Which.
        runner: RunnerId,
        /// What happened.
        change: RunnerChange,
    },
    /// A node came a step further, or is gone.
    NodeChanged {
        /// Which.
        node: NodeId,
        /// The fleet it serves.
        fleet: FleetId,
        /// What happened.
        change: NodeChange,
    },
    /// A price changed.
    PriceChanged {
        /// Of which instance type.
        instance_type: TypeId,
        /// In which zone.
        zone: ZoneId,
        /// Bought how.
        capacity: CapacityType,
        /// The new price.
        rate: Rate,
    },

    /// What became of a command.
    Finished {
        /// Which command.
        command: CommandId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A run's graph of jobs became known.
    RunPlanned(Box<RunPlan>),
    /// The policy `oracle`: when how many places a fleet is to have, in place of what was told
    /// before.
    TimetableKnown(FleetId, Box<Timetable>),
    /// Jobs of a class are expected.
    Foreseen(Box<Foresight>),
    /// The whole world as it is now: the level, not the edge.
    Observed(Box<Snapshot>),
    /// Look at everything once more. After any history it yields no command.
    Audit,
    /// The time asked for by `WakeAt` has come.
    Tick,
}

/// The statistics that GitHub sends with every answer of a runner set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Offered and not yet acquired (Enterprise).
    pub available: u32,
    /// Assigned to the set and not ended: waiting for a runner, or running.
    pub assigned: u32,
    /// Of those, on a runner.
    pub running: u32,
}

/// How a job ended, as GitHub reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobResult {
    /// It succeeded.
    Succeeded,
    /// It failed by its own doing.
    Failed,
    /// Somebody, or a newer run, cancelled it.
    Cancelled,
    /// Its runner was lost under it.
    Lost,
    /// Nobody took it for 24 hours.
    Expired,
}

/// A step in the life of a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunnerChange {
    /// Its pod was bound to a node.
    Bound(NodeId),
    /// It is registered with GitHub and waits for a job.
    Registered,
    /// It is gone: pod, record and registration.
    Gone(RunnerEnd),
}

/// Why a runner is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunnerEnd {
    /// It ran its one job.
    Finished,
    /// It was removed on command while idle.
    Removed,
    /// GitHub reaped it because it idled too long.
    Reaped,
    /// Its node went away under it.
    NodeLost,
    /// Kubernetes evicted it.
    Evicted,
    /// Its start failed: image, registration, identity or resources.
    Failed,
}

/// A step in the life of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeChange {
    /// EC2 gave a machine, and its bill runs.
    Launched(Machine),
    /// Kubernetes can put pods on it.
    Ready,
    /// It was stopped, and can be started from now on.
    Stopped,
    /// EC2 says that it may take the machine back soon.
    Rebalance,
    /// EC2 takes the machine back at the given time.
    Notice {
        /// When it will be gone.
        reclaim_at: Time,
    },
    /// It is gone.
    Gone(NodeEnd),
}

/// What EC2 gave for a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Of which type.
    pub instance_type: TypeId,
    /// In which zone.
    pub zone: ZoneId,
    /// Bought how.
    pub capacity: CapacityType,
    /// At what price, at launch.
    pub rate: Rate,
}

/// Why a node is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeEnd {
    /// It was deleted on command, or by Karpenter.
    Deleted,
    /// EC2 took it back.
    Reclaimed,
    /// It never became ready.
    NeverReady,
    /// It was stopped on command and is in the stock: one life is over, the next begins with its
    /// start.
    Stopped,
    /// It still stood when the run ended: the books are closed, nobody took it away.
    Closed,
}

/// A run's jobs before they queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlan {
    /// Which run.
    pub run: RunId,
    /// Its jobs, each after its predecessors.
    pub jobs: Vec<PlannedJob>,
}

/// A job that is known before it queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedJob {
    /// Stands for repository, workflow and job name together.
    pub key: u64,
    /// Where it will queue.
    pub set: SetId,
    /// Places of its predecessors in the plan.
    pub predecessors: Vec<u32>,
}

/// A forecast from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Foresight {
    /// Where jobs will queue.
    pub set: SetId,
    /// How many.
    pub count: u32,
    /// When.
    pub expected_at: Time,
    /// Standard deviation of that time.
    pub sigma: Span,
    /// How likely it is at all, 0 to 1.
    pub probability: f64,
}
