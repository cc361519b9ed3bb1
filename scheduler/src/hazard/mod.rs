//! How likely spot machines are taken back: a Gamma-Poisson estimate by type, zone and age.
//!
//! A pool is a type in a zone. Interruptions are a Poisson process in exposure: node hours, weighted
//! by how often nodes of that age are taken. The region has a rate; types and zones differ from it by
//! a factor, pools from both, and each factor starts at what the level above says (a Gamma prior worth
//! `FACTOR_PRIOR` interruptions), so that a pool that was never used has the weather of its type
//! and its zone. What pools, types and zones gave counts half after six hours, what the region gave after a
//! day: weather changes sooner than climate.
//!
//! Old nodes and calm pools are the safer ones: hazard falls with age (0.34 of the nodes that began
//! with their pool were taken within ten minutes, 0.066 of all; skypilot-org/spot-traces).

mod pool;
mod tally;

use crate::id::{TypeId, ZoneId};
use crate::time::{Span, Time};
use alloc::vec::Vec;
use pool::{BAND_ENDS, BANDS, Pool};
use serde::{Deserialize, Serialize};
use tally::Tally;

/// Most pools that are remembered; beyond, the one that was in trouble longest ago and runs nothing
/// is forgotten. 1,000 types in four zones.
pub const POOLS_MAX: usize = 4_096;

/// What is believed of a region of which nothing was seen: 0.001 interruptions a node hour, twice the
/// median of AWS' Spot Instance Advisor, worth four node hours, so that a few interruptions are
/// enough to learn that a market is another one.
const RATE_PRIOR: (f64, f64) = (0.004, 4.0);

/// How many interruptions what the level above says of a type, zone or pool is worth.
const FACTOR_PRIOR: f64 = 3.0;

/// What was seen of a pool, a type or a zone counts half after six hours: spot changes within a day.
const WEATHER: Span = Span::from_secs(6 * 3_600);

/// What was seen of the region counts half after a day.
const CLIMATE: Span = Span::from_secs(24 * 3_600);

/// How many interruptions the age curve of [`AGE_FACTORS`] is worth.
const AGE_PRIOR: f64 = 2.0;

/// How many times as likely nodes below ten minutes, below an hour, and older are taken.
const AGE_FACTORS: [f64; BANDS] = [4.0, 1.3, 1.0];

/// Nodes of one pool that are taken within so long go together.
const TOGETHER: Span = Span::from_secs(120);

/// What each of them but the first counts.
const TOGETHER_WEIGHT: f64 = 0.25;

/// Pools that were not asked about are counted up to now this often.
const SWEEP: Span = Span::from_secs(60);

/// What was seen of spot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weather {
    /// When it began to look.
    born: Option<Time>,
    /// In order of (type, zone).
    pools: Vec<Pool>,
    types: Vec<(TypeId, Tally)>,
    zones: Vec<(ZoneId, Tally)>,
    region: Tally,
    /// Interruptions and expected interruptions of each band at factor 1.
    ages: [Tally; BANDS],
    swept_at: Time,
    running: u32,
}

/// A pool as the choice sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// Interruptions an hour of a node that is launched now, over the time that was asked for.
    pub hazard_per_hour: f64,
    /// For how long the pool has given no trouble.
    pub calm: Span,
    /// Nodes that run in it.
    pub nodes: u32,
}

impl Default for Weather {
    fn default() -> Self {
        let climate = Tally::halved_after(CLIMATE);
        Self {
            born: None,
            pools: Vec::new(),
            types: Vec::new(),
            zones: Vec::new(),
            region: climate,
            ages: [climate; BANDS],
            swept_at: Time::ZERO,
            running: 0,
        }
    }
}

impl Weather {
    /// A spot node runs since `launch`.
    pub fn launched(&mut self, now: Time, of_type: TypeId, zone: ZoneId, launch: Time) {
        let place = self.counted(now, of_type, zone);
        self.pools[place].begin(launch);
        self.running += 1;
    }

    /// Such a node is gone.
    pub fn ended(&mut self, now: Time, of_type: TypeId, zone: ZoneId, launch: Time) {
        let place = self.counted(now, of_type, zone);
        self.pools[place].end(launch);
        self.running = self.running.saturating_sub(1);
    }

