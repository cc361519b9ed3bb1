//! What is to be packed, and into what.

use super::amounts::Amounts;
use crate::money::Rate;
use crate::time::Span;
use alloc::vec::Vec;

/// A way to buy a node: a type in a zone, on spot or on demand, as one pool would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What pods can have of it: the shares of system and daemons are taken off.
    pub offers: Amounts,
    /// What counts against the size cap and its limit: the whole machine, and one node.
    pub counts: Amounts,
    /// Its price.
    pub rate: Rate,
    /// The limit that it counts against, by its place.
    pub limit: Option<u32>,
}

/// A set of kinds that some pods may use, by their places.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Vec<u64>);

impl Scope {
    /// Adds a kind.
    pub fn insert(&mut self, place: usize) {
        if self.0.len() <= place / 64 {
            self.0.resize(place / 64 + 1, 0);
        }
        self.0[place / 64] |= 1 << (place % 64);
    }

    /// Whether a kind is in it.
    pub fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

impl FromIterator<usize> for Scope {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        let mut scope = Self::default();
        places.into_iter().for_each(|place| scope.insert(place));
        scope
    }
}

/// Pods that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What one of them asks for, itself as a pod included.
    pub asks: Amounts,
    /// How many there are.
    pub count: u32,
    /// The kinds that they may use, by the place of the scope.
    pub scope: u32,
    /// Most pods on a node that carries one of them.
    pub pods_max: u32,
    /// For how long they will run, as a class in seconds: see [`end_class`]. A node is paid until
    /// its last pod has ended, so those of one class go together. Equal for all where nothing is
    /// known; never 0.
    pub lasts: u32,
}

/// A node that is there or on its way, which costs nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// What is free on it, pods included.
    pub free: Amounts,
    /// Pods on it.
    pub pods: u32,
    /// The scopes whose pods it may carry, by their places.
    pub admits: Scope,
}

/// What is to be packed, and into what.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// Pods.
    pub groups: &'a [Group],
    /// Nodes that are there or on their way, those to be filled first in front.
    pub rooms: &'a [Room],
    /// What all new nodes together may count, limit by limit.
    pub limits: &'a [Amounts],
}

/// The class of a remaining time: seconds, rounded up to a power of two, so that ends of one class
/// lie within a factor of two (Azar and Vainstein, SPAA 2017: the right grain when ends are known).
/// At least a minute, below which EC2 bills no less.
pub fn end_class(left: Span) -> u32 {
    const LEAST_S: u64 = 64;
    const MOST_S: u64 = 1 << 20;
    (left.as_ms().div_ceil(1_000)).clamp(LEAST_S, MOST_S).next_power_of_two() as u32
}
