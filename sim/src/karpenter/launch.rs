//! From a claim to the instances that CreateFleet may choose from
//! (aws:pkg/providers/instance/instance.go, filter/filter.go).

use super::amounts::Amounts;
use super::bits::Bits;
use super::constants::LAUNCH_TYPES_MAX;
use super::finish::order_by_price;
use super::input::{CapacityType, MinValuesPolicy};
use super::labels::{INSTANCE_SIZE, KeyId};
use super::requirement::Requirement;
use super::requirements::Requirements;
use super::round::Claim;
use super::scratch::Scratch;
use super::universe::Universe;
use greenroom_scheduler::money::Rate;
use std::collections::HashMap;
use std::sync::Arc;

/// Resources that make a type exotic: it is launched only when nothing plain is left
/// (aws:…/filter/filter.go, ExoticInstanceTypeFilter).
const EXOTIC: [&str; 5] = [
    "aws.amazon.com/neuron",
    "aws.amazon.com/neuroncore",
    "amd.com/gpu",
    "nvidia.com/gpu",
    "habana.ai/gaudi",
];

/// One choice that CreateFleet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Override {
    /// The type, as its place in the catalogue.
    pub instance_type: u32,
    /// The offering, as its place in [`Universe::offerings`].
    pub offering: u32,
    /// Its price.
    pub price: Rate,
}

/// What a claim asks CreateFleet for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Of the whole request.
    pub capacity_type: CapacityType,
    /// Types left after all filters, cheapest first, 60 at most.
    pub types: Vec<u32>,
    /// What may be launched: one of each type and zone.
    pub overrides: Vec<Override>,
}

/// Why nothing can be launched. The claim is deleted in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// A filter left no type: counts as insufficient capacity.
    #[error("all requested instance types were unavailable during launch")]
    NoTypes,
    /// The cut to 60 types left too few different values: counts as insufficient capacity.
    #[error("truncating to {LAUNCH_TYPES_MAX} instance types breaks minValues")]
    MinValues,
    /// No offering of the capacity type that was chosen.
    #[error("no capacity offerings are currently available given the constraints")]
    NoOverrides,
}

/// What a claim asks CreateFleet for, when `unavailable` offerings ran out of capacity lately.
pub fn launch(
    universe: &Universe,
    claim: &Claim,
    unavailable: &Bits,
    scratch: &mut Scratch,
) -> Result<Arc<Launch>, LaunchError> {
    scratch.begin(universe, unavailable);
    if let Some(launch) = scratch.launches.get(claim) {
        return launch;
    }
    let launch = work_out(universe, claim, scratch).map(Arc::new);
    scratch.launches.remember(claim, launch.clone());
    launch
}

fn work_out(
    universe: &Universe,
    claim: &Claim,
    scratch: &mut Scratch,
) -> Result<Launch, LaunchError> {
    let set = Requirements::clone(&claim.requirements);
    let id = scratch.algebra.id(set.clone());
    let allowed = scratch.algebra.offers(universe, id).and(&scratch.available);
    let mut launch = Filtering { universe, set: &set, allowed, offered: Bits::new() };
    let types = launch.compatible(&claim.types, &claim.requests);
    launch.offered =
        types.iter().flat_map(|&place| universe.types[place as usize].offerings.clone()).collect();
    let types = not_empty(launch.reserved(types))?;
    let types = not_empty(launch.plain(types))?;
    let mut types = not_empty(launch.spot_below_on_demand(types))?;
    let usable = launch.allowed.and(&launch.offered);
    order_by_price(&mut types, &launch.prices(&usable));
    types.truncate(LAUNCH_TYPES_MAX);
    let kept: Bits = types.iter().map(|&t| t as usize).collect();
    if set.has_min_values()
        && universe.policies.min_values == MinValuesPolicy::Strict
        && !universe.too_few_values(&set, &kept).is_empty()
    {
        return Err(LaunchError::MinValues);
    }
    let capacity_type = launch.capacity_type(&usable, &kept);
    let mut overrides: Vec<Override> = Vec::new();
    for &instance_type in &types {
        let mut zones = Bits::new();
        for offering in universe.types[instance_type as usize].offerings.clone() {
            let entry = &universe.offerings[offering];
            let zone = entry.zone as usize;
            let suits = usable.contains(offering) && entry.capacity_type == capacity_type;
            if suits && !zones.contains(zone) {
                zones.insert(zone);
                let (offering, price) = (offering as u32, entry.price);
                overrides.push(Override { instance_type, offering, price });
            }
        }
    }
    if overrides.is_empty() {
        return Err(LaunchError::NoOverrides);
    }
    Ok(Launch { capacity_type, types, overrides })
}

