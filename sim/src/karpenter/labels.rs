//! Label keys and values as small integers.

use std::collections::HashMap;

/// A label key of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// The label of a node pool.
pub const NODE_POOL: &str = "karpenter.sh/nodepool";
/// The label of a capacity type.
pub const CAPACITY_TYPE: &str = "karpenter.sh/capacity-type";
/// The label that a node carries once it is registered.
pub const REGISTERED: &str = "karpenter.sh/registered";
/// The label that a node carries once it is initialized.
pub const INITIALIZED: &str = "karpenter.sh/initialized";
/// The label of an availability zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";
/// The label of an instance type.
pub const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";
/// The label of a processor architecture.
pub const ARCHITECTURE: &str = "kubernetes.io/arch";
/// The label of an operating system.
pub const OPERATING_SYSTEM: &str = "kubernetes.io/os";
/// The label of one node's name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label of a capacity reservation.
pub const RESERVATION: &str = "karpenter.k8s.aws/capacity-reservation-id";
/// The label of an instance size, as in `2xlarge` or `metal-24xl`.
pub const INSTANCE_SIZE: &str = "karpenter.k8s.aws/instance-size";

/// Labels that a pod may select on although no pool names them: those of Kubernetes and of
/// Karpenter (core:pkg/apis/v1/labels.go) and those of its AWS provider
/// (aws:pkg/apis/v1/labels.go).
pub const WELL_KNOWN: &[&str] = &[
    NODE_POOL,
    ZONE,
    "topology.kubernetes.io/region",
    INSTANCE_TYPE,
    ARCHITECTURE,
    OPERATING_SYSTEM,
    CAPACITY_TYPE,
    "node.kubernetes.io/windows-build",
    RESERVATION,
    "karpenter.k8s.aws/capacity-reservation-type",
    "karpenter.k8s.aws/capacity-reservation-interruptible",
    "karpenter.k8s.aws/instance-hypervisor",
    "karpenter.k8s.aws/instance-encryption-in-transit-supported",
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-capability-flex",
    "karpenter.k8s.aws/instance-family",
    "karpenter.k8s.aws/instance-generation",
    INSTANCE_SIZE,
    "karpenter.k8s.aws/instance-local-nvme",
    "karpenter.k8s.aws/instance-cpu",
    "karpenter.k8s.aws/instance-cpu-manufacturer",
    "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz",
    "karpenter.k8s.aws/instance-memory",
    "karpenter.k8s.aws/instance-ebs-bandwidth",
    "karpenter.k8s.aws/instance-network-bandwidth",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-gpu-manufacturer",
    "karpenter.k8s.aws/instance-gpu-count",
    "karpenter.k8s.aws/instance-gpu-memory",
    "karpenter.k8s.aws/instance-accelerator-name",
    "karpenter.k8s.aws/instance-accelerator-manufacturer",
    "karpenter.k8s.aws/instance-accelerator-count",
    "topology.k8s.aws/zone-id",
    "karpenter.k8s.aws/instance-tenancy",
    "karpenter.k8s.aws/placement-group-id",
    "karpenter.k8s.aws/placement-group-partition",
];

/// Older names of labels and what they mean today (core:pkg/apis/v1/labels.go, NormalizedLabels).
const OLDER_NAMES: &[(&str, &str)] = &[
    ("failure-domain.beta.kubernetes.io/zone", ZONE),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("beta.kubernetes.io/arch", ARCHITECTURE),
    ("beta.kubernetes.io/os", OPERATING_SYSTEM),
    ("beta.kubernetes.io/instance-type", INSTANCE_TYPE),
];

/// Every label key and value of a run, numbered in order of first sight.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    keys: Vec<Key>,
    by_name: HashMap<String, KeyId>,
}

#[derive(Clone, Debug)]
struct Key {
    name: String,
    well_known: bool,
    values: Vec<String>,
    numbers: Vec<Option<i64>>,
    by_value: HashMap<String, usize>,
}

impl Labels {
    /// No labels yet, and which keys are well known.
    pub fn new(well_known: &[&str]) -> Self {
        let mut labels = Self::default();
        for name in well_known {
            let key = labels.key(name);
            labels.keys[key.0 as usize].well_known = true;
        }
        labels
    }

    /// The key of this name, an older name meaning today's.
    pub fn key(&mut self, name: &str) -> KeyId {
        let name = todays(name);
        if let Some(&key) = self.by_name.get(name) {
            return key;
        }
        let key = KeyId(self.keys.len() as u32);
        self.keys.push(Key {
            name: name.to_owned(),
            well_known: false,
            values: Vec::new(),
            numbers: Vec::new(),
            by_value: HashMap::new(),
        });
        self.by_name.insert(name.to_owned(), key);
        key
    }

    /// The key of this name, if it was seen.
    pub fn known_key(&self, name: &str) -> Option<KeyId> {
        self.by_name.get(todays(name)).copied()
    }

    /// The number of a value of a key.
    pub fn value(&mut self, key: KeyId, value: &str) -> usize {
        let key = &mut self.keys[key.0 as usize];
        if let Some(&number) = key.by_value.get(value) {
            return number;
        }
        let number = key.values.len();
        key.values.push(value.to_owned());
        key.numbers.push(value.parse().ok());
        key.by_value.insert(value.to_owned(), number);
        number
    }

    /// The number of a value of a key, if it was seen.
    pub fn known_value(&self, key: KeyId, value: &str) -> Option<usize> {
        self.keys[key.0 as usize].by_value.get(value).copied()
    }

    /// The name of a key.
    pub fn name(&self, key: KeyId) -> &str {
        &self.keys[key.0 as usize].name
    }

    /// The text of a value.
    pub fn text(&self, key: KeyId, value: usize) -> &str {
        &self.keys[key.0 as usize].values[value]
    }

    /// The values of a key as whole numbers, where they are.
    pub fn numbers(&self, key: KeyId) -> &[Option<i64>] {
        &self.keys[key.0 as usize].numbers
    }

    /// Whether a pod may select on the key although no pool names it.
    pub fn is_well_known(&self, key: KeyId) -> bool {
        self.keys[key.0 as usize].well_known
    }
}

fn todays(name: &str) -> &str {
    OLDER_NAMES.iter().find(|(older, _)| *older == name).map_or(name, |(_, today)| today)
}
