//! Everything that an EKS world is made of.

use crate::beside::BesideConfig;
use crate::catalogue::Catalogue;
use crate::ec2::{Ec2Config, SpotConfig};
use crate::identity::IdentityConfig;
use crate::karpenter::config::KarpenterConfig;
use crate::kube::Image;
use crate::latency::Latencies;
use crate::random::Streams;
use crate::setup::Records;
use greenroom_scheduler::id::TypeId;
use greenroom_scheduler::model::NodesBy;
use greenroom_scheduler::resources::Resources;
use std::sync::Arc;

/// The configuration of each part, and the run's randomness.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whether the core is told of the jobs of runs.
    pub tells_runs: bool,
    /// The run's randomness.
    pub streams: Streams,
    /// Instance types: those of the core's settings, in the same order.
    pub catalogue: Arc<Catalogue>,
    /// Recordings of spot.
    pub records: Records,
    /// How long everything takes.
    pub latency: Arc<Latencies>,
    /// EC2.
    pub ec2: Ec2Config,
    /// Spot.
    pub spot: SpotConfig,
    /// GitHub.
    pub github: crate::github::Config,
    /// Kubernetes.
    pub kube: crate::kube::Config,
    /// Runner images; a set's image is the one of its pool.
    pub images: Vec<Image>,
    /// Tokens.
    pub identity: IdentityConfig,
    /// Costs beside EC2.
    pub beside: BesideConfig,
    /// Image of the nodes, by name.
    pub node_image: String,
    /// Whether local disks are joined into one.
    pub nvme_raid: bool,
    /// Jobs that the first poll of each listener advertises.
    pub capacity_first: u32,
    /// Whether the policy weighs waiting, and hears how much each job's matters.
    pub weighs: bool,
    /// How often a lost job may be run again.
    pub reruns_max: u32,
    /// Who claims nodes.
    pub nodes_by: NodesBy,
    /// What pods of runners can use of each type, by its number.
    pub types: Vec<greenroom_scheduler::spec::InstanceType>,
    /// Karpenter, where it claims the nodes.
    pub karpenter: KarpenterConfig,
    /// Disk of a node, in megabytes a second.
    pub disk_mb_per_s: u32,
    /// Room for images on a node's disk, in megabytes.
    pub image_disk_mb: u32,
}

impl Plan {
    /// What pods of runners can use of a type.
    pub(super) fn allocatable(&self, of_type: TypeId) -> Resources {
        self.types.get(of_type.index()).map(|t| t.allocatable).unwrap_or_default()
    }

    /// Most runner pods on a node of a type.
    pub(super) fn pods_max(&self, of_type: TypeId) -> u32 {
        self.types.get(of_type.index()).map_or(0, |t| t.pods_max)
    }
}
