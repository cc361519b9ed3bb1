//! The market of a region: capacity, prices and interruptions of every pool.

use super::Pool;
use super::availability::Availability;
use super::config::{AfterEnd, Ec2Config, PriceModel, SpotConfig};
use super::hazard::{Hazard, monthly_to_hourly};
use super::history::{History, LogProcess};
use super::interruption::{Cause, Interruption};
use super::price::{PriceLine, Walk};
use super::timeline::{State, Timeline};
use crate::catalogue::{Catalogue, InstanceType};
use crate::random::{Purpose, Stream, Streams, pair, text, triple};
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use std::sync::Arc;

/// Interruptions later than this after a launch are not looked for: Karpenter replaces nodes after
/// 720 h by default, and no CI node lives longer.
const NODE_AGE_MAX: Span = Span::from_secs(720 * 3600);

/// Shares of nodes that the advisor's buckets stand for: the middle of 0-5, 5-10, 10-15, 15-20 %,
/// and 25 % for "over 20".
const BUCKET_SHARES: [f64; 5] = [0.025, 0.075, 0.125, 0.175, 0.25];

/// The market of a region. Pools are made when they are first asked about, each from its own
/// streams, so that neither their number nor the order of questions changes any of them.
#[derive(Clone, Debug)]
pub struct Market {
    streams: Streams,
    origin: Time,
    catalogue: Arc<Catalogue>,
    spot: SpotConfig,
    ec2: Ec2Config,
    type_keys: Vec<u64>,
    zone_keys: Vec<u64>,
    capacity: Vec<Option<Box<Timeline>>>,
    prices: Vec<Option<Box<PriceLine>>>,
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
    /// Nothing happens for a pool that does not exist.
    pub fn record_capacity(
        &mut self,
        pool: (TypeId, ZoneId),
        recording: &Availability,
        after_end: AfterEnd,
    ) {
        let pool = Pool { instance_type: pool.0, zone: pool.1, capacity: CapacityType::Spot };
        let line = Timeline::recorded(recording, self.origin, after_end == AfterEnd::Repeat);
        if let Some(place) = self.place(pool) {
            self.capacity[place] = Some(Box::new(line));
        }
    }

    /// Puts recorded prices in the place of the model, for the pools that they name. The file's
    /// second `start_s` is the run's beginning; by default its earliest record, or, where the run
    /// begins within the recorded time, the run's own beginning.
    pub fn record_prices(&mut self, history: &History, start_s: Option<u64>) {
        let Some(earliest) = history.earliest_s() else { return };
        let begin_s = self.origin.as_ms() / 1000;
        let start_s = start_s.unwrap_or_else(|| earliest.max(begin_s));
        for pool in history.pools() {
            let line = history.prices(pool, start_s, self.origin).map(PriceLine::Recorded);
            let place = self.spot_place(pool.0, pool.1);
            if let (Some(line), Some(place)) = (line, place) {
                self.prices[place] = Some(Box::new(line));
            }
        }
    }

    /// The catalogue of the region.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// How many zones there are.
    pub const fn zones(&self) -> usize {
        self.zone_keys.len()
    }

    fn spot_place(&self, instance_type: TypeId, zone: ZoneId) -> Option<usize> {
        let exists = instance_type.index() < self.type_keys.len() && zone.index() < self.zones();
        exists.then(|| instance_type.index() * self.zones() + zone.index())
    }

    fn place(&self, pool: Pool) -> Option<usize> {
        let place = self.spot_place(pool.instance_type, pool.zone)?;
        Some(place * 2 + usize::from(pool.capacity == CapacityType::OnDemand))
    }

    fn key(&self, instance_type: TypeId, zone: ZoneId) -> u64 {
        pair(self.type_keys[instance_type.index()], self.zone_keys[zone.index()])
    }

