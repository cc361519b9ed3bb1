//! IPv4 addresses of the subnets, and how many a node takes.

use crate::catalogue::InstanceType;
use greenroom_scheduler::id::ZoneId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Addresses of a prefix: the VPC CNI assigns /28 blocks.
const PREFIX: u32 = 16;

/// How the VPC CNI hands out addresses. Source: amazon-vpc-cni-k8s, `docs/eni-and-ip-target.md`
/// and `docs/prefix-and-ip-target.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AddressModel {
    /// Whole interfaces: those in use and so many warm ones (`WARM_ENI_TARGET`; the CNI's own
    /// default is 1).
    WarmEni(u32),
    /// Single addresses: those in use and so many warm ones (`WARM_IP_TARGET`).
    WarmIp(u32),
    /// Blocks of 16: those in use and so many warm ones (`WARM_PREFIX_TARGET`).
    WarmPrefix(u32),
}

impl Default for AddressModel {
    fn default() -> Self {
        Self::WarmEni(1)
    }
}

impl AddressModel {
    /// How many addresses a node of this type takes when it runs `pods` pods that are not on the
    /// host's network. An interface keeps one address for itself.
    pub fn addresses(self, machine: &InstanceType, pods: u32) -> u32 {
        let per_eni = machine.ipv4_per_eni.max(1);
        let for_pods = per_eni.saturating_sub(1).max(1);
        let enis = |pods: u32| pods.div_ceil(for_pods).clamp(1, machine.enis.max(1));
        match self {
            Self::WarmEni(warm) => {
                let enis = enis(pods).saturating_add(warm).min(machine.enis.max(1));
                enis.saturating_mul(per_eni)
            }
            Self::WarmIp(warm) => {
                let most = machine.enis.saturating_mul(for_pods);
                let held = pods.saturating_add(warm).min(most);
                held.saturating_add(enis(held))
            }
            Self::WarmPrefix(warm) => {
                let most = machine.enis.saturating_mul(for_pods);
                let held = pods.div_ceil(PREFIX).saturating_add(warm).clamp(1, most.max(1));
                held.saturating_mul(PREFIX).saturating_add(held.div_ceil(for_pods))
            }
        }
    }
}

/// A subnet has too few addresses left. EC2 calls it InsufficientFreeAddressesInSubnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "InsufficientFreeAddressesInSubnet: {asked} addresses asked for in zone {zone}, {free} free"
)]
pub struct NoAddresses {
    /// Where.
    pub zone: ZoneId,
    /// What is free.
    pub free: u32,
    /// What was asked for.
    pub asked: u32,
}

/// Free addresses by zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    size: u32,
    free: Vec<u32>,
}

impl Addresses {
    /// `zones` zones with `size` addresses each.
    pub fn new(zones: usize, size: u32) -> Self {
        Self { size, free: vec![size; zones] }
    }

    /// Free addresses of a zone; 0 for one that does not exist.
    pub fn free(&self, zone: ZoneId) -> u32 {
        self.free.get(zone.index()).copied().unwrap_or(0)
    }

    /// Whether `asked` addresses are free.
    pub fn check(&self, zone: ZoneId, asked: u32) -> Result<(), NoAddresses> {
        let free = self.free(zone);
        if asked <= free { Ok(()) } else { Err(NoAddresses { zone, free, asked }) }
    }

    /// Takes addresses if they are free; changes nothing otherwise.
    pub fn take(&mut self, zone: ZoneId, asked: u32) -> Result<(), NoAddresses> {
        self.check(zone, asked)?;
        if let Some(free) = self.free.get_mut(zone.index()) {
            *free -= asked;
        }
        Ok(())
    }

    /// Gives addresses back.
    pub fn give_back(&mut self, zone: ZoneId, count: u32) {
        if let Some(free) = self.free.get_mut(zone.index()) {
            *free = free.saturating_add(count).min(self.size);
        }
    }
}
