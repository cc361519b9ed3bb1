//! What can be bought, put in order once: packing then looks only at kinds that no other beats.

use super::amounts::{Amounts, CPU};
use super::problem::{Kind, Scope};
use alloc::vec::Vec;

/// Scopes that are packed together: as many as a word has bits. Where there are more, they are
/// packed one lot after the other.
pub const SCOPES_AT_ONCE: usize = 64;

/// Everything that can be bought, by whom.
#[derive(Clone, Debug, Default)]
pub struct Market {
    kinds: Vec<Kind>,
    parts: Vec<Vec<Offer>>,
    scopes: usize,
}

/// A kind that is worth a look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) kind: u32,
    /// Whose pods may use it: the low half by scope, the high half the same scopes once more, for
    /// pods that find nothing within the size cap.
    pub(super) admits: u128,
    pub(super) offers: Amounts,
    pub(super) counts: Amounts,
    pub(super) rate: u64,
    pub(super) limit: Option<u32>,
}

impl Market {
    /// Puts kinds in order. `cpu_max` is the size cap; it yields to pods that fit only on larger
    /// nodes.
    pub fn new(kinds: &[Kind], scopes: &[Scope], cpu_max: Option<u64>) -> Self {
        let parts = scopes.chunks(SCOPES_AT_ONCE).map(|lot| best(kinds, lot, cpu_max)).collect();
        Self { kinds: kinds.to_vec(), parts, scopes: scopes.len() }
    }

    /// All kinds, by their places.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// How many scopes there are.
    pub const fn scopes(&self) -> usize {
        self.scopes
    }

    /// Kinds worth a look, of each lot of scopes.
    pub(super) fn parts(&self) -> &[Vec<Offer>] {
        &self.parts
    }
}

/// The kinds of one lot of scopes that no other beats, cheapest first.
fn best(kinds: &[Kind], scopes: &[Scope], cpu_max: Option<u64>) -> Vec<Offer> {
    let mut all: Vec<Offer> = Vec::new();
    for (place, kind) in kinds.iter().enumerate() {
        let admits = |bits: u128, (bit, scope): (usize, &Scope)| {
            bits | u128::from(scope.contains(place)) << bit
        };
        let scopes = scopes.iter().enumerate().fold(0, admits);
        let is_small = cpu_max.is_none_or(|most| kind.counts.0[CPU] <= most);
        let admits = scopes << SCOPES_AT_ONCE | if is_small { scopes } else { 0 };
        if admits != 0 {
            all.push(Offer {
                kind: place as u32,
                admits,
                offers: kind.offers,
                counts: kind.counts,
                rate: u64::from(kind.rate.as_micros_per_hour()),
                limit: kind.limit,
            });
        }
    }
    // Of equal prices the one that counts least and offers most comes first, so that it beats.
    let offered =
        |offer: &Offer| offer.offers.0.iter().fold(0_u64, |sum, a| sum.saturating_add(*a));
    all.sort_by(|a, b| {
        a.rate.cmp(&b.rate).then(offered(b).cmp(&offered(a))).then(a.kind.cmp(&b.kind))
    });
    let mut kept: Vec<Offer> = Vec::new();
    for offer in all {
        if !kept.iter().any(|better| beats(better, &offer)) {
            kept.push(offer);
        }
    }
    kept
}

/// Whether one that costs no more does all that the other does.
fn beats(better: &Offer, offer: &Offer) -> bool {
    let counts_less =
        better.limit.is_none() || better.limit == offer.limit && better.counts.fits(&offer.counts);
    offer.admits & !better.admits == 0 && offer.offers.fits(&better.offers) && counts_less
}
