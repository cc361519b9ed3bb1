//! Nodes and what is on each of them.

use crate::kube::config::NODE_DISK_MB_PER_S;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every node of the EKS world is like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table of node keys")]
pub struct NodeConfig {
    /// The machine image, by name: `al2023`, `al2`, `bottlerocket`, `windows`, or one of your own
    /// under `latency.image`.
    pub image: String,
    /// Whether local NVMe disks are joined into one (Karpenter's `instanceStorePolicy: RAID0`).
    pub nvme_raid: bool,
    /// The largest node in vCPU where a pool says nothing. Larger ones are cheaper by nothing, and
    /// one long job pins all of them.
    pub cpu_max: u32,
    /// What daemons take of each node, in thousandths of a vCPU: kube-proxy 100 m, the VPC CNI
    /// 50 m, the Pod Identity agent and a metrics and log agent 150 m (requests of their charts).
    pub daemon_cpu_milli: u32,
    /// What daemons take of each node, in MiB.
    pub daemon_memory_mib: u32,
    /// Disk throughput in megabytes a second: an EBS gp3 volume as delivered.
    pub disk_mb_per_s: u32,
    /// Room for images on the disk, in GB.
    pub image_disk_gb: u32,
    /// Size of the runner image in GB (10^9 bytes, compressed) where a pool says nothing: 0.92
    /// (`ghcr.io/actions/actions-runner` 2.302 and 2.316, actions-runner-controller#3504).
    pub runner_image_gb: f64,
    /// Whether the runner image is part of the machine image, so that nothing is pulled.
    pub runner_image_baked: bool,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            image: "al2023".to_owned(),
            nvme_raid: true,
            cpu_max: 16,
            daemon_cpu_milli: 300,
            daemon_memory_mib: 400,
            disk_mb_per_s: NODE_DISK_MB_PER_S,
            image_disk_gb: 60,
            runner_image_gb: 0.92,
            runner_image_baked: false,
        }
    }
}
