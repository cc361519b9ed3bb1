//! The market of a region: capacity, prices and interruptions of every pool.

use super::Pool;
use super::availability::Availability;
use super::config::Ec2Config;
use super::price::PriceLine;
use super::spot_config::{AfterEnd, SpotConfig};
use super::timeline::{State, Timeline};
use crate::catalogue::Catalogue;
use crate::random::{Purpose, Streams, pair, text};
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};
use std::sync::Arc;

/// The market of a region. Pools are made when they are first asked about, each from its own
/// streams, so that neither their number nor the order of questions changes any of them.
#[derive(Clone, Debug)]
pub struct Market {
    pub(super) streams: Streams,
    pub(super) origin: Time,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) spot: SpotConfig,
    ec2: Ec2Config,
    type_keys: Vec<u64>,
    zone_keys: Vec<u64>,
    pub(super) capacity: Vec<Option<Box<Timeline>>>,
    pub(super) prices: Vec<Option<Box<PriceLine>>>,
    zones: Vec<Option<Box<Timeline>>>,
}

impl Market {
    /// The market that begins at `origin`.
    pub fn new(
        streams: Streams,
        origin: Time,
        catalogue: Arc<Catalogue>,
        ec2: Ec2Config,
        spot: SpotConfig,
    ) -> Self {
        let pools = catalogue.len() * ec2.zones.len();
        Self {
            streams,
            origin,
            type_keys: catalogue.iter().map(|(_, kind)| text(&kind.name)).collect(),
            zone_keys: ec2.zones.iter().map(|zone| text(zone)).collect(),
            capacity: vec![None; pools * 2],
            prices: vec![None; pools],
            zones: vec![None; ec2.zones.len()],
            catalogue,
            spot,
            ec2,
        }
    }

    /// Puts a recording in the place of what chance would do to the spot capacity of a pool.
    /// False, and nothing happens, for a pool that does not exist.
    #[must_use]
    pub fn record_capacity(
        &mut self,
        instance_type: TypeId,
        zone: ZoneId,
        recording: &Availability,
        after_end: AfterEnd,
    ) -> bool {
        let Some(place) = self.place(Pool { instance_type, zone, capacity: CapacityType::Spot })
        else {
            return false;
        };
        let line = Timeline::recorded(recording, self.origin, after_end == AfterEnd::Repeat);
        self.capacity[place] = Some(Box::new(line));
        true
    }

    /// The catalogue of the region.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// How many zones there are.
    pub const fn zones(&self) -> usize {
        self.zone_keys.len()
    }

    pub(super) fn spot_place(&self, instance_type: TypeId, zone: ZoneId) -> Option<usize> {
        let exists = instance_type.index() < self.type_keys.len() && zone.index() < self.zones();
        exists.then(|| instance_type.index() * self.zones() + zone.index())
    }

    pub(super) fn place(&self, pool: Pool) -> Option<usize> {
        let place = self.spot_place(pool.instance_type, pool.zone)?;
        Some(place * 2 + usize::from(pool.capacity == CapacityType::OnDemand))
    }

    pub(super) fn key(&self, instance_type: TypeId, zone: ZoneId) -> u64 {
        pair(self.type_keys[instance_type.index()], self.zone_keys[zone.index()])
    }

    pub(super) fn timeline(&mut self, pool: Pool) -> Option<&mut Timeline> {
        let place = self.place(pool)?;
        if self.capacity[place].is_none() {
            let kind = self.catalogue.get(pool.instance_type)?;
            let key = pair(self.key(pool.instance_type, pool.zone), pool.capacity as u64);
            let stream = self.streams.stream(Purpose::Capacity, key);
            let (rate, outage, lost) = match pool.capacity {
                CapacityType::Spot => {
                    (self.pool_losses_per_hour(kind), &self.spot.outage, self.spot.lost_share)
                }
                CapacityType::OnDemand => {
                    (self.ec2.on_demand_losses_per_hour, &self.ec2.on_demand_outage, 0.0)
                }
            };
            let line = Timeline::renewal(stream, self.origin, rate, outage.clone(), lost);
            self.capacity[place] = Some(Box::new(line));
        }
        self.capacity[place].as_deref_mut()
    }

    pub(super) fn zone_timeline(&mut self, zone: ZoneId) -> Option<&mut Timeline> {
        let key = *self.zone_keys.get(zone.index())?;
        let (streams, origin, spot) = (self.streams, self.origin, &self.spot);
        let line = self.zones[zone.index()].get_or_insert_with(|| {
            Box::new(Timeline::renewal(
                streams.stream(Purpose::ZoneLoss, key),
                origin,
                spot.zone_losses_per_hour,
                spot.outage.clone(),
                spot.zone_lost_share,
            ))
        });
        Some(line)
    }

    /// What a pool is like: whether a launch succeeds now, since when and until when. A pool that
    /// does not exist never has capacity.
    pub fn state(&mut self, pool: Pool, now: Time) -> State {
        let never = State { available: false, since: Time::ZERO, until: Time::MAX };
        let Some(own) = self.timeline(pool).map(|line| line.state_at(now)) else { return never };
        if pool.capacity == CapacityType::OnDemand {
            return own;
        }
        let Some(zone) = self.zone_timeline(pool.zone).map(|line| line.state_at(now)) else {
            return never;
        };
        match (own.available, zone.available) {
            (true, true) | (false, false) => State {
                available: own.available,
                since: if own.available {
                    own.since.max(zone.since)
                } else {
                    own.since.min(zone.since)
                },
                until: if own.available {
                    own.until.min(zone.until)
                } else {
                    own.until.max(zone.until)
                },
            },
            (false, true) => own,
            (true, false) => zone,
        }
    }

    /// Whether EC2 counts a pool as deep; `None` when a launch fails. Deep is a pool whose last
    /// outage is long over and whose next one far away, but for the share of errors. Judged once an
    /// hour and pool. An on-demand pool with capacity is deep.
    pub fn depth(&mut self, pool: Pool, now: Time) -> Option<bool> {
        let state = self.state(pool, now);
        if !state.available || pool.capacity == CapacityType::OnDemand {
            return state.available.then_some(true);
        }
        let foresight = Span::from_secs(self.spot.depth_foresight_s);
        let fresh = state.since > self.origin && now.since(state.since) < foresight;
        let ending = state.until.since(now) < foresight;
        let hour = now.as_ms() / 3_600_000;
        let key = pair(self.key(pool.instance_type, pool.zone), hour);
        let errs = self.streams.stream(Purpose::PoolDepth, key).chance(self.spot.depth_error);
        Some((fresh || ending) == errs)
    }
}
