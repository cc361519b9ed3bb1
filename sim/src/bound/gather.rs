//! From arrivals to what must be done, and on which nodes.

use super::bounds::{Bounds, Fleet, Pool};
use super::player::Player;
use super::prices::{Offer, UnitPrices, units};
use super::replay::Replay;
use super::work::{Kind, NO_RUN, Work};
use crate::ec2::{Market, Pool as SpotPool};
use crate::engine::outbox::Outbox;
use crate::registry::{Registry, SetFacts};
use crate::run::{Plan, WorldPlan};
use crate::world::eks;
use greenroom_scheduler::event::Event;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::spec;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Conclusion, Name};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most jobs that are kept for bounds that look at all of them at once, some 60 bytes each. Of
/// longer traces of the one-slot world only the zero-wait bound is given, which keeps nothing.
pub const JOBS_MAX: usize = 1 << 20;

/// A spot price is looked at until so long after the last job came: the 35 days that a workflow run
/// lives at most (docs.github.com, usage limits for self-hosted runners).
const PRICES_FOR: Span = Span::from_secs(35 * 24 * 3600);

/// Takes arrivals as a run would, and gives the bounds of all policies for it.
pub struct Gather<'p> {
    plan: &'p Plan,
    registry: Registry,
    events: Vec<Event>,
    fleets: Vec<spec::Fleet>,
    pools: Vec<Pool>,
    jobs: Vec<Work>,
    edges: Vec<(u32, u32)>,
    counts: Counts,
    streams: Vec<Stream>,
    first: Option<Time>,
    last: Time,
}

/// What the trace holds, to be compared with what a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs.
    pub jobs: u64,
    /// Of those, failed in the record.
    pub failed: u64,
    /// Of those, cancelled in the record.
    pub cancelled: u64,
}

/// Jobs of one fleet of the one-slot world on their way into a replay, in order of readiness.
struct Stream {
    pending: BinaryHeap<Reverse<(u64, u64)>>,
    player: Player,
}

