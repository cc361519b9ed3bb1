//! The last pass: a few nodes at a time are emptied and packed anew, the most wasteful first.

use super::amounts::Amounts;
use super::greedy::{Key, Node, Outcome, Solver, Way};
use super::plan::Share;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// The ways that are tried for a few nodes.
const WAYS: [Way; 10] = [
    Way { key: Key::Worth, seeded: true, passed: 0, tight: false },
    Way { key: Key::Worth, seeded: false, passed: 0, tight: false },
    Way { key: Key::Processors, seeded: true, passed: 0, tight: false },
    Way { key: Key::Memory, seeded: true, passed: 0, tight: false },
    Way { key: Key::Worth, seeded: true, passed: 1, tight: false },
    Way { key: Key::Processors, seeded: true, passed: 1, tight: false },
    Way { key: Key::Memory, seeded: true, passed: 1, tight: false },
    Way { key: Key::Worth, seeded: true, passed: 2, tight: false },
    Way { key: Key::Processors, seeded: true, passed: 2, tight: false },
    Way { key: Key::Memory, seeded: false, passed: 0, tight: false },
];

/// Of so many of the most wasteful nodes all pairs are tried.
const PAIRED_MAX: usize = 16;
/// Of so many all threes.
const THREES_MAX: usize = 9;
/// So many are tried all at once, and every number below it.
const TOGETHER_MAX: usize = 24;

/// What packing has come to.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) nodes: Vec<Node>,
    /// Of each group, the pods without a place.
    pub(super) left: Vec<u32>,
    /// What may still be bought.
    pub(super) limits: Vec<Amounts>,
}

/// Nodes by their places, each with how many copies of it.
type Subset = Vec<(usize, u32)>;

/// Packs a few nodes anew as long as that helps, and as long as `steps_max` is not reached.
pub(super) fn improve(solver: &mut Solver<'_>, state: &mut State, steps_max: u64) {
    // What the pods of nodes that were tried before cost at best.
    let mut tried: BTreeMap<Vec<Share>, (u64, u128)> = BTreeMap::new();
    while improve_once(solver, state, &mut tried, steps_max) {}
}

fn improve_once(
    solver: &mut Solver<'_>,
    state: &mut State,
    tried: &mut BTreeMap<Vec<Share>, (u64, u128)>,
    steps_max: u64,
) -> bool {
    for subset in subsets(solver, state) {
        if solver.steps >= steps_max {
            return false;
        }
        let mut pods = state.left.clone();
        let mut limits = state.limits.clone();
        let mut before = (state.left.iter().map(|n| u64::from(*n)).sum(), 0);
        for &(place, copies) in &subset {
            let node = &state.nodes[place];
            before.1 += cost_of(solver, node) * u128::from(copies);
            node.pods.iter().for_each(|(group, count)| pods[*group as usize] += count * copies);
            let offer = &solver.offers[node.offer as usize];
            if let Some(limit) = offer.limit.map(|limit| &mut limits[limit as usize]) {
                *limit = limit.plus(&offer.counts.times(copies));
            }
        }
        let key: Vec<Share> = (0..).zip(pods.iter().copied()).filter(|(_, n)| *n > 0).collect();
        if tried.get(&key).is_some_and(|known| *known >= before) {
            continue;
        }
        let mut found = best_of(solver, &WAYS, &pods, &limits, steps_max);
        for key in [Key::Worth, Key::Processors, Key::Memory] {
            let most = if found.cost.0 == 0 { found.cost.1 } else { u128::MAX };
            if let Some(halves) = solver.halves(key, &pods, &limits, most) {
                found = halves;
            }
        }
        tried.insert(key, found.cost);
        if found.cost < before {
            replace(solver, state, &subset, &found);
            return true;
        }
    }
    false
}

/// The best that these ways lead to.
pub(super) fn best_of(
    solver: &mut Solver<'_>,
    ways: &[Way],
    left: &[u32],
    limits: &[Amounts],
    steps_max: u64,
) -> Outcome {
    let mut best: Option<Outcome> = None;
    for way in ways {
        let before = solver.steps;
        let outcome = solver.go(*way, left, limits);
        if best.as_ref().is_none_or(|best| outcome.cost < best.cost) {
            best = Some(outcome);
        }
        // The next will take about as long.
        if solver.steps * 2 - before > steps_max {
            break;
        }
    }
    best.unwrap_or_default()
}

