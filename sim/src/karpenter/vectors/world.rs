//! A vector's input as the model takes it.

use super::file::{
    AmountsInput, Input, NodeInput, OfferingInput, PodInput, PoolInput, StateInput, TypeInput,
    Unknown, Vector,
};
use crate::karpenter::amounts::{
    Amounts, CPU, EPHEMERAL, GPU, MEMORY, NODES, PODS, PODS_AT, ResourceList,
};
use crate::karpenter::input::{
    InstanceType, NodePool, NodeSpec, NodeState, Offering, PodSpec, Policies, Preference,
    Reservation, effective_taints,
};
use crate::karpenter::labels::{
    ARCHITECTURE, CAPACITY_TYPE, HOSTNAME, INITIALIZED, INSTANCE_TYPE, NODE_POOL, OPERATING_SYSTEM,
    REGISTERED, RESERVATION, ZONE,
};
use crate::karpenter::requirement::Selector;
use crate::karpenter::round::{PendingPod, RoundNode};
use crate::karpenter::universe::{Universe, UniverseError};
use greenroom_scheduler::money::Rate;
use serde_json::Value;

/// Labels that the recording harness took for well known.
const WELL_KNOWN: &[&str] = &[
    ZONE,
    "topology.kubernetes.io/region",
    ARCHITECTURE,
    OPERATING_SYSTEM,
    INSTANCE_TYPE,
    NODE_POOL,
    CAPACITY_TYPE,
    RESERVATION,
    "node.kubernetes.io/windows-build",
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-family",
    "karpenter.k8s.aws/instance-generation",
    "karpenter.k8s.aws/instance-size",
    "karpenter.k8s.aws/instance-cpu",
    "karpenter.k8s.aws/instance-memory",
    "karpenter.k8s.aws/instance-cpu-manufacturer",
    "karpenter.k8s.aws/instance-hypervisor",
    "karpenter.k8s.aws/instance-local-nvme",
    "karpenter.k8s.aws/instance-network-bandwidth",
    "karpenter.k8s.aws/instance-ebs-bandwidth",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-gpu-count",
    "karpenter.k8s.aws/instance-gpu-manufacturer",
    "karpenter.k8s.aws/instance-gpu-memory",
];

/// Why the model refuses a vector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A pod asks for something that the model does not know.
    #[error("{pod}: {feature} is not modelled")]
    Feature {
        /// The pod, or the node it runs on.
        pod: String,
        /// What it asks for.
        feature: &'static str,
    },
    /// The input cannot be prepared.
    #[error(transparent)]
    Universe(#[from] UniverseError),
}

/// A vector's input, prepared.
#[derive(Debug)]
pub struct World {
    /// Types, pools, daemons, shapes.
    pub universe: Universe,
    /// Pods to place, in the order of the file.
    pub pods: Vec<PendingPod>,
    /// Nodes that are not being deleted, in the order of the file.
    pub nodes: Vec<RoundNode>,
    /// Names of the pods.
    pub pod_names: Vec<String>,
    /// Names of the nodes.
    pub node_names: Vec<String>,
    /// Keys of the file that nothing reads.
    pub ignored: Vec<String>,
}

