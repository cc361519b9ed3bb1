//! Choosing instance types by what they are.

use super::{Architecture, InstanceType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A wish for instance types; what is not said does not matter. Metal types and types with GPUs
/// are asked for by name, family or count, and are left out otherwise, as Karpenter's provider
/// does while something plain remains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Types by name, such as `m7i.xlarge`. Default: all.
    pub types: Vec<String>,
    /// Families, such as `m7i`. Default: all.
    pub families: Vec<String>,
    /// Categories, such as `m`. Default: all.
    pub categories: Vec<String>,
    /// Instruction sets. Default: all.
    pub architectures: Vec<Architecture>,
    /// The oldest generation. Default: any.
    pub generation_min: Option<u32>,
    /// vCPUs at least. Default: any.
    pub vcpu_min: Option<u32>,
    /// vCPUs at most. Default: any.
    pub vcpu_max: Option<u32>,
    /// Nominal memory in MiB at least. Default: any.
    pub memory_mib_min: Option<u32>,
    /// Nominal memory in MiB at most. Default: any.
    pub memory_mib_max: Option<u32>,
    /// GPUs at least. Default: none wanted.
    pub gpu_min: Option<u32>,
    /// Local NVMe in GB at least. Default: any.
    pub local_nvme_gb_min: Option<u32>,
}

impl Query {
    /// Whether a type meets the wish.
    pub fn admits(&self, kind: &InstanceType) -> bool {
        let any = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
        let from = |min: Option<u32>, value: u32| min.is_none_or(|min| value >= min);
        let upto = |max: Option<u32>, value: u32| max.is_none_or(|max| value <= max);
        let named = !self.types.is_empty() || !self.families.is_empty();
        any(&self.types, &kind.name)
            && any(&self.families, kind.family())
            && any(&self.categories, kind.category())
            && (self.architectures.is_empty() || self.architectures.contains(&kind.architecture))
            && self.generation_min.is_none_or(|min| kind.generation().is_some_and(|g| g >= min))
            && from(self.vcpu_min, kind.vcpu)
            && upto(self.vcpu_max, kind.vcpu)
            && from(self.memory_mib_min, kind.memory_mib)
            && upto(self.memory_mib_max, kind.memory_mib)
            && from(self.local_nvme_gb_min, kind.local_nvme_gb)
            && from(self.gpu_min, kind.gpu)
            && (named || self.gpu_min.is_some_and(|min| min > 0) || kind.gpu == 0)
            && (named || !kind.is_metal())
    }
}
