//! Karpenter's own way, as one way more: biggest pods first, each to the open node with fewest pods,
//! and a node is bought as the cheapest that holds what it got. It fills nodes evenly, which at
//! times leaves less over than filling one after the other.

use super::amounts::{Amounts, CPU, PODS};
use super::greedy::{Key, Node, Outcome, Solver};
use super::market::Offer;
use super::plan::Share;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::Bound;

/// How it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// Most processors of a node, more for pods that need more.
    pub(super) cpu_max: u64,
    /// Which limit is used up first; what has none comes behind the last.
    pub(super) last_limit_first: bool,
}

/// A node that still grows.
struct Open {
    /// Offers that hold what it has.
    offers: Vec<u32>,
    /// The most that any of them has.
    most: Amounts,
    total: Amounts,
    pods: Vec<Share>,
    pods_max: u32,
    lasts: u32,
}

/// Open nodes by pods; of equal ones that comes first which grew last, and new ones come last, as
/// a stable sort after each step leaves them.
type Order = BTreeSet<(u64, i64, u32)>;

impl Solver<'_> {
    /// Goes Karpenter's way, unless that takes too many steps.
    pub(super) fn spread(
        &mut self,
        how: Spread,
        left: &[u32],
        limits: &[Amounts],
        steps_max: u64,
    ) -> Option<Outcome> {
        let mut groups: Vec<u32> =
            (0..).zip(left).filter(|(_, n)| **n > 0).map(|(g, _)| g).collect();
        groups.sort_by(|a, b| self.compare(Key::Processors, *a, *b));
        let (mut open, mut order) = (Vec::new(), Order::new());
        let (mut turn, mut missing) = (0, 0);
        let mut may_buy = limits.to_vec();
        for group in groups {
            let mut pods = left[group as usize];
            let mut from = Bound::Unbounded;
            while pods > 0 {
                if self.steps > steps_max {
                    return None;
                }
                turn += 1;
                let Some(&key) = order.range((from, Bound::Unbounded)).next() else {
                    let Some(node) = self.open(group, how, &mut may_buy) else {
                        missing += u64::from(pods);
                        break;
                    };
                    let key = (1, turn, open.len() as u32);
                    open.push(node);
                    order.insert(key);
                    // It may be the first that the next pod is tried with.
                    from = Bound::Excluded((key.0, key.1 - 1, u32::MAX));
                    pods -= 1;
                    continue;
                };
                from = Bound::Excluded(key);
                if self.grow(&mut open[key.2 as usize], group) {
                    order.remove(&key);
                    order.insert((key.0 + 1, -turn, key.2));
                    pods -= 1;
                }
            }
        }
        let mut limits = limits.to_vec();
        let mut outcome = Outcome { nodes: Vec::new(), cost: (missing, 0) };
        for node in open {
            // Offers stand cheapest first.
            let is_within = |place: &&u32| {
                let offer = &self.offers[**place as usize];
                offer.limit.is_none_or(|limit| offer.counts.fits(&limits[limit as usize]))
            };
            let Some(&place) = node.offers.iter().find(is_within) else {
                outcome.cost.0 += node.pods.iter().map(|(_, n)| u64::from(*n)).sum::<u64>();
                continue;
            };
            let offer = &self.offers[place as usize];
            if let Some(limit) = offer.limit.map(|limit| &mut limits[limit as usize]) {
                *limit = limit.minus(&offer.counts);
            }
            outcome.cost.1 += self.cost(offer.rate, node.lasts.into());
            let mut pods = node.pods;
            pods.sort_unstable();
            let known = outcome.nodes.iter_mut().rev().take(ALIKE_MAX);
            match known.into_iter().find(|node| node.offer == place && node.pods == pods) {
                Some(node) => node.copies += 1,
                None => outcome.nodes.push(Node { offer: place, copies: 1, pods }),
            }
        }
        Some(outcome)
    }

    /// A new node for a pod, if anything holds it. As with Karpenter, it stays within one limit, and
    /// the largest that it may become counts against that for now.
    fn open(&mut self, group: u32, how: Spread, may_buy: &mut [Amounts]) -> Option<Open> {
        let limits = (0..may_buy.len() as u32).map(Some);
        let mut limits: Vec<Option<u32>> = limits.chain([None]).collect();
        if how.last_limit_first {
            limits.reverse();
        }
        for (most, limit) in
            [how.cpu_max, u64::MAX].iter().flat_map(|m| limits.iter().map(move |l| (*m, *l)))
        {
            let may_be = |offer: &Offer| {
                offer.limit == limit
                    && offer.offers.0[CPU] <= most
                    && limit.is_none_or(|l| offer.counts.fits(&may_buy[l as usize]))
            };
            let offers = (0..).zip(self.offers).filter(|(_, offer)| may_be(offer));
            let offers = offers.map(|(place, _)| place).collect();
            let (total, pods) = (Amounts::ZERO, Vec::new());
            let mut node =
                Open { offers, most: Amounts::MAX, total, pods, pods_max: u32::MAX, lasts: 0 };
            if self.grow(&mut node, group) {
                if let Some(limit) = limit {
                    let of = node.offers.iter().map(|place| &self.offers[*place as usize]);
                    let most = of.fold(Amounts::ZERO, |most, offer| most.most(&offer.counts));
                    let left = &mut may_buy[limit as usize];
                    *left = left.minus(&most);
                }
                return Some(node);
            }
        }
        None
    }

    /// Puts one more pod on a node, if anything holds it then.
    fn grow(&mut self, node: &mut Open, group: u32) -> bool {
        self.steps += 1;
        let (known, bit) = (&self.groups[group as usize], self.bits[group as usize]);
        let total = node.total.plus(&known.asks);
        let pods_max = node.pods_max.min(known.pods_max);
        if !total.fits(&node.most) || total.0[PODS] > pods_max.into() {
            return false;
        }
        self.steps += node.offers.len() as u64 / 4;
        let (mut most, mut any) = (Amounts::ZERO, false);
        for &place in &node.offers {
            let offer = &self.offers[place as usize];
            if offer.admits & bit != 0 && total.fits(&offer.offers) {
                most = most.most(&offer.offers);
                any = true;
            }
        }
        if !any {
            return false;
        }
        let offers = self.offers;
        node.offers.retain(|place| {
            let offer = &offers[*place as usize];
            offer.admits & bit != 0 && total.fits(&offer.offers)
        });
        (node.most, node.total, node.pods_max) = (most, total, pods_max);
        node.lasts = node.lasts.max(known.lasts);
        match node.pods.last_mut().filter(|(last, _)| *last == group) {
            Some((_, count)) => *count += 1,
            None => node.pods.push((group, 1)),
        }
        true
    }
}

/// How many nodes back one that is alike is looked for.
const ALIKE_MAX: usize = 8;
