//! One way through all pods: again and again the node that costs least for what it holds.

use super::amounts::{Amounts, PODS, RESOURCES};
use super::bounds::{Bounded, unit_prices};
use super::market::{Offer, SCOPES_AT_ONCE};
use super::order::Order;
use super::plan::Share;
use super::problem::Group;
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

/// Worth and cost are counted in 1,024ths of a micro-dollar, so that small shares round to little.
pub(super) const FRACTION_BITS: u32 = 10;

/// The worth of a pod that no offer holds.
pub(super) const FITS_NOWHERE: u64 = u64::MAX;

/// In which order pods are put on a node; those that last longest always come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// What they are worth: their share of the cheapest node for them.
    Worth,
    /// Processors, then memory, as Karpenter does.
    Processors,
    /// Memory, then processors.
    Memory,
}

/// A way to go through the pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) key: Key,
    /// Whether each new node must take the first pod that is left.
    pub(super) seeded: bool,
    /// How many of the best choices for the first node are passed over.
    pub(super) passed: u32,
    /// Whether nodes are chosen by what they count against their limit, not by price.
    pub(super) tight: bool,
}

/// New nodes that are alike, by the place of what is bought.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) offer: u32,
    pub(super) copies: u32,
    pub(super) pods: Vec<Share>,
}

/// What a way led to.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) nodes: Vec<Node>,
    /// Pods without a place, then what all nodes cost until their last pods end.
    pub(super) cost: (u64, u128),
}

/// A node that could be bought next.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    pub(super) offer: u32,
    pub(super) rate: u64,
    /// What it is chosen by.
    pub(super) price: u64,
    pub(super) lasts: u64,
    pub(super) worth: u128,
    pub(super) pods: Vec<(u32, u32, usize)>,
}

/// Packs groups of one lot of scopes.
pub(super) struct Solver<'a> {
    pub(super) offers: &'a [Offer],
    pub(super) groups: &'a [Group],
    /// Of each group the bit of its scope among those that offers admit.
    pub(super) bits: Vec<u128>,
    /// What a pod of each group is worth.
    pub(super) worth: Vec<u64>,
    /// The most of each resource that any offer has.
    offers_max: Amounts,
    /// Looks at an offer or a group, so far.
    pub(super) steps: u64,
}

impl<'a> Solver<'a> {
    pub(super) fn new(offers: &'a [Offer], groups: &'a [Group], first_scope: usize) -> Self {
        let offers_max = offers.iter().fold(Amounts::ZERO, |most, o| most.most(&o.offers));
        let mut solver =
            Self { offers, groups, bits: Vec::new(), worth: Vec::new(), offers_max, steps: 0 };
        let units: Vec<[u64; RESOURCES]> = offers.iter().map(unit_prices).collect();
        for group in groups {
            let small = 1 << (group.scope as usize - first_scope);
            let (mut bit, mut worth) = (small, solver.worth_of(group, small, &units));
            if worth == FITS_NOWHERE {
                bit = small << SCOPES_AT_ONCE;
                worth = solver.worth_of(group, bit, &units);
            }
            solver.bits.push(bit);
            solver.worth.push(worth);
        }
        solver
    }

    /// Goes one way through `left` pods of each group, within `limits`.
    pub(super) fn go(&mut self, way: Way, left: &[u32], limits: &[Amounts]) -> Outcome {
        let (mut left, mut limits) = (left.to_vec(), limits.to_vec());
        let mut total = Amounts::ZERO;
        let mut here: Vec<u32> = Vec::new();
        let mut outcome = Outcome::default();
        for (at, count) in left.iter().enumerate().filter(|(_, count)| **count > 0) {
            if self.worth[at] == FITS_NOWHERE {
                outcome.cost.0 += u64::from(*count);
                continue;
            }
            total = total.plus(&self.groups[at].asks.times(*count));
            here.push(at as u32);
        }
        here.sort_by(|a, b| self.compare(way.key, *a, *b));
        let mut bounds = self.bounds(&here);
        let mut groups_bounded = here.len();
        let mut groups_left = here.len();
        let mut order = Order::new(here, |group| self.groups[group as usize].asks);
        let mut finished: Option<Outcome> = None;
        let mut passed = way.passed;
        while let Some(first) = order.first() {
            if total.fits(&self.offers_max) {
                self.finish_in_one(&order, &left, &limits, &outcome, &mut finished);
            }
            if groups_left * 2 < groups_bounded {
                let here: Vec<u32> = order.places().map(|place| order.group(place)).collect();
                (bounds, groups_bounded) = (self.bounds(&here), groups_left);
            }
            let must = way.seeded.then_some(first);
            let found = self.best(&order, &left, &limits, &bounds, must, (passed, way.tight));
            let Some(filled) = found else {
                // Nobody can take the first, or with no first, anyone.
                let place = first;
                let group = order.group(place) as usize;
                outcome.cost.0 += u64::from(left[group]);
                total = total.minus(&self.groups[group].asks.times(left[group]));
                left[group] = 0;
                order.remove(place);
                groups_left -= 1;
                continue;
            };
            passed = 0;
            let offer = &self.offers[filled.offer as usize];
            let mut copies = u32::MAX;
            for (group, count, _) in &filled.pods {
                copies = copies.min(left[*group as usize] / count);
            }
            if let Some(limit) = offer.limit.map(|limit| &mut limits[limit as usize]) {
                copies = offer.counts.times_in(limit, copies);
                *limit = limit.minus(&offer.counts.times(copies));
            }
            for (group, count, place) in &filled.pods {
                let at = *group as usize;
                left[at] -= count * copies;
                total = total.minus(&self.groups[at].asks.times(count * copies));
                if left[at] == 0 {
                    order.remove(*place);
                    groups_left -= 1;
                }
            }
            outcome.cost.1 += self.cost(offer.rate, filled.lasts) * u128::from(copies);
            let pods = filled.pods.iter().map(|(group, count, _)| (*group, *count)).collect();
            outcome.nodes.push(Node { offer: filled.offer, copies, pods });
        }
        match finished {
            Some(finished) if finished.cost < outcome.cost => finished,
            _ => outcome,
        }
    }

