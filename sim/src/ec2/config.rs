//! What can be configured of EC2, with defaults and their sources.

use super::addresses::AddressModel;
use super::checked;
use super::quota::QuotaGroup;
use super::spot_config::SpotConfig;
use crate::latency::Distribution;
use greenroom_scheduler::id::ZoneId;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// The account and its region: keys `ec2.*`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ec2Config {
    /// Zones that nodes may run in, 1 to 16. Default: three of us-east-1.
    #[serde(deserialize_with = "zones")]
    pub zones: Vec<String>,
    /// Instance types from a file with the columns of the embedded table. Default: the embedded
    /// table (us-east-1, July 2026).
    pub catalogue: Option<String>,
    /// Quotas by group of families. Default: none, as of an account that has asked for enough; a
    /// new account has 5 vCPU of each (EC2 service quotas).
    pub quota: BTreeMap<QuotaGroup, GroupQuota>,
    /// Free IPv4 addresses in the subnets of each zone. Default: 65,531, a /16 less the five that AWS
    /// keeps: the largest subnet there is, out of 100.64.0.0/10 as the EKS best practices advise
    /// against running out. A /19 of an ordinary VPC has 8,187.
    pub subnet_addresses: u32,
    /// How the VPC CNI hands out addresses. Default: `{ warm-eni = 1 }`, as the CNI does.
    pub addresses: AddressModel,
    /// Limits of the API.
    pub api: ApiConfig,
    /// How often a type lacks on-demand capacity in a zone, times an hour in which it has some, 0
    /// to 60. Default: 0.0005, about once in 12 weeks (assumption: nobody publishes a rate).
    #[serde(deserialize_with = "checked::per_hour")]
    #[schemars(range(min = 0.0, max = 60.0))]
    pub on_demand_losses_per_hour: f64,
    /// How long on-demand capacity is then lacking. Default: the outages of
    /// `spot.outage` (assumption).
    pub on_demand_outage: Distribution,
}

impl Default for Ec2Config {
    fn default() -> Self {
        Self {
            zones: ["us-east-1a", "us-east-1b", "us-east-1c"].map(str::to_owned).to_vec(),
            catalogue: None,
            quota: BTreeMap::new(),
            subnet_addresses: (1 << 16) - 5,
            addresses: AddressModel::default(),
            api: ApiConfig::default(),
            on_demand_losses_per_hour: 0.0005,
            on_demand_outage: SpotConfig::default().outage,
        }
    }
}

/// The zone that a configuration names is none of the run's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("zone: found {found:?}, expected one of {}", expected.join(", "))]
pub struct UnknownZone {
    /// What stands there.
    pub found: String,
    /// The zones of the run.
    pub expected: Vec<String>,
}

impl Ec2Config {
    /// The zone of this name.
    pub fn zone(&self, name: &str) -> Result<ZoneId, UnknownZone> {
        let place = self.zones.iter().position(|zone| zone == name);
        place
            .map(|place| ZoneId(place as u32))
            .ok_or_else(|| UnknownZone { found: name.to_owned(), expected: self.zones.clone() })
    }
}

/// vCPUs that an account may run of a group of families.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GroupQuota {
    /// On-demand vCPUs. Default: no limit.
    pub on_demand_vcpu: Option<u32>,
    /// Spot vCPUs. Default: no limit.
    pub spot_vcpu: Option<u32>,
}

/// Limits of the EC2 API. Source: EC2 Developer Guide, "Request throttling for the Amazon EC2 API";
/// accounts can ask for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// Calls of CreateFleet. Default: 50, 5 a second, as of any call that changes something.
    pub create_fleet: Bucket,
    /// Calls of RunInstances. Default: 5, 2 a second.
    pub run_instances: Bucket,
    /// Instances that calls of RunInstances start. Default: 1,000, 2 a second.
    pub run_instances_started: Bucket,
    /// Calls of StartInstances. Default: 5, 2 a second.
    pub start_instances: Bucket,
    /// Calls of TerminateInstances. Default: 50, 5 a second.
    pub terminate_instances: Bucket,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            create_fleet: Bucket { size: 50, refill_per_s: 5 },
            run_instances: Bucket { size: 5, refill_per_s: 2 },
            run_instances_started: Bucket { size: 1_000, refill_per_s: 2 },
            start_instances: Bucket { size: 5, refill_per_s: 2 },
            terminate_instances: Bucket { size: 50, refill_per_s: 5 },
        }
    }
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Tokens that fit.
    pub size: u32,
    /// Tokens that come back in a second.
    pub refill_per_s: u32,
}

/// The most zones: the largest region has six.
const ZONES_MAX: usize = 16;

fn zones<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let zones = Vec::<String>::deserialize(deserializer)?;
    if zones.is_empty() || zones.len() > ZONES_MAX {
        let found = zones.len();
        return Err(D::Error::custom(format!("found {found} zones, expected 1 to {ZONES_MAX}")));
    }
    for (place, zone) in zones.iter().enumerate() {
        if zone.is_empty() || zones[..place].contains(zone) {
            return Err(D::Error::custom(format!(
                "found {zone:?}, expected each zone once, by name"
            )));
        }
    }
    Ok(zones)
}
