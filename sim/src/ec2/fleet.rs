//! How EC2 chooses among the overrides of a fleet request.

use super::quota::QuotaExceeded;
use super::{NoAddresses, Pool};
use greenroom_scheduler::money::Rate;
use std::fmt;
use thiserror::Error;

/// How the choice is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Spot: among the deep pools the cheapest, and only when there is none among the others.
    /// EC2's score is not published; this is what its documentation says it does.
    PriceCapacityOptimized,
    /// On-demand: the cheapest that has capacity.
    LowestPrice,
}

/// An override at its price of the moment. The cheaper one comes first; equal prices go by type,
/// then zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer {
    /// Its price.
    pub price: Rate,
    /// The pool.
    pub pool: Pool,
}

/// The override that EC2 takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which, at which price.
    pub offer: Offer,
    /// Cheaper pools that were tried before in vain, in order of price.
    pub tried: Vec<Pool>,
}

/// Why an override cannot be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// EC2 has none: InsufficientInstanceCapacity.
    Capacity,
    /// The account's quota is used up.
    Quota(QuotaExceeded),
    /// The zone's subnets are full.
    Addresses(NoAddresses),
}

impl Lack {
    /// The code that EC2 answers with.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Capacity => "InsufficientInstanceCapacity",
            Self::Quota(exceeded) => exceeded.code(),
            Self::Addresses(_) => "InsufficientFreeAddressesInSubnet",
        }
    }
}

/// No override can be launched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no override can be launched: {}", self.reason().map_or_else(|| "none was asked for".to_owned(), |lack| lack.to_string()))]
pub struct NoLaunch {
    /// Each override with its reason, in order of price.
    pub lacks: Vec<(Pool, Lack)>,
}

impl NoLaunch {
    /// The reason to act on: capacity if any pool lacks that alone (it may come back by itself),
    /// else addresses, else the quota, which no other pool and no waiting cures.
    pub fn reason(&self) -> Option<Lack> {
        let rank = |lack: &Lack| match lack {
            Lack::Capacity => 0,
            Lack::Addresses(_) => 1,
            Lack::Quota(_) => 2,
        };
        self.lacks.iter().map(|(_, lack)| *lack).min_by_key(rank)
    }
}

/// Takes offers, which stand in order of price, until one will do; none is looked at beyond that. `look` says why
/// a pool cannot be launched from, else whether it is deep.
pub fn choose(
    strategy: Strategy,
    offers: &[Offer],
    mut look: impl FnMut(Pool) -> Result<bool, Lack>,
) -> Result<Choice, NoLaunch> {
    let mut lacks = Vec::new();
    let mut shallow = None;
    for &offer in offers {
        match (look(offer.pool), strategy) {
            (Ok(true), Strategy::PriceCapacityOptimized) => {
                // EC2 goes straight to the deep pools and tries no other.
                return Ok(Choice { offer, tried: Vec::new() });
            }
            (Ok(_), Strategy::LowestPrice) => {
                let capacity = lacks.iter().filter(|(_, lack)| *lack == Lack::Capacity);
                return Ok(Choice { offer, tried: capacity.map(|(pool, _)| *pool).collect() });
            }
            (Ok(false), Strategy::PriceCapacityOptimized) => {
                shallow = shallow.or(Some(offer));
            }
            (Err(lack), _) => lacks.push((offer.pool, lack)),
        }
    }
    match shallow {
        Some(offer) => Ok(Choice { offer, tried: Vec::new() }),
        None => Err(NoLaunch { lacks }),
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity => f.write_str(self.code()),
            Self::Quota(exceeded) => exceeded.fmt(f),
            Self::Addresses(none) => none.fmt(f),
        }
    }
}
