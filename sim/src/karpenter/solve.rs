//! Karpenter's Solve (core:…/provisioning/scheduling/scheduler.go): greedy first fit, biggest pods
//! first, onto existing nodes, then claims opened in this round, then new claims.

use super::algebra::{Algebra, SetId};
use super::amounts::{CPU_AT, MEMORY_AT};
use super::bits::Bits;
use super::claim::Open;
use super::gosort::go_sort;
use super::round::{Refusal, Round, Solution};
use super::scratch::Scratch;
use super::solve_nodes::Existing;
use super::states::{StateId, States};
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

/// An open claim refused a way of asking, when it was in `generation`.
#[derive(Clone, Copy, Default)]
pub(super) struct Refused {
    pub(super) generation: u32,
    /// Whether types had to be looked at to find out.
    pub(super) looked: bool,
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
pub(super) enum Fresh {
    /// The limits have changed since it was worked out.
    Unknown,
    /// No type is within them.
    Nothing,
    Claim(StateId),
}

pub(super) struct Solver<'a> {
    pub(super) universe: &'a Universe,
    pub(super) round: &'a Round<'a>,
    pub(super) algebra: &'a mut Algebra,
    pub(super) states: &'a mut States,
    pub(super) attempt_sets: &'a [SetId],
    pub(super) template_sets: &'a [SetId],
    pub(super) available: &'a Bits,
    pub(super) existing: Vec<Existing>,
    /// Of each attempt and kind of pod: nodes before this one refuse it.
    pub(super) cursors: Vec<usize>,
    pub(super) claims: Vec<Open>,
    /// Claims as Solve holds them: pod count and place in `claims`.
    pub(super) order: Vec<(u32, u32)>,
    pub(super) order_is_stale: bool,
    pub(super) refused: Vec<Vec<Refused>>,
    failures: Vec<Failure>,
    /// What each pool may still launch, beside its limits in the universe.
    pub(super) left: Vec<Vec<i64>>,
    pub(super) nodes_left: Vec<Option<i64>>,
    /// Of each template: the claim without pods.
    pub(super) fresh: Vec<Fresh>,
    pub(super) reservations_left: Vec<u32>,
    pub(super) relaxed: Vec<bool>,
    pub(super) placements: u64,
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
}
