//! Everything the core can ask for, and what can become of it.

use crate::id::{CommandId, FleetId, Generation, JobId, NodeId, PoolId, RunnerId, SetId};
use crate::id::{TypeId, ZoneId};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One request to the world. It may be executed zero, one or many times, late, or on behalf of a
/// leader that was deposed: all are safe, since the id repeats and the generation fences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The same intent has the same id.
    pub id: CommandId,
    /// Of the leader that asks.
    pub generation: Generation,
    /// After this, nobody waits for the outcome: the executor may drop it.
    pub give_up_at: Time,
    /// What to do.
    pub action: Action,
}

/// What to do. The executor has no choice left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Tell GitHub how many jobs the set can hold at once.
    AdvertiseCapacity {
        /// Whose.
        set: SetId,
        /// Jobs, running ones included.
        jobs: u32,
    },
    /// Take offered jobs (Enterprise only).
    AcquireJobs {
        /// For whom.
        set: SetId,
        /// Which.
        jobs: Vec<JobId>,
    },
    /// Register a runner and create its pod.
    CreateRunner {
        /// Its name.
        runner: RunnerId,
        /// Whose.
        set: SetId,
        /// The only node its pod may be bound to; any when the core does not own nodes.
        node: Option<NodeId>,
        /// The only capacity type its pod may run on, when nodes belong to Karpenter.
        capacity: Option<CapacityType>,
        /// How long credentials of its job are to last before they are renewed; the world's own
        /// choice when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_ttl: Option<Span>,
    },
    /// Remove a runner: its record first, then its pod. A busy one is refused.
    RemoveRunner {
        /// Which.
        runner: RunnerId,
    },
    /// Ask GitHub to run a job again after its runner was lost.
    RerunJob {
        /// Which.
        job: JobId,
        /// Whose.
        set: SetId,
    },
    /// Create a pod that keeps room for a runner.
    CreatePlaceholder {
        /// Its name.
        placeholder: RunnerId,
        /// Where.
        fleet: FleetId,
        /// How much room.
        size: Resources,
    },
    /// Delete such a pod.
    DeletePlaceholder {
        /// Which.
        placeholder: RunnerId,
    },
    /// Launch a node.
    ClaimNode {
        /// Its name.
        node: NodeId,
        /// The fleet it will serve.
        fleet: FleetId,
        /// The instance types that will do, best first.
        types: Arc<[TypeId]>,
        /// The zones that will do; all when empty.
        zones: Box<[ZoneId]>,
        /// Bought how.
        capacity: CapacityType,
    },
    /// Start a stopped node.
    StartNode {
        /// Which.
        node: NodeId,
    },
    /// Stop a node and keep its disk.
    StopNode {
        /// Which.
        node: NodeId,
    },
    /// Let no further pod onto a node.
    CordonNode {
        /// Which.
        node: NodeId,
    },
    /// Drain and terminate a node. One that holds a job is refused.
    DeleteNode {
        /// Which.
        node: NodeId,
    },
    /// Keep Karpenter from disrupting a runner.
    ProtectRunner {
        /// Which.
        runner: RunnerId,
        /// Until when.
        until: Time,
    },
    /// Pull a pool's image onto a node before a runner needs it.
    PrePullImage {
        /// Where.
        node: NodeId,
        /// Whose image.
        pool: PoolId,
    },
    /// Let a runner's job get its credentials.
    IssueCredential {
        /// Whose.
        runner: RunnerId,
        /// How long they last.
        ttl: Span,
    },
    /// End a runner's credentials.
    RevokeCredential {
        /// Whose.
        runner: RunnerId,
    },
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was carried out now.
    Done,
    /// It had been carried out before.
    Already,
    /// It was not carried out, and nothing changed.
    Refused(Refusal),
    /// Nobody knows: the answer timed out.
    Unknown,
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The present mode has no such verb.
    Mode,
    /// A newer leader was seen.
    Fenced,
    /// The thing it speaks of does not exist.
    NotFound,
    /// The runner or node holds a job.
    Busy,
    /// EC2 has none of these types in these zones now.
    InsufficientCapacity,
    /// The account's vCPU quota is used up. Other types will not help.
    AccountQuota,
    /// The subnets have no addresses left.
    NoAddresses,
    /// Too many calls; try again later.
    Throttled,
    /// The service is down.
    Unavailable,
    /// A rule of the cluster forbids it.
    Forbidden,
}
