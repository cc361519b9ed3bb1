//! What a unit of each resource costs at least: the dual of renting whole nodes.

use greenroom_scheduler::resources::Resources;
use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome};

/// An amount of each resource: vCPU, GiB of memory, GPUs, places for pods.
pub type Units = [f64; 4];

/// What a job asks for, its one place included.
pub fn units(request: Resources) -> Units {
    let Resources { cpu_milli, memory_mib, gpu } = request;
    [f64::from(cpu_milli) / 1e3, f64::from(memory_mib) / 1024.0, f64::from(gpu), 1.0]
}

/// A kind of node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// What pods can use of it.
    pub room: Units,
    /// Its lowest price in USD an hour.
    pub usd_per_hour: f64,
}

impl Offer {
    /// A node with this room for pods, at this price.
    pub fn new(room: Resources, pods_max: u32, usd_per_hour: f64) -> Self {
        let [cpu, memory, gpu, _] = units(room);
        Self { room: [cpu, memory, gpu, f64::from(pods_max)], usd_per_hour }
    }
}

/// Prices of resources in USD an hour for one unit, such that no kind of node offers more than it
/// costs. So whoever holds `r` for an hour makes somebody pay `y r` at least, on whatever mix of
/// nodes, beside whomever.
///
/// It is the dual of min { sum `p x` : sum `C x >= R`, `x >= 0` }, the least price of nodes that
/// together offer `R`; both have the same value (duality of linear programs).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitPrices(Units);

impl UnitPrices {
    /// One job a node of this price.
    pub const fn one_slot(usd_per_hour: f64) -> Self {
        Self([0.0, 0.0, 0.0, usd_per_hour])
    }

    /// The prices under which `wanted` is worth most. All are 0 where there is no kind of node or
    /// the solver gives up: then nothing is promised.
    pub fn best_for(wanted: Units, offers: &[Offer]) -> Self {
        let nothing = Self([0.0; 4]);
        if offers.is_empty() {
            return nothing;
        }
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        // What nobody wants is worth nothing; it must not make the problem unbounded.
        let prices = wanted.map(|amount| {
            let most = if amount > 0.0 { f64::INFINITY } else { 0.0 };
            problem.add_var(amount, (0.0, most))
        });
        for offer in offers {
            let terms: Vec<_> = prices.into_iter().zip(offer.room).collect();
            problem.add_constraint(&terms[..], ComparisonOp::Le, offer.usd_per_hour);
        }
        let Ok(SolveOutcome::Solution(solution)) = problem.solve() else { return nothing };
        Self(prices.map(|price| solution[price].max(0.0))).made_sure(offers)
    }

    /// The solver's answer holds to a rounding; this holds for sure.
    fn made_sure(self, offers: &[Offer]) -> Self {
        let shares = offers.iter().map(|offer| {
            let offered = self.of(offer.room);
            if offered > offer.usd_per_hour { offer.usd_per_hour / offered } else { 1.0 }
        });
        let least = shares.fold(1.0, f64::min);
        Self(self.0.map(|price| price * least))
    }

    /// What so much is worth, in USD an hour.
    pub fn of(&self, amount: Units) -> f64 {
        self.0.iter().zip(amount).map(|(price, amount)| price * amount).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(cpu: f64, memory: f64, usd_per_hour: f64) -> Offer {
        Offer { room: [cpu, memory, 0.0, 100.0], usd_per_hour }
    }

    /// A machine rich in memory and one rich in vCPU: by hand, 8 vCPU and 24 GiB cost one of each.
    #[test]
    fn the_prices_are_those_of_the_cheapest_mix() {
        let offers = [offer(2.0, 16.0, 0.10), offer(6.0, 8.0, 0.20), offer(4.0, 16.0, 0.30)];
        let wanted = [8.0, 24.0, 0.0, 1.0];
        let best = UnitPrices::best_for(wanted, &offers).of(wanted);
        assert!((best - 0.30).abs() < 1e-9, "{best}");
    }

    #[test]
    fn no_node_offers_more_than_it_costs() {
        let offers = [offer(2.0, 16.0, 0.10), offer(6.0, 8.0, 0.20)];
        let prices = UnitPrices::best_for([1.0, 3.0, 0.0, 1.0], &offers);
        assert!(offers.iter().all(|offer| prices.of(offer.room) <= offer.usd_per_hour));
    }

    #[test]
    fn what_nobody_offers_or_wants_is_worth_nothing() {
        assert_eq!(UnitPrices::best_for([1.0; 4], &[]).of([1.0; 4]), 0.0);
        let prices = UnitPrices::best_for([0.0; 4], &[offer(1.0, 1.0, 1.0)]);
        assert_eq!(prices.of([1.0; 4]), 0.0);
    }
}
