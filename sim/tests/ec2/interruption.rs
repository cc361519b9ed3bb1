//! Interruptions: their hazards in closed form, and one world for all who ask.

use super::{ORIGIN, catalogue, hours, market, market_with, spot};
use greenroom_scheduler::id::ZoneId;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::catalogue::Catalogue;
use greenroom_sim::ec2::{AgeBand, Cause, Hazard, Interruption, Market, monthly_to_hourly};
use proptest::prelude::*;
use std::sync::Arc;

/// The ends of `nodes` spot nodes of each type in each zone, launched together.
fn all_ends(market: &mut Market, nodes: u64) -> Vec<Option<Interruption>> {
    let types: Vec<_> = market.catalogue().iter().map(|(id, _)| id).collect();
    let mut ends = Vec::new();
    for kind in types {
        for zone in 0..3 {
            for ordinal in 0..nodes {
                ends.push(market.interruption_of(kind, ZoneId(zone), ordinal, ORIGIN));
            }
        }
    }
    ends
}

fn share_within(ends: &[Option<Interruption>], age: Span) -> f64 {
    let taken = ends.iter().flatten().filter(|end| end.notice_at <= ORIGIN + age).count();
    taken as f64 / ends.len() as f64
}

#[test]
fn the_share_of_nodes_taken_is_that_of_the_hazard() {
    // Outages of a second, so that losses come at their rate all the time.
    let base = "hazard_per_hour = 0.5\noutage = { constant_s = 1 }\n";
    for (config, seed) in [
        ("age_bands = []\ncorrelated_share = 0.0", 1),
        ("age_bands = []\ncorrelated_share = 0.57", 2),
        ("age_bands = []\ncorrelated_share = 1.0\nlost_share = 0.5", 3),
    ] {
        let mut market = market(seed, &format!("{base}{config}"));
        let ends = all_ends(&mut market, 12);
        for age in [0.25, 1.0, 3.0] {
            let expected = 1.0 - (-0.5_f64 * age).exp();
            let share = share_within(&ends, hours(age));
            assert!(
                (share - expected).abs() < 0.02,
                "{config}: {share} by {age} h, not {expected}"
            );
        }
    }
}

#[test]
fn young_nodes_are_taken_more_often() {
    let mut market = market(4, "hazard_per_hour = 0.3\ncorrelated_share = 0.0");
    let ends = all_ends(&mut market, 12);
    let hazard = Hazard::new(
        0.3,
        vec![AgeBand { until_s: 600, factor: 4.0 }, AgeBand { until_s: 3_600, factor: 1.3 }],
    );
    for age in [hours(1.0 / 6.0), hours(1.0), hours(4.0)] {
        let expected = 1.0 - (-hazard.gathered(age)).exp();
        let share = share_within(&ends, age);
        assert!((share - expected).abs() < 0.012, "{share} by {age}, not {expected}");
    }
    // By hand: 4 x 0.3 / 6 + 1.3 x 0.3 x 5 / 6 + 3 x 0.3.
    assert!((hazard.gathered(hours(4.0)) - (0.2 + 0.325 + 0.9)).abs() < 1e-9);
}

/// r5.16xlarge in us-east-1d was lost 0.19 times an hour; at a random moment a node had 0.029 to be
/// taken within ten minutes, just after its start 0.11. The age bands of the default say the same.
#[test]
fn the_default_age_bands_give_back_the_chances_that_were_measured() {
    let market = market(1, "hazard_per_hour = 0.175\ncorrelated_share = 0.0");
    let catalogue = catalogue();
    let kind = catalogue.get(catalogue.find("r5.16xlarge").unwrap()).unwrap();
    let hazard = market.own_hazard(kind);
    let taken = |from: Span, to: Span| 1.0 - (hazard.gathered(from) - hazard.gathered(to)).exp();
    let (ten, young) = (hours(1.0 / 6.0), taken(Span::ZERO, hours(1.0 / 6.0)));
    assert!((young - 0.11).abs() < 0.01, "{young}");
    let old = taken(hours(5.0), hours(5.0) + ten);
    assert!((old - 0.029).abs() < 0.002, "{old}");
}

#[test]
fn the_advisors_month_is_a_hazard_an_hour() {
    let per_hour = monthly_to_hourly(0.25);
    assert!(((-per_hour * 720.0).exp() - 0.75).abs() < 1e-12);
    let market = market(1, "");
    let catalogue = catalogue();
    let mut buckets: Vec<(u8, f64)> = catalogue
        .iter()
        .filter_map(|(_, kind)| {
            Some((kind.spot_interruption_bucket?, market.hazard_per_hour(kind)))
        })
        .collect();
    buckets.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    buckets.dedup();
    assert_eq!(buckets.len(), 5, "one hazard for each bucket");
    assert!(buckets.windows(2).all(|w| w[0].1 < w[1].1));
    // Own and shared hazard together are the whole.
    for (_, kind) in catalogue.iter() {
        let together =
            market.own_hazard(kind).at(hours(5.0)) + market.pool_losses_per_hour(kind) * 0.2;
        assert!((together - market.hazard_per_hour(kind)).abs() < 1e-12);
    }
}

