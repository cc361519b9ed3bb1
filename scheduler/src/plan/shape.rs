//! Which instance types serve a request best.

use crate::core::Core;
use crate::id::{FleetId, TypeId};
use crate::model::CapacityType;
use crate::money::Rate;
use crate::resources::Resources;
use crate::spec::{self, InstanceType};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Most types in one claim: what Karpenter passes to one CreateFleet call
/// (karpenter-provider-aws `instance.go`).
pub const TYPES_PER_CLAIM_MAX: usize = 60;

/// Most places that a claim is shaped for. Beyond it, more nodes follow: a single machine for
/// hundreds of jobs would be lost, or pinned by one long job, for all of them.
const PLACES_MAX: u32 = 64;

/// How much dearer per place than the best a type may be and still be listed. Spot pools differ
/// by less, and a longer list finds capacity where a short one does not.
pub(super) const DEARER_MAX: f64 = 1.6;

/// Instance types that will do for a claim, and what it is counted with until EC2 answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Best first.
    pub types: Arc<[TypeId]>,
    /// What the first offers.
    pub size: Resources,
    /// Most runner pods on the first.
    pub pods_max: u32,
    /// Runners of the requested size that fit on the first.
    pub places: u32,
    /// Price of the first.
    pub rate: Rate,
}

/// Shapes by fleet, request, places and capacity type, until prices change.
#[derive(Clone, Debug, Default)]
pub struct Shapes(BTreeMap<(FleetId, [u32; 3], u32, CapacityType), Option<Shape>>);

impl Shapes {
    /// Forgets all: prices, types or fleets changed.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Core {
    /// Forgets what was worked out of prices: they, types or fleets changed.
    pub(crate) fn forget_prices(&mut self) {
        self.shapes.clear();
        self.markets.clear();
    }

    /// The best shape for `missing` runners of a size, if any type can hold one.
    pub(crate) fn shape(
        &mut self,
        id: FleetId,
        request: Resources,
        missing: u32,
        capacity: CapacityType,
    ) -> Option<&Shape> {
        let places = missing.clamp(1, PLACES_MAX);
        let size = [request.cpu_milli, request.memory_mib, request.gpu];
        let (state, shapes) = (&self.state, &mut self.shapes);
        let found = shapes.0.entry((id, size, places, capacity)).or_insert_with(|| {
            let fleet = &state.view.fleet(id)?.spec;
            let settings = state.settings.as_ref()?;
            let spot = settings.dial.and_then(|dial| dial.spot);
            let spot = spot.filter(|_| capacity == CapacityType::Spot);
            let types_min = spot.map_or(0, |spot| spot.types_min as usize);
            best_shape(&settings.types, fleet, request, (places, types_min), capacity)
        });
        found.as_ref()
    }
}

/// Ranks types by what a place costs that is really used: price / min(places, missing).
fn best_shape(
    types: &[InstanceType],
    fleet: &spec::Fleet,
    request: Resources,
    (missing, types_min): (u32, usize),
    capacity: CapacityType,
) -> Option<Shape> {
    let pods_limit = fleet.pods_per_node_max.unwrap_or(u32::MAX);
    let mut ranked: Vec<(f64, u32, TypeId)> = Vec::new();
    // The cap on node size yields to a runner that fits only on a larger machine.
    for cap in [fleet.cpu_milli_max, u32::MAX] {
        for &id in &fleet.types {
            let Some(of_type) = types.get(id.index()) else { continue };
            let places =
                request.times_in(of_type.allocatable).min(of_type.pods_max).min(pods_limit);
            if places == 0 || of_type.allocatable.cpu_milli > cap {
                continue;
            }
            let price = rate(of_type, capacity).as_usd_per_hour();
            ranked.push((price / f64::from(places.min(missing)), places, id));
        }
        if !ranked.is_empty() {
            break;
        }
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let &(cheapest, places, first) = ranked.first()?;
    // Spot is safer the more pools it may come from, also from dearer ones.
    let listed = ranked
        .iter()
        .filter(|(_, other, _)| *other >= places)
        .enumerate()
        .filter(|(nth, (price, ..))| *price <= cheapest * DEARER_MAX || *nth < types_min)
        .take(TYPES_PER_CLAIM_MAX)
        .map(|(_, (_, _, id))| *id);
    let of_first = &types[first.index()];
    Some(Shape {
        types: listed.collect(),
        size: of_first.allocatable,
        pods_max: of_first.pods_max.min(pods_limit),
        places,
        rate: rate(of_first, capacity),
    })
}

/// What a type costs when bought so.
pub(super) const fn rate(of_type: &InstanceType, capacity: CapacityType) -> Rate {
    match capacity {
        CapacityType::Spot => of_type.spot,
        CapacityType::OnDemand => of_type.on_demand,
    }
}
