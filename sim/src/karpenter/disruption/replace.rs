//! Whether nodes can go because others, or one cheaper one, carry their pods
//! (core:…/disruption/consolidation.go).

use super::candidate::Candidate;
use super::view::{PoolPolicy, View};
use crate::karpenter::bits::Bits;
use crate::karpenter::constants::{SIMULATE_NODE_NS, SPOT_TO_SPOT_TYPES_MIN};
use crate::karpenter::finish::with_capacity_types;
use crate::karpenter::input::CapacityType;
use crate::karpenter::requirement::Requirement;
use crate::karpenter::requirements::Requirements;
use crate::karpenter::round::{
    Claim, PendingPod, PoolUse, ReservedMode, Round, RoundNode, Solution,
};
use crate::karpenter::scratch::Scratch;
use crate::karpenter::solve::solve;
use crate::karpenter::universe::Universe;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a look at the nodes works with.
pub(super) struct Look<'l> {
    pub(super) now: Time,
    pub(super) universe: &'l Universe,
    pub(super) view: &'l View<'l>,
    pub(super) policies: &'l [PoolPolicy],
    pub(super) spot_to_spot: bool,
    pub(super) scratch: &'l mut Scratch,
    /// Every node that may be disrupted.
    pub(super) candidates: Vec<Candidate>,
    /// What every Solve of this look starts from; most looks need none.
    base: Option<Base>,
    /// Time that the real Solves of this look would have taken.
    pub(super) took: Span,
}

/// What there is beside the candidates of a Solve.
struct Base {
    /// Every node that is not being deleted and has room for some pod.
    nodes: Vec<RoundNode>,
    /// Full nodes that are not being deleted. The real code tries them too, for each pod.
    left_out: u64,
    /// Their places in the view.
    places: Vec<usize>,
    /// Of each place in the view: its place in `nodes`, if it has one.
    place_of: Vec<Option<usize>>,
    used: Vec<PoolUse>,
    /// Pods on nodes that are being deleted.
    leaving: Vec<PendingPod>,
}

impl Base {
    fn new(universe: &Universe, view: &View<'_>, policies: &[PoolPolicy], now: Time) -> Self {
        let is_active = |place: &usize| !view.nodes[*place].deleting;
        let mut places: Vec<usize> = (0..view.nodes.len()).filter(is_active).collect();
        // In the order in which Solve tries them, so that not each of many Solves sorts them anew.
        places.sort_by_key(|&place| {
            let node = &view.nodes[place];
            (node.pool.is_some() && node.initialized_at.is_none(), node.name)
        });
        let mut nodes: Vec<RoundNode> = places
            .iter()
            .map(|&place| view.nodes[place].as_round_node(universe, policies, now))
            .collect();
        let used = PoolUse::of_nodes(universe, &nodes);
        let all = nodes.len();
        let least = universe.least_requests();
        let has_room = |node: &RoundNode| universe.has_room(node, &least);
        let mut at = nodes.iter().map(has_room).collect::<Vec<bool>>().into_iter();
        places.retain(|_| at.next().unwrap_or(true));
        nodes.retain(has_room);
        let left_out = (all - nodes.len()) as u64;
        let mut place_of = vec![None; view.nodes.len()];
        for (number, &place) in places.iter().enumerate() {
            place_of[place] = Some(number);
        }
        let deleting = view.nodes.iter().filter(|node| node.deleting);
        let leaving = deleting.flat_map(|node| node.pods_to_move(now, false)).collect();
        Self { nodes, left_out, places, place_of, used, leaving }
    }
}

/// What Solve would do without some nodes.
pub(super) enum Simulated {
    /// It was not finished in the time left.
    TimedOut,
    /// Some pod of theirs would find no room, or only on a node that is not ready.
    NotAllPlaced,
    /// All would, with these claims, and pods on these nodes that exist.
    Placed { claims: Vec<Claim>, onto: Vec<NodeId> },
}

/// A way to let nodes go.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) replacement: Option<Claim>,
    /// Nodes to which pods are promised.
    pub(super) onto: Vec<NodeId>,
    /// The cheapest that the replacement may cost, by its first type.
    pub(super) replacement_usd_per_hour: f64,
}

impl<'l> Look<'l> {
    pub(super) fn new(
        now: Time,
        universe: &'l Universe,
        view: &'l View<'l>,
        policies: &'l [PoolPolicy],
        spot_to_spot: bool,
        scratch: &'l mut Scratch,
    ) -> Self {
        let candidates = Candidate::all(universe, view, policies, now);
        let (base, took) = (None, Span::ZERO);
        Self { now, universe, view, policies, spot_to_spot, scratch, candidates, base, took }
    }

