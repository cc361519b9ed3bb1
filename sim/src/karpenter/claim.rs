//! An open claim, and whether it can take one more pod (core:…/scheduling/nodeclaim.go, CanAdd).

use super::algebra::{Algebra, SetId};
use super::amounts::Amounts;
use super::bits::Bits;
use super::input::CapacityType;
use super::requirement::Requirements;
use super::round::{Refusal, ReservedMode};
use super::universe::{Shape, Universe};

/// A claim that is still growing.
pub(super) struct Open {
    pub(super) template: usize,
    pub(super) set: SetId,
    pub(super) types: Bits,
    pub(super) types_count: u32,
    pub(super) requests: Amounts,
    /// The most that any of its types has room for.
    pub(super) room_max: Amounts,
    pub(super) pods: Vec<u32>,
    pub(super) ports: Vec<u16>,
    /// Counts changes of `set`: what was refused before one may be taken after it.
    pub(super) generation: u32,
    /// Reservations that it holds.
    pub(super) reserved: Bits,
}

impl Open {
    pub(super) fn new(template: usize, set: SetId) -> Self {
        Self {
            template,
            set,
            types: Bits::new(),
            types_count: 0,
            requests: Amounts::ZERO,
            room_max: Amounts::ZERO,
            pods: Vec::new(),
            ports: Vec::new(),
            generation: 1,
            reserved: Bits::new(),
        }
    }

    /// How it looks to one more pod. A claim that grows never gives in on `minValues`.
    pub(super) fn as_candidate(&self) -> Candidate<'_> {
        Candidate {
            template: self.template,
            set: self.set,
            requests: self.requests,
            types: &self.types,
            types_count: self.types_count,
            ports: &self.ports,
            reserved: &self.reserved,
            room_max: Some(self.room_max),
            may_relax: false,
        }
    }
}

/// A claim, or what would become one.
pub(super) struct Candidate<'c> {
    pub(super) template: usize,
    pub(super) set: SetId,
    pub(super) requests: Amounts,
    pub(super) types: &'c Bits,
    pub(super) types_count: u32,
    pub(super) ports: &'c [u16],
    pub(super) reserved: &'c Bits,
    pub(super) room_max: Option<Amounts>,
    pub(super) may_relax: bool,
}

/// How a claim would be after it took the pod.
pub(super) struct Fit {
    pub(super) set: SetId,
    pub(super) types: Bits,
    pub(super) room_max: Amounts,
    pub(super) reserve: Bits,
    pub(super) relaxed: bool,
}

/// Says whether a claim can take a pod.
pub(super) struct Judge<'j> {
    pub(super) universe: &'j Universe,
    pub(super) algebra: &'j mut Algebra,
    pub(super) available: &'j Bits,
    pub(super) attempt_sets: &'j [SetId],
    pub(super) reservations_left: &'j [u32],
    pub(super) reserved: ReservedMode,
    pub(super) types_looked_at: &'j mut u64,
}

impl Judge<'_> {
    /// Whether the claim can take a pod of this shape in its `number`th way of asking.
    pub(super) fn judge(
        mut self,
        shape: &Shape,
        number: usize,
        claim: &Candidate<'_>,
    ) -> Result<Fit, Refusal> {
        if !shape.attempts[number].tolerates[claim.template] {
            return Err(Refusal::Taint);
        }
        let wanted = self.attempt_sets[shape.first_attempt + number];
        let set = self
            .algebra
            .join(self.universe, claim.set, wanted, true)
            .ok_or(Refusal::Requirements)?;
        *self.types_looked_at += u64::from(claim.types_count);
        let requests = claim.requests.plus(&shape.requests);
        if claim.room_max.is_some_and(|room| !requests.fits(&room)) {
            return Err(Refusal::InstanceType);
        }
        let (types, room_max) = self.surviving_types(shape, set, &requests, claim);
        let (set, relaxed) = self.check_min_values(set, &types, claim.may_relax)?;
        if types.is_empty() {
            return Err(Refusal::InstanceType);
        }
        let reserve = self.reservations_for(set, &types, claim.reserved)?;
        Ok(Fit { set, types, room_max, reserve, relaxed })
    }

    /// Types with the labels, the room and an available offering, and the most that they have.
    fn surviving_types(
        &mut self,
        shape: &Shape,
        set: SetId,
        requests: &Amounts,
        claim: &Candidate<'_>,
    ) -> (Bits, Amounts) {
        let template = &self.universe.templates[claim.template];
        let mut types = Bits::new();
        let mut room_max = Amounts::ZERO;
        if shares_port(claim.ports, &shape.ports) {
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
