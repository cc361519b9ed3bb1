//! The account's side of EC2: calls, quotas, addresses, and what is launched.

use super::Pool;
use super::addresses::Addresses;
use super::config::{ApiConfig, Ec2Config};
use super::fleet::{Choice, Lack, NoLaunch, Offer, Strategy, choose};
use super::interruption::Interruption;
use super::market::Market;
use super::quota::{Quota, QuotaGroup};
use super::ranking::Ranking;
use super::spot_config::SpotConfig;
use super::throttle::{Throttled, TokenBucket};
use crate::catalogue::Catalogue;
use crate::random::{Streams, text, triple};
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// A request for one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// Bought how. One way for the whole request.
    pub capacity: CapacityType,
    /// The types and zones that will do.
    pub overrides: &'a [(TypeId, ZoneId)],
    /// Pods that take addresses, to know how many the node needs; the type's most by default.
    pub pods: Option<u32>,
}

/// A node that EC2 has begun to launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// Where it came from.
    pub pool: Pool,
    /// Its price now. On-demand keeps it; spot has another each hour.
    pub price: Rate,
    /// Which launch of this pool it is, from 0.
    pub ordinal: u64,
    /// The entity of its boot's stream: (zone, family, nth launch there).
    pub boot: u64,
    /// Addresses that it holds until it is terminated.
    pub addresses: u32,
    /// The end that EC2 has in store for it.
    pub interruption: Option<Interruption>,
    /// Pools that were tried before in vain.
    pub tried: Vec<Pool>,
}

/// Nothing was launched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LaunchError {
    /// Too many calls.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// No override can be launched.
    #[error(transparent)]
    None(#[from] NoLaunch),
}

/// A stopped node was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StartError {
    /// Too many calls.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// EC2 has no capacity, or the account no quota.
    #[error("{0}")]
    Lack(Lack),
}

/// An account in one region.
#[derive(Clone, Debug)]
pub struct Account {
    market: Market,
    quota: Quota,
    addresses: Addresses,
    config: Ec2Config,
    create_fleet: TokenBucket,
    terminate: TokenBucket,
    start: TokenBucket,
    launches: BTreeMap<Pool, u64>,
    boots: BTreeMap<(ZoneId, u64), u64>,
    ranking: Ranking,
}

impl Account {
    /// An account in which nothing runs, in a market that begins at `origin`.
    pub fn new(
        streams: Streams,
        origin: Time,
        catalogue: Arc<Catalogue>,
        ec2: Ec2Config,
        spot: SpotConfig,
    ) -> Self {
        let ApiConfig { create_fleet, terminate_instances, start_instances, .. } = ec2.api;
        Self {
            quota: Quota::new(ec2.quota.clone()),
            addresses: Addresses::new(ec2.zones.len(), ec2.subnet_addresses),
            create_fleet: TokenBucket::new(create_fleet, origin),
            terminate: TokenBucket::new(terminate_instances, origin),
            start: TokenBucket::new(start_instances, origin),
            launches: BTreeMap::new(),
            boots: BTreeMap::new(),
            ranking: Ranking::default(),
            market: Market::new(streams, origin, catalogue, ec2.clone(), spot),
            config: ec2,
        }
    }

    /// The market. Recordings are put into it before anything is asked for.
    pub const fn market(&mut self) -> &mut Market {
        &mut self.market
    }

    /// Quotas and what they hold.
    pub const fn quota(&self) -> &Quota {
        &self.quota
    }

    /// Addresses of the subnets.
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// CreateFleet of type `instant` for one node: price-capacity-optimized for spot, lowest-price
    /// for on-demand. Holds the node's quota and addresses until [`Account::terminated`].
    pub fn create_fleet(&mut self, now: Time, order: Order<'_>) -> Result<Launched, LaunchError> {
        self.create_fleet_call(now)?;
        Ok(self.create_fleet_node(now, order)?)
    }

    /// The call alone, for whoever asks for several nodes at once: Karpenter puts up to 1,000 equal
    /// requests into one call (karpenter-provider-aws `pkg/batcher/createfleet.go`). Each node is then
    /// had by [`Account::create_fleet_node`].
    pub fn create_fleet_call(&mut self, now: Time) -> Result<(), Throttled> {
        self.create_fleet.take(now, 1)
    }

