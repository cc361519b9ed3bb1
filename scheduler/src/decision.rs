//! Why the core did what it did, with the numbers it used.

use crate::command::Refusal;
use crate::id::{FleetId, JobId, NodeId, RunId, RunnerId, SetId, TypeId};
use crate::model::CapacityType;
use crate::money::Rate;
use crate::policy::growth::Growth;
use crate::resources::Resources;
use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};

/// One explained choice. Every command has one; a choice to do nothing has one when its reason
/// changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The set should have so many runners.
    Scale {
        /// Which set.
        set: SetId,
        /// Runners it has or has asked for.
        from: u32,
        /// Runners it should have.
        to: u32,
        /// The rule and its numbers.
        why: Scaling,
    },
    /// A runner goes to this node.
    Place {
        /// Which runner.
        runner: RunnerId,
        /// Where.
        node: NodeId,
        /// The rule and its numbers.
        why: Placement,
    },
    /// A new node is needed.
    Claim {
        /// Its name.
        node: NodeId,
        /// For which fleet.
        fleet: FleetId,
        /// Runners of the fleet that wait for a place.
        waiting: u32,
        /// Of those, how many will find a place on nodes that are on their way. For a warm level:
        /// places that are there or on their way.
        coming: u32,
        /// Places it will have.
        places: u32,
        /// The first choice among its types.
        instance_type: TypeId,
        /// Why this capacity type.
        why: CapacityChoice,
    },
    /// A new node is needed for jobs that are foreseen, or to keep hot.
    Launch {
        /// Its name.
        node: NodeId,
        /// For which fleet.
        fleet: FleetId,
        /// Jobs that are foreseen and that a node is kept for.
        reserved: u32,
        /// Nodes that are kept hot.
        hot: u32,
        /// Of both together and the runners that wait, how many have a place that is free or coming.
        covered: u32,
        /// The first choice among its types.
        instance_type: TypeId,
        /// Why this capacity type.
        why: CapacityChoice,
    },
    /// A stopped node is started.
    Start {
        /// Which.
        node: NodeId,
        /// Of which fleet.
        fleet: FleetId,
        /// Runners of the fleet that wait for a place.
        waiting: u32,
        /// Stopped nodes that are left.
        left: u32,
    },
    /// A node is claimed for the stock of stopped ones.
    Prepare {
        /// Its name.
        node: NodeId,
        /// Of which fleet.
        fleet: FleetId,
        /// Stopped nodes there are, those in preparation included.
        have: u32,
        /// Stopped nodes that the fleet keeps.
        want: u32,
        /// The first choice among its types.
        instance_type: TypeId,
        /// Why this capacity type.
        why: CapacityChoice,
    },
    /// The level of a tier changes, since more or less of it pays.
    Level {
        /// Of which fleet.
        fleet: FleetId,
        /// Which tier.
        tier: Tier,
        /// Nodes that were kept.
        before: u32,
        /// Nodes that are kept from now on.
        nodes: u32,
        /// How often so many are wanted at once; of the first that does not pay where none does.
        hits_per_hour: f64,
        /// How often that must be for the last of them to pay.
        pays_at_per_hour: f64,
    },
    /// A stopped node is given back, since fewer pay.
    Thin {
        /// Which.
        node: NodeId,
        /// Stopped nodes there are, this one and those in preparation included.
        have: u32,
        /// Stopped nodes that the fleet keeps.
        want: u32,
    },
    /// A node goes into the stock: it was prepared, or would be given back otherwise.
    Stop {
        /// Which.
        node: NodeId,
        /// Stopped nodes there are, this one and those in preparation included.
        have: u32,
        /// Stopped nodes that the fleet keeps.
        want: u32,
    },
    /// Jobs are expected of a run that appeared, since runs of its kind brought them.
    Expect {
        /// Of which run.
        run: RunId,
        /// Of which set.
        set: SetId,
        /// How many.
        count: u32,
        /// How likely, 0 to 1.
        probability: f64,
        /// When.
        expected_at: Time,
        /// When a node is launched or kept for each; none if that is not worth it.
        node_at: Option<Time>,
        /// What nodes ahead are expected to cost while they idle, in USD.
        idle_usd: f64,
        /// What waiting they are expected to save, in USD.
        waiting_usd: f64,
    },
    /// Jobs are foreseen.
    Foresee {
        /// Of which set.
        set: SetId,
        /// How many.
        count: u32,
        /// When.
        expected_at: Time,
        /// When a node is launched or kept for each.
        reserve_at: Time,
    },
    /// What is foreseen is too unlikely, or too much, to be acted on.
    Disregard {
        /// Of which set.
        set: SetId,
        /// How many.
        count: u32,
        /// How likely they are, 0 to 1.
        probability: f64,
        /// Jobs of the set that are foreseen already.
        foreseen: u32,
    },
    /// A foreseen job came: it has first call on a node, and one fewer is reserved.
    Redeem {
        /// Which job.
        job: JobId,
        /// Its set.
        set: SetId,
        /// Jobs of the set that are foreseen still.
        foreseen: u32,
    },
    /// Foreseen jobs did not come.
    Forget {
        /// Of which set.
        set: SetId,
        /// How many.
        count: u32,
        /// When they were expected.
        expected_at: Time,
        /// Jobs of the set that are foreseen still.
        foreseen: u32,
    },
    /// Empty nodes are kept for foreseen jobs while others wait.
    Keep {
        /// Of which fleet.
        fleet: FleetId,
        /// Empty nodes.
        empty: u32,
        /// Jobs that are foreseen and that a node is kept for.
        reserved: u32,
        /// Runners that wait for a place.
        waiting: u32,
    },
    /// Runners of this set wait, and this is what they wait for.
    Hold {
        /// Which set.
        set: SetId,
        /// How many wait.
        waiting: u32,
        /// What for.
        cause: Cause,
    },
    /// Runners of this set fit on no instance type of its pool. Told before the [`Decision::Hold`]
    /// with [`Cause::NoMachineFits`] whose numbers these are.
    Misfit {
        /// Which set.
        set: SetId,
        /// What one of its runners asks for.
        request: Resources,
        /// The largest type that the pool allows, and what a node of it offers to runners; none if
        /// it allows no type at all.
        largest: Option<(TypeId, Resources)>,
    },
    /// Nothing of this set waits any more.
    Free {
        /// Which set.
        set: SetId,
    },
    /// A node is given back.
    Release {
        /// Which.
        node: NodeId,
        /// How long it had been empty.
        idle: Span,
        /// How long an empty node is kept.
        keep_alive: Span,
    },
    /// A node is launched for runners of different sizes that wait.
    Pack {
        /// The node.
        node: NodeId,
        /// Its fleet.
        fleet: FleetId,
        /// Runners that wait.
        waiting: u32,
        /// Of these, how many have room on nodes on their way.
        coming: u32,
        /// Runners that this one is to carry.
        runners: u32,
        /// What they ask for together.
        load: Resources,
        /// The first choice of instance type.
        instance_type: TypeId,
        /// What that offers.
        offers: Resources,
        /// What it costs.
        rate: Rate,
        /// Spot or on-demand, and why.
        why: CapacityChoice,
    },
    /// Some who wait are left to places that free before a new node would be ready.
    AwaitSlots {
        /// Which fleet.
        fleet: FleetId,
        /// Runners that wait.
        waiting: u32,
        /// Places that are expected to free.
        slots: u32,
        /// Within so long.
        within: Span,
    },
    /// A fleet gets more machines.
    Grow {
        /// Which fleet.
        fleet: FleetId,
        /// Places that are missing.
        places: u32,
        /// The rule and its numbers.
        why: Growth,
    },
    /// A node ran its one runner and is given back.
    Spent {
        /// Which.
        node: NodeId,
    },
    /// A node on its way is not needed any more.
    Cancel {
        /// Which.
        node: NodeId,
        /// For how long it has been on its way.
        after: Span,
        /// Runners of the fleet that wait for a place: each finds one on other nodes on their way.
        waiting: u32,
    },
    /// A node is given back since the timetable wants fewer places.
    GiveBack {
        /// Which.
        node: NodeId,
        /// How long it had been empty.
        idle: Span,
        /// Places for runners of each pool that are wanted.
        places: u32,
    },
    /// A runner is not needed any more.
    Retire {
        /// Which.
        runner: RunnerId,
        /// Runners the set has.
        have: u32,
        /// Runners it should have.
        want: u32,
    },
    /// A runner is removed whose pod can never run: the node that it is pinned to is gone.
    Strand {
        /// Which.
        runner: RunnerId,
        /// Where it was to run.
        node: NodeId,
    },
    /// EC2 may take a node back: it takes no further runner, since the jobs of its sets are long.
    Hinted {
        /// Which.
        node: NodeId,
        /// Half of the jobs run for longer than this.
        longer_than: Span,
    },
    /// EC2 takes a job's node back: is its second attempt prepared on demand?
    Twin {
        /// Which job.
        job: JobId,
        /// How long it has run.
        ran: Span,
        /// How likely it is to end in time, 0 to 1.
        ends_in_time: f64,
        /// Whether its second attempt is prepared.
        starts: bool,
    },
    /// A job lost its runner and is run again.
    Rerun {
        /// Which.
        job: JobId,
        /// How many times it has been run again, this one included.
        time: u32,
        /// How many times are allowed.
        most: u32,
    },
    /// A node was cordoned before EC2 takes it back.
    Cordon {
        /// Which.
        node: NodeId,
        /// When it will be gone, where known.
        reclaim_at: Option<Time>,
    },
    /// The checker stopped a command.
    Stopped {
        /// The law it would have broken.
        law: Law,
    },
    /// An event made no sense and was ignored.
    Ignored {
        /// What was wrong with it.
        why: Nonsense,
    },
}

