//! The cheapest way to let nobody wait.

use super::prices::UnitPrices;
use super::replay::Replay;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Thousandths of a vCPU, MiB, GPUs and places that are in use: whole numbers, so that nothing
/// drifts.
pub type InUse = [i64; 4];

/// What so much is worth, in USD an hour, under whichever of the prices says most.
pub(super) fn worth(prices: &[UnitPrices], used: InUse) -> f64 {
    let [cpu, memory, gpu, places] = used.map(|amount| amount as f64);
    let amount = [cpu / 1e3, memory / 1024.0, gpu, places];
    prices.iter().map(|prices| prices.of(amount)).fold(0.0, f64::max)
}

/// The least cost, in USD, of nodes for `jobs` (when each comes, how long it takes, what it holds;
/// in order of arrival) such that nobody waits.
///
/// At each instant the nodes that are ready cost `F(t) = max y S(t)` at least, `S(t)` being what is
/// in use and each `y` in `prices` a lower bound (the area bound of dynamic bin packing, as in Azar
/// and Vainstein 2017, with many kinds of bin; each instant's linear program where `prices` has its
/// solution). Whatever rate is added to what is ready was paid through a boot of `boot_ms` before:
/// the least of `integral of P + boot x (all increases of P)` over all `P >= F` is the replay of
/// `F`'s increases and decreases (Lu and Chen 2013, on levels of `F`). With one job a node it is
/// the optimum.
pub fn zero_wait(
    jobs: impl IntoIterator<Item = (u64, u64, InUse)>,
    prices: &[UnitPrices],
    boot_ms: f64,
) -> f64 {
    let mut sweep = Sweep {
        prices,
        replay: Replay::without_waiting(boot_ms),
        used: [0; 4],
        rate: 0.0,
        at_ms: 0,
        area: 0.0,
    };
    let mut ends: BinaryHeap<Reverse<(u64, InUse)>> = BinaryHeap::new();
    for (ready_ms, busy_ms, held) in jobs {
        while let Some(&Reverse((at_ms, left))) = ends.peek()
            && at_ms <= ready_ms
        {
            ends.pop();
            sweep.change(at_ms, left.map(|amount| -amount));
        }
        sweep.change(ready_ms, held);
        ends.push(Reverse((ready_ms.saturating_add(busy_ms), held)));
    }
    while let Some(Reverse((at_ms, left))) = ends.pop() {
        sweep.change(at_ms, left.map(|amount| -amount));
    }
    (sweep.area + sweep.replay.overhead()) / MS_PER_HOUR
}

/// Milliseconds in the hour that prices are for.
pub(super) const MS_PER_HOUR: f64 = 3_600_000.0;

struct Sweep<'a> {
    prices: &'a [UnitPrices],
    replay: Replay,
    used: InUse,
    rate: f64,
    at_ms: u64,
    area: f64,
}

impl Sweep<'_> {
    fn change(&mut self, at_ms: u64, by: InUse) {
        self.area += self.rate * (at_ms - self.at_ms) as f64;
        self.at_ms = at_ms;
        for (used, by) in self.used.iter_mut().zip(by) {
            *used += by;
        }
        let rate = worth(self.prices, self.used);
        let before = std::mem::replace(&mut self.rate, rate);
        if rate > before {
            self.replay.arrives(at_ms as f64, rate - before);
        } else if rate < before {
            self.replay.ends(at_ms as f64, before - rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::prices::Offer;

    const SECOND: u64 = 1_000;

    fn one_slot(jobs: &[(u64, u64)], boot_s: f64) -> f64 {
        let jobs = jobs.iter().map(|&(at, takes)| (at * SECOND, takes * SECOND, [0, 0, 0, 1]));
        zero_wait(jobs, &[UnitPrices::one_slot(3600.0)], boot_s * 1e3)
    }

    /// At 1 USD a second: two boots, 10 + 10 + 5 of work, and 3 s of idling between.
    #[test]
    fn one_slot_nodes_pay_boots_work_and_gaps_up_to_a_boot() {
        assert!((one_slot(&[(0, 10), (2, 10), (13, 5)], 4.0) - (8.0 + 25.0 + 1.0)).abs() < 1e-9);
        assert!((one_slot(&[(0, 10), (2, 10), (99, 5)], 4.0) - (12.0 + 25.0)).abs() < 1e-9);
    }

    #[test]
    fn who_comes_as_another_ends_needs_no_boot() {
        assert!((one_slot(&[(0, 10), (10, 10)], 60.0) - 80.0).abs() < 1e-9);
    }

    /// Two kinds of job that fill one machine together: each alone would say less than both.
    #[test]
    fn the_prices_that_say_most_are_taken_at_each_instant() {
        let offers = [Offer { room: [4.0, 16.0, 0.0, 10.0], usd_per_hour: 1.0 }];
        let by_cpu = UnitPrices::best_for([4.0, 0.0, 0.0, 0.0], &offers);
        let by_memory = UnitPrices::best_for([0.0, 16.0, 0.0, 0.0], &offers);
        let hour = 3_600_000;
        let jobs = [(0, hour, [4_000, 0, 0, 1]), (hour, hour, [0, 16 * 1024, 0, 1])];
        let both = zero_wait(jobs, &[by_cpu, by_memory], 0.0);
        assert!((both - 2.0).abs() < 1e-9, "{both}");
        assert!((zero_wait(jobs, &[by_cpu], 0.0) - 1.0).abs() < 1e-9);
    }
}
