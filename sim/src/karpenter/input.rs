//! What Solve is told, as plain data: types, pools, daemons, nodes, pods.

use super::amounts::ResourceList;
use super::requirement::Selector;
use super::taint::{Taint, Toleration};
use greenroom_scheduler::money::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How capacity is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityType {
    /// Bought ahead: a capacity reservation.
    Reserved,
    /// Spare capacity that may be taken back.
    Spot,
    /// By the second at list price.
    OnDemand,
}

impl CapacityType {
    /// In the order in which a launch prefers them.
    pub const ALL: [Self; 3] = [Self::Reserved, Self::Spot, Self::OnDemand];

    /// The value of the label `karpenter.sh/capacity-type`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Spot => "spot",
            Self::OnDemand => "on-demand",
        }
    }
}

/// A capacity reservation behind an offering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: String,
    /// Instances it still has room for.
    pub capacity: u32,
}

/// An instance type in one zone, bought in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    /// The zone.
    pub zone: String,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// Its price.
    pub price: Rate,
    /// Whether it can be had at all: false where no subnet serves the zone. What capacity ran out
    /// is told with each round.
    pub available: bool,
    /// Of reserved offerings: which reservation.
    pub reservation: Option<Reservation>,
}

/// An instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// Its name.
    pub name: String,
    /// What its labels may be. Name, zones and capacity types are filled in when absent.
    pub requirements: Vec<Selector>,
    /// What the machine has, by resource: thousandths of a processor, bytes, counts.
    pub capacity: ResourceList,
    /// What of it pods cannot have.
    pub overhead: ResourceList,
    /// Where and how it is sold.
    pub offerings: Vec<Offering>,
}

/// A node pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodePool {
    /// Its name.
    pub name: String,
    /// 1 to 100, greater comes first; 0 where none is written.
    pub weight: u32,
    /// Labels of its nodes.
    pub labels: BTreeMap<String, String>,
    /// What its nodes may be.
    pub requirements: Vec<Selector>,
    /// Taints of its nodes.
    pub taints: Vec<Taint>,
    /// The most that all its nodes may have together, by resource, `nodes` being their count.
    pub limits: ResourceList,
}

/// A preferred term of a pod's node affinity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Preference {
    /// 1 to 100, greater is tried first.
    pub weight: i32,
    /// All of it must hold.
    pub lines: Vec<Selector>,
}

/// What a pod asks for. Pods with equal specs share one shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodSpec {
    /// By resource; one of `pods` is added.
    pub requests: ResourceList,
    /// Labels that the node must carry.
    pub node_selector: BTreeMap<String, String>,
    /// One of these terms must hold, and all lines of it.
    pub required: Vec<Vec<Selector>>,
    /// Terms that had better hold.
    pub preferred: Vec<Preference>,
    /// Taints that it stands.
    pub tolerations: Vec<Toleration>,
    /// Ports of the node that it binds, on every address, TCP.
    pub host_ports: Vec<u16>,
}

/// How far a node has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeState {
    /// Launched, no node has joined yet.
    Claim,
    /// Joined, not ready for pods.
    Registered,
    /// Ready for pods.
    #[default]
    Initialized,
    /// Not Karpenter's.
    Unmanaged,
}

impl NodeState {
    /// Whether pods may be bound, as far as Karpenter sees.
    pub const fn is_initialized(self) -> bool {
        matches!(self, Self::Initialized | Self::Unmanaged)
    }
}

/// What is the same for every node of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeSpec {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its taints as Karpenter counts them: see [`effective_taints`].
    pub taints: Vec<Taint>,
    /// What the machine has; counts against its pool's limits.
    pub capacity: ResourceList,
    /// What pods can have of it.
    pub allocatable: ResourceList,
}

/// The taints that count when a pod is put on a node: of one that is Karpenter's and not ready
/// yet, startup taints and those that vanish by themselves do not
/// (core:pkg/controllers/state/statenode.go, Taints).
pub fn effective_taints(state: NodeState, taints: &[Taint], startup: &[Taint]) -> Vec<Taint> {
    if state.is_initialized() {
        return taints.iter().chain(startup).cloned().collect();
    }
    let vanishes = |t: &&Taint| t.is_ephemeral() || startup.iter().any(|s| s.is_same_kind(t));
    taints.iter().filter(|t| !vanishes(t)).cloned().collect()
}

/// What to do when too few different values are left among the types of a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MinValuesPolicy {
    /// The claim is not opened.
    #[default]
    Strict,
    /// It is opened with what there is.
    BestEffort,
}

/// Whether preferred terms count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PreferencePolicy {
    /// They count like required ones until they cannot be met.
    #[default]
    Respect,
    /// They do not.
    Ignore,
}

/// Settings of the whole controller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// `MIN_VALUES_POLICY`.
    pub min_values: MinValuesPolicy,
    /// `PREFERENCE_POLICY`.
    pub preferences: PreferencePolicy,
}
