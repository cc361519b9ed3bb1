//! Pools and the nodes under them.

use super::SetupError;
use super::hosted::standard_per_minute;
use crate::catalogue::{self, Catalogue, Query};
use crate::config::{Config, NodeConfig};
use crate::kube::Image;
use crate::kube::config::UNPACKED_PER_COMPRESSED_TENTHS;
use crate::rules::{OtherPool, PoolRule, Rules, plain_pool};
use crate::world::eks;
use greenroom_scheduler::config::{
    Architecture, FleetConfig, PolicyName, PoolConfig, PoolKind, fleet_of, fleets_of,
};
use greenroom_scheduler::id::TypeId;
use greenroom_scheduler::model::{CapacityType, Forge, NodesBy};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Fleet, Pool};
use greenroom_scheduler::time::Span;
use std::collections::BTreeMap;

/// The oldest generation of general machines that a fleet takes unasked: the fifth, since older
/// ones are Xen machines that boot slower and cost as much.
const GENERATION_MIN: u32 = 5;

/// What the configuration says of pools and teams, and the images of their runners.
pub(super) fn rules(
    config: &Config,
    catalogue: &Catalogue,
    world: &eks::Plan,
) -> Result<(Rules, Vec<Image>), SetupError> {
    let mut maker = Maker { config, catalogue, world, images: Vec::new() };
    let mut other_pools = maker.other_pools()?;
    let fleets = fleets_of(&config.pool);
    let mut pools = BTreeMap::new();
    for (name, pool) in &config.pool {
        let rule = match pool.kind {
            PoolKind::Hosted => {
                hosted(name, pool, Money::from_usd(pool.usd_per_minute.unwrap_or(0.0)))
            }
            PoolKind::Aws => {
                let nodes = fleet_of(name, pool);
                maker.pool(name, pool, nodes, &fleets[nodes])?
            }
        };
        pools.insert(name.clone(), rule);
    }
    if chooses(config) && config.policy.greenroom.packing.share {
        share(config, &mut pools, &mut other_pools);
    }
    let rules = Rules {
        labels: labels(config),
        pools,
        other_pools,
        has_hosted: true,
        teams: teams(config),
        forges: forges(config),
    };
    Ok((rules, maker.images))
}

/// Whether the policy chooses what nodes are like, as far as people leave it to it.
fn chooses(config: &Config) -> bool {
    let name = config.policy.name;
    name == PolicyName::Greenroom && config.nodes.resolved(name) == NodesBy::Core
}

/// Lets pools share nodes that ask for the same ones and name none: whose jobs come together fill each
/// other's nodes.
fn share(config: &Config, pools: &mut BTreeMap<String, PoolRule>, others: &mut [OtherPool]) {
    let named = pools.iter_mut().filter(|(name, rule)| {
        let pool = &config.pool[*name];
        let is_free = pool.nodes.is_none() && !pool.isolated && pool.nodes_max.is_none();
        is_free && rule.hosted_per_minute.is_none()
    });
    let rules = named.map(|(_, rule)| rule).chain(others.iter_mut().map(|other| &mut other.rule));
    let mut kinds: Vec<Fleet> = Vec::new();
    for rule in rules {
        let known = kinds.iter().position(|fleet| *fleet == rule.fleet);
        let place = known.unwrap_or_else(|| {
            kinds.push(rule.fleet.clone());
            kinds.len() - 1
        });
        rule.fleet_name = match place {
            0 => "shared".to_owned(),
            place => format!("shared-{}", place + 1),
        };
    }
}

/// The one-slot world looks at limits of pools and teams only.
pub(super) fn one_slot_rules(config: &Config, keep_alive: Span, boot: Option<Span>) -> Rules {
    let plain = plain_pool(keep_alive, boot);
    let pools = config.pool.iter().map(|(name, pool)| {
        let mut rule = plain.clone();
        rule.spec.name.clone_from(name);
        rule.spec.max = pool.max;
        rule.fleet_name.clone_from(name);
        rule.fleet.nodes_max = pool.nodes_max;
        (name.clone(), rule)
    });
    Rules {
        pools: pools.collect(),
        labels: labels(config),
        other_pools: [false, true]
            .map(|arm| OtherPool {
                rule: plain.clone(),
                arm,
                rooms: vec![Resources { cpu_milli: u32::MAX, memory_mib: u32::MAX, gpu: u32::MAX }],
            })
            .to_vec(),
        has_hosted: false,
        teams: teams(config),
        forges: forges(config),
    }
}

