//! The EKS world's part of a plan.

use super::SetupError;
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::ec2::Market;
use crate::random::Streams;
use crate::world::eks::Plan;
use greenroom_scheduler::config::PolicyName;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::InstanceType;
use greenroom_scheduler::time::Time;
use std::sync::Arc;

/// The world without its images, which pools bring.
pub(super) fn eks(
    config: &Config,
    catalogue: Arc<Catalogue>,
    streams: Streams,
) -> Result<Plan, SetupError> {
    let node = &config.node;
    let known = config.latency.images();
    if !known.contains(&node.image) {
        return Err(SetupError::Value {
            key: "node.image".into(),
            found: format!("{:?}", node.image),
            expected: format!("one of {}", known.join(", ")),
        });
    }
    config.github.check().map_err(|error| SetupError::Value {
        key: "github".into(),
        found: error.to_string(),
        expected: "a configuration that can be meant".into(),
    })?;
    if let Some(family) = config.latency.unknown_families(&catalogue).first() {
        return Err(SetupError::Value {
            key: format!("latency.family.{family}"),
            found: format!("{family:?}"),
            expected: "a family of the catalogue, such as m7i".into(),
        });
    }
    let records = super::records::read(config, &catalogue)?;
    let daemons =
        Resources { cpu_milli: node.daemon_cpu_milli, memory_mib: node.daemon_memory_mib, gpu: 0 };
    let market = Market::new(
        streams,
        Time::ZERO,
        catalogue.clone(),
        config.ec2.clone(),
        config.spot.market.clone(),
    );
    let types = catalogue.iter().map(|(_, kind)| InstanceType {
        name: kind.name.to_string(),
        allocatable: kind.allocatable.minus(daemons),
        pods_max: kind.max_pods,
        on_demand: kind.on_demand,
        spot: market.usual_spot_price(kind),
    });
    let policy =
        config.policy.resolved(config.tiers.hot.count.nodes(), config.tiers.stopped.count.nodes());
    Ok(Plan {
        tells_runs: super::learns_from_runs(config),
        streams,
        records,
        types: types.collect(),
        catalogue,
        latency: Arc::new(config.latency.clone()),
        ec2: config.ec2.clone(),
        spot: config.spot.market.clone(),
        github: config.github.clone(),
        kube: config.kube,
        images: Vec::new(),
        identity: config.identity.clone(),
        beside: config.beside.clone(),
        node_image: node.image.clone(),
        nvme_raid: node.nvme_raid,
        capacity_first: policy.set_max(),
        weighs: config.policy.name == PolicyName::Greenroom,
        reruns_max: config.reruns_max,
        nodes_by: config.nodes.resolved(config.policy.name),
        karpenter: config.karpenter.clone(),
        disk_mb_per_s: node.disk_mb_per_s,
        image_disk_mb: node.image_disk_gb.saturating_mul(1_000),
    })
}
