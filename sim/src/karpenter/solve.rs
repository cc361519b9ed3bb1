//! Karpenter's Solve (core:…/provisioning/scheduling/scheduler.go): greedy first fit, biggest pods
//! first, onto existing nodes, then claims opened in this round, then new claims.

use super::algebra::{Algebra, SetId};
use super::amounts::{Amounts, CPU_AT, MEMORY_AT};
use super::bits::Bits;
use super::claim::{Judge, Open, looked_at_types, shares_port};
use super::gosort::go_sort;
use super::round::{Refusal, Round, Solution};
use super::scratch::Scratch;
use super::states::{State, StateId, States, Step};
use super::taint::all_tolerated;
use super::universe::{Shape, Universe};
use super::work::Work;
use std::collections::VecDeque;

/// Places a round's pods.
pub fn solve(universe: &Universe, round: &Round<'_>, scratch: &mut Scratch) -> Solution {
    scratch.begin(universe, round.unavailable);
    let mut solver = Solver::new(universe, round, scratch);
    solver.run();
    solver.finish()
}

/// A node that exists.
struct Existing {
    place: u32,
    kind: usize,
    set: SetId,
    remaining: Amounts,
    ports: Vec<u16>,
    under_consolidate_after: bool,
}

/// An open claim refused a way of asking, when it was in `generation`.
#[derive(Clone, Copy, Default)]
struct Refused {
    generation: u32,
    /// Whether types had to be looked at to find out.
    looked: bool,
}

/// What a shape met when it failed last.
#[derive(Clone, Default)]
struct Failure {
    /// Placements made until then.
    placements: u64,
    refusals: Vec<Refusal>,
    work: Work,
}

/// A claim without pods, of the types within what its pool may still launch.
#[derive(Clone, Copy)]
enum Fresh {
    /// The limits have changed since it was worked out.
    Unknown,
    /// No type is within them.
    Nothing,
    Claim(StateId),
}

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

pub(super) struct Solver<'a> {
    pub(super) universe: &'a Universe,
    pub(super) round: &'a Round<'a>,
    pub(super) algebra: &'a mut Algebra,
    pub(super) states: &'a mut States,
    attempt_sets: &'a [SetId],
    template_sets: &'a [SetId],
    pub(super) available: &'a Bits,
    existing: Vec<Existing>,
    /// Of each attempt and kind of pod: nodes before this one refuse it.
    cursors: Vec<usize>,
    pub(super) claims: Vec<Open>,
    /// Claims as Solve holds them: pod count and place in `claims`.
    pub(super) order: Vec<(u32, u32)>,
    order_is_stale: bool,
    refused: Vec<Vec<Refused>>,
    failures: Vec<Failure>,
    /// What each pool may still launch, beside its limits in the universe.
    left: Vec<Vec<i64>>,
    nodes_left: Vec<Option<i64>>,
    /// Of each template: the claim without pods.
    fresh: Vec<Fresh>,
    reservations_left: Vec<u32>,
    pub(super) relaxed: Vec<bool>,
    placements: u64,
    pub(super) solution: Solution,
}

impl<'a> Solver<'a> {
    fn new(universe: &'a Universe, round: &'a Round<'a>, scratch: &'a mut Scratch) -> Self {
        let Scratch { algebra, states, attempts, templates, kinds, available, .. } = scratch;
        let mut solver = Self {
            universe,
            round,
            algebra,
            states,
            attempt_sets: attempts,
            template_sets: templates,
            available,
            existing: Vec::with_capacity(round.nodes.len()),
            cursors: vec![0; universe.attempts * 2],
            claims: Vec::new(),
            order: Vec::new(),
            order_is_stale: false,
            refused: vec![Vec::new(); universe.attempts],
            failures: vec![Failure::default(); universe.shapes.len() * 2],
            left: universe
                .pools
                .iter()
                .map(|pool| pool.limits.iter().map(|&(_, limit)| limit).collect())
                .collect(),
            nodes_left: universe.pools.iter().map(|pool| pool.nodes_max).collect(),
            fresh: vec![Fresh::Unknown; universe.templates.len()],
            reservations_left: universe.reservations.iter().map(|r| r.capacity).collect(),
            relaxed: vec![false; universe.pools.len()],
            placements: 0,
            solution: Solution::default(),
        };
        solver.add_nodes(kinds);
        solver
    }

    fn add_nodes(&mut self, kind_sets: &[SetId]) {
        for (pool, used) in self.round.used.iter().enumerate().take(self.left.len()) {
            let limits = &self.universe.pools[pool].limits;
            for (left, &(at, _)) in self.left[pool].iter_mut().zip(limits) {
                *left -= used.capacity.at(at);
            }
            if let Some(left) = &mut self.nodes_left[pool] {
                *left -= i64::from(used.nodes);
            }
        }
        for (place, node) in self.round.nodes.iter().enumerate() {
            let number = node.kind.0 as usize;
            let kind = &self.universe.kinds[number];
            let still_to_come = kind.daemons.minus(&node.used_by_daemons).max(&Amounts::ZERO);
            self.existing.push(Existing {
                place: place as u32,
                kind: number,
                set: kind_sets[number],
                remaining: kind
                    .allocatable
                    .minus_at(&node.used, &kind.places)
                    .minus_at(&still_to_come, &kind.places),
                ports: node.ports.clone(),
                under_consolidate_after: node.under_consolidate_after,
            });
        }
        let nodes = self.round.nodes;
        self.existing.sort_by_key(|e| {
            let node = &nodes[e.place as usize];
            (!node.initialized, node.name)
        });
    }

