//! What happened in the world, as reports need it. The core never sees facts.

use crate::event::{JobResult, Machine, NodeEnd, RunnerEnd};
use crate::id::{FleetId, JobId, NodeId, PoolId, RunId, RunnerId, SetId, TeamId};
use crate::model::Forge;
use crate::money::Money;
use crate::time::{Span, Time};
use crate::verdict::{Round, Verdict};
use alloc::boxed::Box;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A number got a name.
    Named(Box<Naming>),
    /// A job became ready to run; its queue time begins.
    JobReady {
        /// Which.
        job: JobId,
        /// Where it queues.
        set: SetId,
        /// The run it belongs to.
        run: Option<RunId>,
        /// Number of the text that says repository, workflow and job name.
        label: u32,
        /// Queue time in the record, where there is one.
        recorded: Option<Span>,
    },
    /// This job became ready because that one ended; follows [`Fact::JobReady`].
    JobReleased {
        /// Which became ready.
        job: JobId,
        /// Serial of the predecessor that ended last.
        by: u32,
    },
    /// The core's side first heard of the job (assignment or offer reached the listener).
    JobHeard {
        /// Which.
        job: JobId,
    },
    /// An attempt's first step ran; the queue time of the attempt ends.
    JobStarted {
        /// Which.
        job: JobId,
        /// On which runner; none on GitHub-hosted ones.
        runner: Option<RunnerId>,
        /// 1 for the first.
        attempt: u32,
    },
    /// An attempt was lost with its runner; the job waits again if it may be run again.
    AttemptLost {
        /// Which.
        job: JobId,
        /// On which runner.
        runner: RunnerId,
    },
    /// A job ended for good.
    JobEnded {
        /// Which.
        job: JobId,
        /// How.
        result: JobResult,
    },

    /// A runner exists.
    RunnerCreated {
        /// Which.
        runner: RunnerId,
        /// Whose.
        set: SetId,
    },
    /// A runner's start came this far.
    RunnerReached {
        /// Which.
        runner: RunnerId,
        /// How far.
        stage: Stage,
    },
    /// A runner's pod was bound to a node and occupies it.
    RunnerBound {
        /// Which.
        runner: RunnerId,
        /// Where.
        node: NodeId,
    },
    /// A runner is gone and occupies nothing.
    RunnerGone {
        /// Which.
        runner: RunnerId,
        /// Why.
        end: RunnerEnd,
    },

    /// A node was asked for.
    NodeClaimed {
        /// Which.
        node: NodeId,
        /// For which fleet.
        fleet: FleetId,
    },
    /// EC2 gave a machine; its bill runs.
    NodeLaunched {
        /// Which.
        node: NodeId,
        /// For which fleet.
        fleet: FleetId,
        /// What it is.
        machine: Machine,
    },
    /// Pods can run on it.
    NodeReady {
        /// Which.
        node: NodeId,
    },
    /// An instance hour began at a new price.
    NodePriced {
        /// Which.
        node: NodeId,
        /// Price from now on.
        rate: crate::money::Rate,
    },
    /// A node is gone; its bill ends.
    NodeGone {
        /// Which.
        node: NodeId,
        /// Why.
        end: NodeEnd,
    },
    /// Karpenter decided something about a node.
    NodeJudged {
        /// Which.
        node: NodeId,
        /// What, and why.
        verdict: Verdict,
    },
    /// A round of Karpenter's provisioning is over; its nodes follow.
    Provisioned(Round),
    /// What the world charges for a node, at its end. The ledger must agree.
    NodeBilled {
        /// Which.
        node: NodeId,
        /// How much.
        charge: Money,
    },
    /// What the world charges for a job on a GitHub-hosted runner.
    HostedBilled {
        /// Which.
        job: JobId,
        /// How much.
        charge: Money,
    },
    /// What the world charges beside EC2.
    BesideBilled {
        /// For what.
        line: Line,
        /// Whose, where it is one team's.
        team: Option<TeamId>,
        /// How much.
        charge: Money,
    },
    /// What the world charges for nodes of a fleet while they are stopped, and for preparing them.
    StoppedBilled {
        /// Whose.
        fleet: FleetId,
        /// How much.
        charge: Money,
    },
    /// The core was drained, said nothing, and hears more in the same instant. Replay needs to
    /// know, since events that are heard together are planned for together.
    Drained,
    /// The run is over.
    RunEnded {
        /// Whether it was cut before the last job and node were gone.
        cut: bool,
    },
}

/// How far the start of a runner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its image is on the node.
    ImagePulled,
    /// Its container runs.
    PodStarted,
    /// It has its tokens.
    CredentialsIssued,
    /// GitHub knows it.
    Registered,
}

/// A line of cost beside EC2 machines and hosted minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Disks of nodes.
    Disk,
    /// Traffic between zones.
    CrossZone,
    /// Traffic through NAT.
    Nat,
    /// NAT gateways and their addresses.
    NatGateways,
    /// Images kept and pulled.
    Registry,
    /// Kubernetes control planes.
    ControlPlanes,
    /// Agents on nodes.
    Agents,
    /// GitHub's fee for minutes on own runners.
    Platform,
    /// Stopped nodes that can be started, and their preparation.
    Stopped,
}

impl Line {
    /// Every line, in the order of a bill.
    pub const ALL: [Self; 9] = [
        Self::Disk,
        Self::CrossZone,
        Self::Nat,
        Self::NatGateways,
        Self::Registry,
        Self::ControlPlanes,
        Self::Agents,
        Self::Platform,
        Self::Stopped,
    ];

    /// Its name in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disk => "node disks",
            Self::CrossZone => "traffic between zones",
            Self::Nat => "traffic through NAT",
            Self::NatGateways => "NAT gateways",
            Self::Registry => "image registry",
            Self::ControlPlanes => "control planes",
            Self::Agents => "agents on nodes",
            Self::Platform => "platform fee",
            Self::Stopped => "stopped nodes",
        }
    }
}

/// Numbers and the names behind them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// A team.
    Team(TeamId, String),
    /// A pool.
    Pool {
        /// Number.
        pool: PoolId,
        /// Name.
        name: String,
        /// Set on a GitHub-hosted class: price of a minute.
        hosted_per_minute: Option<Money>,
    },
    /// A runner set.
    Set {
        /// Number.
        set: SetId,
        /// Team.
        team: TeamId,
        /// Pool.
        pool: PoolId,
        /// GitHub instance.
        forge: Forge,
        /// Fleet.
        fleet: FleetId,
        /// What one runner occupies.
        request: crate::resources::Resources,
    },
    /// A fleet.
    Fleet(FleetId, String),
    /// An instance type and what its nodes can carry.
    Type {
        /// Number.
        instance_type: crate::id::TypeId,
        /// Name.
        name: String,
        /// Allocatable to pods.
        allocatable: crate::resources::Resources,
    },
    /// A zone.
    Zone(crate::id::ZoneId, String),
    /// Repository, workflow and job name.
    Label {
        /// Number.
        label: u32,
        /// `owner/name`.
        repository: String,
        /// Workflow.
        workflow: String,
        /// Job name.
        job: String,
    },
    /// The end of warm-up: jobs ready before it are left out of the figures.
    Warmup(Time),
}