fn labels(config: &Config) -> Vec<(Vec<String>, String)> {
    let with_labels = config.pool.iter().filter(|(_, pool)| !pool.labels.is_empty());
    with_labels.map(|(name, pool)| (pool.labels.clone(), name.clone())).collect()
}

fn teams(config: &Config) -> BTreeMap<String, greenroom_scheduler::spec::Team> {
    config.team.iter().map(|(name, team)| (name.clone(), team.resolved(name))).collect()
}

fn forges(config: &Config) -> BTreeMap<String, Forge> {
    let given = config.team.iter().filter_map(|(name, team)| Some((name.clone(), team.forge?)));
    given.collect()
}

/// A pool that GitHub hosts.
fn hosted(name: &str, pool: &PoolConfig, per_minute: Money) -> PoolRule {
    let mut rule = plain_pool(Span::ZERO, None);
    rule.spec = Pool { hosted: true, ..pool.resolved(name) };
    rule.hosted_per_minute = Some(per_minute);
    name.clone_into(&mut rule.fleet_name);
    rule
}

/// A pool of GitHub's standard runners, if its name is one of their labels.
pub(crate) fn standard_hosted(name: &str) -> Option<PoolRule> {
    let per_minute = standard_per_minute(name)?;
    Some(hosted(name, &PoolConfig { kind: PoolKind::Hosted, ..PoolConfig::default() }, per_minute))
}

struct Maker<'a> {
    config: &'a Config,
    catalogue: &'a Catalogue,
    world: &'a eks::Plan,
    images: Vec<Image>,
}

