//! Pods onto nodes that exist: ready ones first, then by name, the first that fits.

use super::algebra::SetId;
use super::amounts::Amounts;
use super::claim::shares_port;
use super::solve::Solver;
use super::taint::all_tolerated;
use super::universe::Shape;

/// A node that exists.
pub(super) struct Existing {
    place: u32,
    kind: usize,
    set: SetId,
    remaining: Amounts,
    ports: Vec<u16>,
    under_consolidate_after: bool,
}

impl Solver<'_> {
    pub(super) fn add_nodes(&mut self, kind_sets: &[SetId]) {
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
            if self.round.without.contains(place) {
                continue;
            }
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

    pub(super) fn place_on_node(&mut self, pod: u32, shape: &Shape, number: usize) -> bool {
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
}
