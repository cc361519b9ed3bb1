//! One way through all pods: again and again the node that costs least for what it holds.

use super::amounts::{Amounts, PODS, RESOURCES};
use super::market::{Offer, SCOPES_AT_ONCE};
use super::order::Order;
use super::plan::Share;
use super::problem::Group;
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

/// Worth and cost are counted in 1,024ths of a micro-dollar, so that small shares round to little.
const FRACTION_BITS: u32 = 10;

/// Prices of a unit and worth of a unit carry so many bits more.
const UNIT_BITS: u32 = 20;

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
struct Filled {
    offer: u32,
    rate: u64,
    /// What it is chosen by.
    price: u64,
    lasts: u64,
    worth: u128,
    pods: Vec<(u32, u32, usize)>,
}

/// Offers in the order of what they can cost at best for what they hold.
#[derive(Clone, Copy)]
struct Bounded {
    offer: u32,
    /// The most that it can hold is worth, for each second.
    most: u128,
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
            if worth == u64::MAX {
                bit = small << SCOPES_AT_ONCE;
                worth = solver.worth_of(group, bit, &units);
            }
            solver.bits.push(bit);
            solver.worth.push(worth);
        }
        solver
    }

    /// A pod's share of the cheapest node for it; the most there is if it fits on none.
    fn worth_of(&mut self, group: &Group, bit: u128, units: &[[u64; RESOURCES]]) -> u64 {
        let mut least = u64::MAX;
        for (offer, unit) in self.offers.iter().zip(units) {
            if offer.admits & bit == 0 || !group.asks.fits(&offer.offers) || group.pods_max == 0 {
                continue;
            }
            let mut share = (offer.rate << FRACTION_BITS) / u64::from(group.pods_max);
            for at in 0..RESOURCES {
                let of = u128::from(group.asks.0[at]) * u128::from(unit[at]) >> UNIT_BITS;
                share = share.max(of as u64);
            }
            least = least.min(share.max(1));
        }
        self.steps += self.offers.len() as u64 / 8;
        least.saturating_mul(group.lasts.into())
    }

    /// Goes one way through `left` pods of each group, within `limits`.
    pub(super) fn go(&mut self, way: Way, left: &[u32], limits: &[Amounts]) -> Outcome {
        let (mut left, mut limits) = (left.to_vec(), limits.to_vec());
        let mut total = Amounts::ZERO;
        let mut here: Vec<u32> = Vec::new();
        for (at, count) in left.iter().enumerate().filter(|(_, count)| **count > 0) {
            total = total.plus(&self.groups[at].asks.times(*count));
            here.push(at as u32);
        }
        here.sort_by(|a, b| self.compare(way.key, *a, *b));
        let mut bounds = self.bounds(&here);
        let mut groups_bounded = here.len();
        let mut groups_left = here.len();
        let mut order = Order::new(here, |group| self.groups[group as usize].asks);
        let mut outcome = Outcome::default();
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
            let found = self.best(&order, &left, &limits, &bounds, must, passed, way.tight);
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

    /// Offers for these groups, the one first that can cost least for what it holds. No node holds
    /// more worth than its scarcest resource allows, at the best worth of a unit of it.
    fn bounds(&mut self, here: &[u32]) -> Vec<Bounded> {
        let mut scopes: Vec<(u128, [u128; RESOURCES])> = Vec::new();
        for &group in here {
            let (at, bit) = (group as usize, self.bits[group as usize]);
            let each = u128::from(self.worth[at] / u64::from(self.groups[at].lasts.max(1)) + 1);
            let known = match scopes.iter().position(|(other, _)| *other == bit) {
                Some(known) => known,
                None => {
                    scopes.push((bit, [0; RESOURCES]));
                    scopes.len() - 1
                }
            };
            for (most, asks) in scopes[known].1.iter_mut().zip(self.groups[at].asks.0) {
                let unit = (each << UNIT_BITS).checked_div(asks.into()).unwrap_or(u128::MAX);
                *most = (*most).max(unit);
            }
        }
        let mut bounds = Vec::with_capacity(self.offers.len());
        for (place, offer) in self.offers.iter().enumerate() {
            let mut units = [0_u128; RESOURCES];
            for (_, of) in scopes.iter().filter(|(bit, _)| offer.admits & bit != 0) {
                units.iter_mut().zip(of).for_each(|(most, unit)| *most = (*most).max(*unit));
            }
            let most = (0..RESOURCES)
                .map(|at| {
                    (u128::from(offer.offers.0[at]).saturating_mul(units[at]) >> UNIT_BITS) + 1
                })
                .min()
                .unwrap_or(0)
                .min(u128::from(u64::MAX));
            if units[PODS] > 0 {
                bounds.push(Bounded { offer: place as u32, most });
            }
        }
        self.steps += self.offers.len() as u64 / 4;
        let rate = |b: &Bounded| u128::from(self.offers[b.offer as usize].rate);
        bounds.sort_by(|a, b| (rate(a) * b.most).cmp(&(rate(b) * a.most)));
        bounds
    }

    /// The node that costs least for what it holds.
    fn best(
        &mut self,
        order: &Order,
        left: &[u32],
        limits: &[Amounts],
        bounds: &[Bounded],
        must: Option<usize>,
        passed: u32,
        tight: bool,
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
    fn fill(&mut self, order: &Order, left: &[u32], must: Option<usize>, into: &mut Filled) {
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

    /// If one node can take all that is left, the cheapest such is one way to end.
    fn finish_in_one(
        &mut self,
        order: &Order,
        left: &[u32],
        limits: &[Amounts],
        so_far: &Outcome,
        finished: &mut Option<Outcome>,
    ) {
        let (mut needs, mut pods, mut lasts) = (0, Vec::new(), 0);
        let (mut total, mut pods_max) = (Amounts::ZERO, u32::MAX);
        for group in order.places().map(|place| order.group(place)) {
            let (at, known) = (group as usize, &self.groups[group as usize]);
            total = total.plus(&known.asks.times(left[at]));
            pods_max = pods_max.min(known.pods_max);
            lasts = known.lasts.max(lasts);
            needs |= self.bits[at];
            pods.push((group, left[at]));
        }
        if total.0[PODS] > pods_max.into() {
            return;
        }
        if let Some(offer) = self.cheapest_for(&total, needs, limits) {
            let rate = self.offers[offer as usize].rate;
            let cost = (so_far.cost.0, so_far.cost.1 + self.cost(rate, lasts.into()));
            if finished.as_ref().is_none_or(|finished| cost < finished.cost) {
                let mut nodes = so_far.nodes.clone();
                nodes.push(Node { offer, copies: 1, pods });
                *finished = Some(Outcome { nodes, cost });
            }
        }
    }

    /// The best pair of nodes for so many pods: each offer filled in order, and the cheapest for the
    /// rest. `most` is what it must cost less than.
    pub(super) fn halves(
        &mut self,
        key: Key,
        left: &[u32],
        limits: &[Amounts],
        most: u128,
    ) -> Option<Outcome> {
        let mut here: Vec<u32> = Vec::new();
        let (mut total, mut lasts) = (Amounts::ZERO, 0);
        for (at, count) in left.iter().enumerate().filter(|(_, count)| **count > 0) {
            total = total.plus(&self.groups[at].asks.times(*count));
            lasts = self.groups[at].lasts.max(lasts);
            here.push(at as u32);
        }
        here.sort_by(|a, b| self.compare(key, *a, *b));
        let order = Order::new(here.clone(), |group| self.groups[group as usize].asks);
        let mut best: Option<(u128, Filled, u32)> = None;
        let mut trial = Filled::default();
        for place in 0..self.offers.len() {
            let offer = &self.offers[place];
            let most = best.as_ref().map_or(most, |best| best.0);
            // They stand cheapest first, and the other half is not free.
            if self.cost(offer.rate, 1) >= most {
                break;
            }
            if offer.limit.is_some_and(|limit| !offer.counts.fits(&limits[limit as usize])) {
                continue;
            }
            trial.offer = place as u32;
            self.fill(&order, left, None, &mut trial);
            if trial.worth == 0 {
                continue;
            }
            let (mut rest, mut needs, mut rest_lasts, mut pods_max) = (total, 0, 0, u32::MAX);
            for (group, count, _) in &trial.pods {
                rest = rest.minus(&self.groups[*group as usize].asks.times(*count));
            }
            for &group in &here {
                let at = group as usize;
                let taken = trial.pods.iter().find(|(other, ..)| *other == group);
                if taken.map_or(0, |(_, count, _)| *count) < left[at] {
                    needs |= self.bits[at];
                    rest_lasts = rest_lasts.max(self.groups[at].lasts);
                    pods_max = pods_max.min(self.groups[at].pods_max);
                }
            }
            if needs == 0 || rest.0[PODS] > pods_max.into() {
                continue;
            }
            let mut limits = limits.to_vec();
            if let Some(limit) = offer.limit.map(|limit| &mut limits[limit as usize]) {
                *limit = limit.minus(&offer.counts);
            }
            let Some(other) = self.cheapest_for(&rest, needs, &limits) else { continue };
            let rate = self.offers[other as usize].rate;
            let cost = self.cost(trial.rate, trial.lasts) + self.cost(rate, rest_lasts.into());
            if cost < most {
                best = Some((cost, trial.clone(), other));
            }
        }
        let (cost, filled, other) = best?;
        let pods: Vec<Share> = filled.pods.iter().map(|(group, n, _)| (*group, *n)).collect();
        let rest = here.iter().filter_map(|group| {
            let taken = pods.iter().find(|(other, _)| other == group).map_or(0, |(_, n)| *n);
            let left = left[*group as usize] - taken;
            (left > 0).then_some((*group, left))
        });
        let other = Node { offer: other, copies: 1, pods: rest.collect() };
        let nodes = [Node { offer: filled.offer, copies: 1, pods }, other].into();
        Some(Outcome { nodes, cost: (0, cost) })
    }

    /// The cheapest offer that holds so much of these scopes.
    pub(super) fn cheapest_for(
        &mut self,
        total: &Amounts,
        needs: u128,
        limits: &[Amounts],
    ) -> Option<u32> {
        self.steps += 4;
        // Offers stand cheapest first.
        let place = self.offers.iter().position(|offer| {
            offer.admits & needs == needs
                && total.fits(&offer.offers)
                && offer.limit.is_none_or(|limit| offer.counts.fits(&limits[limit as usize]))
        });
        place.map(|place| place as u32)
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

/// What a unit of each resource costs if nothing else is asked for.
fn unit_prices(offer: &Offer) -> [u64; RESOURCES] {
    let price = offer.rate << (FRACTION_BITS + UNIT_BITS);
    offer.offers.0.map(|amount| price.checked_div(amount).unwrap_or(0))
}
