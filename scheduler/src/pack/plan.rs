//! What packing gives.

use super::market::Market;
use alloc::vec::Vec;

/// Pods of a group: which, and how many.
pub type Share = (u32, u32);

/// New nodes that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// What to buy, by the kind's place.
    pub kind: u32,
    /// How many of it.
    pub copies: u32,
    /// What each of them carries.
    pub pods: Vec<Share>,
}

/// Where all pods go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// New nodes.
    pub bought: Vec<Bought>,
    /// What goes to nodes that are there: room, group, how many.
    pub housed: Vec<(u32, u32, u32)>,
    /// Of each group, how many found no place.
    pub left: Vec<u32>,
}

impl Plan {
    /// New nodes.
    pub fn nodes(&self) -> u32 {
        self.bought.iter().map(|bought| bought.copies).sum()
    }

    /// Pods without a place.
    pub fn unplaced(&self) -> u32 {
        self.left.iter().sum()
    }

    /// What the new nodes cost together, in micro-dollars an hour.
    pub fn micros_per_hour(&self, market: &Market) -> u64 {
        let of = |bought: &Bought| {
            let rate = market.kinds()[bought.kind as usize].rate.as_micros_per_hour();
            u64::from(rate) * u64::from(bought.copies)
        };
        self.bought.iter().map(of).sum()
    }
}