    /// What Solve would do without the candidates, in the time left
    /// (core:…/disruption/helpers.go, SimulateScheduling).
    pub(super) fn simulate(&mut self, candidates: &[&Candidate], left: Span) -> Simulated {
        let (universe, view, policies, now) = (self.universe, self.view, self.policies, self.now);
        let base = self.base.get_or_insert_with(|| Base::new(universe, view, policies, now));
        let mut pods = view.pending.to_vec();
        let first_moving = pods.len();
        for candidate in candidates {
            pods.extend(view.nodes[candidate.place].pods_to_move(now, true));
        }
        let first_leaving = pods.len();
        pods.extend_from_slice(&base.leaving);
        let mut used = base.used.clone();
        for candidate in candidates {
            let capacity = universe.kind_capacity(view.nodes[candidate.place].kind);
            used[candidate.pool] = used[candidate.pool].without(capacity);
        }
        let without: Bits = candidates.iter().filter_map(|c| base.place_of[c.place]).collect();
        let out = candidates.iter().filter(|c| base.place_of[c.place].is_none()).count() as u64;
        let left_out = base.left_out - out;
        let round = Round {
            pods: &pods,
            nodes: &base.nodes,
            without: &without,
            used: &used,
            unavailable: view.unavailable,
            reserved: ReservedMode::Fallback,
            work_ns_max: left.as_ms().saturating_mul(1_000_000),
        };
        let Solution { claims, placed, unschedulable, unreached, mut work } =
            solve(universe, &round, self.scratch);
        work.nodes += work.pods * left_out;
        let copied = SIMULATE_NODE_NS.saturating_mul(base.nodes.len() as u64 + base.left_out);
        self.took += work.took() + Span::from_ms(copied / 1_000_000);
        if !unreached.is_empty() {
            return Simulated::TimedOut;
        }
        // Pods that waited before may go on waiting.
        let homeless = unschedulable.iter().any(|(pod, _)| *pod as usize >= first_moving);
        let unready = placed.iter().any(|&(node, pod)| {
            let moving = (first_moving..first_leaving).contains(&(pod as usize));
            moving && !base.nodes[node as usize].initialized
        });
        if homeless || unready {
            return Simulated::NotAllPlaced;
        }
        let mut onto: Vec<NodeId> =
            placed.iter().map(|&(node, _)| view.nodes[base.places[node as usize]].id).collect();
        onto.sort_unstable();
        onto.dedup();
        Simulated::Placed { claims, onto }
    }

    /// How the candidates could go, if at all. Nothing also when the time is up; then the second
    /// part is true.
    pub(super) fn consolidate(
        &mut self,
        candidates: &[&Candidate],
        left: Span,
    ) -> (Option<Move>, bool) {
        match self.simulate(candidates, left) {
            Simulated::TimedOut => (None, true),
            Simulated::NotAllPlaced => (None, false),
            Simulated::Placed { mut claims, onto } => match (claims.pop(), claims.len()) {
                (None, _) => {
                    let replacement_usd_per_hour = 0.0;
                    (Some(Move { replacement: None, onto, replacement_usd_per_hour }), false)
                }
                (Some(claim), 0) => (self.replace(candidates, claim, onto), false),
                (Some(_), _) => (None, false),
            },
        }
    }

    /// Whether the one node that Solve wants instead is cheaper, and what it may be then.
    fn replace(
        &mut self,
        candidates: &[&Candidate],
        claim: Claim,
        onto: Vec<NodeId>,
    ) -> Option<Move> {
        let price: u64 = candidates.iter().map(|c| u64::from(c.price.as_micros_per_hour())).sum();
        let all_spot = candidates.iter().all(|c| {
            let offering = self.view.nodes[c.place].offering as usize;
            self.universe.offerings()[offering].capacity_type == CapacityType::Spot
        });
        let mut types = claim.types.to_vec();
        let mut allowed = Requirements::clone(&claim.allowed);
        if all_spot && self.may_be(&allowed, CapacityType::Spot) {
            if !self.spot_to_spot {
                return None;
            }
            self.pin_to_spot(&mut allowed);
            types = self.cheaper(&types, &allowed, Some(price))?;
            if candidates.len() == 1 {
                if types.len() < SPOT_TO_SPOT_TYPES_MIN {
                    return None;
                }
                types.truncate(self.needed(&allowed, &types).max(SPOT_TO_SPOT_TYPES_MIN));
            }
        } else {
            types = self.cheaper(&types, &allowed, Some(price))?;
            if self.may_be(&allowed, CapacityType::Spot)
                && self.may_be(&allowed, CapacityType::OnDemand)
            {
                self.pin_to_spot(&mut allowed);
            }
        }
        Some(self.finished(claim, types, allowed, onto))
    }

