//! Plain facts about the things that the core schedules.

use serde::{Deserialize, Serialize};

/// Which GitHub a team's jobs come from. The two never share compute.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Forge {
    /// github.com: the service assigns jobs to runner sets.
    #[default]
    Cloud,
    /// GitHub Enterprise Server: the service offers jobs and a listener acquires them.
    Enterprise,
}

/// How a node is paid for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CapacityType {
    /// Cheap, and EC2 may take it back at two minutes' notice.
    Spot,
    /// At the list price, for as long as one likes.
    #[default]
    OnDemand,
}

/// How much waiting matters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ServiceClass {
    /// A person waits.
    Interactive,
    /// The usual.
    #[default]
    Standard,
    /// Nobody waits.
    Batch,
}

impl ServiceClass {
    /// Whether it is the usual one, which goes without saying.
    pub const fn is_standard(&self) -> bool {
        matches!(self, Self::Standard)
    }
}

/// Who claims nodes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NodesBy {
    /// The core claims nodes; its pods carry a selector for their node.
    #[default]
    Core,
    /// Karpenter sees pending pods and launches nodes.
    Karpenter,
}
