//! The whole document.

use super::ahead::{LookaheadConfig, TiersConfig};
use super::node::NodeConfig;
use super::run::{JournalConfig, OneSlotConfig, ReportConfig, RunConfig, World};
use super::spot::SpotConfig;
use crate::beside::BesideConfig;
use crate::ec2::Ec2Config;
use crate::identity::IdentityConfig;
use crate::karpenter::config::KarpenterConfig;
use crate::latency::Latencies;
use crate::{github, kube};
use greenroom_scheduler::config::{DialConfig, NodesConfig, PolicyConfig, PoolConfig, TeamConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Configuration of a simulation, as TOML. Every key may be left out. Amounts of time are seconds
/// (`_s`), money is US dollars (`usd_`), sizes of nodes are vCPUs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Config {
    /// The world around the core: `eks` (GitHub, Kubernetes, EC2 with all their latencies and
    /// limits) or `one-slot` (idealised: one job a node, nothing fails).
    pub world: World,
    /// Which part of time is simulated, and how densely.
    pub run: RunConfig,
    /// Who claims nodes.
    pub nodes: NodesConfig,
    /// Which policy decides, and its parameters.
    pub policy: PolicyConfig,
    /// Pools by name. A pool of the trace that is not named here gets the defaults.
    pub pool: BTreeMap<String, PoolConfig>,
    /// Teams by name. A team of the trace that is not named here gets the defaults.
    pub team: BTreeMap<String, TeamConfig>,
    /// When spot is left for on-demand, and how its market behaves.
    pub spot: SpotConfig,
    /// How long everything takes.
    pub latency: Latencies,
    /// Nodes and what is on each of them.
    pub node: NodeConfig,
    /// EC2: zones, quotas, addresses, limits of the API.
    pub ec2: Ec2Config,
    /// GitHub: queues, messages, registration, outages.
    pub github: github::Config,
    /// Kubernetes: scheduler, image pulls, evictions.
    pub kube: kube::Config,
    /// Karpenter, where it claims the nodes.
    pub karpenter: KarpenterConfig,
    /// Tokens on the way to a job's first step.
    pub identity: IdentityConfig,
    /// Costs beside EC2.
    pub beside: BesideConfig,
    /// The dial: what an hour of a waiting job is worth in USD, to the policy `greenroom` and where
    /// cost is compared with the best in hindsight. Default: 20.
    pub wait_value_usd_per_hour: Option<f64>,
    /// What the policy `greenroom` derives from it.
    pub dial: DialConfig,
    /// How often a job that lost its runner is run again. 0 never. Once is what is safe for a job
    /// that was interrupted, since the second loss of the same job rarely is chance.
    pub reruns_max: u32,
    /// How long a command without an answer counts as on its way, in seconds, 1 to 86,400. Five
    /// minutes is longer than any call that answers at all.
    pub intent_ttl_s: f64,
    /// Most nodes that may be given up by choice at once, of those that share a name. Default: no
    /// limit.
    pub disruptions_max: Option<u32>,
    /// What is told of jobs before they queue, to a policy that looks ahead.
    pub lookahead: LookaheadConfig,
    /// Capacity that is kept for jobs that nobody foresaw, by a policy that keeps any.
    pub tiers: TiersConfig,
    /// Constants of the `one-slot` world.
    pub one_slot: OneSlotConfig,
    /// The record of a run.
    pub journal: JournalConfig,
    /// How the report counts.
    pub report: ReportConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            world: World::default(),
            run: RunConfig::default(),
            nodes: NodesConfig::default(),
            policy: PolicyConfig::default(),
            pool: BTreeMap::new(),
            team: BTreeMap::new(),
            spot: SpotConfig::default(),
            latency: Latencies::default(),
            node: NodeConfig::default(),
            ec2: Ec2Config::default(),
            github: github::Config::default(),
            kube: kube::Config::default(),
            karpenter: KarpenterConfig::default(),
            identity: IdentityConfig::default(),
            beside: BesideConfig::default(),
            wait_value_usd_per_hour: None,
            dial: DialConfig::default(),
            reruns_max: 1,
            intent_ttl_s: 300.0,
            disruptions_max: None,
            lookahead: LookaheadConfig::default(),
            tiers: TiersConfig::default(),
            one_slot: OneSlotConfig::default(),
            journal: JournalConfig::default(),
            report: ReportConfig::default(),
        }
    }
}