#[test]
fn losses_of_a_pool_take_several_nodes_at_one_instant_and_leave_no_capacity() {
    let mut market = market(
        5,
        "hazard_per_hour = 1.0\ncorrelated_share = 1.0\nlost_share = 0.5\noutage = { constant_s = 600 }",
    );
    let kind = market.catalogue().find("m7i.xlarge").unwrap();
    let mut at: Vec<Time> = Vec::new();
    for ordinal in 0..40 {
        let end = market.interruption_of(kind, ZoneId(0), ordinal, ORIGIN).unwrap();
        assert_eq!(end.cause, Cause::Pool);
        assert!(!market.state(spot(kind, 0), end.notice_at).available);
        at.push(end.notice_at);
    }
    at.sort_unstable();
    let first = at.iter().filter(|t| **t == at[0]).count();
    assert!((10..=30).contains(&first), "half of 40, more or less: {first}");
}

#[test]
fn a_zone_that_is_lost_takes_nodes_of_every_type_and_has_none() {
    let mut market =
        market(6, "hazard_per_hour = 0.0\nzone_losses_per_hour = 0.5\nzone_lost_share = 1.0");
    let ends = all_ends(&mut market, 1);
    let mut moments: Vec<Time> = ends.iter().map(|end| end.unwrap().notice_at).collect();
    assert!(ends.iter().all(|end| end.unwrap().cause == Cause::Zone));
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), 3, "one moment for each of the three zones");
    let kind = market.catalogue().find("c7g.large").unwrap();
    let lost = ends[2].unwrap().notice_at;
    assert!(!market.state(spot(kind, 2), lost).available);
}

#[test]
fn nobody_is_taken_where_there_is_no_hazard_or_no_pool() {
    let mut market = market(7, "hazard_per_hour = 0.0");
    assert!(all_ends(&mut market, 1).iter().all(Option::is_none));
    let kind = market.catalogue().find("c7g.large").unwrap();
    assert_eq!(market.interruption_of(kind, ZoneId(9), 0, ORIGIN), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn age_is_the_inverse_of_gathered_hazard(
        per_hour in 0.001..50.0_f64, first in 0.1..20.0_f64, second in 0.1..5.0_f64, gathered in 0.0..8.0_f64,
    ) {
        let hazard = Hazard::new(
            per_hour,
            vec![AgeBand { until_s: 600, factor: first }, AgeBand { until_s: 7_200, factor: second }],
        );
        let age = hazard.age_at(gathered).unwrap();
        // To the millisecond at the highest rate.
        let error = (hazard.gathered(age) - gathered).abs();
        prop_assert!(error <= 1e-6 * per_hour * first.max(second).max(1.0) + 1e-12, "{error}");
    }

    #[test]
    fn notices_follow_their_launch_in_order_and_lead(
        seed: u64, zone in 0_u32..3, ordinal in 0_u64..1000, after in 0_u64..1_000_000_000,
    ) {
        let mut market = market(seed, "hazard_scale = 1000.0");
        let kind = market.catalogue().find("c5.large").unwrap();
        let launched = ORIGIN + Span::from_ms(after);
        if let Some(end) = market.interruption_of(kind, ZoneId(zone), ordinal, launched) {
            prop_assert!(launched < end.notice_at);
            prop_assert!(launched <= end.rebalance_at && end.rebalance_at <= end.notice_at);
            prop_assert_eq!(end.reclaim_at.since(end.notice_at), Span::from_secs(120));
            let lead = end.notice_at.since(end.rebalance_at);
            prop_assert!(
                lead.is_zero() || end.rebalance_at == launched
                    || (Span::from_secs(600)..=Span::from_secs(1200)).contains(&lead)
            );
        }
    }

    /// What others ask, and what else is for sale, changes nothing for a node.
    #[test]
    fn two_policies_meet_the_same_world(
        seed: u64, asked in prop::collection::vec((0_u32..600, 0_u32..3, 0_u64..5, 0_u64..500_000_000), 0..30),
    ) {
        let config = "hazard_per_hour = 0.3\nzone_losses_per_hour = 0.05";
        let launched = ORIGIN + hours(7.0);
        let mut busy = market(seed, config);
        let kind = busy.catalogue().find("m6i.2xlarge").unwrap();
        for (other, zone, ordinal, after) in asked {
            let pool = spot(greenroom_scheduler::id::TypeId(other), zone);
            let at = ORIGIN + Span::from_ms(after);
            busy.state(pool, at);
            busy.price(pool, at);
            busy.interruption_of(pool.instance_type, pool.zone, ordinal, at);
        }
        let row = include_str!("../../src/catalogue/us-east-1.csv");
        let small: String = row
            .lines()
            .filter(|line| line.starts_with("name,") || line.starts_with("m6i.2xlarge"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let small = Catalogue::read("small", small.as_bytes()).unwrap();
        let only = small.find("m6i.2xlarge").unwrap();
        let mut alone = market_with(seed, Arc::new(small), config);
        for ordinal in 0..3 {
            prop_assert_eq!(
                busy.interruption_of(kind, ZoneId(1), ordinal, launched),
                alone.interruption_of(only, ZoneId(1), ordinal, launched)
            );
        }
        prop_assert_eq!(busy.state(spot(kind, 1), launched), alone.state(spot(only, 1), launched));
        prop_assert_eq!(busy.depth(spot(kind, 1), launched), alone.depth(spot(only, 1), launched));
    }
}
