//! Whether an open claim can take one more pod (core:…/scheduling/nodeclaim.go, CanAdd).

use super::algebra::{Algebra, SetId};
use super::amounts::Amounts;
use super::bits::Bits;
use super::input::{CapacityType, MinValuesPolicy};
use super::requirements::Requirements;
use super::round::{Refusal, ReservedMode};
use super::states::{State, StateId, States, Step};
use super::universe::{Shape, Universe};
use std::sync::Arc;

/// A claim that is still growing.
pub(super) struct Open {
    pub(super) state: StateId,
    pub(super) pods: Vec<u32>,
    /// Counts changes of its requirements: what was refused before one may be taken after it.
    pub(super) generation: u32,
}

/// Says whether a claim can take a pod.
pub(super) struct Judge<'j> {
    pub(super) universe: &'j Universe,
    pub(super) algebra: &'j mut Algebra,
    pub(super) states: &'j mut States,
    pub(super) available: &'j Bits,
    pub(super) attempt_sets: &'j [SetId],
    pub(super) reservations_left: &'j [u32],
    pub(super) reserved: ReservedMode,
    pub(super) types_looked_at: &'j mut u64,
}

/// Whether types had to be looked at to refuse.
pub(super) const fn looked_at_types(refusal: Refusal) -> bool {
    !matches!(refusal, Refusal::Taint | Refusal::Requirements)
}

impl Judge<'_> {
    /// What the claim becomes with a pod of this shape in its `number`th way of asking.
    pub(super) fn judge(
        &mut self,
        shape: &Shape,
        number: usize,
        from: StateId,
    ) -> Result<Step, Refusal> {
        let attempt = shape.first_attempt + number;
        // What reservations have left changes from pod to pod.
        let may_remember = self.universe.reservations.is_empty();
        let known = if may_remember { self.states.step(from, attempt) } else { None };
        let step = known.unwrap_or_else(|| {
            let step = self.work_out(shape, number, from);
            if may_remember {
                self.states.remember(from, attempt, step);
            }
            step
        });
        if step.err().is_none_or(looked_at_types) {
            *self.types_looked_at += u64::from(self.states.types_count(from));
        }
        step
    }

    fn work_out(&mut self, shape: &Shape, number: usize, from: StateId) -> Result<Step, Refusal> {
        let claim = Arc::clone(self.states.state(from));
        if !shape.attempts[number].tolerates[claim.template] {
            return Err(Refusal::Taint);
        }
        let wanted = self.attempt_sets[shape.first_attempt + number];
        let set = self
            .algebra
            .join(self.universe, claim.set, wanted, true)
            .ok_or(Refusal::Requirements)?;
        let requests = claim.requests.plus(&shape.requests);
        if self.states.room_max(from).is_some_and(|room| !requests.fits(room)) {
            return Err(Refusal::InstanceType);
        }
        let (types, room_max) = self.surviving_types(shape, set, &requests, &claim);
        // A claim that grows never gives in on `minValues`.
        let may_relax =
            claim.fresh && self.universe.policies.min_values == MinValuesPolicy::BestEffort;
        let (set, relaxed) = self.check_min_values(set, &types, may_relax)?;
        if types.is_empty() {
            return Err(Refusal::InstanceType);
        }
        let reserved = self.reservations_for(set, &types, &claim.reserved)?;
        let mut ports = claim.ports.clone();
        ports.extend_from_slice(&shape.ports);
        let template = claim.template;
        let grown = State { template, set, fresh: false, types, requests, ports, reserved };
        Ok(Step { to: self.states.id(grown, Some(room_max)), relaxed })
    }

    /// Types with the labels, the room and an available offering, and the most that they have.
    fn surviving_types(
        &mut self,
        shape: &Shape,
        set: SetId,
        requests: &Amounts,
        claim: &State,
    ) -> (Bits, Amounts) {
        let template = &self.universe.templates[claim.template];
        let mut types = Bits::new();
        let mut room_max = Amounts::ZERO;
        if shares_port(&claim.ports, &shape.ports) {
            return (types, room_max);
        }
        let agreeing = self.algebra.types(self.universe, set, self.available);
        let mut left = claim.types.and(&agreeing);
        for group in template.groups.iter().filter(|g| shares_port(&g.ports, &shape.ports)) {
            left.remove_all(&group.types);
        }
        for place in left.iter() {
            let room = &template.room[place];
            if requests.fits(room) {
                types.insert(place);
                room_max = room_max.max(room);
            }
        }
        (types, room_max)
    }

    /// Too few different values: refused, or written down as they are where that is allowed.
    fn check_min_values(
        &mut self,
        set: SetId,
        types: &Bits,
        may_relax: bool,
    ) -> Result<(SetId, bool), Refusal> {
        if !self.algebra.has_min_values(set) {
            return Ok((set, false));
        }
        let too_few = self.universe.too_few_values(self.algebra.set(set), types);
        if too_few.is_empty() {
            return Ok((set, false));
        }
        if !may_relax {
            return Err(Refusal::MinValues);
        }
        let mut relaxed = Requirements::clone(self.algebra.set(set));
        for (key, found) in too_few {
            if let Some(requirement) = relaxed.get_mut(key) {
                requirement.min_values = Some(found);
            }
        }
        Ok((self.algebra.id(relaxed), true))
    }

    /// The reservations that the claim would hold: every one that it could be launched into.
    fn reservations_for(&mut self, set: SetId, types: &Bits, held: &Bits) -> Result<Bits, Refusal> {
        let mut reserve = Bits::new();
        if self.universe.reservations.is_empty() {
            return Ok(reserve);
        }
        let offers = self.algebra.offers(self.universe, set).and(self.available);
        let mut any = false;
        for offering in offers.iter().map(|o| &self.universe.offerings[o]) {
            let Some(reservation) = offering.reservation.map(|r| r as usize) else { continue };
            if offering.capacity_type == CapacityType::Reserved
                && types.contains(offering.of as usize)
            {
                any = true;
                if held.contains(reservation) || self.reservations_left[reservation] > 0 {
                    reserve.insert(reservation);
                }
            }
        }
        let strict = self.reserved == ReservedMode::Strict;
        if strict && reserve.is_empty() && (any || !held.is_empty()) {
            return Err(Refusal::Reserved);
        }
        Ok(reserve)
    }
}

/// Whether a port is wanted that is taken.
pub(super) fn shares_port(taken: &[u16], wanted: &[u16]) -> bool {
    wanted.iter().any(|port| taken.contains(port))
}