    /// The order of pods: processors, memory, age, UID. Neither GPUs nor priority play a part.
    fn sorted_pods(&self) -> VecDeque<u32> {
        let mut sorted: Vec<u32> = (0..self.round.pods.len() as u32).collect();
        sorted.sort_by_cached_key(|&place| {
            let pod = &self.round.pods[place as usize];
            let requests = self.universe.shape_requests(pod.shape);
            let biggest_first = core::cmp::Reverse((requests.at(CPU_AT), requests.at(MEMORY_AT)));
            (biggest_first, pod.created_s, pod.uid)
        });
        sorted.into()
    }

    fn run(&mut self) {
        let mut queue = self.sorted_pods();
        let mut length_when_pushed = vec![0_usize; self.round.pods.len()];
        let mut errors: Vec<Option<Vec<Refusal>>> = vec![None; self.round.pods.len()];
        while let Some(&pod) = queue.front() {
            // A whole cycle without progress.
            if length_when_pushed[pod as usize] == queue.len() {
                break;
            }
            if self.solution.work.total_ns() >= self.round.work_ns_max {
                break;
            }
            queue.pop_front();
            match self.place(pod) {
                Ok(()) => errors[pod as usize] = None,
                Err(refusals) => {
                    errors[pod as usize] = Some(refusals);
                    queue.push_back(pod);
                    length_when_pushed[pod as usize] = queue.len();
                }
            }
        }
        queue.make_contiguous().sort_unstable();
        for pod in queue {
            match errors[pod as usize].take() {
                Some(refusals) => self.solution.unschedulable.push((pod, refusals)),
                None => self.solution.unreached.push(pod),
            }
        }
    }

    /// Places one pod, dropping its wishes one by one.
    fn place(&mut self, pod: u32) -> Result<(), Vec<Refusal>> {
        let pending = &self.round.pods[pod as usize];
        let shape = &self.universe.shapes[pending.shape.0 as usize];
        let failure = pending.shape.0 as usize * 2 + usize::from(pending.is_candidate);
        let last = &self.failures[failure];
        if !last.refusals.is_empty() && last.placements == self.placements {
            self.solution.work.add(&last.work);
            return Err(last.refusals.clone());
        }
        let before = self.solution.work;
        let mut refusals = Vec::new();
        for number in 0..shape.attempts.len() {
            refusals = match self.place_attempt(pod, shape, number) {
                Ok(()) => {
                    self.placements += 1;
                    return Ok(());
                }
                Err(refusals) => refusals,
            };
            if refusals.contains(&Refusal::Reserved) {
                break;
            }
        }
        self.failures[failure] = Failure {
            placements: self.placements,
            refusals: refusals.clone(),
            work: self.solution.work.since(&before),
        };
        Err(refusals)
    }

    fn place_attempt(
        &mut self,
        pod: u32,
        shape: &Shape,
        number: usize,
    ) -> Result<(), Vec<Refusal>> {
        self.solution.work.pods += 1;
        if self.place_on_node(pod, shape, number) {
            return Ok(());
        }
        if self.order_is_stale {
            go_sort(&mut self.order, |a, b| a.0 < b.0);
            self.order_is_stale = false;
        }
        if self.place_on_claim(pod, shape, number) {
            return Ok(());
        }
        self.place_on_new_claim(pod, shape, number)
    }

    fn place_on_node(&mut self, pod: u32, shape: &Shape, number: usize) -> bool {
        let is_candidate = self.round.pods[pod as usize].is_candidate;
        let attempt = &shape.attempts[number];
        let id = shape.first_attempt + number;
        let wanted = self.attempt_sets[id];
        let cursor = id * 2 + usize::from(is_candidate);
        self.solution.work.nodes += self.cursors[cursor] as u64;
        for at in self.cursors[cursor]..self.existing.len() {
            let node = &self.existing[at];
            let kind = &self.universe.kinds[node.kind];
            self.solution.work.nodes += 1;
            let fits = !(is_candidate && node.under_consolidate_after)
                && all_tolerated(&kind.taints, &attempt.tolerations)
                && !shares_port(&node.ports, &shape.ports)
                && shape.requests.fits(&node.remaining)
                && !node.remaining.any_negative();
            let joined =
                if fits { self.algebra.join(self.universe, node.set, wanted, false) } else { None };
            let Some(set) = joined else { continue };
            // Every node before this one refuses and, its set being unchanged, will go on to.
            self.cursors[cursor] = at;
            let node = &mut self.existing[at];
            if node.set != set {
                node.set = set;
                for other in &mut self.cursors {
                    *other = (*other).min(at);
                }
            }
            node.remaining = node.remaining.minus(&shape.requests);
            node.ports.extend_from_slice(&shape.ports);
            self.solution.placed.push((node.place, pod));
            return true;
        }
        self.cursors[cursor] = self.existing.len();
        false
    }

    fn place_on_claim(&mut self, pod: u32, shape: &Shape, number: usize) -> bool {
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

    fn place_on_new_claim(
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
