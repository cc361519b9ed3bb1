//! The bill against counting every second, and its rules one by one.

use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::ec2::billing::{Purchase, Tariff, charge};
use proptest::prelude::*;

const HOUR_MS: u64 = 3_600_000;

fn at(ms: u64) -> Time {
    Time::from_ms(ms)
}

/// A price that is another each hour and, within an hour, each minute: a bill that looks at the
/// wrong moment is wrong.
fn price(seed: u64, now: Time) -> Rate {
    let minute = now.as_ms() / 60_000;
    Rate::from_micros_per_hour(
        (minute.wrapping_mul(2_654_435_761).wrapping_add(seed) % 900_000) as u32,
    )
}

/// Counts seconds one by one: each costs the price at the start of its instance hour.
fn brute_force(launched: u64, ended: u64, interrupted: bool, seed: u64) -> Money {
    if interrupted && ended - launched < HOUR_MS {
        return Money::ZERO;
    }
    let seconds = (ended - launched).div_ceil(1000).max(60);
    let sum: u128 = (0..seconds)
        .map(|second| {
            let hour = launched + second / 3600 * HOUR_MS;
            u128::from(price(seed, at(hour)).as_micros_per_hour())
        })
        .sum();
    // Half up: twice the sum plus an hour, over twice an hour.
    Money::from_micros(((2 * sum + 3600) / 7200) as i64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_spot_bill_is_the_sum_of_its_seconds(
        launched in 0_u64..2_000_000_000_000, ran in 0_u64..30_000_000, interrupted: bool, seed: u64,
    ) {
        let ended = launched + ran;
        let bill = charge(
            Tariff::EC2, Purchase::Spot { interrupted }, at(launched), at(ended), |t| price(seed, t),
        );
        prop_assert_eq!(bill, brute_force(launched, ended, interrupted, seed));
    }

    #[test]
    fn at_a_constant_price_spot_and_on_demand_cost_the_same(
        launched: u32, ran in 0_u64..100_000_000, micros in 0_u32..500_000_000,
    ) {
        let (from, to) = (at(u64::from(launched)), at(u64::from(launched) + ran));
        let rate = Rate::from_micros_per_hour(micros);
        let of = |purchase| charge(Tariff::EC2, purchase, from, to, |_| rate);
        let bill = of(Purchase::OnDemand(rate));
        prop_assert_eq!(bill, of(Purchase::Spot { interrupted: false }));
        prop_assert_eq!(bill, rate.over(Tariff::EC2.charged(from, to)));
    }

    #[test]
    fn a_bill_never_falls_as_a_node_runs_on(ran in 0_u64..20_000_000, more in 0_u64..10_000_000, seed: u64) {
        let of = |ms| charge(
            Tariff::EC2, Purchase::Spot { interrupted: false }, at(0), at(ms), |t| price(seed, t),
        );
        prop_assert!(of(ran) <= of(ran + more));
    }
}

#[test]
fn the_rules_one_by_one() {
    let dollar = Rate::from_usd_per_hour(3.6);
    let on_demand = |tariff: Tariff, ms: u64| {
        charge(tariff, Purchase::OnDemand(dollar), at(5_000), at(5_000 + ms), |_| Rate::ZERO)
            .as_micros()
    };
    // A second costs 1,000 micro-dollars.
    assert_eq!(on_demand(Tariff::EC2, 0), 60_000, "a node that only was launched: the minimum");
    assert_eq!(on_demand(Tariff::EC2, 59_999), 60_000, "a minute at least");
    assert_eq!(on_demand(Tariff::EC2, 60_000), 60_000);
    assert_eq!(on_demand(Tariff::EC2, 60_001), 61_000, "a begun second counts");
    assert_eq!(on_demand(Tariff::ONE_SLOT, 1), 1, "one-slot is exact");
    assert_eq!(on_demand(Tariff::ONE_SLOT, 0), 0);

    let spot = |interrupted, ms: u64| {
        charge(Tariff::EC2, Purchase::Spot { interrupted }, at(0), at(ms), |_| dollar).as_micros()
    };
    assert_eq!(spot(true, HOUR_MS - 1), 0, "taken back within the first hour: free");
    assert_eq!(spot(true, HOUR_MS), 3_600_000, "at the hour it is not");
    assert_eq!(spot(true, HOUR_MS + 1_000), 3_601_000, "after it, by the second");
    assert_eq!(spot(false, 600_000), 600_000, "ended by us: paid");

    // The end before the start is no time at all, and no loop.
    assert_eq!(spot(false, 0), 60_000);
    let backwards = charge(Tariff::EC2, Purchase::OnDemand(dollar), at(9), at(3), |_| dollar);
    assert_eq!(backwards.as_micros(), 60_000);
    let forever =
        charge(Tariff::EC2, Purchase::Spot { interrupted: false }, at(0), Time::MAX, |_| dollar);
    assert!(forever.as_micros() > 0);
    assert_eq!(Tariff::EC2.charged(at(0), at(60_500)), Span::from_secs(61));
}

#[test]
fn the_price_is_that_of_the_start_of_each_instance_hour() {
    // 1 USD an hour until two hours and a half after the launch, then 10.
    let launched = at(1_800_000);
    let change = 1_800_000 + HOUR_MS * 5 / 2;
    let line = |t: Time| Rate::from_usd_per_hour(if t.as_ms() < change { 1.0 } else { 10.0 });
    let bill = |hours_ms: u64| {
        let ended = at(1_800_000 + hours_ms);
        charge(Tariff::EC2, Purchase::Spot { interrupted: false }, launched, ended, line)
            .as_micros()
    };
    assert_eq!(bill(3 * HOUR_MS), 3_000_000, "the third hour began at the old price");
    assert_eq!(bill(4 * HOUR_MS), 13_000_000);
}
