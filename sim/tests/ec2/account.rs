//! What an account may do: quotas, addresses, calls, and EC2's choice.

use super::{ORIGIN, catalogue, hours, spot};
use expect_test::expect;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::ec2::{
    Account, AddressModel, Bucket, Lack, LaunchError, NoLaunch, Offer, Order, Pool, QuotaGroup,
    StartError, Strategy, TokenBucket, choose,
};
use greenroom_sim::random::Streams;
use proptest::prelude::*;

fn account(seed: u64, ec2: &str, spot: &str) -> Account {
    Account::new(
        Streams::new(seed),
        ORIGIN,
        catalogue(),
        toml::from_str(ec2).unwrap(),
        toml::from_str(spot).unwrap(),
    )
}

fn id(name: &str) -> TypeId {
    catalogue().find(name).unwrap()
}

#[test]
fn quota_capacity_addresses_and_calls_are_told_apart() {
    let order = |capacity, overrides| Order { capacity, overrides, pods: None };
    let small = [(id("m7i.xlarge"), ZoneId(0))];
    let on_demand = order(CapacityType::OnDemand, &small);

    let mut poor = account(1, "[quota.standard]\non_demand_vcpu = 6", "");
    let first = poor.create_fleet(ORIGIN, on_demand).unwrap();
    let refused = poor.create_fleet(ORIGIN, on_demand).unwrap_err();
    let LaunchError::None(none) = &refused else { panic!("{refused}") };
    assert!(matches!(none.reason(), Some(Lack::Quota(_))));
    expect!["no override can be launched: VcpuLimitExceeded: 4 vCPU asked for, 4 of 6 in use"]
        .assert_eq(&refused.to_string());
    poor.terminated(first.pool, first.addresses);
    poor.create_fleet(ORIGIN, on_demand).unwrap();
    // Spot has a quota of its own.
    poor.create_fleet(ORIGIN, order(CapacityType::Spot, &small)).unwrap();

    let mut narrow = account(1, "subnet_addresses = 100", "");
    let first = narrow.create_fleet(ORIGIN, on_demand).unwrap();
    let refused = narrow.create_fleet(ORIGIN, on_demand).unwrap_err();
    expect!["no override can be launched: InsufficientFreeAddressesInSubnet: 60 addresses asked for in zone 0, 40 free"].assert_eq(&refused.to_string());
    narrow.terminated(first.pool, first.addresses);
    narrow.create_fleet(ORIGIN, on_demand).unwrap();

    let mut lacking =
        account(1, "on_demand_losses_per_hour = 60\non_demand_outage = { constant_s = 2e6 }", "");
    let refused = lacking.create_fleet(ORIGIN + hours(2.0), on_demand).unwrap_err();
    expect!["no override can be launched: InsufficientInstanceCapacity"]
        .assert_eq(&refused.to_string());

    let mut chatty = account(1, "", "");
    let calls = (0..60).filter(|_| chatty.create_fleet(ORIGIN, on_demand).is_ok()).count();
    assert_eq!(calls, 50);
    let refused = chatty.create_fleet(ORIGIN, on_demand).unwrap_err();
    assert!(
        matches!(refused, LaunchError::Throttled(t) if t.retry_at == ORIGIN + Span::from_ms(200))
    );
    chatty.create_fleet(ORIGIN + Span::from_ms(200), on_demand).unwrap();

    // Nodes of one call share its token.
    let mut batching = account(1, "", "");
    batching.create_fleet_call(ORIGIN).unwrap();
    assert!((0..60).all(|_| batching.create_fleet_node(ORIGIN, on_demand).is_ok()));
    assert!((0..49).all(|_| batching.create_fleet_call(ORIGIN).is_ok()));
    batching.create_fleet_call(ORIGIN).unwrap_err();

    let nothing = chatty.create_fleet(ORIGIN + hours(1.0), order(CapacityType::Spot, &[]));
    expect!["no override can be launched: none was asked for"]
        .assert_eq(&nothing.unwrap_err().to_string());
    let stranger = [(TypeId(99_999), ZoneId(0)), (id("m7i.xlarge"), ZoneId(77))];
    let refused = chatty.create_fleet(ORIGIN + hours(1.0), order(CapacityType::Spot, &stranger));
    assert!(matches!(refused, Err(LaunchError::None(_))));
}

