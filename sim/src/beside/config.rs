//! Prices beside EC2: keys `beside.*`. Any line is switched off by a price or an amount of 0.

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// What is paid for beside EC2 instances. List prices of us-east-1, July 2026.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BesideConfig {
    /// Disk of a node, in GB, 0 to 100,000. Default: 20, Karpenter's default root volume.
    #[serde(deserialize_with = "amount")]
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub disk_gb_per_node: f64,
    /// EBS by the GB-month of 30 days, in USD. Default: 0.08 (gp3, EBS pricing page).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub disk_usd_per_gb_month: f64,
    /// Traffic of a job between zones, in GB, both directions together. Default: 0.2 (assumption).
    #[serde(deserialize_with = "amount")]
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub cross_zone_gb_per_job: f64,
    /// Traffic between zones, in USD by the GB. Default: 0.02: 0.01 in each direction (EC2 on-demand
    /// pricing, data transfer within a region).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub cross_zone_usd_per_gb: f64,
    /// Traffic of a job through NAT, in GB. Default: 0.5 (assumption: a clone and packages).
    #[serde(deserialize_with = "amount")]
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub nat_gb_per_job: f64,
    /// Whether image pulls go through NAT. Default: no, as with ECR and S3 endpoints in the VPC.
    pub pulls_through_nat: bool,
    /// NAT by the GB, in USD. Default: 0.045 (VPC pricing page).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub nat_usd_per_gb: f64,
    /// NAT gateways. Default: 3, one in each zone.
    pub nat_gateways: u32,
    /// A NAT gateway by the hour, in USD, its public address included. Default: 0.05: 0.045 and
    /// 0.005 for the address (VPC pricing page).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub nat_gateway_usd_per_hour: f64,
    /// Images kept in the registry, in GB. Default: 50 (assumption).
    #[serde(deserialize_with = "amount")]
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub registry_gb: f64,
    /// Registry by the GB-month of 30 days, in USD. Default: 0.10 (ECR pricing page).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub registry_usd_per_gb_month: f64,
    /// Pulled images by the GB, in USD. Default: 0: pulls within the region are free (ECR pricing
    /// page).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub registry_usd_per_gb_pulled: f64,
    /// Clusters. Default: 1.
    pub control_planes: u32,
    /// A control plane by the hour, in USD. Default: 0.10 (EKS pricing page, standard support;
    /// extended support is 0.60).
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub control_plane_usd_per_hour: f64,
    /// Licences of agents on each node by the hour, in USD. Default: 0. An infrastructure monitor at
    /// 15 USD a host and month is 0.0205.
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub agents_usd_per_node_hour: f64,
    /// Fee of the CI platform by the minute of a job, in USD; begun minutes count. Default: 0. A
    /// fee of 0.002 for one's own runners was announced by GitHub in December 2025 and put off.
    #[serde(deserialize_with = "price")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub platform_usd_per_job_minute: f64,
}

impl Default for BesideConfig {
    fn default() -> Self {
        Self {
            disk_gb_per_node: 20.0,
            disk_usd_per_gb_month: 0.08,
            cross_zone_gb_per_job: 0.2,
            cross_zone_usd_per_gb: 0.02,
            nat_gb_per_job: 0.5,
            pulls_through_nat: false,
            nat_usd_per_gb: 0.045,
            nat_gateways: 3,
            nat_gateway_usd_per_hour: 0.05,
            registry_gb: 50.0,
            registry_usd_per_gb_month: 0.10,
            registry_usd_per_gb_pulled: 0.0,
            control_planes: 1,
            control_plane_usd_per_hour: 0.10,
            agents_usd_per_node_hour: 0.0,
            platform_usd_per_job_minute: 0.0,
        }
    }
}

impl BesideConfig {
    /// Nothing costs anything, as in the `one-slot` world.
    pub fn free() -> Self {
        Self {
            disk_gb_per_node: 0.0,
            cross_zone_gb_per_job: 0.0,
            nat_gb_per_job: 0.0,
            nat_gateways: 0,
            registry_gb: 0.0,
            control_planes: 0,
            ..Self::default()
        }
    }
}

fn within<'de, D: Deserializer<'de>>(
    deserializer: D,
    to: f64,
    what: &str,
) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if (0.0..=to).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("found {value}, expected {what} of 0 to {to}")))
    }
}

/// An amount in GB.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 100_000.0, "GB")
}

/// A price. Nothing here costs a thousand dollars a unit.
fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 1_000.0, "USD")
}