    /// One node of a call that was let through.
    pub fn create_fleet_node(&mut self, now: Time, order: Order<'_>) -> Result<Launched, NoLaunch> {
        self.ranking.bring(&mut self.market, now, order);
        let strategy = match order.capacity {
            CapacityType::Spot => Strategy::PriceCapacityOptimized,
            CapacityType::OnDemand => Strategy::LowestPrice,
        };
        let ranking = std::mem::take(&mut self.ranking);
        let chosen = choose(strategy, &ranking.offers, |pool| self.look(pool, order.pods, now));
        self.ranking = ranking;
        Ok(self.launch(now, chosen?, order.pods))
    }

    /// Why a pool cannot be launched from, else whether it is deep. Quotas and addresses are
    /// checked before capacity, as EC2 does.
    fn look(&mut self, pool: Pool, pods: Option<u32>, now: Time) -> Result<bool, Lack> {
        let (group, vcpu, addresses) = self.needs(pool, pods).ok_or(Lack::Capacity)?;
        self.quota.check(group, pool.capacity, vcpu).map_err(Lack::Quota)?;
        self.addresses.check(pool.zone, addresses).map_err(Lack::Addresses)?;
        self.market.depth(pool, now).ok_or(Lack::Capacity)
    }

    /// Quota group, vCPUs and addresses of a node.
    fn needs(&self, pool: Pool, pods: Option<u32>) -> Option<(QuotaGroup, u32, u32)> {
        let kind = self.market.catalogue().get(pool.instance_type)?;
        let pods = pods.unwrap_or(kind.max_pods).min(kind.max_pods);
        let addresses = self.config.addresses.addresses(kind, pods);
        Some((QuotaGroup::of(kind.category()), kind.vcpu, addresses))
    }

    fn launch(&mut self, now: Time, choice: Choice, pods: Option<u32>) -> Launched {
        let Choice { offer: Offer { price, pool }, tried } = choice;
        let mut held = 0;
        if let Some((group, vcpu, addresses)) = self.needs(pool, pods) {
            // Checked in this same call, with nothing in between.
            let quota = self.quota.take(group, pool.capacity, vcpu);
            let subnet = self.addresses.take(pool.zone, addresses);
            debug_assert!(quota.is_ok() && subnet.is_ok(), "{quota:?} {subnet:?}");
            held = addresses;
        }
        let count = self.launches.entry(pool).or_insert(0);
        let ordinal = *count;
        *count += 1;
        let kind = self.market.catalogue().get(pool.instance_type);
        let family = text(kind.map_or("", |kind| kind.family()));
        let zone = text(self.config.zones.get(pool.zone.index()).map_or("", String::as_str));
        let boots = self.boots.entry((pool.zone, family)).or_insert(0);
        let boot = triple(zone, family, *boots);
        *boots += 1;
        let interruption = match pool.capacity {
            CapacityType::Spot => {
                self.market.interruption_of(pool.instance_type, pool.zone, ordinal, now)
            }
            CapacityType::OnDemand => None,
        };
        Launched { pool, price, ordinal, boot, addresses: held, interruption, tried }
    }

    /// StartInstances for one stopped on-demand node: it needs quota and capacity anew, and has its
    /// addresses still. When it fails the node stays stopped.
    pub fn start(&mut self, now: Time, pool: Pool) -> Result<(), StartError> {
        self.start.take(now, 1)?;
        let (group, vcpu, _) = self.needs(pool, None).ok_or(StartError::Lack(Lack::Capacity))?;
        self.quota
            .check(group, pool.capacity, vcpu)
            .map_err(|e| StartError::Lack(Lack::Quota(e)))?;
        if self.market.depth(pool, now).is_none() {
            return Err(StartError::Lack(Lack::Capacity));
        }
        self.quota.take(group, pool.capacity, vcpu).map_err(|e| StartError::Lack(Lack::Quota(e)))
    }

    /// A node is stopped: its quota is free, its addresses are not.
    pub fn stopped(&mut self, pool: Pool) {
        if let Some((group, vcpu, _)) = self.needs(pool, None) {
            self.quota.give_back(group, pool.capacity, vcpu);
        }
    }

    /// A call of TerminateInstances, for however many nodes.
    pub fn terminate_call(&mut self, now: Time) -> Result<(), Throttled> {
        self.terminate.take(now, 1)
    }

    /// A running node is gone, by whoever's doing: its quota and addresses are free again.
    pub fn terminated(&mut self, pool: Pool, addresses: u32) {
        self.stopped(pool);
        self.addresses.give_back(pool.zone, addresses);
    }

    /// A stopped node is gone: its addresses are free again.
    pub fn terminated_stopped(&mut self, pool: Pool, addresses: u32) {
        self.addresses.give_back(pool.zone, addresses);
    }
}