/// Capacity that is kept for jobs that nobody foresaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Empty nodes that are ready.
    Hot,
    /// Stopped nodes.
    Stopped,
}

/// Why a set should have so many runners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// One for each assigned job.
    Assigned {
        /// Assigned jobs.
        assigned: u32,
    },
    /// ARC's rule: min(min + assigned, max).
    Arc {
        /// Assigned jobs.
        assigned: u32,
        /// Idle runners to keep.
        min: u32,
        /// Most runners.
        max: u32,
    },
    /// A fixed number, used or not.
    Fixed {
        /// Runners in the pool.
        runners: u32,
    },
}

/// Why a runner goes to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// It is the most recently used node with room, and others run on it.
    BesideOthers {
        /// Runners already there.
        runners: u32,
    },
    /// It is the empty node that was used last.
    MostRecentlyUsed {
        /// How long it had been empty.
        idle: Span,
    },
}

/// Why spot or on-demand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapacityChoice {
    /// The pool allows nothing else.
    Only(CapacityType),
    /// Spot is allowed and costs less.
    SpotCheaper {
        /// Price of the first choice on spot.
        spot: Rate,
        /// Price of the first choice on demand.
        on_demand: Rate,
    },
    /// Spot of this fleet was interrupted too often for its threshold.
    HazardOverThreshold {
        /// Interruptions per node hour.
        hazard_per_hour: f64,
        /// Most that spot may have.
        threshold_per_hour: f64,
        /// For how long it has been so.
        for_span: Span,
    },
    /// The pools that the node may come from are safe enough for the job that it is for.
    JobUnderThreshold {
        /// Interruptions an hour that are expected while the job runs.
        hazard_per_hour: f64,
        /// Most that are worth what spot saves.
        threshold_per_hour: f64,
        /// What half of its set's jobs do not exceed.
        length: Span,
    },
    /// They are not.
    JobOverThreshold {
        /// Interruptions an hour that are expected while the job runs.
        hazard_per_hour: f64,
        /// Most that are worth what spot saves.
        threshold_per_hour: f64,
        /// What half of its set's jobs do not exceed.
        length: Span,
    },
    /// Spot had no capacity within the deadline.
    SpotDeadline {
        /// How long spot was tried.
        waited: Span,
        /// How long it may be tried.
        deadline: Span,
    },
    /// A job that lost a spot runner once runs on demand.
    OneStrike,
    /// So many interruptions within the breaker's window opened it.
    BreakerOpen {
        /// Interruptions that open it.
        count: u32,
        /// Within which time.
        window: Span,
        /// For how long it stays open from now.
        left: Span,
    },
}

