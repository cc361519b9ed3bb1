//! Pods onto claims opened in this round, the one with fewest pods first, and onto new claims.

use super::amounts::Amounts;
use super::bits::Bits;
use super::claim::{Judge, Open, looked_at_types};
use super::round::Refusal;
use super::solve::{Fresh, Refused, Solver};
use super::states::{State, StateId, Step};
use super::universe::Shape;

/// What a verdict on a claim needs of a solver, borrowed apart from its claims.
macro_rules! judge {
    ($solver:ident) => {
        Judge {
            universe: $solver.universe,
            algebra: &mut *$solver.algebra,
            states: &mut *$solver.states,
            available: $solver.available,
            attempt_sets: $solver.attempt_sets,
            reservations_left: &$solver.reservations_left,
            reserved: $solver.round.reserved,
            types_looked_at: &mut $solver.solution.work.types,
        }
    };
}

impl Solver<'_> {
    pub(super) fn place_on_claim(&mut self, pod: u32, shape: &Shape, number: usize) -> bool {
        let id = shape.first_attempt + number;
        let may_remember = self.universe.reservations.is_empty();
        if self.refused[id].len() < self.claims.len() {
            self.refused[id].resize(self.claims.len(), Refused::default());
        }
        for at in 0..self.order.len() {
            let place = self.order[at].1 as usize;
            let claim = &self.claims[place];
            let known = self.refused[id][place];
            self.solution.work.claims += 1;
            if may_remember && known.generation == claim.generation {
                let types = self.states.types_count(claim.state);
                self.solution.work.types += u64::from(known.looked) * u64::from(types);
                continue;
            }
            match judge!(self).judge(shape, number, claim.state) {
                Ok(step) => {
                    self.join_claim(place, pod, step);
                    self.order[at].0 += 1;
                    self.order_is_stale = true;
                    return true;
                }
                Err(refusal) => {
                    self.refused[id][place] = Refused {
                        generation: self.claims[place].generation,
                        looked: looked_at_types(refusal),
                    };
                }
            }
        }
        false
    }

    pub(super) fn place_on_new_claim(
        &mut self,
        pod: u32,
        shape: &Shape,
        number: usize,
    ) -> Result<(), Vec<Refusal>> {
        let mut refusals = Vec::new();
        for number_of_template in 0..self.universe.templates.len() {
            let template = &self.universe.templates[number_of_template];
            if self.nodes_left[template.pool] == Some(0) {
                refusals.push(Refusal::NodeLimit);
                continue;
            }
            let Some(fresh) = self.fresh_claim(number_of_template) else {
                refusals.push(Refusal::Limits);
                continue;
            };
            match judge!(self).judge(shape, number, fresh) {
                Ok(step) => {
                    self.relaxed[template.pool] = step.relaxed;
                    self.open_claim(number_of_template, pod, fresh, step);
                    return Ok(());
                }
                Err(refusal) => refusals.push(refusal),
            }
            if refusals.last() == Some(&Refusal::Reserved) {
                break;
            }
        }
        if self.universe.templates.is_empty() {
            refusals.push(Refusal::NoPool);
        }
        refusals.dedup();
        Err(refusals)
    }

    /// A claim of the template without pods, of types within what its pool may still launch.
    fn fresh_claim(&mut self, template: usize) -> Option<StateId> {
        match self.fresh[template] {
            Fresh::Unknown => {}
            Fresh::Nothing => return None,
            Fresh::Claim(fresh) => return Some(fresh),
        }
        let entry = &self.universe.templates[template];
        let limits = &self.universe.pools[entry.pool].limits;
        let left = &self.left[entry.pool];
        let types = if self.nodes_left[entry.pool].is_some_and(|nodes| nodes < 0) {
            Bits::new()
        } else if limits.is_empty() {
            entry.types.clone()
        } else {
            let within = |&place: &usize| {
                let capacity = &self.universe.types[place].capacity;
                limits.iter().zip(left).all(|(&(at, _), &left)| capacity.at(at) <= left)
            };
            entry.types.iter().filter(within).collect()
        };
        if types.is_empty() {
            self.fresh[template] = Fresh::Nothing;
            return None;
        }
        let state = State {
            template,
            set: self.template_sets[template],
            fresh: true,
            types,
            requests: Amounts::ZERO,
            ports: Vec::new(),
            reserved: Bits::new(),
        };
        let fresh = self.states.id(state, None);
        self.fresh[template] = Fresh::Claim(fresh);
        Some(fresh)
    }

    fn join_claim(&mut self, place: usize, pod: u32, step: Step) {
        let claim = &mut self.claims[place];
        let (before, after) = (self.states.state(claim.state), self.states.state(step.to));
        if before.set != after.set {
            claim.generation += 1;
        }
        for reservation in after.reserved.iter().filter(|&r| !before.reserved.contains(r)) {
            self.reservations_left[reservation] -= 1;
        }
        for reservation in before.reserved.iter().filter(|&r| !after.reserved.contains(r)) {
            self.reservations_left[reservation] += 1;
        }
        claim.state = step.to;
        claim.pods.push(pod);
    }

    fn open_claim(&mut self, template: usize, pod: u32, fresh: StateId, step: Step) {
        let place = self.claims.len();
        self.claims.push(Open { state: fresh, pods: Vec::new(), generation: 1 });
        self.join_claim(place, pod, step);
        self.order.push((1, place as u32));
        self.order_is_stale = true;
        let pool = self.universe.templates[template].pool;
        let limits = &self.universe.pools[pool].limits;
        if limits.is_empty() {
            return;
        }
        // As if the largest of the surviving types were launched, in every resource.
        let largest = self
            .states
            .state(step.to)
            .types
            .iter()
            .map(|place| self.universe.types[place].capacity)
            .fold(Amounts::ZERO, |most, capacity| most.max(&capacity));
        for (left, &(at, _)) in self.left[pool].iter_mut().zip(limits) {
            *left -= largest.at(at);
        }
        for (fresh, entry) in self.fresh.iter_mut().zip(&self.universe.templates) {
            if entry.pool == pool {
                *fresh = Fresh::Unknown;
            }
        }
    }
}
