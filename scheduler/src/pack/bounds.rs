//! What pods are worth, and what offers can cost at best for what they hold.

use super::amounts::{PODS, RESOURCES};
use super::greedy::{FITS_NOWHERE, FRACTION_BITS, Solver};
use super::market::Offer;
use super::problem::Group;
use alloc::vec::Vec;

/// Prices of a unit and worth of a unit carry so many bits more.
const UNIT_BITS: u32 = 20;

/// Offers in the order of what they can cost at best for what they hold.
#[derive(Clone, Copy)]
pub(super) struct Bounded {
    pub(super) offer: u32,
    /// The most that it can hold is worth, for each second.
    pub(super) most: u128,
}

impl Solver<'_> {
    /// A pod's share of the cheapest node for it; the most there is if it fits on none.
    pub(super) fn worth_of(&mut self, group: &Group, bit: u128, units: &[[u64; RESOURCES]]) -> u64 {
        let mut least = FITS_NOWHERE;
        for (offer, unit) in self.offers.iter().zip(units) {
            if offer.admits & bit == 0 || !group.asks.fits(&offer.offers) || group.pods_max == 0 {
                continue;
            }
            let mut share = (offer.rate << FRACTION_BITS) / u64::from(group.pods_max);
            for (asks, unit) in group.asks.0.iter().zip(unit) {
                let of = (u128::from(*asks) * u128::from(*unit)) >> UNIT_BITS;
                share = share.max(of as u64);
            }
            least = least.min(share.max(1));
        }
        self.steps += self.offers.len() as u64 / 8;
        least.saturating_mul(group.lasts.into())
    }

    /// Offers for these groups, the one first that can cost least for what it holds. No node holds
    /// more worth than its scarcest resource allows, at the best worth of a unit of it.
    pub(super) fn bounds(&mut self, here: &[u32]) -> Vec<Bounded> {
        let mut scopes: Vec<(u128, [u128; RESOURCES])> = Vec::new();
        for &group in here {
            let (at, bit) = (group as usize, self.bits[group as usize]);
            let each = u128::from(self.worth[at] / u64::from(self.groups[at].lasts.max(1)) + 1);
            let known = scopes.iter().position(|(other, _)| *other == bit);
            let known = known.unwrap_or_else(|| {
                scopes.push((bit, [0; RESOURCES]));
                scopes.len() - 1
            });
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
}

/// What a unit of each resource costs if nothing else is asked for.
pub(super) fn unit_prices(offer: &Offer) -> [u64; RESOURCES] {
    let price = offer.rate << (FRACTION_BITS + UNIT_BITS);
    offer.offers.0.map(|amount| price.checked_div(amount).unwrap_or(0))
}