#[test]
fn a_stopped_node_frees_its_quota_keeps_its_addresses_and_may_not_start_again() {
    let mut account = account(1, "[quota.standard]\non_demand_vcpu = 4", "");
    let overrides = [(id("m7i.xlarge"), ZoneId(0))];
    let order = Order { capacity: CapacityType::OnDemand, overrides: &overrides, pods: None };
    let first = account.create_fleet(ORIGIN, order).unwrap();
    let free = account.addresses().free(ZoneId(0));
    account.stopped(first.pool);
    assert_eq!(account.quota().used(QuotaGroup::Standard, CapacityType::OnDemand), 0);
    assert_eq!(account.addresses().free(ZoneId(0)), free);
    // Its place in the quota is taken meanwhile.
    let second = account.create_fleet(ORIGIN, order).unwrap();
    let refused = account.start(ORIGIN, first.pool);
    assert!(matches!(refused, Err(StartError::Lack(Lack::Quota(_)))));
    account.terminated(second.pool, second.addresses);
    account.start(ORIGIN, first.pool).unwrap();
    assert_eq!(account.quota().used(QuotaGroup::Standard, CapacityType::OnDemand), 4);
    account.stopped(first.pool);
    account.terminated_stopped(first.pool, first.addresses);
    assert_eq!(account.addresses().free(ZoneId(0)), free + first.addresses);
    // Five calls at once, then two a second.
    let calls = (0..10).filter(|_| {
        let started = account.start(ORIGIN, first.pool);
        !matches!(started, Err(StartError::Throttled(_)))
    });
    assert_eq!(calls.count(), 3);
}

#[test]
fn groups_of_families_are_those_of_the_service_quotas() {
    let group = |name: &str| {
        let catalogue = catalogue();
        QuotaGroup::of(catalogue.get(catalogue.find(name).unwrap()).unwrap().category())
    };
    assert_eq!(group("m7i.xlarge"), QuotaGroup::Standard);
    assert_eq!(group("t3.large"), QuotaGroup::Standard);
    assert_eq!(group("i4i.large"), QuotaGroup::Standard);
    assert_eq!(group("g5.xlarge"), QuotaGroup::G);
    assert_eq!(group("x2gd.large"), QuotaGroup::X);
    assert_eq!(QuotaGroup::of("inf"), QuotaGroup::Inf);
    assert_eq!(QuotaGroup::of("im"), QuotaGroup::Standard);
}

/// Type, price in cents, and what there is.
type Row = (u32, u32, Result<bool, Lack>);

fn chosen(strategy: Strategy, rows: &[Row]) -> Result<(u32, Vec<u32>), NoLaunch> {
    let offer = |row: &Row| Offer {
        price: Rate::from_micros_per_hour(row.1 * 10_000),
        pool: spot(TypeId(row.0), 0),
    };
    let mut offers: Vec<Offer> = rows.iter().map(offer).collect();
    offers.sort_unstable();
    let look = |pool: Pool| rows.iter().find(|row| row.0 == pool.instance_type.0).unwrap().2;
    let choice = choose(strategy, &offers, look)?;
    let tried = choice.tried.iter().map(|pool| pool.instance_type.0).collect();
    Ok((choice.offer.pool.instance_type.0, tried))
}

#[test]
fn ec2_chooses_as_its_documentation_says() {
    let (pco, lowest) = (Strategy::PriceCapacityOptimized, Strategy::LowestPrice);
    let (deep, shallow, none) = (Ok(true), Ok(false), Err(Lack::Capacity));
    // The cheapest is shallow, the next has nothing: the cheapest deep one.
    let rows = [(1, 5, shallow), (2, 6, none), (3, 8, deep), (4, 7, deep)];
    assert_eq!(chosen(pco, &rows), Ok((4, vec![])));
    // None is deep: the cheapest that has any.
    assert_eq!(chosen(pco, &[(2, 6, shallow), (1, 5, shallow), (3, 4, none)]), Ok((1, vec![])));
    // Equal prices: by type, whatever the order asked.
    assert_eq!(chosen(pco, &[(4, 5, deep), (3, 5, deep)]), Ok((3, vec![])));
    // Lowest price does not look at depth, and says what it tried.
    let rows = [(1, 5, none), (2, 6, shallow), (3, 7, none), (4, 4, none)];
    assert_eq!(chosen(lowest, &rows), Ok((2, vec![4, 1])));
    let nothing = chosen(pco, &[(2, 6, none), (1, 5, none)]).unwrap_err();
    let lacks = [(spot(TypeId(1), 0), Lack::Capacity), (spot(TypeId(2), 0), Lack::Capacity)];
    assert_eq!(nothing.lacks, lacks);
}

