//! Spot or on-demand by job and by pool: what is saved against what an interruption costs, and the
//! calm pools first.

use crate::core::Core;
use crate::decision::CapacityChoice;
use crate::dial::{Dial, SpotDial, weight};
use crate::hazard::{Outlook, threshold_per_hour};
use crate::id::{FleetId, TypeId, ZoneId};
use crate::model::{CapacityType, ServiceClass};
use crate::money::Rate;
use crate::resources::Resources;
use crate::time::Span;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What a job of which nothing is known is taken to run.
const LENGTH_UNKNOWN: Span = Span::from_secs(600);

/// A pool more than this many times as hazardous as the safest is left to others. What makes pools
/// differ is mostly how long ago they gave trouble: so the oldest come first.
const CALM_MOST: f64 = 1.5;

/// Zones that a claim can name one by one.
const ZONES_MAX: u32 = 32;

/// Where a claim of spot goes.
pub(super) struct Where {
    pub(super) types: Arc<[TypeId]>,
    /// None is every zone.
    pub(super) zones: Box<[ZoneId]>,
    /// The mean over the pools, interruptions an hour.
    hazard_per_hour: f64,
}

impl Core {
    /// What waiting is worth, where the policy weighs it.
    pub(crate) fn dial(&self) -> Option<Dial> {
        self.state.settings.as_ref()?.dial
    }

    /// How spot is chosen, where the policy weighs it.
    pub(crate) fn spot_dial(&self) -> Option<SpotDial> {
        self.dial()?.spot
    }

    /// What half of the jobs that the next node is for will not exceed, and what an hour of theirs is
    /// worth against one of a standard job's.
    fn next_job(&self, id: FleetId) -> (Span, f64) {
        let view = &self.state.view;
        let Some(fleet) = view.fleet(id) else { return (LENGTH_UNKNOWN, 1.0) };
        let set = fleet.queue.front().and_then(|set| view.set(*set));
        let (lengths, mix) =
            set.map_or((&fleet.lengths, &fleet.mix), |set| (&set.lengths, &set.mix));
        let known = lengths.quantile(0.5).or_else(|| fleet.lengths.quantile(0.5));
        let of_team = set
            .and_then(|set| view.team(set.spec.team))
            .and_then(|team: &crate::view::Limited<crate::spec::Team>| team.spec.service_class);
        let weight = of_team.map_or_else(|| mix.weight(), |class: ServiceClass| weight(class));
        (known.unwrap_or(LENGTH_UNKNOWN), weight)
    }

    /// How the next node is bought: spot iff the hazard of the pools that it may come from is below
    /// the threshold of the job that it is for.
    pub(super) fn choose_by_hazard(
        &mut self,
        id: FleetId,
        request: Resources,
        dial: Dial,
        spot: SpotDial,
    ) -> (CapacityType, CapacityChoice) {
        let now = self.state.now;
        let (length, weight) = self.next_job(id);
        let rate = |core: &mut Self, capacity| {
            core.shape(id, request, 1, capacity).map_or(Rate::ZERO, |shape| shape.rate)
        };
        let (of_spot, on_demand) =
            (rate(self, CapacityType::Spot), rate(self, CapacityType::OnDemand));
        let saving = on_demand.as_usd_per_hour() - of_spot.as_usd_per_hour();
        let wait_value = dial.wait_value * weight;
        let most = self.state.settings.as_ref().and_then(|s| s.spot.hazard_per_hour_max);
        let threshold_per_hour = threshold_per_hour(saving, wait_value, length, spot.restart)
            .min(most.unwrap_or(f64::INFINITY));
        let hazard_per_hour =
            self.spot_pools(id, request, 1).map_or(f64::INFINITY, |pools| pools.hazard_per_hour);
        let rule = self.state.settings.as_ref().map(|settings| settings.spot);
        let Some(fleet) = self.state.view.fleet_mut(id) else {
            return (CapacityType::OnDemand, CapacityChoice::Only(CapacityType::OnDemand));
        };
        // Waiting for spot must not cost more than spot saves.
        let worth_s = saving.max(0.0) * length.as_secs_f64() / wait_value.max(1e-9);
        let most = rule.map_or(Span::ZERO, |rule| rule.deadline);
        let deadline = Span::from_secs_f64(worth_s.min(most.as_secs_f64()));
        fleet.spot.deadline = Some(deadline);
        if hazard_per_hour > threshold_per_hour {
            let why =
                CapacityChoice::JobOverThreshold { hazard_per_hour, threshold_per_hour, length };
            return (CapacityType::OnDemand, why);
        }
        if fleet.spot.left_until.is_some_and(|until| now < until) {
            let waited = now.since(fleet.spot.refused_since.unwrap_or(now));
            return (CapacityType::OnDemand, CapacityChoice::SpotDeadline { waited, deadline });
        }
        if fleet.spot.left_until.take().is_some() {
            fleet.spot.refused_since = None;
        }
        let why = CapacityChoice::JobUnderThreshold { hazard_per_hour, threshold_per_hour, length };
        (CapacityType::Spot, why)
    }

