//! What was learned of a fleet, and what it keeps by it.

use super::gaps::Gaps;
use super::levels::{Level, Levels};
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How often levels are reckoned anew, at multiples of this: what is reckoned at the same instants
/// whatever else happens cannot differ between two cores that were told the same.
pub const EVERY: Span = Span::from_secs(60);

/// What was learned of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetPast {
    /// Nodes wanted while one can be put back into the stock.
    pub stock: Levels,
    /// Nodes wanted while one starts.
    pub hot: Levels,
    /// How long empty nodes wait.
    pub gaps: Gaps,
    /// Stopped nodes that it keeps.
    pub stopped_nodes: u32,
    /// Empty nodes that it keeps ready.
    pub hot_nodes: u32,
    /// How long it keeps other empty nodes; none until that was reckoned.
    pub keep_alive: Option<Span>,
    /// When it is reckoned next.
    pub due_at: Time,
}

/// What was learned of each fleet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pasts(Vec<Option<Box<FleetPast>>>);

impl Pasts {
    /// Of one fleet, by its number.
    pub fn get(&self, fleet: usize) -> Option<&FleetPast> {
        self.0.get(fleet)?.as_deref()
    }

    /// When each fleet is reckoned next, by its number; those that are.
    pub fn dues(&self) -> impl Iterator<Item = (usize, Time)> {
        let known = self.0.iter().enumerate();
        let known = known.filter_map(|(fleet, past)| Some((fleet, past.as_ref()?.due_at)));
        known.filter(|(_, due_at)| *due_at > Time::ZERO)
    }

    /// The same, to learn more; it begins with nothing.
    pub fn learn(&mut self, fleet: usize) -> &mut FleetPast {
        if fleet >= self.0.len() {
            self.0.resize_with(fleet + 1, || None);
        }
        self.0[fleet].get_or_insert_default()
    }
}

/// What an hour of a kept node costs, and what it is worth when it is wanted, in USD.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Of keeping one for an hour.
    pub rent_usd_per_hour: f64,
    /// Of having one when it is wanted.
    pub worth_usd: f64,
}

impl Terms {
    /// How often one must be wanted to be kept, per hour; none if that never pays.
    pub fn pays_at_per_hour(self) -> Option<f64> {
        (self.worth_usd > 0.0).then(|| self.rent_usd_per_hour / self.worth_usd)
    }

    /// The level that pays.
    pub fn level(self, levels: &Levels, now: Time) -> Level {
        self.pays_at_per_hour().map_or_else(Level::default, |at| levels.kept(now, at))
    }
}