    /// EC2 takes such a node back.
    pub fn interrupted(&mut self, now: Time, of_type: TypeId, zone: ZoneId, launch: Time) {
        let place = self.counted(now, of_type, zone);
        // Those that go together are one loss, which says little more than one of them would.
        let same = self.pools[place].troubled_at.is_some_and(|at| now.since(at) < TOGETHER);
        let weight = if same { TOGETHER_WEIGHT } else { 1.0 };
        self.add(now, place, weight, 0.0);
        self.ages[pool::band_of(now.since(launch))].add(now, weight, 0.0);
        self.pools[place].troubled_at = Some(now);
    }

    /// EC2 had no machine in the pool.
    pub fn refused(&mut self, now: Time, of_type: TypeId, zone: ZoneId) {
        let place = self.counted(now, of_type, zone);
        self.pools[place].troubled_at = Some(now);
    }

    /// Forgets what runs: it will be told anew.
    pub fn nothing_runs(&mut self, now: Time) {
        self.sweep(now, Span::ZERO);
        self.pools.iter_mut().for_each(Pool::empty);
        self.running = 0;
    }

    /// Spot nodes that run, over all pools.
    pub const fn running(&self) -> u32 {
        self.running
    }

    /// Brings what was seen up to `now`, at most once a minute; asked before many
    /// [`outlooks`](Self::outlook).
    pub fn look(&mut self, now: Time) {
        self.born.get_or_insert(now);
        self.sweep(now, SWEEP);
    }

    /// What a pool promises a node that is launched now, for `length`.
    pub fn outlook(&self, now: Time, of_type: TypeId, zone: ZoneId, length: Span) -> Outlook {
        let of_region = self.region_rate();
        let factor = |tally: Option<&Tally>, prior: f64| {
            tally.map_or(prior, |tally| {
                let (events, exposure) = (tally.events, tally.exposure * of_region);
                (FACTOR_PRIOR * prior + events) / (FACTOR_PRIOR + exposure)
            })
        };
        let find = self.types.binary_search_by_key(&of_type, |(id, _)| *id).ok();
        let by_type = factor(find.map(|place| &self.types[place].1), 1.0);
        let find = self.zones.binary_search_by_key(&zone, |(id, _)| *id).ok();
        let by_zone = factor(find.map(|place| &self.zones[place].1), 1.0);
        let pool = self.place(of_type, zone).ok().map(|place| &self.pools[place]);
        // Both saw the same interruptions: each counts for half.
        let above = libm::sqrt(by_type * by_zone);
        let by_pool = factor(pool.map(|pool| &pool.tally), above);
        let born = self.born.unwrap_or(now);
        // A node is no safer than its pool is calm: the same curve, by the time since trouble.
        let calm_since = pool.and_then(|pool| pool.troubled_at).map_or(born, |at| at.max(born));
        let calm = now.since(calm_since);
        let by_calm = pool
            .and_then(|pool| pool.troubled_at)
            .map_or(1.0, |_| AGE_FACTORS[pool::band_of(calm)]);
        Outlook {
            hazard_per_hour: of_region * by_pool * by_calm * self.age_factor(length),
            calm,
            nodes: pool.map_or(0, Pool::nodes),
        }
    }

    /// Interruptions per weighted node hour of the region.
    fn region_rate(&self) -> f64 {
        let (events, exposure) = RATE_PRIOR;
        self.region.rate(events, exposure)
    }

    /// The mean factor over the first `length` of a node's life.
    fn age_factor(&self, length: Span) -> f64 {
        let length_s = length.as_secs_f64().max(1.0);
        let (mut from_s, mut sum) = (0.0, 0.0);
        for band in 0..BANDS {
            let end_s = BAND_ENDS.get(band).map_or(f64::INFINITY, |end| end.as_secs_f64());
            sum += (length_s.min(end_s) - from_s).max(0.0) * self.factor_of(band);
            from_s = end_s;
        }
        sum / length_s
    }

    /// How many times as likely nodes of a band are taken: a prior of the measured curve, and what
    /// was seen.
    fn factor_of(&self, band: usize) -> f64 {
        self.ages[band].rate(AGE_PRIOR, AGE_PRIOR / AGE_FACTORS[band])
    }

    fn place(&self, of_type: TypeId, zone: ZoneId) -> Result<usize, usize> {
        self.pools.binary_search_by_key(&(of_type, zone), |pool| (pool.instance_type, pool.zone))
    }

