//! What packing promises, on problems small enough to be read.

use super::amounts::Amounts;
use super::{Group, Kind, Market, Plan, Problem, Room, STEPS_USUAL, Scope, end_class, pack};
use crate::money::Rate;
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

fn kind(cpu: u64, cents: u32) -> Kind {
    let rate = Rate::from_micros_per_hour(cents * 10_000);
    let offers = Amounts([cpu, 4 * cpu, 0, 0, 110]);
    Kind { offers, counts: Amounts([cpu, 4 * cpu, 0, 0, 1]), rate, limit: Some(0) }
}

fn group(cpu: u64, count: u32) -> Group {
    let asks = Amounts([cpu, 4 * cpu, 0, 0, 1]);
    Group { asks, count, scope: 0, pods_max: u32::MAX, lasts: 1 }
}

fn packed(market: &Market, groups: &[Group], rooms: &[Room], nodes: u64) -> Plan {
    let mut limit = Amounts::MAX;
    limit.0[super::amounts::PODS] = nodes;
    pack(market, &Problem { groups, rooms, limits: &[limit] }, STEPS_USUAL)
}

fn market(kinds: &[Kind], cpu_max: Option<u64>) -> Market {
    Market::new(kinds, &[(0..kinds.len()).collect()], cpu_max)
}

/// Of each kind how many.
fn bought(plan: &Plan) -> Vec<(u32, u32)> {
    let mut kinds: Vec<(u32, u32)> = plan.bought.iter().map(|n| (n.kind, n.copies)).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn the_cheapest_mix_of_sizes_is_found() {
    // Nine pods of one: the two of four for 40 cents and one of one for 12, not one of sixteen.
    let market = market(&[kind(1, 12), kind(4, 40), kind(16, 170)], None);
    let plan = packed(&market, &[group(1, 9)], &[], u64::MAX);
    assert_eq!((bought(&plan), plan.micros_per_hour(&market)), (vec![(0, 1), (1, 2)], 920_000));
}

#[test]
fn a_size_cap_yields_to_a_pod_that_fits_on_nothing_smaller() {
    let market = market(&[kind(4, 40), kind(16, 120)], Some(4));
    let plan = packed(&market, &[group(1, 16), group(9, 1)], &[], u64::MAX);
    assert_eq!((bought(&plan), plan.unplaced()), (vec![(0, 4), (1, 1)], 0));
}

#[test]
fn room_on_nodes_that_are_there_is_used_first() {
    let market = market(&[kind(4, 40)], None);
    let admits: Scope = [0].into_iter().collect();
    let room = Room { free: Amounts([3, 12, 0, 0, 2]), pods: 1, admits };
    let plan = packed(&market, &[group(1, 6)], &[room], u64::MAX);
    // Two, since no third pod may be there.
    assert_eq!((plan.housed.clone(), bought(&plan)), (vec![(0, 0, 2)], vec![(0, 1)]));
}

#[test]
fn within_a_limit_as_many_as_possible_are_placed() {
    // Cheap small nodes would leave half of them.
    let market = market(&[kind(4, 30), kind(16, 200)], None);
    let plan = packed(&market, &[group(1, 16)], &[], 1);
    assert_eq!((bought(&plan), plan.unplaced()), (vec![(1, 1)], 0));
    assert_eq!(packed(&market, &[group(1, 40)], &[], 2).unplaced(), 8);
    assert_eq!(packed(&market, &[group(17, 1)], &[], 2).unplaced(), 1);
}

#[test]
fn most_pods_of_a_node_hold_for_all_that_share_it() {
    let market = market(&[kind(16, 100)], None);
    let alone = Group { pods_max: 2, ..group(1, 3) };
    let plan = packed(&market, &[alone, group(2, 4)], &[], u64::MAX);
    for node in &plan.bought {
        let pods: u32 = node.pods.iter().map(|(_, count)| count).sum();
        assert!(pods <= 2 || node.pods.iter().all(|(group, _)| *group == 1), "{plan:?}");
    }
    assert_eq!(plan.unplaced(), 0);
}

#[test]
fn who_ends_together_goes_together() {
    // Two long ones and two short ones: mixed, both nodes would be paid to the long ends.
    let market = market(&[kind(2, 20)], None);
    let long = Group { lasts: end_class(Span::from_secs(3_600)), ..group(1, 2) };
    let short = Group { lasts: end_class(Span::from_secs(60)), ..group(1, 2) };
    let plan = packed(&market, &[short, long], &[], u64::MAX);
    let mut pods: Vec<_> = plan.bought.iter().map(|node| node.pods.clone()).collect();
    pods.sort_unstable();
    assert_eq!(pods, vec![vec![(0, 2)], vec![(1, 2)]]);
    // But a short one takes room that a long one leaves.
    let plan = packed(&market, &[Group { count: 1, ..short }, Group { count: 1, ..long }], &[], 9);
    assert_eq!(plan.nodes(), 1);
}

#[test]
fn ends_lie_in_classes_of_a_factor_of_two() {
    let class = |s| end_class(Span::from_secs(s));
    assert_eq!([class(0), class(64), class(65), class(1_000)], [64, 64, 128, 1_024]);
}