/// What a node costs until its last pod has ended.
fn cost_of(solver: &Solver<'_>, node: &Node) -> u128 {
    let of = |(group, _): &Share| solver.groups[*group as usize].lasts;
    let lasts = node.pods.iter().map(of).max().unwrap_or(0);
    solver.cost(solver.offers[node.offer as usize].rate, lasts.into())
}

/// Which nodes to try together: the most wasteful alone, in pairs, in threes, all of them.
fn subsets(solver: &Solver<'_>, state: &State) -> Vec<Subset> {
    let waste = |node: &Node| {
        let worth =
            |(group, count): &Share| u128::from(solver.worth[*group as usize]) * u128::from(*count);
        cost_of(solver, node) as i128 - node.pods.iter().map(worth).sum::<u128>() as i128
    };
    let mut ranked: Vec<(i128, usize)> =
        state.nodes.iter().enumerate().map(|(place, node)| (-waste(node), place)).collect();
    ranked.sort_unstable();
    let at: Vec<usize> = ranked.iter().map(|(_, place)| *place).take(TOGETHER_MAX).collect();
    let mut subsets: Vec<Subset> = Vec::new();
    let mut add = |places: &[usize]| {
        let mut subset: Subset = Vec::new();
        for &place in places {
            match subset.iter_mut().find(|(known, _)| *known == place) {
                Some((_, copies)) => *copies += 1,
                None => subset.push((place, 1)),
            }
        }
        if subset.iter().all(|(place, copies)| *copies <= state.nodes[*place].copies) {
            subsets.push(subset);
        }
    };
    let paired = at.len().min(PAIRED_MAX);
    for first in 0..paired {
        add(&[at[first]]);
        for second in 0..=first {
            add(&[at[second], at[first]]);
        }
    }
    for together in 3..=at.len() {
        add(&at[..together]);
    }
    for first in 0..at.len().min(THREES_MAX) {
        for second in 0..=first {
            for third in 0..=second {
                add(&[at[third], at[second], at[first]]);
            }
        }
    }
    subsets
}

/// Puts what was found in the place of a subset, as often as it is there.
fn replace(solver: &Solver<'_>, state: &mut State, subset: &Subset, found: &Outcome) {
    let has_missing = state.left.iter().any(|count| *count > 0) || found.cost.0 > 0;
    let times = subset.iter().map(|(place, copies)| state.nodes[*place].copies / copies);
    let mut times = if has_missing { 1 } else { times.min().unwrap_or(1) };
    // Within limits, once is known to be allowed.
    let limited = |node: &Node| solver.offers[node.offer as usize].limit.is_some();
    if found.nodes.iter().any(limited) {
        times = 1;
    }
    let mut pods = vec![0_u32; state.left.len()];
    if has_missing {
        pods.clone_from(&state.left);
    }
    for &(place, copies) in subset {
        let node = &mut state.nodes[place];
        node.copies -= copies * times;
        node.pods.iter().for_each(|(group, n)| pods[*group as usize] += n * copies * times);
        count(solver, state, place, copies * times, false);
    }
    for node in &found.nodes {
        let mut node = node.clone();
        node.copies *= times;
        node.pods.sort_unstable();
        node.pods.iter().for_each(|(group, n)| pods[*group as usize] -= n * node.copies);
        let copies = node.copies;
        let known = state.nodes.iter().position(|n| n.offer == node.offer && n.pods == node.pods);
        let place = if let Some(place) = known {
            state.nodes[place].copies += copies;
            place
        } else {
            state.nodes.push(node);
            state.nodes.len() - 1
        };
        count(solver, state, place, copies, true);
    }
    state.left = pods;
    state.nodes.retain(|node| node.copies > 0);
}

/// Counts nodes against their limit, or no more.
fn count(solver: &Solver<'_>, state: &mut State, place: usize, copies: u32, is_bought: bool) {
    let offer = &solver.offers[state.nodes[place].offer as usize];
    let Some(limit) = offer.limit.map(|limit| &mut state.limits[limit as usize]) else { return };
    let counts = offer.counts.times(copies);
    *limit = if is_bought { limit.minus(&counts) } else { limit.plus(&counts) };
}