fn not_empty(types: Vec<u32>) -> Result<Vec<u32>, LaunchError> {
    if types.is_empty() { Err(LaunchError::NoTypes) } else { Ok(types) }
}

/// Launches remembered while the same offerings are available. With more, all are forgotten and
/// worked out again, which costs time and changes no result.
const LAUNCHES_MAX: usize = 1 << 12;

/// What equal claims were launched as. Claims of one Solve share what they are made of, and so do
/// those of later rounds while availability stays: the addresses tell.
#[derive(Debug, Default)]
pub(super) struct Launches {
    by_claim: HashMap<(usize, usize, Amounts), Remembered>,
}

/// Holding on to the parts keeps their addresses from being used again.
#[derive(Debug)]
struct Remembered {
    launch: Result<Arc<Launch>, LaunchError>,
    _types: Arc<[u32]>,
    _requirements: Arc<Requirements>,
}

impl Launches {
    fn key(claim: &Claim) -> (usize, usize, Amounts) {
        let types = claim.types.as_ptr().addr();
        let requirements = Arc::as_ptr(&claim.requirements).addr();
        (types, requirements, claim.requests)
    }

    fn get(&self, claim: &Claim) -> Option<Result<Arc<Launch>, LaunchError>> {
        self.by_claim.get(&Self::key(claim)).map(|known| known.launch.clone())
    }

    fn remember(&mut self, claim: &Claim, launch: Result<Arc<Launch>, LaunchError>) {
        if self.by_claim.len() >= LAUNCHES_MAX {
            self.by_claim.clear();
        }
        let remembered = Remembered {
            launch,
            _types: Arc::clone(&claim.types),
            _requirements: Arc::clone(&claim.requirements),
        };
        self.by_claim.insert(Self::key(claim), remembered);
    }
}

struct Filtering<'f> {
    universe: &'f Universe,
    set: &'f Requirements,
    /// Offerings that are available and allowed.
    allowed: Bits,
    /// Offerings that no filter has taken away, allowed or not.
    offered: Bits,
}

