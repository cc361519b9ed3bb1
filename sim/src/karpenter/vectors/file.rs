//! The file format of golden vectors.

use crate::karpenter::input::{CapacityType, MinValuesPolicy, PreferencePolicy};
use crate::karpenter::requirement::Selector;
use crate::karpenter::taint::{Taint, Toleration};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Keys of an object that the format above does not know. They are told to the caller.
pub(super) type Unknown = BTreeMap<String, Value>;

/// One recorded problem.
#[derive(Clone, Debug, Deserialize)]
pub struct Vector {
    /// Its name.
    pub id: String,
    /// Its class: the behaviour that it pins.
    pub behaviour: String,
    /// What it shows, in words.
    #[serde(default)]
    pub note: String,
    pub(super) input: Input,
    pub(super) expected: Expected,
}

impl Vector {
    /// Reads a vector. The error names line, column, what was found and what was expected.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Input {
    #[serde(default)]
    pub(super) options: Options,
    #[serde(default)]
    pub(super) instance_types: Vec<TypeInput>,
    #[serde(default)]
    pub(super) node_pools: Vec<PoolInput>,
    #[serde(default)]
    pub(super) daemons: Vec<PodInput>,
    #[serde(default)]
    pub(super) existing_nodes: Vec<NodeInput>,
    #[serde(default)]
    pub(super) pods: Vec<PodInput>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Options {
    #[serde(default)]
    pub(super) min_values_policy: MinValuesPolicy,
    #[serde(default)]
    pub(super) preference_policy: PreferencePolicy,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct AmountsInput {
    pub(super) cpu_milli: Option<i64>,
    pub(super) memory_bytes: Option<i64>,
    pub(super) ephemeral_bytes: Option<i64>,
    pub(super) pods: Option<i64>,
    pub(super) gpu: Option<i64>,
    pub(super) nodes: Option<i64>,
    #[serde(default)]
    pub(super) extended: BTreeMap<String, i64>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct TypeInput {
    pub(super) name: String,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) requirements: Vec<Selector>,
    pub(super) capacity: AmountsInput,
    #[serde(default)]
    pub(super) overhead: AmountsInput,
    #[serde(default)]
    pub(super) offerings: Vec<OfferingInput>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct OfferingInput {
    pub(super) zone: String,
    pub(super) capacity_type: CapacityType,
    pub(super) price: f64,
    #[serde(default = "yes")]
    pub(super) available: bool,
    #[serde(default)]
    pub(super) reservation_id: Option<String>,
    #[serde(default)]
    pub(super) reservation_capacity: Option<u32>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

const fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PoolInput {
    pub(super) name: String,
    #[serde(default)]
    pub(super) weight: u32,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) requirements: Vec<Selector>,
    #[serde(default)]
    pub(super) taints: Vec<Taint>,
    /// Changes nothing in Solve.
    #[serde(default, rename = "startup_taints")]
    pub(super) _startup_taints: Vec<Taint>,
    #[serde(default)]
    pub(super) limits: AmountsInput,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PreferenceInput {
    pub(super) weight: i32,
    pub(super) requirements: Vec<Selector>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PodInput {
    pub(super) name: String,
    pub(super) uid: Option<String>,
    pub(super) created: Option<i64>,
    #[serde(default)]
    pub(super) cpu_milli: Option<i64>,
    #[serde(default)]
    pub(super) memory_bytes: Option<i64>,
    #[serde(default)]
    pub(super) ephemeral_bytes: Option<i64>,
    #[serde(default)]
    pub(super) gpu: Option<i64>,
    #[serde(default)]
    pub(super) extended: BTreeMap<String, i64>,
    #[serde(default, rename = "labels")]
    pub(super) _labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) node_selector: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) required_node_affinity: Vec<Vec<Selector>>,
    #[serde(default)]
    pub(super) preferred_node_affinity: Vec<PreferenceInput>,
    #[serde(default)]
    pub(super) tolerations: Vec<Toleration>,
    #[serde(default)]
    pub(super) host_ports: Vec<Value>,
    #[serde(default)]
    pub(super) topology_spread: Vec<Value>,
    #[serde(default)]
    pub(super) pod_affinity: Vec<Value>,
    #[serde(default)]
    pub(super) pod_anti_affinity: Vec<Value>,
    /// Of pods on existing nodes: belongs to a DaemonSet.
    #[serde(default)]
    pub(super) daemon: bool,
    /// Is there to show that it is not used.
    #[serde(default, rename = "priority")]
    pub(super) _priority: Option<i64>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StateInput {
    Claim,
    Registered,
    #[default]
    Initialized,
    Unmanaged,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct NodeInput {
    pub(super) name: String,
    #[serde(default)]
    pub(super) state: StateInput,
    #[serde(default)]
    pub(super) deleting: bool,
    pub(super) node_pool: Option<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) taints: Vec<Taint>,
    #[serde(default)]
    pub(super) startup_taints: Vec<Taint>,
    #[serde(default)]
    pub(super) capacity: AmountsInput,
    pub(super) allocatable: Option<AmountsInput>,
    #[serde(default)]
    pub(super) pods: Vec<PodInput>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Expected {
    #[serde(default)]
    pub(super) deterministic: bool,
    #[serde(default)]
    pub(super) summaries: Vec<Summary>,
    #[serde(default)]
    pub(super) outcomes: Vec<Outcome>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) seen: u32,
    pub(super) nodes: usize,
    pub(super) price_per_hour: f64,
    pub(super) types: BTreeMap<String, usize>,
    pub(super) pods_on_existing: usize,
    pub(super) pods_unschedulable: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Outcome {
    #[serde(default)]
    pub(super) claims: Vec<ClaimOutcome>,
    #[serde(default)]
    pub(super) existing: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) unschedulable: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) launches: Vec<LaunchOutcome>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ClaimOutcome {
    pub(super) node_pool: String,
    pub(super) pods: Vec<String>,
    pub(super) instance_type_count: usize,
    #[serde(default)]
    pub(super) instance_types: Vec<String>,
    #[serde(default)]
    pub(super) capacity_types: Vec<String>,
    #[serde(default)]
    pub(super) zones: Vec<String>,
    pub(super) requests_cpu_milli: Option<i64>,
    pub(super) requests_memory_bytes: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LaunchOutcome {
    pub(super) pods: Vec<String>,
    pub(super) capacity_type: Option<String>,
    pub(super) instance_types_after_filters: Option<usize>,
    #[serde(default)]
    pub(super) overrides: Vec<OverrideOutcome>,
    pub(super) error: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct OverrideOutcome {
    pub(super) instance_type: String,
    pub(super) zone: String,
    pub(super) price: f64,
}