impl World {
    /// Prepares the input of a vector.
    pub fn new(vector: &Vector) -> Result<Self, Unsupported> {
        let input = &vector.input;
        let on_nodes = input.existing_nodes.iter().flat_map(|node| &node.pods);
        for pod in input.pods.iter().chain(on_nodes) {
            refuse_topology(pod)?;
        }
        let types: Vec<InstanceType> = input.instance_types.iter().map(instance_type).collect();
        let pools: Vec<NodePool> = input.node_pools.iter().map(node_pool).collect();
        let daemons: Vec<PodSpec> = input.daemons.iter().map(pod_spec).collect();
        let policies = Policies {
            min_values: input.options.min_values_policy,
            preferences: input.options.preference_policy,
        };
        let mut universe = Universe::new(&types, &pools, &daemons, policies, WELL_KNOWN)?;
        let uid = |pod: &PodInput| pod.uid.clone().unwrap_or_else(|| pod.name.clone());
        let mut uids: Vec<String> = input.pods.iter().map(uid).collect();
        uids.sort_unstable();
        let mut pods = Vec::with_capacity(input.pods.len());
        for pod in &input.pods {
            pods.push(PendingPod {
                shape: universe.shape(&pod_spec(pod))?,
                created_s: pod.created,
                uid: uids.binary_search(&uid(pod)).map_or(0, |rank| rank as u64),
                is_candidate: false,
            });
        }
        let active: Vec<&NodeInput> =
            input.existing_nodes.iter().filter(|node| !node.deleting).collect();
        let mut names: Vec<&String> = active.iter().map(|node| &node.name).collect();
        names.sort_unstable();
        let mut nodes = Vec::with_capacity(active.len());
        for node in &active {
            let name = names.binary_search(&&node.name).map_or(0, |rank| rank as u64);
            nodes.push(round_node(&mut universe, node, name)?);
        }
        Ok(Self {
            universe,
            pods,
            nodes,
            pod_names: input.pods.iter().map(|pod| pod.name.clone()).collect(),
            node_names: active.iter().map(|node| node.name.clone()).collect(),
            ignored: ignored_keys(input),
        })
    }
}

fn refuse_topology(pod: &PodInput) -> Result<(), Unsupported> {
    let unknown_topology =
        pod.unknown.keys().any(|key| key.contains("affinity") || key.contains("topology"));
    let feature = if !pod.topology_spread.is_empty() {
        "topology spread"
    } else if !pod.pod_affinity.is_empty() {
        "pod affinity"
    } else if !pod.pod_anti_affinity.is_empty() {
        "pod anti-affinity"
    } else if unknown_topology {
        "a further kind of affinity or topology"
    } else if pod.host_ports.len() != ports(pod).len() {
        "a host port that is more than a number"
    } else {
        return Ok(());
    };
    Err(Unsupported::Feature { pod: pod.name.clone(), feature })
}

/// Host ports that are plain numbers.
fn ports(pod: &PodInput) -> Vec<u16> {
    let number = |port: &Value| u16::try_from(port.as_u64()?).ok();
    pod.host_ports.iter().filter_map(number).collect()
}

fn resources(amounts: &AmountsInput) -> ResourceList {
    let named = [
        (CPU, amounts.cpu_milli),
        (MEMORY, amounts.memory_bytes),
        (EPHEMERAL, amounts.ephemeral_bytes),
        (PODS, amounts.pods),
        (GPU, amounts.gpu),
        (NODES, amounts.nodes),
    ];
    let named = named.into_iter().filter_map(|(name, amount)| Some((name.to_owned(), amount?)));
    let extended = amounts.extended.iter().map(|(name, &amount)| (name.clone(), amount));
    named.chain(extended).collect()
}

fn instance_type(it: &TypeInput) -> InstanceType {
    let mut requirements: Vec<Selector> =
        it.labels.iter().map(|(key, value)| Selector::is_in(key, &[value])).collect();
    requirements.extend(it.requirements.iter().cloned());
    for (key, value) in [(ARCHITECTURE, "amd64"), (OPERATING_SYSTEM, "linux")] {
        if !requirements.iter().any(|line| line.key == key) {
            requirements.push(Selector::is_in(key, &[value]));
        }
    }
    InstanceType {
        name: it.name.clone(),
        requirements,
        capacity: resources(&it.capacity),
        overhead: resources(&it.overhead),
        offerings: it.offerings.iter().map(offering).collect(),
    }
}

fn offering(offering: &OfferingInput) -> Offering {
    Offering {
        zone: offering.zone.clone(),
        capacity_type: offering.capacity_type,
        price: Rate::from_usd_per_hour(offering.price),
        available: offering.available,
        reservation: offering.reservation_id.as_ref().map(|id| Reservation {
            id: id.clone(),
            capacity: offering.reservation_capacity.unwrap_or(0),
        }),
    }
}

