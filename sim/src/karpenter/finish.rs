//! What becomes of open claims when every pod was tried.

use super::amounts::Amounts;
use super::bits::Bits;
use super::claim::Open;
use super::constants::INSTANCE_TYPES_MAX;
use super::gosort::go_sort;
use super::input::{CapacityType, MinValuesPolicy};
use super::requirement::Requirement;
use super::requirements::Requirements;
use super::round::{Claim, Refusal, Solution};
use super::solve::Solver;
use super::states::{Finished, StateId};
use super::universe::{DaemonGroup, Universe};
use greenroom_scheduler::money::Rate;
use std::sync::Arc;

impl Solver<'_> {
    pub(super) fn finish(mut self) -> Solution {
        let order = core::mem::take(&mut self.order);
        let mut claims: Vec<Option<Open>> =
            core::mem::take(&mut self.claims).into_iter().map(Some).collect();
        for (_, place) in order {
            let Some(claim) = claims[place as usize].take() else { continue };
            self.finish_claim(claim);
        }
        self.solution.unschedulable.sort_by_key(|(pod, _)| *pod);
        self.solution
    }

    fn finish_claim(&mut self, claim: Open) {
        let pool = self.universe.templates[self.states.state(claim.state).template].pool;
        let known = self.states.finished(claim.state).map(Arc::clone);
        let finished = known.unwrap_or_else(|| {
            let finished = Arc::new(self.write_down(claim.state));
            self.states.finish(claim.state, Arc::clone(&finished));
            finished
        });
        if !finished.has_min_values {
            let refused = claim.pods.iter().map(|&pod| (pod, vec![Refusal::MinValues]));
            self.solution.unschedulable.extend(refused);
            return;
        }
        self.solution.claims.push(Claim {
            pool,
            pods: claim.pods,
            types: Arc::clone(&finished.types),
            allowed: Arc::clone(&finished.allowed),
            requirements: Arc::clone(&finished.requirements),
            requests: finished.requests,
            min_values_relaxed: self.relaxed[pool],
        });
    }

    /// Orders a claim's types by price and cuts them to 600, then writes down what the node must
    /// be (core:…/nodeclaim.go, FinalizeScheduling; scheduler.go, TruncateInstanceTypes;
    /// nodeclaimtemplate.go, ToNodeClaim).
    fn write_down(&mut self, id: StateId) -> Finished {
        let universe = self.universe;
        let claim = Arc::clone(self.states.state(id));
        let template = &universe.templates[claim.template];
        let mut set = Requirements::clone(self.algebra.set(claim.set));
        set.forget(universe.keys.hostname);
        if !claim.reserved.is_empty() {
            let bought = universe.capacity_values[CapacityType::Reserved as usize];
            let bought = Requirement::one_of([bought].into_iter().collect());
            set.set(universe.keys.capacity_type, bought);
            let held = claim.reserved.iter().map(|r| universe.reservations[r].value).collect();
            set.add(universe.keys.reservation, Requirement::one_of(held), &universe.labels);
        }
        let requests = claim.requests.plus(&daemon_share(&template.groups, &claim.types));
        // Go appends group by group, each in the order of the catalogue.
        let mut types: Vec<u32> = Vec::new();
        for group in &template.groups {
            types.extend(group.order.iter().filter(|&&t| claim.types.contains(t as usize)));
        }
        let set = self.algebra.id(set);
        let prices = self.algebra.prices(universe, set, self.available);
        order_by_price(&mut types, &prices);
        types.truncate(INSTANCE_TYPES_MAX);
        let kept: Bits = types.iter().map(|&t| t as usize).collect();
        let has_min_values = universe.policies.min_values == MinValuesPolicy::BestEffort
            || !self.algebra.has_min_values(set)
            || universe.too_few_values(self.algebra.set(set), &kept).is_empty();
        let allowed = Arc::clone(self.algebra.set(set));
        let offers = self.algebra.offers(universe, set).and(self.available);
        let requirements = Arc::new(with_capacity_types(universe, &allowed, &offers, &kept));
        Finished { types: types.into(), allowed, requirements, requests, has_min_values }
    }
}

/// The requirements with the capacity types written down in which a kept type can be had today
/// (core:…/scheduling/nodeclaimtemplate.go, ToNodeClaim).
pub(super) fn with_capacity_types(
    universe: &Universe,
    allowed: &Requirements,
    offers: &Bits,
    kept: &Bits,
) -> Requirements {
    let bought: Bits = offers
        .iter()
        .map(|o| &universe.offerings[o])
        .filter(|offering| kept.contains(offering.of as usize))
        .map(|offering| universe.capacity_values[offering.capacity_type as usize])
        .collect();
    let mut written = allowed.clone();
    if !bought.is_empty() {
        let bought = Requirement::one_of(bought);
        written.add(universe.keys.capacity_type, bought, &universe.labels);
    }
    written
}

/// Cheapest first, ties as Go leaves them; a type without an allowed offering comes last.
pub(super) fn order_by_price(types: &mut [u32], prices: &[Option<Rate>]) {
    let price =
        |place: u32| prices[place as usize].map_or(u64::MAX, |p| u64::from(p.as_micros_per_hour()));
    go_sort(types, |&a, &b| price(a) < price(b));
}

/// What is written on a claim for daemons: of each resource that all groups with a surviving type
/// name, the least. A group without daemons starts the count anew.
fn daemon_share(groups: &[DaemonGroup], types: &Bits) -> Amounts {
    let mut share: Option<Amounts> = None;
    for group in groups.iter().filter(|group| group.types.meets(types)) {
        share = match (share, group.overhead) {
            (Some(least), Some(overhead)) => Some(least.min(&overhead)),
            (None, overhead) => overhead,
            (Some(_), None) => None,
        };
    }
    share.unwrap_or(Amounts::ZERO)
}