    /// The spot hazard of an old node of this type, an hour, all causes but the zone's together.
    pub fn hazard_per_hour(&self, kind: &InstanceType) -> f64 {
        let bucket = kind.spot_interruption_bucket.unwrap_or(self.spot.unknown_bucket);
        let share = BUCKET_SHARES.get(usize::from(bucket)).copied().unwrap_or(0.0);
        let per_hour = self.spot.hazard_per_hour.unwrap_or_else(|| monthly_to_hourly(share));
        per_hour * self.spot.hazard_scale
    }

    /// The hazard that a node of this type runs alone, by its age.
    pub fn own_hazard(&self, kind: &InstanceType) -> Hazard {
        let alone = if self.spot.lost_share > 0.0 { 1.0 - self.spot.correlated_share } else { 1.0 };
        Hazard::new(self.hazard_per_hour(kind) * alone, self.spot.age_bands.clone())
    }

    /// How often a pool of this type is lost, an hour with capacity. Each loss takes `lost_share`
    /// of the nodes, so a node's hazard from them is this times that share.
    pub fn pool_losses_per_hour(&self, kind: &InstanceType) -> f64 {
        if self.spot.lost_share <= 0.0 {
            return 0.0;
        }
        let together = self.hazard_per_hour(kind) * self.spot.correlated_share;
        // The bound of every rate an hour, see `checked`.
        (together / self.spot.lost_share).min(60.0)
    }