proptest! {
    /// Against looking at everything at once.
    #[test]
    fn the_lazy_choice_is_the_choice_of_full_sight(
        rows in prop::collection::vec((1_u32..9, 0_u8..3), 0..12), lowest: bool,
    ) {
        let rows: Vec<Row> = (0..).zip(rows).map(|(kind, (cents, what))| {
            (kind, cents, match what { 0 => Err(Lack::Capacity), 1 => Ok(false), _ => Ok(true) })
        }).collect();
        let cheapest = |deep_only: bool| {
            let can = rows.iter().filter(|row| row.2 == Ok(true) || (!deep_only && row.2.is_ok()));
            can.min_by_key(|row| (row.1, row.0)).map(|row| row.0)
        };
        let expected = if lowest { cheapest(false) } else { cheapest(true).or_else(|| cheapest(false)) };
        let strategy = if lowest { Strategy::LowestPrice } else { Strategy::PriceCapacityOptimized };
        prop_assert_eq!(chosen(strategy, &rows).ok().map(|choice| choice.0), expected);
    }
}

#[test]
fn the_same_request_at_another_time_meets_the_prices_of_that_time() {
    let mut account = account(7, "", "price = \"process\"\nhazard_per_hour = 0.0001");
    let names = ["m5.xlarge", "m5.2xlarge", "m5.4xlarge"];
    let overrides: Vec<(TypeId, ZoneId)> =
        names.iter().flat_map(|name| (0..3).map(|zone| (id(name), ZoneId(zone)))).collect();
    let mut prices = Vec::new();
    for minute in 0..60 {
        let now = ORIGIN + Span::from_secs(minute * 600);
        let order = Order { capacity: CapacityType::Spot, overrides: &overrides, pods: None };
        let launched = account.create_fleet(now, order).unwrap();
        let pools = overrides.iter().map(|(kind, zone)| spot(*kind, zone.0));
        let deep = pools.filter(|pool| account.market().depth(*pool, now) == Some(true));
        let deep: Vec<Pool> = deep.collect();
        let cheapest = deep.iter().map(|pool| account.market().price(*pool, now)).min();
        assert_eq!(Some(launched.price), cheapest);
        account.terminated(launched.pool, launched.addresses);
        prices.push(launched.price);
    }
    prices.dedup();
    assert!(prices.len() > 3, "prices moved: {prices:?}");
}

#[test]
fn price_capacity_optimized_avoids_pools_about_to_be_lost() {
    // Many pools of one price, often lost: the chosen ones live longer than one taken blindly.
    let config = "hazard_per_hour = 1\ncorrelated_share = 1.0\nlost_share = 1.0\nsaving_percent = 50\noutage = { constant_s = 900 }";
    let overrides: Vec<(TypeId, ZoneId)> = ["m5.xlarge", "m5.2xlarge", "m5.4xlarge", "m5.8xlarge"]
        .iter()
        .flat_map(|name| (0..3).map(|zone| (id(name), ZoneId(zone))))
        .collect();
    let mut early = [0, 0];
    for seed in 0..300 {
        let mut account = account(seed, "", config);
        let now = ORIGIN + hours(10.0);
        let order = Order { capacity: CapacityType::Spot, overrides: &overrides, pods: None };
        let chosen = account.create_fleet(now, order).unwrap();
        let lived = chosen.interruption.unwrap().notice_at.since(now);
        early[0] += u32::from(lived < Span::from_secs(1_800));
        let blind = overrides
            .iter()
            .find(|(kind, zone)| account.market().state(spot(*kind, zone.0), now).available);
        let (kind, zone) = *blind.unwrap();
        let lived =
            account.market().interruption_of(kind, zone, 0, now).unwrap().notice_at.since(now);
        early[1] += u32::from(lived < Span::from_secs(1_800));
    }
    // Blindly: 1 - exp(-1/2) = 39 %.
    assert!((90..=150).contains(&early[1]), "{early:?}");
    assert!(early[0] * 2 < early[1], "{early:?}");
}

