//! What the core is configured with, resolved: numbers instead of names, defaults filled in.

use crate::dial::Dial;
use crate::forecast::fleet::Terms;
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
    /// What is learned from the past; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// What waiting is worth, to a policy that weighs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial: Option<Dial>,
    /// How runners are packed; each on its own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packing: Option<Packing>,
}

/// How the policy `greenroom` packs runners onto nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// Whether runners of different sizes that wait are packed together.
    pub mixed: bool,
    /// Whether those that will end together then go together.
    pub ends: bool,
    /// Whether no node is launched for who will have a place that frees before it would be ready.
    pub slots: bool,
    /// Room that a new node may have beside those who wait, in thousandths of the runners that the
    /// fleet has: where many run, more come.
    pub headroom_permille: u32,
}

/// What the policy `greenroom` learns from the past, and what it needs to know for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// What an hour of a waiting job is worth, in millionths of a USD: the one dial.
    pub wait_value_micro_usd_per_hour: u64,
    /// How many empty nodes are kept ready.
    pub hot: bool,
    /// How many stopped nodes are kept.
    pub stopped: bool,
    /// How long other empty nodes are kept.
    pub keep_alive: bool,
    /// Which jobs follow in a run.
    #[serde(default)]
    pub runs: bool,
    /// What stopped nodes take and cost.
    pub tier: StoppedTier,
}

/// What stopped nodes take and cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoppedTier {
    /// From the order to start one until it is ready.
    pub start: Span,
    /// From the claim of one until it can be started.
    pub restock: Span,
    /// Node time that preparing one costs.
    pub prepare: Span,
    /// What one costs while it is stopped, as a share of its price.
    pub price_ratio: f64,
}

impl Fleet {
    /// What a node takes to start.
    pub fn boot(&self) -> Span {
        self.boot.unwrap_or(self.keep_alive)
    }
}

impl Forecast {
    /// Whether anything is reckoned anew from time to time.
    pub const fn reckons(&self) -> bool {
        self.hot || self.stopped || self.keep_alive
    }

    /// What is saved, in USD, by `waited` less of waiting and `node` less of node time.
    fn worth(&self, price_usd_per_hour: f64, waited_s: f64, node_s: f64) -> f64 {
        let value = self.wait_value_micro_usd_per_hour as f64 / 1e6;
        (value * waited_s + price_usd_per_hour * node_s) / 3_600.0
    }

    /// What a stopped node costs, and what it is worth instead of a new one that takes `boot`.
    pub fn stopped_terms(&self, price_usd_per_hour: f64, boot: Span) -> Terms {
        let sooner = boot.as_secs_f64() - self.tier.start.as_secs_f64();
        let node_s = sooner - self.tier.prepare.as_secs_f64();
        Terms {
            rent_usd_per_hour: price_usd_per_hour * self.tier.price_ratio,
            worth_usd: self.worth(price_usd_per_hour, sooner, node_s),
        }
    }

    /// What an empty node costs, and what it is worth instead of a stopped one, where there are any,
    /// or a new one that takes `boot`.
    pub fn hot_terms(&self, price_usd_per_hour: f64, boot: Span, from_stock: bool) -> Terms {
        let sooner = if from_stock { self.tier.start } else { boot };
        let restart_s = self.restart(boot, from_stock).as_secs_f64();
        Terms {
            rent_usd_per_hour: price_usd_per_hour,
            worth_usd: self.worth(price_usd_per_hour, sooner.as_secs_f64(), restart_s),
        }
    }

    /// Node time that another node costs until it is ready, where one was given back.
    pub fn restart(&self, boot: Span, from_stock: bool) -> Span {
        if from_stock { self.tier.start + self.tier.prepare } else { boot }
    }
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
    /// What a node takes to start, where that is not the keep-alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Span>,
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