    /// What a node costs until its last pod has ended.
    #[allow(clippy::unused_self)]
    pub(super) fn cost(&self, rate: u64, lasts: u64) -> u128 {
        (u128::from(rate) << FRACTION_BITS) * u128::from(lasts)
    }

    pub(super) fn compare(&self, key: Key, a: u32, b: u32) -> Ordering {
        let of = |group: u32| {
            let (at, known) = (group as usize, &self.groups[group as usize]);
            let [cpu, memory, ..] = known.asks.0;
            let (first, second) = match key {
                Key::Worth => (self.worth[at], cpu),
                Key::Processors => (cpu, memory),
                Key::Memory => (memory, cpu),
            };
            Reverse((known.lasts, first, second))
        };
        of(a).cmp(&of(b)).then(a.cmp(&b))
    }

    /// The node that costs least for what it holds.
    fn best(
        &mut self,
        order: &Order,
        left: &[u32],
        limits: &[Amounts],
        bounds: &[Bounded],
        must: Option<usize>,
        (passed, tight): (u32, bool),
    ) -> Option<Filled> {
        let mut banned: Vec<u32> = Vec::new();
        loop {
            let mut best: Option<Filled> = None;
            let mut trial = Filled::default();
            for bounded in bounds {
                let offer = &self.offers[bounded.offer as usize];
                if !tight
                    && let Some(best) = &best
                    && u128::from(offer.rate) * best.worth
                        >= u128::from(best.rate) * u128::from(best.lasts) * bounded.most
                {
                    break;
                }
                let is_within =
                    offer.limit.is_none_or(|limit| offer.counts.fits(&limits[limit as usize]));
                if !is_within || banned.contains(&bounded.offer) {
                    continue;
                }
                let price = if tight { used_up(offer, limits) } else { offer.rate };
                trial.offer = bounded.offer;
                self.fill(order, left, must, &mut trial);
                trial.price = price;
                let is_better = trial.worth > 0
                    && best.as_ref().is_none_or(|best| {
                        let own = u128::from(trial.price * trial.lasts) * best.worth;
                        let other = u128::from(best.price * best.lasts) * trial.worth;
                        (own, trial.rate) < (other, best.rate)
                    });
                if is_better {
                    let empty = best.take().unwrap_or_default();
                    best = Some(core::mem::replace(&mut trial, empty));
                }
            }
            let best = best?;
            if banned.len() as u32 >= passed {
                return Some(best);
            }
            banned.push(best.offer);
        }
    }

    /// Fills a node of an offer in order; worth nothing if it cannot take what it must.
    pub(super) fn fill(
        &mut self,
        order: &Order,
        left: &[u32],
        must: Option<usize>,
        into: &mut Filled,
    ) {
        let offer = &self.offers[into.offer as usize];
        (into.rate, into.lasts, into.worth) = (offer.rate, 0, 0);
        into.pods.clear();
        let (mut room, mut pods, mut pods_max) = (offer.offers, 0, u32::MAX);
        let mut from = must.unwrap_or(0);
        while let Some(place) = order.find(from, &room) {
            self.steps += 1;
            from = place + 1;
            let group = order.group(place);
            let at = group as usize;
            let known = &self.groups[at];
            let within = known.pods_max.min(pods_max).saturating_sub(pods);
            if offer.admits & self.bits[at] != 0 && within > 0 {
                let count = known.asks.times_in(&room, left[at].min(within));
                room = room.minus(&known.asks.times(count));
                into.lasts = into.lasts.max(known.lasts.into());
                into.worth += u128::from(self.worth[at]) * u128::from(count);
                into.pods.push((group, count, place));
                pods += count;
                pods_max = pods_max.min(known.pods_max);
                if room.0[PODS] == 0 {
                    break;
                }
            } else if must == Some(place) {
                break;
            }
            if must.is_some() && into.pods.is_empty() {
                break;
            }
        }
        if must.is_some_and(|must| into.pods.first().is_none_or(|(_, _, place)| *place != must)) {
            into.worth = 0;
        }
    }
}

/// The share that a node takes of what its limit leaves, in 2^-32.
fn used_up(offer: &Offer, limits: &[Amounts]) -> u64 {
    let Some(limit) = offer.limit else { return 0 };
    let left = limits[limit as usize].0;
    let share = |(counts, left): (&u64, u64)| {
        let share = (u128::from(*counts) << 32).checked_div(left.into()).unwrap_or(1 << 32);
        share.min(1 << 32) as u64
    };
    offer.counts.0.iter().zip(left).map(share).max().unwrap_or(0)
}
