//! Requirement sets by number, with what follows from them remembered.
//!
//! A round meets few different sets, and each of them again and again: equal pods, claims of the
//! same pods, nodes of a kind. What two sets make together, which types agree with a set and which
//! offerings it allows are functions of the sets alone and are worked out once.

use super::bits::Bits;
use super::labels::KeyId;
use super::requirement::{Requirement, meet};
use super::requirements::Requirements;
use super::universe::Universe;
use greenroom_scheduler::money::Rate;
use std::collections::HashMap;
use std::sync::Arc;

/// The number of a requirement set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SetId(pub(super) u32);

/// Sets remembered from round to round. A run has some hundred; with more, all are forgotten and
/// learned again, which costs time and changes no result.
const SETS_MAX: usize = 1 << 15;
/// Answers remembered about pairs of sets; a run has some thousand. The same holds.
const JOINS_MAX: usize = 1 << 18;

#[derive(Debug, Default)]
pub(super) struct Algebra {
    sets: Vec<Known>,
    by_set: HashMap<Arc<Requirements>, SetId>,
    joins: HashMap<(SetId, SetId, bool), Option<SetId>>,
    /// Types that agree with one requirement.
    agreeing: HashMap<(KeyId, Requirement), Arc<Bits>>,
}

#[derive(Debug)]
struct Known {
    set: Arc<Requirements>,
    has_min_values: bool,
    /// Offerings that the set allows, available or not.
    offers: Option<Arc<Bits>>,
    /// While availability stays: types that agree and have an allowed offering available.
    types: Option<Arc<Bits>>,
    /// While availability stays: of each type the cheapest allowed offering available.
    prices: Option<Arc<Vec<Option<Rate>>>>,
}

impl Algebra {
    /// More is remembered than one run should need.
    pub(super) fn is_full(&self) -> bool {
        self.sets.len() > SETS_MAX || self.joins.len() > JOINS_MAX || self.agreeing.len() > SETS_MAX
    }

    /// Other offerings are available: what depends on that is forgotten.
    pub(super) fn availability_changed(&mut self) {
        for known in &mut self.sets {
            known.types = None;
            known.prices = None;
        }
    }

    pub(super) fn id(&mut self, set: Requirements) -> SetId {
        if let Some(&id) = self.by_set.get(&set) {
            return id;
        }
        let id = SetId(self.sets.len() as u32);
        let set = Arc::new(set);
        self.sets.push(Known {
            set: Arc::clone(&set),
            has_min_values: set.has_min_values(),
            offers: None,
            types: None,
            prices: None,
        });
        self.by_set.insert(set, id);
        id
    }

    pub(super) fn set(&self, id: SetId) -> &Arc<Requirements> {
        &self.sets[id.0 as usize].set
    }

    pub(super) fn has_min_values(&self, id: SetId) -> bool {
        self.sets[id.0 as usize].has_min_values
    }

    /// What `base` becomes when it takes what asks for `incoming`; nothing when it cannot.
    pub(super) fn join(
        &mut self,
        universe: &Universe,
        base: SetId,
        incoming: SetId,
        well_known_may_be_missing: bool,
    ) -> Option<SetId> {
        let question = (base, incoming, well_known_may_be_missing);
        if let Some(&answer) = self.joins.get(&question) {
            return answer;
        }
        let (own, wanted) = (Arc::clone(self.set(base)), Arc::clone(self.set(incoming)));
        let answer =
            own.compatible(&wanted, well_known_may_be_missing, &universe.labels).then(|| {
                let mut both = Requirements::clone(&own);
                both.add_all(&wanted, &universe.labels);
                self.id(both)
            });
        self.joins.insert(question, answer);
        answer
    }

    /// Offerings that the set allows, available or not.
    pub(super) fn offers(&mut self, universe: &Universe, id: SetId) -> Arc<Bits> {
        if let Some(offers) = &self.sets[id.0 as usize].offers {
            return Arc::clone(offers);
        }
        let set = Arc::clone(self.set(id));
        let offers: Arc<Bits> = Arc::new(
            (0..universe.offerings.len()).filter(|&o| universe.offering_suits(&set, o)).collect(),
        );
        self.sets[id.0 as usize].offers = Some(Arc::clone(&offers));
        offers
    }

    /// Types that agree with the set and have an allowed offering available in this round.
    pub(super) fn types(&mut self, universe: &Universe, id: SetId, available: &Bits) -> Arc<Bits> {
        if let Some(types) = &self.sets[id.0 as usize].types {
            return Arc::clone(types);
        }
        let offers = self.offers(universe, id);
        let mut types: Bits =
            offers.and(available).iter().map(|o| universe.offerings[o].of as usize).collect();
        let set = Arc::clone(self.set(id));
        for (key, requirement) in set.iter() {
            types.retain_in(&self.agreeing(universe, key, requirement));
        }
        let types = Arc::new(types);
        self.sets[id.0 as usize].types = Some(Arc::clone(&types));
        types
    }

    fn agreeing(
        &mut self,
        universe: &Universe,
        key: KeyId,
        requirement: &Requirement,
    ) -> Arc<Bits> {
        let question = (key, requirement.clone());
        if let Some(types) = self.agreeing.get(&question) {
            return Arc::clone(types);
        }
        let numbers = universe.labels.numbers(key);
        let types: Arc<Bits> = Arc::new(
            (0..universe.types.len())
                .filter(|&place| {
                    universe.types[place]
                        .requirements
                        .get(key)
                        .is_none_or(|own| meet(own, requirement, numbers))
                })
                .collect(),
        );
        self.agreeing.insert(question, Arc::clone(&types));
        types
    }

    /// Of each type of the catalogue the cheapest allowed offering available in this round.
    pub(super) fn prices(
        &mut self,
        universe: &Universe,
        id: SetId,
        available: &Bits,
    ) -> Arc<Vec<Option<Rate>>> {
        if let Some(prices) = &self.sets[id.0 as usize].prices {
            return Arc::clone(prices);
        }
        let mut prices = vec![None; universe.types.len()];
        for place in self.offers(universe, id).and(available).iter() {
            let offering = &universe.offerings[place];
            let cheapest: &mut Option<Rate> = &mut prices[offering.of as usize];
            *cheapest = Some(cheapest.map_or(offering.price, |c| c.min(offering.price)));
        }
        let prices = Arc::new(prices);
        self.sets[id.0 as usize].prices = Some(Arc::clone(&prices));
        prices
    }
}