/// What a waiting job waits for. Every millisecond of queue time has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// GitHub has not told the core yet, or has not assigned the job.
    Delivery,
    /// GitHub is down or throttles.
    Outage,
    /// The team is at its most runners.
    TeamMax,
    /// The pool is at its most runners.
    PoolMax,
    /// What the pool has left is guaranteed to other teams.
    Guaranteed,
    /// The team's budget is spent.
    Budget,
    /// No instance type of its pool is large enough.
    NoMachineFits,
    /// The account's vCPU quota is used up.
    AccountQuota,
    /// EC2 has no such machine now.
    InsufficientCapacity,
    /// All places are taken, and the policy launches nothing.
    AllBusy,
    /// A node starts: launch, boot, registration, network.
    NodeStartup,
    /// Kubernetes binds the pod.
    Scheduling,
    /// The node pulls the image.
    ImagePull,
    /// The pod starts.
    PodStart,
    /// Tokens: OIDC, STS, Vault.
    Identity,
    /// The runner registers with GitHub.
    Registration,
    /// GitHub hands the job to the runner, and its first step starts.
    Assignment,
    /// Its runner was lost, and it is run again.
    Interruption,
}

impl Refusal {
    /// What waits for the thing that was refused.
    pub const fn cause(self) -> Cause {
        match self {
            Self::AccountQuota => Cause::AccountQuota,
            Self::InsufficientCapacity | Self::NoAddresses => Cause::InsufficientCapacity,
            Self::Mode
            | Self::Fenced
            | Self::NotFound
            | Self::Busy
            | Self::Throttled
            | Self::Unavailable
            | Self::Forbidden => Cause::Outage,
        }
    }
}