impl Filtering<'_> {
    /// Types with the claim's labels, room for its requests and an available offering, in the
    /// order of the catalogue.
    fn compatible(&self, types: &[u32], requests: &Amounts) -> Vec<u32> {
        let mut kept: Vec<u32> = types
            .iter()
            .copied()
            .filter(|&place| {
                let it = &self.universe.types[place as usize];
                self.set.compatible(&it.requirements, true, &self.universe.labels)
                    && requests.fits(&it.allocatable)
                    && it.offerings.clone().any(|o| self.allowed.contains(o))
            })
            .collect();
        kept.sort_unstable();
        kept
    }

    fn may_be(&self, capacity_type: CapacityType) -> bool {
        let key: KeyId = self.universe.keys.capacity_type;
        let value = self.universe.capacity_values[capacity_type as usize];
        let may = |r: &Requirement| r.allows(value, self.universe.labels.numbers(key));
        self.set.get(key).is_none_or(may)
    }

    /// When a reservation can be used, only types in one, only through it, one in each zone: the
    /// one with most room. All reservations count as open ones of the default kind; capacity
    /// blocks and interruptible ones are not modelled.
    fn reserved(&mut self, types: Vec<u32>) -> Vec<u32> {
        if !self.may_be(CapacityType::Reserved) {
            return types;
        }
        let mut best = Bits::new();
        for &place in &types {
            let mut in_zone: Vec<(u32, u32, usize)> = Vec::new();
            for at in self.universe.types[place as usize].offerings.clone() {
                let offering = &self.universe.offerings[at];
                let (Some(reservation), true) = (offering.reservation, self.allowed.contains(at))
                else {
                    continue;
                };
                if offering.capacity_type != CapacityType::Reserved {
                    continue;
                }
                let capacity = self.universe.reservations[reservation as usize].capacity;
                match in_zone.iter_mut().find(|(zone, _, _)| *zone == offering.zone) {
                    Some(known) if known.1 >= capacity => {}
                    Some(known) => *known = (offering.zone, capacity, at),
                    None => in_zone.push((offering.zone, capacity, at)),
                }
            }
            best.insert_all(&in_zone.into_iter().map(|(_, _, at)| at).collect());
        }
        if best.is_empty() {
            return types;
        }
        self.offered.retain_in(&best);
        types
            .into_iter()
            .filter(|&t| {
                self.universe.types[t as usize].offerings.clone().any(|o| best.contains(o))
            })
            .collect()
    }

    /// Neither metal nor accelerators, unless nothing else is left or `minValues` are asked for.
    fn plain(&self, types: Vec<u32>) -> Vec<u32> {
        if self.set.has_min_values() {
            return types;
        }
        let plain: Vec<u32> =
            types.iter().copied().filter(|&place| !self.is_exotic(place as usize)).collect();
        if plain.is_empty() { types } else { plain }
    }

    fn is_exotic(&self, place: usize) -> bool {
        let it = &self.universe.types[place];
        let labels = &self.universe.labels;
        let is_metal = labels.known_key(INSTANCE_SIZE).is_some_and(|key| {
            it.requirements.get(key).is_some_and(|size| {
                size.values.iter().any(|value| labels.text(key, value).contains("metal"))
            })
        });
        is_metal
            || EXOTIC.iter().any(|name| {
                self.universe
                    .resource_place(name)
                    .is_some_and(|resource| it.capacity.at(resource) != 0)
            })
    }

    /// No spot dearer than the cheapest on-demand of any type left, unless `minValues` are asked
    /// for.
    fn spot_below_on_demand(&mut self, types: Vec<u32>) -> Vec<u32> {
        if self.set.has_min_values()
            || !self.may_be(CapacityType::OnDemand)
            || !self.may_be(CapacityType::Spot)
        {
            return types;
        }
        let usable = self.allowed.and(&self.offered);
        let prices = |wanted: CapacityType| {
            types
                .iter()
                .flat_map(|&place| self.universe.types[place as usize].offerings.clone())
                .filter(|&at| usable.contains(at))
                .map(|at| &self.universe.offerings[at])
                .filter(move |offering| offering.capacity_type == wanted)
                .map(|offering| offering.price)
                .min()
        };
        let (Some(cheapest), Some(_)) =
            (prices(CapacityType::OnDemand), prices(CapacityType::Spot))
        else {
            return types;
        };
        let dear = |offering: &super::universe::OfferingEntry| {
            offering.capacity_type == CapacityType::Spot && offering.price > cheapest
        };
        self.offered =
            self.offered.iter().filter(|&at| !dear(&self.universe.offerings[at])).collect();
        types
            .into_iter()
            .filter(|&place| {
                let mut own = self.universe.types[place as usize].offerings.clone();
                own.any(|at| self.offered.contains(at))
            })
            .collect()
    }

    fn prices(&self, usable: &Bits) -> Vec<Option<Rate>> {
        let mut prices: Vec<Option<Rate>> = vec![None; self.universe.types.len()];
        for at in usable.iter() {
            let offering = &self.universe.offerings[at];
            let cheapest = &mut prices[offering.of as usize];
            *cheapest = Some(cheapest.map_or(offering.price, |c| c.min(offering.price)));
        }
        prices
    }

    /// Reserved if any type left can be, else spot if any can be, else on-demand: for the whole
    /// request.
    fn capacity_type(&self, usable: &Bits, kept: &Bits) -> CapacityType {
        let can_be = |wanted: CapacityType| {
            usable.iter().any(|at| {
                let offering = &self.universe.offerings[at];
                offering.capacity_type == wanted && kept.contains(offering.of as usize)
            })
        };
        [CapacityType::Reserved, CapacityType::Spot]
            .into_iter()
            .find(|&wanted| can_be(wanted))
            .unwrap_or(CapacityType::OnDemand)
    }
}
