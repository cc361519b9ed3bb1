//! How many vCPUs an account may run.

use super::config::GroupQuota;
use greenroom_scheduler::model::CapacityType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Families that share a quota. Source: EC2 service quotas, "Running On-Demand ... instances" and
/// "All ... Spot Instance Requests".
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaGroup {
    /// A, C, D, H, I, M, R, T and Z.
    Standard,
    /// G and VT.
    G,
    /// P.
    P,
    /// X.
    X,
    /// Inf.
    Inf,
    /// Trn.
    Trn,
    /// F.
    F,
    /// DL.
    Dl,
    /// High memory, U.
    HighMemory,
    /// HPC.
    Hpc,
}

impl QuotaGroup {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Standard,
        Self::G,
        Self::P,
        Self::X,
        Self::Inf,
        Self::Trn,
        Self::F,
        Self::Dl,
        Self::HighMemory,
        Self::Hpc,
    ];

    /// Its name in the Service Quotas console (EC2 User Guide, "Spot Instance quotas" and
    /// "On-Demand Instance quotas").
    pub fn title(self, capacity: CapacityType) -> String {
        let families = match self {
            Self::Standard => "Standard (A, C, D, H, I, M, R, T, Z)",
            Self::G => "G and VT",
            Self::P => "P",
            Self::X => "X",
            Self::Inf => "Inf",
            Self::Trn => "Trn",
            Self::F => "F",
            Self::Dl => "DL",
            Self::HighMemory => "High Memory",
            Self::Hpc => "HPC",
        };
        match capacity {
            CapacityType::Spot => format!("All {families} Spot Instance Requests"),
            CapacityType::OnDemand => format!("Running On-Demand {families} instances"),
        }
    }

    /// The group of a category, the letters before the generation: `m`, `im` and `is` are
    /// standard, `inf` is not. What is unknown counts as standard.
    pub fn of(category: &str) -> Self {
        match category {
            "g" | "gr" | "vt" => Self::G,
            "p" => Self::P,
            "x" => Self::X,
            "inf" => Self::Inf,
            "trn" => Self::Trn,
            "f" => Self::F,
            "dl" => Self::Dl,
            "u" | "u-" => Self::HighMemory,
            "hpc" => Self::Hpc,
            _ => Self::Standard,
        }
    }
}

/// The account's quota is used up. Other types of the group will not help, nor other zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{}: {asked} vCPU asked for, {used} of {limit} in use", self.code())]
pub struct QuotaExceeded {
    /// Whose quota.
    pub group: QuotaGroup,
    /// Of spot or of on-demand.
    pub capacity: CapacityType,
    /// The quota in vCPU.
    pub limit: u32,
    /// What runs.
    pub used: u32,
    /// What was asked for.
    pub asked: u32,
}

impl QuotaExceeded {
    /// The code that EC2 answers with.
    pub const fn code(&self) -> &'static str {
        match self.capacity {
            CapacityType::Spot => "MaxSpotInstanceCountExceeded",
            CapacityType::OnDemand => "VcpuLimitExceeded",
        }
    }
}

/// What an account may run and what it runs, in vCPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    limits: BTreeMap<QuotaGroup, GroupQuota>,
    used: BTreeMap<(QuotaGroup, CapacityType), u32>,
}

impl Quota {
    /// An account with these limits, where nothing runs. A group that is not named has none.
    pub const fn new(limits: BTreeMap<QuotaGroup, GroupQuota>) -> Self {
        Self { limits, used: BTreeMap::new() }
    }

    /// vCPUs in use.
    pub fn used(&self, group: QuotaGroup, capacity: CapacityType) -> u32 {
        self.used.get(&(group, capacity)).copied().unwrap_or(0)
    }

    /// The limit; `None` for none.
    pub fn limit(&self, group: QuotaGroup, capacity: CapacityType) -> Option<u32> {
        let limits = self.limits.get(&group)?;
        match capacity {
            CapacityType::Spot => limits.spot_vcpu,
            CapacityType::OnDemand => limits.on_demand_vcpu,
        }
    }

    /// Whether `vcpu` more may run.
    pub fn check(
        &self,
        group: QuotaGroup,
        capacity: CapacityType,
        vcpu: u32,
    ) -> Result<(), QuotaExceeded> {
        let used = self.used(group, capacity);
        match self.limit(group, capacity) {
            Some(limit) if used.saturating_add(vcpu) > limit => {
                Err(QuotaExceeded { group, capacity, limit, used, asked: vcpu })
            }
            _ => Ok(()),
        }
    }

    /// Takes `vcpu` if they may run; changes nothing otherwise.
    pub fn take(
        &mut self,
        group: QuotaGroup,
        capacity: CapacityType,
        vcpu: u32,
    ) -> Result<(), QuotaExceeded> {
        self.check(group, capacity, vcpu)?;
        let used = self.used.entry((group, capacity)).or_insert(0);
        *used = used.saturating_add(vcpu);
        Ok(())
    }

    /// Gives `vcpu` back.
    pub fn give_back(&mut self, group: QuotaGroup, capacity: CapacityType, vcpu: u32) {
        if let Some(used) = self.used.get_mut(&(group, capacity)) {
            *used = used.saturating_sub(vcpu);
        }
    }
}