impl Cause {
    /// All causes, in the order in which a job meets them.
    pub const ALL: [Self; 18] = [
        Self::Delivery,
        Self::Outage,
        Self::TeamMax,
        Self::PoolMax,
        Self::Guaranteed,
        Self::Budget,
        Self::NoMachineFits,
        Self::AccountQuota,
        Self::InsufficientCapacity,
        Self::AllBusy,
        Self::NodeStartup,
        Self::Scheduling,
        Self::ImagePull,
        Self::PodStart,
        Self::Identity,
        Self::Registration,
        Self::Assignment,
        Self::Interruption,
    ];
}

/// A law that the checker holds every plan to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// A team or pool would have more runners than it may.
    Quota,
    /// Cloud and Enterprise, or an isolated team and another, would share a node.
    Isolation,
    /// A team would spend more than its budget.
    Budget,
    /// A runner or node with a job would be removed.
    BusyVictim,
    /// A node would carry more pods or resources than it can.
    NodeFull,
    /// More nodes would be disrupted at once than allowed.
    Disruption,
}

/// What can be wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nonsense {
    /// It speaks of a set nobody announced.
    UnknownSet,
    /// It speaks of a runner that is not there (any more).
    UnknownRunner,
    /// It speaks of a node that is not there (any more).
    UnknownNode,
    /// It answers a command that nobody waits for (any more).
    UnknownCommand,
    /// It came before the settings.
    NotConfigured,
}
