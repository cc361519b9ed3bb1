//! Which pools share which nodes, and what those nodes must be.

use super::{Architecture, Check, PoolConfig, PoolKind};
use crate::model::CapacityType;
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What the nodes of one name must be: the wishes of all pools that share them, put together. The
/// world splits them further: the two GitHub instances and isolated teams never share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetConfig {
    /// The pools on them.
    pub pools: BTreeSet<String>,
    /// Whether they must have local NVMe disks.
    pub nvme: bool,
    /// Most GPUs that a runner asks for.
    pub gpu: u32,
    /// Their instruction set; x86-64 when no pool says.
    pub arch: Option<Architecture>,
    /// Families they may be of; any when empty.
    pub families: Vec<String>,
    /// Types they may be of; any when empty.
    pub instance_types: Vec<String>,
    /// The largest node in vCPU.
    pub cpu_max: Option<u32>,
    /// How they may be bought; spot, then on-demand when empty.
    pub capacity: Vec<CapacityType>,
    /// Most runner pods on one.
    pub pods_per_node_max: Option<u32>,
    /// Most at once.
    pub nodes_max: Option<u32>,
}

/// The name of the nodes that carry a pool: its own unless it says another.
pub fn fleet_of<'a>(name: &'a str, pool: &'a PoolConfig) -> &'a str {
    pool.nodes.as_deref().unwrap_or(name)
}

/// The nodes that all pools together ask for, by name. Two pools on the same nodes that ask for
/// different things are a problem at the later of the two.
pub fn fleets(
    pools: &BTreeMap<String, PoolConfig>,
    check: &mut Check<'_>,
) -> BTreeMap<String, FleetConfig> {
    let mut fleets = BTreeMap::<String, FleetConfig>::new();
    let aws = pools.iter().filter(|(_, pool)| pool.kind == PoolKind::Aws);
    for (name, pool) in aws {
        let fleet_name = fleet_of(name, pool);
        let fleet = fleets.entry(fleet_name.to_owned()).or_default();
        if pool.isolated && !fleet.pools.is_empty() {
            let expected = format!("no other pool to name its nodes {fleet_name:?}");
            check.under(name).fault("isolated", "true", expected);
        }
        fleet.pools.insert(name.clone());
        fleet.nvme |= pool.nvme;
        fleet.gpu = fleet.gpu.max(pool.requests.unwrap_or_default().gpu);
        let mut join = Join { check: &mut check.under(name), fleet: fleet_name };
        join.option("arch", &mut fleet.arch, pool.arch);
        join.option("cpu_max", &mut fleet.cpu_max, pool.cpu_max);
        join.option("pods_per_node_max", &mut fleet.pods_per_node_max, pool.pods_per_node_max);
        join.option("nodes_max", &mut fleet.nodes_max, pool.nodes_max);
        join.list("families", &mut fleet.families, &pool.families);
        join.list("instance_types", &mut fleet.instance_types, &pool.instance_types);
        join.list("capacity", &mut fleet.capacity, &pool.capacity);
    }
    fleets
}

/// The nodes that pools ask for which were checked before.
pub fn fleets_of(pools: &BTreeMap<String, PoolConfig>) -> BTreeMap<String, FleetConfig> {
    fleets(pools, &mut Check::new(&mut Vec::new()))
}

/// Puts one pool's wishes to those of the others.
struct Join<'a, 'b> {
    check: &'a mut Check<'b>,
    fleet: &'a str,
}

impl Join<'_, '_> {
    fn option<T: Copy + PartialEq + core::fmt::Display>(
        &mut self,
        key: &str,
        joined: &mut Option<T>,
        wish: Option<T>,
    ) {
        match (*joined, wish) {
            (Some(other), Some(wish)) if other != wish => {
                let expected = format!("{other} as another pool on nodes {:?} says", self.fleet);
                self.check.fault(key, wish, expected);
            }
            _ => *joined = joined.or(wish),
        }
    }

    fn list<T: Clone + PartialEq>(&mut self, key: &str, joined: &mut Vec<T>, wish: &[T]) {
        if joined.is_empty() {
            joined.extend_from_slice(wish);
        } else if !wish.is_empty() && joined != wish {
            let expected = format!("the list of the other pools on nodes {:?}", self.fleet);
            self.check.fault(key, "another list", expected);
        }
    }
}