fn node_pool(pool: &PoolInput) -> NodePool {
    NodePool {
        name: pool.name.clone(),
        weight: pool.weight,
        labels: pool.labels.clone(),
        requirements: pool.requirements.clone(),
        taints: pool.taints.clone(),
        limits: resources(&pool.limits),
    }
}

fn pod_spec(pod: &PodInput) -> PodSpec {
    let requests = AmountsInput {
        cpu_milli: pod.cpu_milli,
        memory_bytes: pod.memory_bytes,
        ephemeral_bytes: pod.ephemeral_bytes,
        gpu: pod.gpu,
        extended: pod.extended.clone(),
        ..AmountsInput::default()
    };
    PodSpec {
        requests: resources(&requests),
        node_selector: pod.node_selector.clone(),
        required: pod.required_node_affinity.clone(),
        preferred: pod
            .preferred_node_affinity
            .iter()
            .map(|term| Preference { weight: term.weight, lines: term.requirements.clone() })
            .collect(),
        tolerations: pod.tolerations.clone(),
        host_ports: ports(pod),
    }
}

fn round_node(
    universe: &mut Universe,
    node: &NodeInput,
    name: u64,
) -> Result<RoundNode, UniverseError> {
    let state = match node.state {
        StateInput::Claim => NodeState::Claim,
        StateInput::Registered => NodeState::Registered,
        StateInput::Initialized => NodeState::Initialized,
        StateInput::Unmanaged => NodeState::Unmanaged,
    };
    let mut labels = node.labels.clone();
    labels.entry(HOSTNAME.to_owned()).or_insert_with(|| node.name.clone());
    if let Some(pool) = &node.node_pool {
        labels.insert(NODE_POOL.to_owned(), pool.clone());
    }
    if matches!(state, NodeState::Registered | NodeState::Initialized) {
        labels.insert(REGISTERED.to_owned(), "true".to_owned());
    }
    if state == NodeState::Initialized {
        labels.insert(INITIALIZED.to_owned(), "true".to_owned());
    }
    let kind = universe.node_kind(&NodeSpec {
        labels,
        taints: effective_taints(state, &node.taints, &node.startup_taints),
        capacity: resources(&node.capacity),
        allocatable: resources(node.allocatable.as_ref().unwrap_or(&node.capacity)),
    })?;
    let (mut used, mut used_by_daemons) = (Amounts::ZERO, Amounts::ZERO);
    let mut bound = Vec::new();
    for pod in &node.pods {
        let mut requests = universe.amounts(&pod_spec(pod).requests)?;
        requests.put(PODS_AT, 1);
        used = used.plus(&requests);
        if pod.daemon {
            used_by_daemons = used_by_daemons.plus(&requests);
        }
        bound.extend(ports(pod));
    }
    Ok(RoundNode {
        kind,
        name,
        initialized: state.is_initialized(),
        used,
        used_by_daemons,
        ports: bound,
        under_consolidate_after: false,
    })
}

fn ignored_keys(input: &Input) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |what: &str, unknown: &Unknown| {
        found.extend(unknown.keys().map(|key| format!("{what}.{key}")));
    };
    note("input", &input.unknown);
    note("options", &input.options.unknown);
    for it in &input.instance_types {
        note("instance_types[]", &it.unknown);
        note("instance_types[].capacity", &it.capacity.unknown);
        note("instance_types[].overhead", &it.overhead.unknown);
        it.offerings.iter().for_each(|o| note("instance_types[].offerings[]", &o.unknown));
    }
    for pool in &input.node_pools {
        note("node_pools[]", &pool.unknown);
        note("node_pools[].limits", &pool.limits.unknown);
    }
    for pod in input.pods.iter().chain(&input.daemons) {
        note("pods[]", &pod.unknown);
    }
    for node in &input.existing_nodes {
        note("existing_nodes[]", &node.unknown);
    }
    found.sort_unstable();
    found.dedup();
    found
}