impl Maker<'_> {
    /// What a pool may be that the configuration does not name: general machines, machines with
    /// GPUs, anything; each x86-64 and arm64.
    fn other_pools(&mut self) -> Result<Vec<OtherPool>, SetupError> {
        let plain = PoolConfig::default();
        let mut others = Vec::new();
        for arch in [Architecture::X86_64, Architecture::Arm64] {
            let general = FleetConfig { arch: Some(arch), ..FleetConfig::default() };
            let gpu = FleetConfig { gpu: 1, ..general.clone() };
            let every = self.catalogue.iter().map(|(_, kind)| kind.family().to_owned());
            let every = every.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
            let anything = FleetConfig { families: every, ..general.clone() };
            for fleet in [general, gpu, anything] {
                // A catalogue of the user's own may lack any of these.
                let Ok(rule) = self.pool("", &plain, "", &fleet) else { continue };
                let types = rule.fleet.types.iter();
                let rooms = types.map(|id| self.world.types[id.index()].allocatable).collect();
                let rule = PoolRule { size_from_trace: true, ..rule };
                others.push(OtherPool { rule, arm: arch == Architecture::Arm64, rooms });
            }
        }
        if others.is_empty() {
            // Says what is wrong with the catalogue.
            self.pool("", &plain, "", &FleetConfig::default())?;
        }
        Ok(others)
    }

    fn pool(
        &mut self,
        name: &str,
        pool: &PoolConfig,
        nodes: &str,
        fleet: &FleetConfig,
    ) -> Result<PoolRule, SetupError> {
        let types = self.types(name, fleet)?;
        let request = pool.requests.unwrap_or_default().resolved();
        self.check_fits(name, request, &types)?;
        let capacity = match &fleet.capacity[..] {
            [] => vec![CapacityType::Spot, CapacityType::OnDemand],
            given => given.to_vec(),
        };
        let keep_alive_s = self.config.policy.keep_alive_s();
        let boot = self.boot(&types);
        // A node here has several places, and whichever of them is wanted first ends its idleness.
        let kept = if chooses(self.config) { boot + boot } else { boot };
        let keep_alive = keep_alive_s.map_or(kept, Span::from_secs_f64);
        Ok(PoolRule {
            spec: pool.resolved(name),
            size_from_trace: pool.requests.is_none(),
            hosted_per_minute: None,
            fleet_name: nodes.to_owned(),
            fleet: Fleet {
                forge: Forge::Cloud,
                team: None,
                types,
                capacity,
                pods_per_node_max: fleet.pods_per_node_max,
                nodes_max: fleet.nodes_max,
                keep_alive,
                boot: (keep_alive != boot).then(|| super::boot_beside(self.config, boot)).flatten(),
                cpu_milli_max: fleet.cpu_max.unwrap_or_else(|| self.cpu_max()) * 1_000,
            },
            image: self.image(pool),
        })
    }

    /// The largest node in vCPU where a pool does not say.
    fn cpu_max(&self) -> u32 {
        let config = self.config;
        if chooses(config) && config.node.cpu_max == NodeConfig::default().cpu_max {
            config.policy.greenroom.packing.cpu_max
        } else {
            config.node.cpu_max
        }
    }

    /// The instance types that the nodes of a fleet may be of.
    fn types(&self, name: &str, fleet: &FleetConfig) -> Result<Vec<TypeId>, SetupError> {
        let anything = fleet.families.is_empty() && fleet.instance_types.is_empty();
        let plain = anything && fleet.gpu == 0 && !fleet.nvme;
        let query = Query {
            types: fleet.instance_types.clone(),
            families: fleet.families.clone(),
            categories: if plain { ["c", "m", "r"].map(str::to_owned).to_vec() } else { vec![] },
            architectures: match (fleet.arch, anything) {
                (Some(Architecture::Arm64), _) => vec![catalogue::Architecture::Arm64],
                (Some(Architecture::X86_64), _) | (None, true) => {
                    vec![catalogue::Architecture::X86_64]
                }
                (None, false) => vec![],
            },
            generation_min: plain.then_some(GENERATION_MIN),
            gpu_min: (fleet.gpu > 0).then_some(fleet.gpu),
            local_nvme_gb_min: fleet.nvme.then_some(1),
            ..Query::default()
        };
        query.check(self.catalogue).map_err(|unknown| SetupError::Value {
            key: format!(
                "pool.{name}.{}",
                if unknown.key == "types" { "instance_types" } else { unknown.key }
            ),
            found: format!("{:?}", unknown.found),
            expected: unknown.expected,
        })?;
        let types = self.catalogue.select(&query);
        if types.is_empty() {
            return Err(SetupError::Value {
                key: format!("pool.{name}"),
                found: "wishes that no instance type of the catalogue meets".into(),
                expected: "at least one type with that instruction set, family, GPU and disk"
                    .into(),
            });
        }
        Ok(types)
    }

    /// A runner that fits on no node would wait for ever.
    fn check_fits(
        &self,
        name: &str,
        request: Resources,
        types: &[TypeId],
    ) -> Result<(), SetupError> {
        let offered = |id: &TypeId| self.world.types[id.index()].allocatable;
        if types.iter().any(|id| request.fits(offered(id))) {
            return Ok(());
        }
        let most = types.iter().map(offered).max_by_key(|room| room.cpu_milli).unwrap_or_default();
        Err(SetupError::Value {
            key: format!("pool.{name}.requests"),
            found: format!(
                "{} vCPU, {} MiB and {} GPU",
                f64::from(request.cpu_milli) / 1000.0,
                request.memory_mib,
                request.gpu
            ),
            expected: format!(
                "a runner that fits on one of its instance types (the largest offers {} vCPU, {} \
                 MiB and {} GPU to pods)",
                f64::from(most.cpu_milli) / 1000.0,
                most.memory_mib,
                most.gpu
            ),
        })
    }

    /// What a node of a fleet takes from claim to ready, on average over its types of usual size:
    /// the break-even of keeping an empty one.
    fn boot(&self, types: &[TypeId]) -> Span {
        let cap = self.config.node.cpu_max;
        let usual = types.iter().filter_map(|id| self.catalogue.get(*id));
        let times: Vec<f64> = usual
            .filter(|kind| kind.vcpu <= cap)
            .filter_map(|kind| {
                let node = &self.config.node;
                self.config.latency.boot(&node.image, kind, node.nvme_raid).ok()
            })
            .map(|parts| parts.mean_ready_s())
            .collect();
        let call = self.config.latency.ec2.launch_call.mean_s();
        let mean = times.iter().sum::<f64>() / times.len().max(1) as f64;
        Span::from_secs_f64(call + mean)
    }

    /// The number of a pool's runner image.
    fn image(&mut self, pool: &PoolConfig) -> u32 {
        let node = &self.config.node;
        let compressed_mb = (pool.image_gb.unwrap_or(node.runner_image_gb) * 1_000.0) as u32;
        let image = Image {
            compressed_mb,
            unpacked_mb: compressed_mb * UNPACKED_PER_COMPRESSED_TENTHS / 10,
            start_disk_mb: 0,
            baked: node.runner_image_baked,
        };
        let known = self.images.iter().position(|other| *other == image);
        known.unwrap_or_else(|| {
            self.images.push(image);
            self.images.len() - 1
        }) as u32
    }
}