    /// The place of a pool that is counted up to now; made if it is new.
    fn counted(&mut self, now: Time, of_type: TypeId, zone: ZoneId) -> usize {
        self.born.get_or_insert(now);
        if self.pools.len() >= POOLS_MAX && self.place(of_type, zone).is_err() {
            self.forget_one();
        }
        let place = match self.place(of_type, zone) {
            Ok(place) => place,
            Err(place) => {
                self.pools.insert(place, Pool::new(of_type, zone, now));
                place
            }
        };
        self.count(now, place);
        place
    }

    fn count(&mut self, now: Time, place: usize) {
        let hours = self.pools[place].exposure_until(now);
        let of_region = self.region_rate();
        let mut weighted = 0.0;
        for (band, hours) in hours.into_iter().enumerate() {
            if hours > 0.0 {
                weighted += hours * self.factor_of(band);
                self.ages[band].add(now, 0.0, hours * of_region);
            }
        }
        if weighted > 0.0 {
            self.add(now, place, 0.0, weighted);
        }
    }

    /// Adds to a pool and to every level above it.
    fn add(&mut self, now: Time, place: usize, events: f64, exposure: f64) {
        let pool = &mut self.pools[place];
        let (of_type, zone) = (pool.instance_type, pool.zone);
        pool.tally.add(now, events, exposure);
        of(&mut self.types, of_type).add(now, events, exposure);
        of(&mut self.zones, zone).add(now, events, exposure);
        self.region.add(now, events, exposure);
    }

    fn sweep(&mut self, now: Time, every: Span) {
        if now.since(self.swept_at) >= every {
            self.swept_at = now;
            for place in 0..self.pools.len() {
                self.count(now, place);
                self.pools[place].tally.add(now, 0.0, 0.0);
            }
            // What is not added to is forgotten all the same.
            let levels = self.types.iter_mut().map(|(_, tally)| tally);
            let levels = levels.chain(self.zones.iter_mut().map(|(_, tally)| tally));
            for tally in levels.chain(&mut self.ages).chain([&mut self.region]) {
                tally.add(now, 0.0, 0.0);
            }
        }
    }

    /// Makes room for another pool.
    fn forget_one(&mut self) {
        let idle = self.pools.iter().enumerate().filter(|(_, pool)| pool.nodes() == 0);
        if let Some((place, _)) = idle.min_by_key(|(_, pool)| pool.troubled_at) {
            self.pools.remove(place);
        }
    }
}

/// The tally of a key in a sorted table; made if it is new.
fn of<K: Copy + Ord>(table: &mut Vec<(K, Tally)>, key: K) -> &mut Tally {
    let place = match table.binary_search_by_key(&key, |(other, _)| *other) {
        Ok(place) => place,
        Err(place) => {
            table.insert(place, (key, Tally::halved_after(WEATHER)));
            place
        }
    };
    &mut table[place].1
}

