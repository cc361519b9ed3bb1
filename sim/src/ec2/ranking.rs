//! What a request's overrides cost, in order of price.

use super::Pool;
use super::account::Order;
use super::fleet::Offer;
use super::market::Market;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Time;

/// The offers of the latest request. They hold for each like it until a price changes: a fleet asks
/// for one node after the other, with the same dozens of types in the same zones.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranking {
    /// The cheapest first.
    pub(super) offers: Vec<Offer>,
    overrides: Vec<(TypeId, ZoneId)>,
    /// Of the request; none before the first.
    capacity: Option<CapacityType>,
    /// From the request on, and before the next change of a price.
    holds: (Time, Time),
}

impl Ranking {
    /// Brings the offers to what `order` would pay at `now`.
    pub(super) fn bring(&mut self, market: &mut Market, now: Time, order: Order<'_>) {
        let (from, until) = self.holds;
        if self.capacity == Some(order.capacity)
            && (from..until).contains(&now)
            && self.overrides == order.overrides
        {
            return;
        }
        self.capacity = Some(order.capacity);
        self.overrides.clear();
        self.overrides.extend_from_slice(order.overrides);
        self.offers.clear();
        self.holds = (now, Time::MAX);
        for &(instance_type, zone) in order.overrides {
            let pool = Pool { instance_type, zone, capacity: order.capacity };
            self.offers.push(Offer { price: market.price(pool, now), pool });
            if let Some(change) = market.next_price_change(pool, now) {
                self.holds.1 = self.holds.1.min(change);
            }
        }
        self.offers.sort_unstable();
    }
}
