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

/// What EC2 knows of an override at the moment of the call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The pool.
    pub pool: Pool,
    /// Its price.
    pub price: Rate,
    /// Whether a launch succeeds, and if so whether the pool is deep.
    pub deep: Result<bool, Lack>,
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
    /// Each override with its reason, in the order asked.
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

/// Chooses one of `offers`; their place breaks no tie, the pool does. Also says which cheaper
/// pools a [`Strategy::LowestPrice`] call tried in vain before.
pub fn choose(strategy: Strategy, offers: &[Offer]) -> Result<(Offer, Vec<Pool>), NoLaunch> {
    let key = |offer: &&Offer| (offer.price, offer.pool);
    let can = || offers.iter().filter(|offer| offer.deep.is_ok());
    let chosen = match strategy {
        Strategy::PriceCapacityOptimized => can()
            .filter(|offer| offer.deep == Ok(true))
            .min_by_key(key)
            .or_else(|| can().min_by_key(key)),
        Strategy::LowestPrice => can().min_by_key(key),
    };
    let Some(chosen) = chosen else {
        let lack = |offer: &Offer| offer.deep.err().map(|lack| (offer.pool, lack));
        return Err(NoLaunch { lacks: offers.iter().filter_map(lack).collect() });
    };
    let mut tried = Vec::new();
    if strategy == Strategy::LowestPrice {
        let lacking = offers.iter().filter(|offer| offer.deep == Err(Lack::Capacity));
        tried.extend(lacking.filter(|offer| key(offer) < key(&chosen)).map(|offer| offer.pool));
        tried.sort_unstable();
        tried.dedup();
    }
    Ok((*chosen, tried))
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
