//! Packing: which nodes to buy for pods that wait, at the least money an hour.
//!
//! Karpenter's Solve opens one claim, fills it until the largest type is full, and looks at no price
//! on the way; it tries every pod with every open claim. Here equal pods are one group, kinds that
//! another beats are left out once ([`Market`]), and the next node is always the one that costs least
//! for what it holds: a pod is worth its share of the cheapest node for it, so what only dear
//! machines can carry is worth much and goes first. A node found so is bought as often as what is left
//! allows, so that the work grows with the number of shapes, not of pods. This is done in several
//! orders; then the most wasteful nodes are emptied and packed anew, a few at a time.
//!
//! Nodes cost until their last pod has ended. Where ends are foreseen, groups carry a class of them
//! ([`end_class`]) and pods that end together share nodes, unless room is left over.
//!
//! Everything is counted in whole numbers and ties go to what comes first, so that the same problem has
//! the same plan everywhere. `steps_max` bounds the work: the first way through all pods is always gone.

pub mod amounts;
mod bounds;
mod finish;
mod greedy;
mod improve;
mod market;
mod order;
mod plan;
mod problem;
mod rooms;
mod spread;

pub use market::{Market, SCOPES_AT_ONCE};
pub use plan::{Bought, Plan, Share};
pub use problem::{Group, Kind, Problem, Room, Scope, end_class};

use alloc::vec::Vec;
use amounts::{Amounts, CPU};
use greedy::{Key, Outcome, Solver, Way};
use improve::{State, best_of, improve};
use market::Offer;
use spread::Spread;

/// Looks at a group or an offer for a plan made at leisure: some hundredths of a second.
pub const STEPS_AT_LEISURE: u64 = 1_000_000;

/// The same for a plan of every day: some thousandths of a second.
pub const STEPS_USUAL: u64 = 100_000;

/// The ways that are gone through all pods.
const WAYS: [Way; 5] = [
    Way { key: Key::Worth, seeded: true, passed: 0, tight: false },
    Way { key: Key::Worth, seeded: false, passed: 0, tight: false },
    Way { key: Key::Processors, seeded: true, passed: 0, tight: false },
    Way { key: Key::Memory, seeded: true, passed: 0, tight: false },
    Way { key: Key::Processors, seeded: true, passed: 1, tight: false },
];

/// How many sizes are tried: enough to come from 384 vCPU down to 8.
const SPREAD_SIZES_MAX: usize = 12;

/// The ways that are gone where limits leave pods without a place.
const TIGHT_WAYS: [Way; 3] = [
    Way { key: Key::Worth, seeded: true, passed: 0, tight: true },
    Way { key: Key::Worth, seeded: false, passed: 0, tight: true },
    Way { key: Key::Processors, seeded: true, passed: 0, tight: true },
];

/// Packs pods into the cheapest nodes that are found within `steps_max` steps.
pub fn pack(market: &Market, problem: &Problem<'_>, steps_max: u64) -> Plan {
    let mut left: Vec<u32> = problem.groups.iter().map(|group| group.count).collect();
    let housed = rooms::house(problem, &mut left);
    let mut plan = Plan { housed, left: Vec::new(), bought: Vec::new() };
    let mut limits = problem.limits.to_vec();
    let steps_each = steps_max / market.parts().len().max(1) as u64;
    for (lot, offers) in market.parts().iter().enumerate() {
        let first = lot * SCOPES_AT_ONCE;
        let is_here = |scope: u32| (first..first + SCOPES_AT_ONCE).contains(&(scope as usize));
        let here: Vec<u32> = (0..problem.groups.len() as u32)
            .filter(|at| left[*at as usize] > 0 && is_here(problem.groups[*at as usize].scope))
            .collect();
        if here.is_empty() {
            continue;
        }
        let groups: Vec<Group> = here.iter().map(|at| problem.groups[*at as usize]).collect();
        let counts: Vec<u32> = here.iter().map(|at| left[*at as usize]).collect();
        let mut solver = Solver::new(offers, &groups, first);
        let state = solve(&mut solver, &counts, &limits, steps_each);
        limits = state.limits;
        for (at, count) in here.iter().zip(&state.left) {
            left[*at as usize] = *count;
        }
        for node in state.nodes {
            let pods = node.pods.iter().map(|(group, n)| (here[*group as usize], *n)).collect();
            let kind = offers[node.offer as usize].kind;
            plan.bought.push(Bought { kind, copies: node.copies, pods });
        }
    }
    plan.left = left;
    plan
}

/// Packs one lot.
fn solve(solver: &mut Solver<'_>, left: &[u32], limits: &[Amounts], steps_max: u64) -> State {
    // Half for whole ways, half for what can be made better afterwards.
    let mut best = best_of(solver, &WAYS, left, limits, steps_max / 2);
    if best.cost.0 > 0 && solver.offers.iter().any(|offer| offer.limit.is_some()) {
        let tight = best_of(solver, &TIGHT_WAYS, left, limits, steps_max / 2);
        best = if tight.cost < best.cost { tight } else { best };
    }
    // Karpenter's way, on nodes of any size, then on smaller ones.
    let steps_half = steps_max / 2 + solver.steps / 2;
    let asked = (0..).zip(left).filter(|(_, count)| **count > 0);
    let asked = asked.map(|(at, _): (usize, _)| solver.groups[at].asks.0[CPU]).max().unwrap_or(0);
    let orders = if limits.is_empty() { &[false][..] } else { &[false, true] };
    for cpu_max in sizes(solver.offers, asked) {
        for &last_limit_first in orders {
            let how = Spread { cpu_max, last_limit_first };
            if let Some(spread) = solver.spread(how, left, limits, steps_half)
                && spread.cost < best.cost
            {
                best = spread;
            }
        }
    }
    let mut state = settle(solver, best, left, limits);
    improve(solver, &mut state, steps_max);
    state
}

/// Sizes of nodes in processors, each at most four fifths of the one before, none too small for what
/// is asked.
fn sizes(offers: &[Offer], asked: u64) -> Vec<u64> {
    let mut all: Vec<u64> = offers.iter().map(|offer| offer.offers.0[CPU]).collect();
    all.sort_unstable_by_key(|size| core::cmp::Reverse(*size));
    let mut sizes: Vec<u64> = Vec::new();
    for size in all.into_iter().take_while(|size| *size >= asked) {
        if sizes.len() < SPREAD_SIZES_MAX && sizes.last().is_none_or(|last| size <= last / 5 * 4) {
            sizes.push(size);
        }
    }
    sizes
}

/// An outcome with what it leaves.
fn settle(solver: &Solver<'_>, outcome: Outcome, left: &[u32], limits: &[Amounts]) -> State {
    let mut state = State { nodes: outcome.nodes, left: left.to_vec(), limits: limits.to_vec() };
    for node in &mut state.nodes {
        node.pods.sort_unstable();
        for (group, count) in &node.pods {
            state.left[*group as usize] -= count * node.copies;
        }
        let offer = &solver.offers[node.offer as usize];
        if let Some(limit) = offer.limit.map(|limit| &mut state.limits[limit as usize]) {
            *limit = limit.minus(&offer.counts.times(node.copies));
        }
    }
    state
}

#[cfg(test)]
mod tests;
