//! Taints of nodes and pools, and what tolerates them, as Kubernetes means them.

use serde::{Deserialize, Serialize};

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Effect {
    /// They are not put there.
    NoSchedule,
    /// They are put there only when nothing else is left.
    PreferNoSchedule,
    /// They are not put there, and evicted where they are.
    NoExecute,
}

/// A taint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// What it does.
    pub effect: Effect,
}

impl Taint {
    /// Whether it is the same taint but for its value.
    pub fn is_same_kind(&self, other: &Self) -> bool {
        self.key == other.key && self.effect == other.effect
    }

    /// Taints that a starting node sheds by itself, so Karpenter plans as if they were gone
    /// (core:pkg/scheduling/taints.go, KnownEphemeralTaints).
    pub fn is_ephemeral(&self) -> bool {
        const KNOWN: &[(&str, Effect)] = &[
            ("node.kubernetes.io/not-ready", Effect::NoSchedule),
            ("node.kubernetes.io/not-ready", Effect::NoExecute),
            ("node.kubernetes.io/unreachable", Effect::NoSchedule),
            ("node.cloudprovider.kubernetes.io/uninitialized", Effect::NoSchedule),
            ("karpenter.sh/unregistered", Effect::NoExecute),
        ];
        KNOWN.contains(&(self.key.as_str(), self.effect))
            || self.key.starts_with("readiness.k8s.io/")
    }
}

/// How a toleration compares values.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Comparison {
    /// The same value.
    #[default]
    Equal,
    /// Any value.
    Exists,
    /// A taint whose whole number is less.
    Lt,
    /// A taint whose whole number is greater.
    Gt,
}

/// What a pod tolerates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Toleration {
    /// The key; empty with `Exists`: every key.
    #[serde(default)]
    pub key: String,
    /// How values compare.
    #[serde(default)]
    pub operator: Comparison,
    /// The value.
    #[serde(default)]
    pub value: String,
    /// The effect; nothing: every effect.
    #[serde(default)]
    pub effect: Option<Effect>,
}

impl Toleration {
    /// Every taint that only prefers not to be used.
    pub const fn of_preferences() -> Self {
        Self {
            key: String::new(),
            operator: Comparison::Exists,
            value: String::new(),
            effect: Some(Effect::PreferNoSchedule),
        }
    }

    /// Whether it tolerates the taint.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        if self.effect.is_some_and(|effect| effect != taint.effect) {
            return false;
        }
        if !self.key.is_empty() && self.key != taint.key {
            return false;
        }
        let numbers = || Some((taint.value.parse().ok()?, self.value.parse().ok()?));
        match self.operator {
            Comparison::Equal => self.value == taint.value,
            Comparison::Exists => true,
            Comparison::Lt => numbers().is_some_and(|(taint, own): (i64, i64)| taint < own),
            Comparison::Gt => numbers().is_some_and(|(taint, own): (i64, i64)| taint > own),
        }
    }
}

/// Whether each taint is tolerated by one of the tolerations. A preference counts like an order.
pub fn all_tolerated(taints: &[Taint], tolerations: &[Toleration]) -> bool {
    taints.iter().all(|taint| tolerations.iter().any(|t| t.tolerates(taint)))
}
