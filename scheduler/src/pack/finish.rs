//! Ends: all that is left on one node, or on two.

use super::amounts::{Amounts, PODS};
use super::greedy::{Filled, Key, Node, Outcome, Solver};
use super::order::Order;
use super::plan::Share;
use alloc::vec::Vec;

impl Solver<'_> {
    /// If one node can take all that is left, the cheapest such is one way to end.
    pub(super) fn finish_in_one(
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