#[test]
fn addresses_follow_the_cnis_rules() {
    let catalogue = catalogue();
    let machine = catalogue.get(catalogue.find("m7i.xlarge").unwrap()).unwrap();
    // 4 interfaces of 15 addresses, one of which each keeps.
    let table = [
        (AddressModel::WarmEni(1), 0, 30),
        (AddressModel::WarmEni(1), 14, 30),
        (AddressModel::WarmEni(1), 15, 45),
        (AddressModel::WarmEni(1), 58, 60),
        (AddressModel::WarmEni(0), 1, 15),
        (AddressModel::WarmIp(2), 3, 6),
        (AddressModel::WarmIp(2), 14, 18),
        (AddressModel::WarmPrefix(1), 0, 17),
        (AddressModel::WarmPrefix(1), 10, 33),
        (AddressModel::WarmPrefix(1), 58, 81),
    ];
    for (model, pods, expected) in table {
        assert_eq!(model.addresses(machine, pods), expected, "{model:?} with {pods} pods");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is launched and ended in whatever order, no limit is ever exceeded, and at the end
    /// nothing is held.
    #[test]
    fn quota_and_addresses_are_never_exceeded(
        seed: u64, quota in 0_u32..64, addresses in 0_u32..600,
        steps in prop::collection::vec((0_usize..5, 0_u32..3, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let ec2 = format!(
            "subnet_addresses = {addresses}\n[quota.standard]\non_demand_vcpu = {quota}\nspot_vcpu = {quota}\n\
             [api]\ncreate_fleet = {{ size = 1000, refill_per_s = 1 }}"
        );
        let mut account = account(seed, &ec2, "");
        let names = ["m7i.large", "m7i.xlarge", "c7g.2xlarge", "r6i.4xlarge", "g5.xlarge"];
        let catalogue = catalogue();
        let mut running: Vec<(Pool, u32, u32)> = Vec::new();
        for (kind, zone, is_spot, end) in steps {
            if end && !running.is_empty() {
                let (pool, held, _) = running.remove(0);
                account.terminated(pool, held);
            } else {
                let capacity = if is_spot { CapacityType::Spot } else { CapacityType::OnDemand };
                let overrides = [(id(names[kind]), ZoneId(zone))];
                let order = Order { capacity, overrides: &overrides, pods: Some(5) };
                if let Ok(launched) = account.create_fleet(ORIGIN, order) {
                    let machine = catalogue.get(launched.pool.instance_type).unwrap();
                    let standard = QuotaGroup::of(machine.category()) == QuotaGroup::Standard;
                    let vcpu = if standard { machine.vcpu } else { 0 };
                    running.push((launched.pool, launched.addresses, vcpu));
                }
            }
            for capacity in [CapacityType::Spot, CapacityType::OnDemand] {
                let vcpu: u32 = running.iter().filter(|r| r.0.capacity == capacity).map(|r| r.2).sum();
                prop_assert!(vcpu <= quota);
                prop_assert_eq!(vcpu, account.quota().used(QuotaGroup::Standard, capacity));
            }
            for zone in 0..3 {
                let held: u32 = running.iter().filter(|r| r.0.zone.0 == zone).map(|r| r.1).sum();
                prop_assert_eq!(held + account.addresses().free(ZoneId(zone)), addresses);
            }
        }
    }

    /// In no window do more calls pass than the bucket holds and gains in it.
    #[test]
    fn a_bucket_never_lets_more_through(
        size in 1_u32..20, refill in 0_u32..10, gaps in prop::collection::vec(0_u64..2_000, 1..80),
    ) {
        let mut bucket = TokenBucket::new(Bucket { size, refill_per_s: refill }, ORIGIN);
        let mut now = ORIGIN;
        let mut passed: Vec<Time> = Vec::new();
        for gap in gaps {
            now += Span::from_ms(gap);
            match bucket.take(now, 1) {
                Ok(()) => passed.push(now),
                Err(throttled) => {
                    prop_assert!(throttled.retry_at > now);
                    // It passes then, and not a millisecond before.
                    if throttled.retry_at < Time::MAX {
                        prop_assert!(bucket.clone().take(throttled.retry_at, 1).is_ok());
                        prop_assert!(bucket.clone().take(throttled.retry_at - Span::from_ms(1), 1).is_err());
                    }
                }
            }
        }
        for (place, from) in passed.iter().enumerate() {
            for (count, to) in (1_u64..).zip(&passed[place..]) {
                let gained = to.since(*from).as_ms() * u64::from(refill);
                prop_assert!(count * 1000 <= u64::from(size) * 1000 + gained);
            }
        }
    }

    #[test]
    fn the_same_orders_meet_the_same_world(seed: u64, orders in prop::collection::vec((0_u64..5_000_000, 0_u32..3), 1..20)) {
        let run = || -> Vec<String> {
            let mut account = account(seed, "", "hazard_per_hour = 0.5");
            let mut now = ORIGIN;
            orders.iter().map(|(gap, zone)| {
                now += Span::from_ms(*gap);
                let overrides = [(id("m7i.large"), ZoneId(*zone)), (id("m6i.large"), ZoneId(*zone))];
                let order = Order { capacity: CapacityType::Spot, overrides: &overrides, pods: None };
                format!("{:?}", account.create_fleet(now, order))
            }).collect()
        };
        prop_assert_eq!(run(), run());
    }
}
