//! Choosing instance types by what they are.

use super::{Architecture, Catalogue, InstanceType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

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

/// A name in a wish that no type of the catalogue has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{key}: found {found:?}, expected {expected}")]
pub struct UnknownName {
    /// The key at fault.
    pub key: &'static str,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

impl Query {
    /// The first name that the catalogue does not know: a misspelt one would silently find nothing.
    pub fn check(&self, catalogue: &Catalogue) -> Result<(), UnknownName> {
        type NameOf = fn(&InstanceType) -> &str;
        for name in &self.types {
            catalogue.find(name).map_err(|unknown| UnknownName {
                key: "types",
                expected: format!("an instance type{}", unknown.hint()),
                found: unknown.found,
            })?;
        }
        let lists: [(&'static str, &[String], NameOf); 2] = [
            ("families", &self.families, InstanceType::family),
            ("categories", &self.categories, InstanceType::category),
        ];
        for (key, names, of) in lists {
            let known = |name: &str| catalogue.iter().any(|(_, kind)| of(kind) == name);
            if let Some(name) = names.iter().find(|name| !known(name)) {
                let mut all: Vec<&str> = catalogue.iter().map(|(_, kind)| of(kind)).collect();
                all.sort_unstable();
                all.dedup();
                let expected = format!("one of {}", all.join(", "));
                return Err(UnknownName { key, found: name.clone(), expected });
            }
        }
        Ok(())
    }

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