    /// The pools that a claim of spot for so many runners goes to: all that the shape lists, but
    /// those in trouble of late and those that hold too many of the spot nodes already.
    pub(super) fn spot_pools(
        &mut self,
        id: FleetId,
        request: Resources,
        missing: u32,
    ) -> Option<Where> {
        let (dial, spot) = (self.dial()?, self.spot_dial()?);
        let now = self.state.now;
        let (length, _) = self.next_job(id);
        let types = self.shape(id, request, missing, CapacityType::Spot)?.types.clone();
        self.state.weather.look(now);
        let weather = &self.state.weather;
        let zones = dial.zones.clamp(1, ZONES_MAX);
        let each = types.iter().flat_map(|of_type| (0..zones).map(|zone| (*of_type, ZoneId(zone))));
        let pools: Vec<Outlook> =
            each.map(|(of_type, zone)| weather.outlook(now, of_type, zone, length)).collect();
        let least = pools.iter().map(|pool| pool.hazard_per_hour).fold(f64::INFINITY, f64::min);
        let is_calm =
            |pool: &Outlook| !spot.calm_first || pool.hazard_per_hour <= least * CALM_MOST;
        let most = (spot.share_max * f64::from(weather.running() + 1)).max(1.0);
        let is_open = |pool: &Outlook| is_calm(pool) && f64::from(pool.nodes) < most;
        // Who has few pools cannot spread: then calm counts alone.
        let open = pools.iter().filter(|pool| is_open(pool)).count();
        let spreads = open as u32 >= spot.types_min.max(1);
        let is_good = |pool: &Outlook| if spreads { is_open(pool) } else { is_calm(pool) };
        let good: Vec<bool> = pools.iter().map(is_good).collect();
        let at = |of_type: usize, zone: usize| good[of_type * zones as usize + zone];
        let kept_zones: Vec<usize> = (0..zones as usize)
            .filter(|&zone| (0..types.len()).any(|of_type| at(of_type, zone)))
            .collect();
        let count = |of_type: &usize| kept_zones.iter().filter(|zone| at(*of_type, **zone)).count();
        let whole: Vec<usize> =
            (0..types.len()).filter(|of_type| count(of_type) == kept_zones.len()).collect();
        let enough = whole.len() as u32 >= spot.types_min.max(1) || whole.len() == types.len();
        let kept: Vec<usize> = if enough {
            whole
        } else {
            (0..types.len()).filter(|of_type| count(of_type) > 0).collect()
        };
        let mut sum = 0.0;
        for of_type in &kept {
            for zone in &kept_zones {
                sum += pools[of_type * zones as usize + zone].hazard_per_hour;
            }
        }
        let hazard_per_hour = sum / (kept.len() * kept_zones.len()).max(1) as f64;
        let all_zones = kept_zones.len() == zones as usize;
        let named = |zone: &usize| ZoneId(*zone as u32);
        Some(Where {
            types: if kept.len() == types.len() {
                types
            } else {
                kept.iter().map(|of_type| types[*of_type]).collect()
            },
            zones: if all_zones { Box::default() } else { kept_zones.iter().map(named).collect() },
            hazard_per_hour,
        })
    }
}