    fn timeline(&mut self, pool: Pool) -> Option<&mut Timeline> {
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

    fn zone_timeline(&mut self, zone: ZoneId) -> Option<&mut Timeline> {
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

    /// Whether EC2 counts an available pool as deep: its last outage is long over and its next one
    /// far away, but for the share of errors. Judged once an hour and pool.
    pub fn is_deep(&mut self, pool: Pool, now: Time) -> bool {
        let state = self.state(pool, now);
        if !state.available {
            return false;
        }
        let foresight = Span::from_secs(self.spot.depth_foresight_s);
        let fresh = state.since > self.origin && now.since(state.since) < foresight;
        let ending = state.until.since(now) < foresight;
        let hour = now.as_ms() / 3_600_000;
        let key = pair(self.key(pool.instance_type, pool.zone), hour);
        let errs = self.streams.stream(Purpose::PoolDepth, key).chance(self.spot.depth_error);
        (fresh || ending) == errs
    }

    fn price_line(&mut self, instance_type: TypeId, zone: ZoneId) -> Option<&mut PriceLine> {
        let place = self.spot_place(instance_type, zone)?;
        if self.prices[place].is_none() {
            let kind = self.catalogue.get(instance_type)?;
            let level = self.usual_spot_price(kind);
            let hours = |h: f64| Span::from_secs_f64(h * 3600.0);
            let line = match self.spot.price {
                PriceModel::Constant => PriceLine::Constant(level),
                PriceModel::Process => PriceLine::Process(Walk::new(
                    self.streams.stream(Purpose::SpotPrice, self.key(instance_type, zone)),
                    self.origin,
                    LogProcess {
                        deviation: self.spot.price_log_deviation,
                        half_life: hours(self.spot.price_half_life_h),
                        step: hours(self.spot.price_step_h),
                    },
                    level,
                    kind.on_demand,
                )),
            };
            self.prices[place] = Some(Box::new(line));
        }
        self.prices[place].as_deref_mut()
    }

    /// On-demand less the saving, rounded half up to the micro-dollar.
    pub fn usual_spot_price(&self, kind: &InstanceType) -> Rate {
        let known = kind.spot_saving_percent.map(f64::from);
        let saving = self.spot.saving_percent.or(known).unwrap_or(self.spot.unknown_saving_percent);
        Rate::from_usd_per_hour(kind.on_demand.as_usd_per_hour() * (1.0 - saving / 100.0))
    }

    /// The price of a pool at `now`; zero for one that does not exist.
    pub fn price(&mut self, pool: Pool, now: Time) -> Rate {
        match pool.capacity {
            CapacityType::OnDemand => {
                self.catalogue.get(pool.instance_type).map_or(Rate::ZERO, |kind| kind.on_demand)
            }
            CapacityType::Spot => self
                .price_line(pool.instance_type, pool.zone)
                .map_or(Rate::ZERO, |line| line.at(now)),
        }
    }

    /// When the price of a pool may next be another; `None` when it stays.
    pub fn next_price_change(&mut self, pool: Pool, now: Time) -> Option<Time> {
        match pool.capacity {
            CapacityType::OnDemand => None,
            CapacityType::Spot => self.price_line(pool.instance_type, pool.zone)?.next_after(now),
        }
    }

    /// When EC2 takes back the `ordinal`th spot node of a pool, launched at `launched`; `None` when
    /// it does not within 30 days. The notice comes strictly after the launch.
    ///
    /// The earliest of three causes counts: the node's own hazard, which falls with its age; a loss
    /// of its pool, and a loss of its zone, each of which takes it with the loss's share. A loss is
    /// the same for every node and every policy, and so is the coin of the `ordinal`th node.
    pub fn interruption_of(
        &mut self,
        instance_type: TypeId,
        zone: ZoneId,
        ordinal: u64,
        launched: Time,
    ) -> Option<Interruption> {
        let pool = Pool { instance_type, zone, capacity: CapacityType::Spot };
        self.place(pool)?;
        let key = pair(self.key(instance_type, zone), ordinal);
        let mut stream = self.streams.stream(Purpose::Interruption, key);
        let kind = self.catalogue.get(instance_type)?;
        let recorded = self.place(pool).is_some_and(|place| {
            self.capacity[place].as_ref().is_some_and(|line| line.is_recorded())
        });
        // The draw is taken in any case, so that those after it stay the same. A recording is the whole
        // truth about its pool: there a node has no hazard of its own beside it.
        let gathered = stream.exponential();
        let own = if recorded { None } else { self.own_hazard(kind).age_at(gathered) };
        let mut until = launched + own.unwrap_or(NODE_AGE_MAX).min(NODE_AGE_MAX);
        let mut found =
            own.filter(|age| *age <= NODE_AGE_MAX).map(|age| (launched + age, Cause::Own));

        let streams = self.streams;
        let coin = |salt: u64, nth: u64, share: f64| {
            streams.stream(Purpose::CorrelatedLoss, triple(key, salt, nth)).chance(share)
        };
        if let Some(line) = self.timeline(pool)
            && let Some(at) = first_hit(line, launched, until, |nth, share| coin(0, nth, share))
        {
            (found, until) = (Some((at, Cause::Pool)), at);
        }
        if let Some(line) = self.zone_timeline(zone)
            && let Some(at) = first_hit(line, launched, until, |nth, share| coin(1, nth, share))
        {
            found = Some((at, Cause::Zone));
        }
        let (at, cause) = found?;
        let notice_at = at.max(launched + Span::from_ms(1));
        Some(self.announced(launched, notice_at, cause, &mut stream))
    }

    fn announced(
        &self,
        launched: Time,
        notice_at: Time,
        cause: Cause,
        stream: &mut Stream,
    ) -> Interruption {
        let late = stream.chance(self.spot.rebalance_late_share);
        let lead = self.spot.rebalance_lead.sample(stream);
        let rebalance_at = if late { notice_at } else { (notice_at - lead).max(launched) };
        let reclaim_at = notice_at + Span::from_secs(self.spot.notice_s);
        Interruption { rebalance_at, notice_at, reclaim_at, cause }
    }
}

/// The first loss in (after, until] whose coin takes the node.
fn first_hit(
    line: &mut Timeline,
    after: Time,
    until: Time,
    hit: impl Fn(u64, f64) -> bool,
) -> Option<Time> {
    let mut from = after;
    while let Some(loss) = line.loss_after(from, until) {
        if hit(loss.nth, loss.share) {
            return Some(loss.at);
        }
        from = loss.at;
    }
    None
}