    fn finished(
        &mut self,
        claim: Claim,
        types: Vec<u32>,
        allowed: Requirements,
        onto: Vec<NodeId>,
    ) -> Move {
        let offers = self.offers(&allowed);
        let kept: Bits = types.iter().map(|&t| t as usize).collect();
        let requirements = with_capacity_types(self.universe, &allowed, &offers, &kept);
        let first = types.first().map_or(0, |&t| t as usize);
        let cheapest = self
            .universe
            .offerings_of(first)
            .filter(|&o| offers.contains(o))
            .map(|o| self.universe.offerings()[o].price)
            .min();
        let replacement = Claim {
            types: types.into(),
            allowed: Arc::new(allowed),
            requirements: Arc::new(requirements),
            ..claim
        };
        Move {
            replacement: Some(replacement),
            onto,
            replacement_usd_per_hour: cheapest.map_or(0.0, Rate::as_usd_per_hour),
        }
    }

    /// Without types that are as dear as one that goes and that the replacement might be too: then
    /// that node could just stay (core:…/multinodeconsolidation.go, filterOutSameInstanceType).
    pub(super) fn without_same_type(
        &mut self,
        candidates: &[&Candidate],
        found: Move,
    ) -> Option<Move> {
        let Some(claim) = found.replacement else { return Some(found) };
        let mut prices: BTreeMap<u32, Rate> = BTreeMap::new();
        for candidate in candidates {
            let cheapest = prices.entry(candidate.instance_type).or_insert(candidate.price);
            *cheapest = (*cheapest).min(candidate.price);
        }
        let price_max = claim
            .types
            .iter()
            .filter_map(|place| prices.get(place))
            .min()
            .map(|price| u64::from(price.as_micros_per_hour()));
        let allowed = Requirements::clone(&claim.allowed);
        let types = self.cheaper(&claim.types, &allowed, price_max)?;
        Some(self.finished(claim, types, allowed, found.onto))
    }

    /// Types whose worst price, in the way of buying that a launch would choose, is below a bound
    /// (core:pkg/cloudprovider/types.go, WorstLaunchPrice). Nothing when none is left, or too few
    /// different ones.
    fn cheaper(
        &mut self,
        types: &[u32],
        allowed: &Requirements,
        below: Option<u64>,
    ) -> Option<Vec<u32>> {
        let offers = self.offers(allowed);
        let worst = |place: u32| {
            let own = || {
                let places = self.universe.offerings_of(place as usize);
                places.filter(|&o| offers.contains(o)).map(|o| &self.universe.offerings()[o])
            };
            CapacityType::ALL.into_iter().find_map(|wanted| {
                own()
                    .filter(|offering| offering.capacity_type == wanted)
                    .map(|offering| u64::from(offering.price.as_micros_per_hour()))
                    .max()
            })
        };
        let left: Vec<u32> = types
            .iter()
            .copied()
            .filter(|&place| worst(place).is_some_and(|w| below.is_none_or(|below| w < below)))
            .collect();
        let kept: Bits = left.iter().map(|&t| t as usize).collect();
        let enough = self.universe.too_few_values(allowed, &kept).is_empty();
        (!left.is_empty() && enough).then_some(left)
    }

    /// How many of the types, cheapest first, it takes for `minValues`.
    fn needed(&self, allowed: &Requirements, types: &[u32]) -> usize {
        if !allowed.has_min_values() {
            return 0;
        }
        let mut taken = Bits::new();
        for (count, &place) in types.iter().enumerate() {
            taken.insert(place as usize);
            if self.universe.too_few_values(allowed, &taken).is_empty() {
                return count + 1;
            }
        }
        types.len()
    }

    /// Offerings that are allowed and can be had.
    fn offers(&mut self, allowed: &Requirements) -> Bits {
        let id = self.scratch.algebra.id(allowed.clone());
        let mut offers = Bits::clone(&self.scratch.algebra.offers(self.universe, id));
        offers.retain_in(&self.universe.sold);
        offers.remove_all(self.view.unavailable);
        offers
    }

    fn may_be(&self, allowed: &Requirements, capacity_type: CapacityType) -> bool {
        let key = self.universe.keys.capacity_type;
        let value = self.universe.capacity_values[capacity_type as usize];
        let numbers = self.universe.labels.numbers(key);
        allowed.get(key).is_none_or(|requirement| requirement.allows(value, numbers))
    }

    fn pin_to_spot(&self, allowed: &mut Requirements) {
        let spot = self.universe.capacity_values[CapacityType::Spot as usize];
        let spot = Requirement::one_of([spot].into_iter().collect());
        allowed.add(self.universe.keys.capacity_type, spot, &self.universe.labels);
    }
}