impl<'p> Gather<'p> {
    /// No arrival yet. `plan` is the run's.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            registry: Registry::new(plan.rules.clone()),
            events: Vec::new(),
            fleets: Vec::new(),
            pools: Vec::new(),
            jobs: Vec::new(),
            edges: Vec::new(),
            counts: Counts::default(),
            streams: Vec::new(),
            first: None,
            last: Time::ZERO,
        }
    }

    /// Takes the next arrival, in order of `enter`; `needs` are the rows of its predecessors.
    pub fn take<'t>(&mut self, job: &Arrival, needs: &[u32], text: impl Fn(Name) -> &'t str) {
        let mut nowhere = ();
        let mut out = Outbox::new(job.enter, &mut nowhere, &mut self.events);
        let place = self.registry.place(job, text, &mut out);
        self.learn();
        let set = self.registry.sets()[place.set.index()];
        let pool = set.spec.pool.index();
        self.pools[pool].learn(&set);
        self.first.get_or_insert(job.enter);
        self.last = self.last.max(job.ready);
        self.counts.jobs += 1;
        self.counts.failed += u64::from(job.conclusion == Conclusion::Failure);
        self.counts.cancelled += u64::from(job.conclusion == Conclusion::Cancelled);
        let work = self.work(job, &set);
        if let WorldPlan::OneSlot(_) = self.plan.world {
            self.stream(job.enter, &work);
        }
        if self.jobs.len() < JOBS_MAX {
            if !matches!(self.plan.world, WorldPlan::OneSlot(_)) {
                let job = self.jobs.len() as u32;
                self.edges.extend(needs.iter().map(|&before| (job, before)));
            }
            self.jobs.push(work);
        }
    }

    /// Takes in what the registry told of a new runner set.
    fn learn(&mut self) {
        for event in self.events.drain(..) {
            match event {
                Event::FleetKnown(_, fleet) => self.fleets.push(*fleet),
                Event::PoolKnown(_, pool) => self.pools.push(Pool::new(pool.name)),
                _ => {}
            }
        }
    }

    fn work(&self, job: &Arrival, set: &SetFacts) -> Work {
        let busy = match &self.plan.world {
            WorldPlan::OneSlot(world) => world.dispatch + job.duration.max(world.duration_min),
            WorldPlan::Eks(_) => job.duration,
        };
        let kind = match (set.hosted_per_minute, job.patience) {
            (_, Some(_)) => Kind::MayGiveUp,
            (Some(_), None) => Kind::Hosted,
            (None, None) => Kind::Must,
        };
        Work {
            ready_ms: job.ready.max(job.enter).as_ms(),
            busy_ms: busy.as_ms(),
            gap_ms: job.gap.as_ms(),
            run: job.run.map_or(NO_RUN, |run| run.0),
            fleet: set.spec.fleet.0,
            pool: set.spec.pool.0,
            kind,
        }
    }

    fn stream(&mut self, now: Time, work: &Work) {
        let WorldPlan::OneSlot(world) = &self.plan.world else { return };
        let fleet = work.fleet as usize;
        while self.streams.len() <= fleet {
            let replay = Replay::without_waiting(world.boot_least().as_ms() as f64);
            self.streams.push(Stream { pending: BinaryHeap::new(), player: Player::new(replay) });
        }
        let (rate, stream) = (world.rate.as_usd_per_hour(), &mut self.streams[fleet]);
        // Nothing that comes later was ready before it came.
        stream.play(now.as_ms(), rate);
        if work.kind == Kind::Must && rate > 0.0 {
            stream.pending.push(Reverse((work.ready_ms, work.busy_ms)));
        }
    }

    /// The bounds.
    pub fn finish(mut self) -> Bounds {
        let is_whole = self.jobs.len() as u64 == self.counts.jobs;
        let (fleets, dispatch_s) = match &self.plan.world {
            WorldPlan::OneSlot(world) => {
                let rate = world.rate.as_usd_per_hour();
                let streams = std::mem::take(&mut self.streams);
                let fleets = streams.into_iter().map(|stream| {
                    let prices = vec![UnitPrices::one_slot(rate)];
                    let boot_ms = world.boot_least().as_ms() as f64;
                    Fleet { boot_ms, prices, zero_wait_usd: Some(stream.finish(rate)) }
                });
                (fleets.collect(), world.dispatch.as_secs_f64())
            }
            WorldPlan::Eks(world) => (self.eks_fleets(world), 0.0),
        };
        let (jobs, edges) = (std::mem::take(&mut self.jobs), std::mem::take(&mut self.edges));
        let works = is_whole.then(|| super::work::Works::new(jobs, &edges));
        Bounds::new(works, fleets, self.pools, self.counts, dispatch_s)
    }

    fn eks_fleets(&self, world: &eks::Plan) -> Vec<Fleet> {
        let lowest = self.lowest_prices(world);
        let all = self.fleets.iter().enumerate();
        all.map(|(number, fleet)| self.eks_fleet(number, fleet, world, &lowest)).collect()
    }

    fn eks_fleet(
        &self,
        number: usize,
        fleet: &spec::Fleet,
        world: &eks::Plan,
        lowest: &[f64],
    ) -> Fleet {
        let on_demand = fleet.capacity.contains(&CapacityType::OnDemand);
        let spot = fleet.capacity.contains(&CapacityType::Spot);
        let pods_limit = fleet.pods_per_node_max.unwrap_or(u32::MAX);
        let offers = fleet.types.iter().filter_map(|id| {
            let of_type = world.types.get(id.index())?;
            let list = if on_demand { of_type.on_demand.as_usd_per_hour() } else { f64::INFINITY };
            let least = if spot { list.min(lowest[id.index()]) } else { list };
            let pods_max = of_type.pods_max.min(pods_limit);
            Some(Offer::new(of_type.allocatable, pods_max, least))
        });
        let offers: Vec<Offer> = offers.filter(|offer| offer.usd_per_hour.is_finite()).collect();
        // The prices that are best for all work together, then those best for each size of job.
        let of_fleet = number as u32;
        let own =
            || self.pools.iter().enumerate().filter(|(_, pool)| pool.fleets.contains(&of_fleet));
        let mut held = vec![0.0; self.pools.len()];
        let must = |job: &&Work| job.kind == Kind::Must && job.fleet == of_fleet;
        for job in self.jobs.iter().filter(must) {
            held[job.pool as usize] += job.busy_ms as f64 / 3.6e6;
        }
        let total = own().fold([0.0; 4], |mut total, (at, pool)| {
            for (sum, amount) in total.iter_mut().zip(units(pool.request)) {
                *sum += amount * held[at];
            }
            total
        });
        let mut prices = vec![UnitPrices::best_for(total, &offers)];
        for (_, pool) in own().take(PRICES_MAX) {
            let best = UnitPrices::best_for(units(pool.request), &offers);
            if !prices.contains(&best) {
                prices.push(best);
            }
        }
        Fleet { boot_ms: least_boot_ms(&fleet.types, world), prices, zero_wait_usd: None }
    }

    /// The lowest spot price of each type in any zone, in USD an hour, as long as anything can run;
    /// looked up only for types that some fleet may buy so.
    fn lowest_prices(&self, world: &eks::Plan) -> Vec<f64> {
        let mut lowest = vec![f64::INFINITY; world.types.len()];
        let begin = self.first.unwrap_or_default();
        let (catalogue, ec2) = (world.catalogue.clone(), world.ec2.clone());
        let mut market = Market::new(world.streams, begin, catalogue, ec2, world.spot.clone());
        if let Some((history, start_s)) = &world.records.prices {
            market.record_prices(history, *start_s);
        }
        let buyers =
            self.fleets.iter().filter(|fleet| fleet.capacity.contains(&CapacityType::Spot));
        let mut types: Vec<TypeId> = buyers.flat_map(|fleet| fleet.types.iter().copied()).collect();
        types.sort_unstable();
        types.dedup();
        let until = self.last + PRICES_FOR;
        for instance_type in types {
            for zone in 0..market.zones() as u32 {
                let capacity = CapacityType::Spot;
                let pool = SpotPool { instance_type, zone: ZoneId(zone), capacity };
                let mut at = Some(begin);
                while let Some(now) = at.filter(|at| *at <= until) {
                    let price = market.price(pool, now).as_usd_per_hour();
                    let lowest = &mut lowest[instance_type.index()];
                    *lowest = lowest.min(price);
                    at = market.next_price_change(pool, now);
                }
            }
        }
        lowest
    }
}

/// Most sizes of job for which each instant's linear program is solved exactly; beyond, the best of
/// the others' prices is taken, which is a bound too.
const PRICES_MAX: usize = 16;

/// The shortest boot that any machine of a fleet can have, in milliseconds.
fn least_boot_ms(types: &[TypeId], world: &eks::Plan) -> f64 {
    let kinds = types.iter().filter_map(|id| world.catalogue.get(*id));
    let boots =
        kinds.filter_map(|kind| world.latency.boot(&world.node_image, kind, world.nvme_raid).ok());
    let least = boots.map(|parts| parts.least_ready_s()).fold(f64::INFINITY, f64::min);
    if least.is_finite() { least * 1e3 } else { 0.0 }
}

impl Stream {
    fn play(&mut self, until_ms: u64, rate: f64) {
        while let Some(&Reverse((ready_ms, busy_ms))) = self.pending.peek()
            && ready_ms <= until_ms
        {
            self.pending.pop();
            self.player.job(ready_ms, busy_ms, rate);
        }
    }

    fn finish(mut self, rate: f64) -> f64 {
        self.play(u64::MAX, rate);
        let (held, overhead) = self.player.finish();
        (held + overhead) / super::area::MS_PER_HOUR
    }
}
