//! All bounds of one input, computed when asked for.

use super::area::{InUse, zero_wait};
use super::gather::Counts;
use super::least::{FleetRates, lower_bound};
use super::prices::{UnitPrices, units};
use super::work::{Kind, Works};
use crate::registry::SetFacts;
use greenroom_scheduler::resources::Resources;
use std::collections::BTreeSet;

/// Bounds for whoever runs this input in this world.
#[derive(Clone, Debug)]
pub struct Bounds {
    works: Option<Works>,
    fleets: Vec<Fleet>,
    pools: Vec<Pool>,
    counts: Counts,
    dispatch_s: f64,
    /// By fleet, the first prices of each: what a job of each pool holds.
    rates: Vec<Vec<f64>>,
}

/// The nodes of a fleet.
#[derive(Clone, Debug)]
pub(super) struct Fleet {
    /// From launch to ready, at least.
    pub(super) boot_ms: f64,
    /// Lower bounds of what resources cost; those for all work together first.
    pub(super) prices: Vec<UnitPrices>,
    /// The zero-wait bound, where it was computed on the way.
    pub(super) zero_wait_usd: Option<f64>,
}

/// A pool.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    name: String,
    pub(super) request: Resources,
    /// One for each GitHub and each team that shares with nobody.
    pub(super) fleets: BTreeSet<u32>,
    hosted: bool,
}

/// The bounds of one runner class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassBound {
    /// The class's pool.
    pub name: String,
    /// Least cost of its machines when none of its jobs waits, in USD.
    pub zero_wait_usd: f64,
    /// Least cost and value of waiting; none where jobs belong to runs, whose critical paths may
    /// lie in several classes.
    pub lower: Option<LowerBound>,
}

/// What cost plus the value of waiting cannot be less than.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowerBound {
    /// Value of waiting, in USD an hour; may be infinite.
    pub wait_value: f64,
    /// Cost and the value of waiting beyond the unavoidable, in USD.
    pub cost_usd: f64,
    /// Queue time on critical paths that no policy can avoid: one dispatch a run, in seconds.
    pub unavoidable_s: f64,
}

impl LowerBound {
    /// The bound on J(v), in USD: infinite where waiting is.
    pub fn total_usd(&self) -> f64 {
        let unavoidable_h = self.unavoidable_s / 3600.0;
        if unavoidable_h > 0.0 {
            self.cost_usd + self.wait_value * unavoidable_h
        } else {
            self.cost_usd
        }
    }
}

impl Pool {
    pub(super) const fn new(name: String) -> Self {
        let request = Resources { cpu_milli: 0, memory_mib: 0, gpu: 0 };
        Self { name, request, fleets: BTreeSet::new(), hosted: false }
    }

    pub(super) fn learn(&mut self, set: &SetFacts) {
        self.request = set.request;
        self.fleets.insert(set.spec.fleet.0);
        self.hosted = set.hosted_per_minute.is_some();
    }
}

impl Bounds {
    pub(super) fn new(
        works: Option<Works>,
        mut fleets: Vec<Fleet>,
        pools: Vec<Pool>,
        counts: Counts,
        dispatch_s: f64,
    ) -> Self {
        let held = |fleet: &Fleet| -> Vec<f64> {
            let prices = fleet.prices.first();
            let of = |pool: &Pool| prices.map_or(0.0, |prices| prices.of(units(pool.request)));
            pools.iter().map(of).collect()
        };
        let rates = fleets.iter().map(held).collect();
        if let Some(works) = &works {
            for (number, fleet) in fleets.iter_mut().enumerate() {
                if fleet.zero_wait_usd.is_none() {
                    let jobs = in_use(works, &pools, |job| job.fleet as usize == number);
                    fleet.zero_wait_usd = Some(zero_wait(jobs, &fleet.prices, fleet.boot_ms));
                }
            }
        }
        Self { works, fleets, pools, counts, dispatch_s, rates }
    }

    /// What the trace holds.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The least cost of machines when nobody waits, in USD: exact where nodes hold one job, else a
    /// lower bound. None for a trace too long to be held. No bound for those who let jobs wait.
    pub fn zero_wait_usd(&self) -> Option<f64> {
        self.fleets.iter().map(|fleet| fleet.zero_wait_usd).sum()
    }

    /// What nobody's cost plus `wait_value` (USD an hour, perhaps infinite) times queue time on
    /// critical paths can be less than. None for a trace too long to be held.
    pub fn lower(&self, wait_value: f64) -> Option<LowerBound> {
        let works = self.works.as_ref()?;
        let cost_usd = lower_bound(works, &self.fleet_rates(), wait_value).iter().sum();
        let unavoidable_s = self.dispatch_s * works.runs() as f64;
        Some(LowerBound { wait_value, cost_usd, unavoidable_s })
    }

    /// The same of each class that has nodes for itself, in order of first sight.
    pub fn by_class(&self, wait_value: f64) -> Vec<ClassBound> {
        let lower = self.works.as_ref().filter(|works| !works.has_runs()).map(|works| {
            let jobs = works.jobs().iter().filter(|job| job.kind == Kind::Must);
            let mut runs = vec![0_u64; self.pools.len()];
            for job in jobs {
                runs[job.pool as usize] += 1;
            }
            (lower_bound(works, &self.fleet_rates(), wait_value), runs)
        });
        let bound = |(number, pool): (usize, &Pool)| {
            let fleets = || pool.fleets.iter().map(|fleet| *fleet as usize);
            let lower = lower.as_ref().map(|(costs, runs)| LowerBound {
                wait_value,
                cost_usd: fleets().map(|fleet| costs[fleet]).sum(),
                unavoidable_s: self.dispatch_s * runs[number] as f64,
            });
            let zero_wait = fleets().map(|fleet| self.fleets[fleet].zero_wait_usd);
            let zero_wait_usd = zero_wait.sum::<Option<f64>>()?;
            let mut others = self.pools.iter().enumerate().filter(|(other, _)| *other != number);
            let is_alone = others.all(|(_, other)| other.fleets.is_disjoint(&pool.fleets));
            (is_alone && !pool.hosted).then(|| ClassBound {
                name: pool.name.clone(),
                zero_wait_usd,
                lower,
            })
        };
        self.pools.iter().enumerate().filter_map(bound).collect()
    }

    fn fleet_rates(&self) -> Vec<FleetRates<'_>> {
        let fleets = self.fleets.iter().zip(&self.rates);
        fleets.map(|(fleet, rates)| FleetRates { boot_ms: fleet.boot_ms, of_pool: rates }).collect()
    }
}

/// Jobs that must run, as the zero-wait bound wants them: in order of time.
fn in_use(
    works: &Works,
    pools: &[Pool],
    of: impl Fn(&super::work::Work) -> bool,
) -> Vec<(u64, u64, InUse)> {
    let must = works.jobs().iter().filter(|job| job.kind == Kind::Must && of(job));
    let held = must.map(|job| {
        let Resources { cpu_milli, memory_mib, gpu } = pools[job.pool as usize].request;
        (job.ready_ms, job.busy_ms, [cpu_milli, memory_mib, gpu, 1].map(i64::from))
    });
    let mut held: Vec<_> = held.collect();
    held.sort_unstable();
    held
}
