//! Instance types and their offerings.

use super::entries::{OfferingEntry, ReservationEntry, TypeEntry};
use super::{Universe, UniverseError};
use crate::karpenter::bits::Bits;
use crate::karpenter::input::InstanceType;
use crate::karpenter::labels::{INSTANCE_TYPE, KeyId};
use crate::karpenter::requirement::{Requirement, Selector};
use crate::karpenter::requirements::Requirements;
use std::collections::HashMap;

impl Universe {
    pub(super) fn add_types(&mut self, types: &[InstanceType]) -> Result<(), UniverseError> {
        let mut seen = HashMap::new();
        let mut reservations = HashMap::new();
        for (place, it) in types.iter().enumerate() {
            if seen.insert(it.name.as_str(), place).is_some() {
                return Err(UniverseError::Twice { what: "instance type", name: it.name.clone() });
            }
            let who = || format!("instance type {:?}", it.name);
            let (capacity, places) = self.named_amounts(&it.capacity, who)?;
            let (overhead, _) = self.named_amounts(&it.overhead, who)?;
            let first = self.offerings.len();
            for offering in &it.offerings {
                if offering.available {
                    self.sold.insert(self.offerings.len());
                }
                let reservation = offering.reservation.as_ref().map(|reservation| {
                    let count = self.reservations.len() as u32;
                    let at = *reservations.entry(reservation.id.clone()).or_insert(count);
                    if at == count {
                        let value = self.labels.value(self.keys.reservation, &reservation.id);
                        let capacity = reservation.capacity;
                        self.reservations.push(ReservationEntry { value, capacity });
                    }
                    let entry = &mut self.reservations[at as usize];
                    entry.capacity = entry.capacity.min(reservation.capacity);
                    at
                });
                self.offerings.push(OfferingEntry {
                    of: place as u32,
                    zone: self.labels.value(self.keys.zone, &offering.zone) as u32,
                    capacity_type: offering.capacity_type,
                    price: offering.price,
                    reservation,
                });
            }
            let requirements = self.type_requirements(it, first);
            self.types.push(TypeEntry {
                name: it.name.clone(),
                requirements,
                capacity,
                allocatable: capacity.minus_at(&overhead, &places),
                offerings: first..self.offerings.len(),
            });
        }
        self.say_what_is_absent();
        Ok(())
    }

    fn type_requirements(&mut self, it: &InstanceType, first: usize) -> Requirements {
        let mut own = Requirements::new(&it.requirements, &mut self.labels);
        if own.get(self.keys.instance_type).is_none() {
            let name = Selector::is_in(INSTANCE_TYPE, &[&it.name]);
            let (key, requirement) = Requirement::new(&name, &mut self.labels);
            own.set(key, requirement);
        }
        let offered = &self.offerings[first..];
        if own.get(self.keys.zone).is_none() {
            let zones = offered.iter().map(|o| o.zone as usize).collect();
            own.set(self.keys.zone, Requirement::one_of(zones));
        }
        if own.get(self.keys.capacity_type).is_none() {
            let bought =
                offered.iter().map(|o| self.capacity_values[o.capacity_type as usize]).collect();
            own.set(self.keys.capacity_type, Requirement::one_of(bought));
        }
        own
    }

    /// A well-known label that only other types carry does not exist on a type
    /// (aws:pkg/providers/instancetype/types.go says so of each label that does not apply).
    fn say_what_is_absent(&mut self) {
        let carried: Bits = self
            .types
            .iter()
            .flat_map(|it| it.requirements.iter().map(|(key, _)| key.0 as usize))
            .filter(|&key| self.labels.is_well_known(KeyId(key as u32)))
            .collect();
        for it in &mut self.types {
            for key in carried.iter().map(|key| KeyId(key as u32)) {
                if it.requirements.get(key).is_none() {
                    it.requirements.set(key, Requirement::absent());
                }
            }
        }
    }
}
