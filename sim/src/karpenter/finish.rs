//! What becomes of open claims when every pod was tried.

use super::amounts::Amounts;
use super::bits::Bits;
use super::claim::Open;
use super::constants::INSTANCE_TYPES_MAX;
use super::gosort::go_sort;
use super::input::{CapacityType, MinValuesPolicy};
use super::requirement::{Requirement, Requirements};
use super::round::{Claim, Refusal, Solution};
use super::solve::Solver;
use super::universe::DaemonGroup;
use greenroom_scheduler::money::Rate;
use std::rc::Rc;

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

    /// Orders a claim's types by price and cuts them to 600, then writes down what the node must
    /// be (core:…/nodeclaim.go, FinalizeScheduling; scheduler.go, TruncateInstanceTypes;
    /// nodeclaimtemplate.go, ToNodeClaim).
    fn finish_claim(&mut self, claim: Open) {
        let universe = self.universe;
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
        let mut types: Vec<u32> = Vec::with_capacity(claim.types_count as usize);
        for group in &template.groups {
            types.extend(group.order.iter().filter(|&&t| claim.types.contains(t as usize)));
        }
        let id = self.algebra.id(set);
        let prices = self.algebra.prices(universe, id, &self.available);
        order_by_price(&mut types, &prices);
        types.truncate(INSTANCE_TYPES_MAX);
        let kept: Bits = types.iter().map(|&t| t as usize).collect();
        let strict = universe.policies.min_values == MinValuesPolicy::Strict;
        if strict
            && self.algebra.has_min_values(id)
            && !universe.too_few_values(self.algebra.set(id), &kept).is_empty()
        {
            let refused = claim.pods.iter().map(|&pod| (pod, vec![Refusal::MinValues]));
            self.solution.unschedulable.extend(refused);
            return;
        }
        let mut set = Requirements::clone(self.algebra.set(id));
        let bought: Bits = (self.algebra.offers(universe, id).and(&self.available).iter())
            .map(|o| &universe.offerings[o])
            .filter(|offering| kept.contains(offering.of as usize))
            .map(|offering| universe.capacity_values[offering.capacity_type as usize])
            .collect();
        if !bought.is_empty() {
            set.add(universe.keys.capacity_type, Requirement::one_of(bought), &universe.labels);
        }
        self.solution.claims.push(Claim {
            pool: template.pool,
            pods: claim.pods,
            types,
            requirements: Rc::new(set),
            requests,
            min_values_relaxed: self.relaxed[template.pool],
        });
    }
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
