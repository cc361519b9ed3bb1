//! Everything that an EKS world is made of.

use crate::beside::BesideConfig;
use crate::catalogue::Catalogue;
use crate::ec2::{Ec2Config, SpotConfig};
use crate::identity::IdentityConfig;
use crate::kube::{Image, Scoring};
use crate::latency::Latencies;
use crate::random::Streams;
use greenroom_scheduler::model::NodesBy;
use std::sync::Arc;

/// The configuration of each part, and the run's randomness.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The run's randomness.
    pub streams: Streams,
    /// Instance types: those of the core's settings, in the same order.
    pub catalogue: Arc<Catalogue>,
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
    /// How often a lost job may be run again.
    pub reruns_max: u32,
    /// Who claims nodes.
    pub nodes_by: NodesBy,
    /// How kube-scheduler ranks nodes.
    pub scoring: Scoring,
}
