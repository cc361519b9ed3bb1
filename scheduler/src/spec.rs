//! What the core is configured with, resolved: numbers instead of names, defaults filled in.

use crate::dial::Dial;
use crate::id::{FleetId, PoolId, TeamId, TypeId};
use crate::model::{CapacityType, Forge, NodesBy, ServiceClass};
use crate::money::{Money, Rate};
use crate::policy::buildkite::Buildkite;
use crate::policy::cron::Cron;
use crate::policy::gitlab::Gitlab;
use crate::policy::one_vm::OneVm;
use crate::policy::placeholder::Placeholder;
use crate::policy::schedule::Schedule;
use crate::policy::taskcluster::Taskcluster;
use crate::resources::Resources;
use crate::time::Span;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Settings of the whole core.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Which policy decides, and its parameters.
    pub policy: PolicySpec,
    /// Who claims nodes.
    pub nodes_by: NodesBy,
    /// The instance types there are, by [`TypeId`].
    pub types: Vec<InstanceType>,
    /// How often a job that lost its runner is run again; 0 never.
    pub reruns_max: u32,
    /// How long an unanswered command counts as on its way before its intent is forgotten.
    pub intent_ttl: Span,
    /// Most nodes of a fleet that may be given up at once by choice; all when absent.
    pub disruptions_max: Option<u32>,
    /// Whether a node on its way is given up as soon as those who wait have places without it.
    pub cancel_launches: bool,
    /// When spot is left for on-demand.
    pub spot: SpotRule,
    /// When how many idle machines are wanted, for the policies that go by the hour.
    pub schedule: Schedule,
    /// What waiting is worth, to a policy that weighs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial: Option<Dial>,
}

/// A policy and its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicySpec {
    /// A fixed number of always-on runners in each pool.
    Fixed {
        /// Runners in each pool.
        runners: u32,
    },
    /// ARC's rule; Karpenter claims the nodes.
    Arc {
        /// Idle runners to keep in each set.
        min_runners: u32,
        /// Most runners in each set.
        max_runners: u32,
    },
    /// A runner for each assigned job, the most recently used node first.
    Reactive,
    /// The same, and nodes for what is foreseen, hot nodes, and a stock of stopped ones.
    Greenroom {
        /// Empty nodes that each fleet keeps ready.
        hot: u32,
        /// Stopped nodes that each fleet keeps.
        stopped: u32,
    },
    /// The same runners on nodes that come and go by a timetable.
    Oracle,
    /// The estimator of Taskcluster's worker manager.
    Taskcluster(Taskcluster),
    /// GitLab Runner's idle count, scale factor and periods.
    Gitlab(Gitlab),
    /// terraform-aws-github-runner: an instance a job, and pools by the hour.
    Cron(Cron),
    /// `RunsOn`: a machine a job, spot first, with a circuit breaker.
    OneVmPerJob(OneVm),
    /// Buildkite's agent scaler: a buffer, and cool-downs.
    Buildkite(Buildkite),
    /// PyTorch's fork of ARC: placeholder pairs, a burst cap, shards by age.
    Placeholder(Placeholder),
}

/// When spot is left for on-demand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotRule {
    /// Most interruptions per node hour that spot may have; any number when absent.
    pub hazard_per_hour_max: Option<f64>,
    /// How long a fleet may wait for spot capacity before it takes on-demand.
    pub deadline: Span,
    /// For how long spot is left after it had no capacity or was too hazardous.
    pub recovery: Span,
}

/// An instance type as packing sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceType {
    /// EC2's name.
    pub name: String,
    /// What pods of runners can use of it: system and daemon shares are taken off.
    pub allocatable: Resources,
    /// Most runner pods on it.
    pub pods_max: u32,
    /// List price.
    pub on_demand: Rate,
    /// Usual spot price; current prices come as events.
    pub spot: Rate,
}

/// A pool: one runner class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// What one runner asks for.
    pub request: Resources,
    /// Most runners at once, over all teams; no limit when absent.
    pub max: Option<u32>,
    /// Whether GitHub hosts it: then nothing here is launched for it.
    pub hosted: bool,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Most runners at once, over all pools; no limit when absent.
    pub max: Option<u32>,
    /// Runners that it can have in each pool that it uses, however many others want.
    pub guaranteed: u32,
    /// Most modelled money in 730 hours; no limit when absent.
    pub budget_per_month: Option<Money>,
    /// Whether its runners may share nodes with nobody.
    pub isolated: bool,
    /// How much waiting matters to it; by job when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_class: Option<ServiceClass>,
}

/// A fleet: nodes that may carry each other's runners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// The GitHub instance it serves. The two never share compute.
    pub forge: Forge,
    /// The one team it serves, when that team is isolated.
    pub team: Option<TeamId>,
    /// The instance types it may use.
    pub types: Vec<TypeId>,
    /// How its nodes are bought.
    pub capacity: Vec<CapacityType>,
    /// Most runner pods on a node, if less than the type allows.
    pub pods_per_node_max: Option<u32>,
    /// Most nodes at once; no limit when absent.
    pub nodes_max: Option<u32>,
    /// How long an empty node is kept.
    pub keep_alive: Span,
    /// Most nodes that a single claim may stand for in vCPU, so that one long job does not pin a
    /// large machine.
    pub cpu_milli_max: u32,
}

/// A runner set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerSet {
    /// Whose runners.
    pub team: TeamId,
    /// Of which pool.
    pub pool: PoolId,
    /// At which GitHub instance.
    pub forge: Forge,
    /// On which nodes.
    pub fleet: FleetId,
}