/// Most interruptions an hour at which a job should run on spot (the rule): the saving an
/// hour against what an interruption costs, `saving / (v (length / 2 + restart) + saving x length)`.
/// Prices in USD an hour and place, `wait_value` in USD an hour. The part of a machine that is lost
/// beyond its first hour is left out: an interruption in the first is not billed, and jobs are short.
pub fn threshold_per_hour(saving: f64, wait_value: f64, length: Span, restart: Span) -> f64 {
    let hours = |span: Span| span.as_secs_f64() / 3600.0;
    if saving <= 0.0 {
        return 0.0;
    }
    let lost = wait_value * (hours(length) / 2.0 + hours(restart)) + saving * hours(length);
    saving / lost.max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (TypeId, ZoneId) = (TypeId(3), ZoneId(1));
    const MINUTES: Span = Span::from_secs(600);

    fn hours(hours: f64) -> Time {
        Time::ZERO + Span::from_secs_f64(hours * 3600.0)
    }

    /// So many nodes run for an hour each, one after another; every so manieth is taken at its end.
    fn seen(nodes: u32, taken_each: u32, (of_type, zone): (TypeId, ZoneId)) -> Weather {
        let mut weather = Weather::default();
        for nth in 0..nodes {
            let (from, to) = (hours(f64::from(nth)), hours(f64::from(nth + 1)));
            weather.launched(from, of_type, zone, from);
            if taken_each > 0 && nth % taken_each == 0 {
                weather.interrupted(to, of_type, zone, from);
            }
            weather.ended(to, of_type, zone, from);
        }
        weather
    }

    #[test]
    fn the_threshold_is_that_of_the_published_table() {
        // policies.md 2.2: prices .20 and .07, two minutes of restart.
        let threshold = |value, minutes: u64| {
            let (length, restart) = (Span::from_secs(minutes * 60), Span::from_secs(120));
            threshold_per_hour(0.13, value, length, restart)
        };
        for (value, minutes, published) in [
            (0.0, 2, 30.0),
            (0.0, 60, 1.0),
            (5.0, 10, 0.22),
            (20.0, 10, 0.055),
            (20.0, 60, 0.012),
            (75.0, 5, 0.023),
        ] {
            let found = threshold(value, minutes);
            assert!((found / published - 1.0).abs() < 0.06, "{value} {minutes}: {found}");
        }
        assert!(threshold_per_hour(0.0, 20.0, MINUTES, Span::ZERO) <= 0.0);
    }

    #[test]
    fn a_calm_market_stays_calm_and_a_wild_one_is_learned_within_hours() {
        let calm = seen(48, 0, HERE).outlook(hours(48.0), HERE.0, HERE.1, MINUTES);
        assert!(calm.hazard_per_hour < 0.002, "{calm:?}");
        let wild = seen(12, 1, HERE).outlook(hours(12.0), HERE.0, HERE.1, MINUTES);
        assert!(wild.hazard_per_hour > 0.3, "{wild:?}");
        // It is forgotten within days.
        let mut later = seen(12, 1, HERE);
        later.look(hours(120.0));
        let later = later.outlook(hours(120.0), HERE.0, HERE.1, MINUTES);
        assert!(later.hazard_per_hour < wild.hazard_per_hour, "{later:?}");
    }

    #[test]
    fn who_was_never_used_has_the_weather_of_its_type_and_zone() {
        let weather = seen(12, 1, HERE);
        let at = |of_type, zone| {
            weather.outlook(hours(12.0), TypeId(of_type), ZoneId(zone), MINUTES).hazard_per_hour
        };
        let (same, sibling, neighbour, stranger) = (at(3, 1), at(3, 2), at(4, 1), at(4, 2));
        assert!(same >= sibling && sibling >= stranger, "{same} {sibling} {stranger}");
        assert!((sibling - neighbour).abs() < 1e-9, "type and zone count alike");
    }

    #[test]
    fn exposure_is_counted_to_the_second_by_band() {
        let mut pool = Pool::new(HERE.0, HERE.1, Time::ZERO);
        pool.begin(Time::ZERO);
        pool.begin(Time::ZERO);
        let told = pool.exposure_until(hours(2.0));
        for (told, expected) in told.iter().zip([2.0 / 6.0, 10.0 / 6.0, 2.0]) {
            assert!((told - expected).abs() < 1e-9, "{told} {expected}");
        }
        pool.end(Time::ZERO);
        assert_eq!(pool.running, [0, 0, 1]);
        // In what steps it is asked does not matter.
        let mut stepped = Pool::new(HERE.0, HERE.1, Time::ZERO);
        stepped.begin(Time::ZERO);
        let sums = (1..=120).fold([0.0; BANDS], |mut sums, minute| {
            let parts = stepped.exposure_until(Time::ZERO + Span::from_secs(minute * 60));
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            sums
        });
        for (sum, whole) in sums.iter().zip(told) {
            assert!((sum - whole / 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn no_more_pools_are_remembered_than_the_bound() {
        let mut weather = Weather::default();
        for nth in 0..POOLS_MAX as u32 + 50 {
            weather.refused(hours(f64::from(nth)), TypeId(nth), ZoneId(0));
        }
        assert_eq!(weather.pools.len(), POOLS_MAX);
        assert!(weather.place(TypeId(0), ZoneId(0)).is_err(), "the oldest trouble went first");
    }

    #[test]
    fn calm_is_counted_from_the_last_trouble() {
        let mut weather = Weather::default();
        weather.look(hours(0.0));
        weather.refused(hours(5.0), HERE.0, HERE.1);
        let calm = |zone| weather.outlook(hours(6.0), HERE.0, ZoneId(zone), MINUTES).calm;
        assert_eq!(calm(1), Span::from_secs(3_600));
        assert_eq!(calm(0), Span::from_secs(6 * 3_600));
    }
}
