//! What a seed means, and times that nobody lives to see.

use super::{ORIGIN, hours, market, spot};
use expect_test::expect;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::ec2::Pool;
use std::fmt::Write;

/// These values may change only on purpose: every recorded result changes with them. They are the
/// same on every machine, since no float function of its C library takes part.
#[test]
fn the_world_of_a_known_seed_stays_what_it_is() {
    let mut market =
        market(1, "hazard_scale = 300.0\nprice = \"process\"\nzone_losses_per_hour = 0.01");
    let mut said = String::new();
    for name in ["c7g.2xlarge", "m7i.xlarge", "g5.xlarge"] {
        let kind = market.catalogue().find(name).unwrap();
        for zone in 0..2 {
            let pool = spot(kind, zone);
            let now = ORIGIN + hours(30.0);
            let (state, price) = (market.state(pool, now), market.price(pool, now));
            let end = market.interruption_of(kind, ZoneId(zone), 3, now);
            let end = end.map(|end| (end.notice_at.since(now).as_ms(), end.cause));
            let since = state.since.since(ORIGIN).as_ms();
            writeln!(
                said,
                "{name} {zone}: {} since {since} ms, {} micro-dollars, ends {end:?}",
                if state.available { "up" } else { "down" },
                price.as_micros_per_hour(),
            )
            .unwrap();
        }
    }
    expect![[r"
        c7g.2xlarge 0: up since 0 ms, 93721 micro-dollars, ends Some((122295940, Pool))
        c7g.2xlarge 1: up since 99526792 ms, 89180 micro-dollars, ends Some((39210240, Pool))
        m7i.xlarge 0: down since 106580991 ms, 98654 micro-dollars, ends Some((3763639, Own))
        m7i.xlarge 1: up since 47911019 ms, 94601 micro-dollars, ends Some((3124786, Pool))
        g5.xlarge 0: up since 104254613 ms, 408331 micro-dollars, ends Some((16946555, Pool))
        g5.xlarge 1: up since 97442260 ms, 431615 micro-dollars, ends Some((25513213, Pool))
    "]]
    .assert_eq(&said);
}

#[test]
fn absurd_times_get_an_answer_at_once() {
    let mut market =
        market(1, "price = \"process\"\nprice_step_h = 0.5\nzone_losses_per_hour = 0.1");
    for capacity in [CapacityType::Spot, CapacityType::OnDemand] {
        let pool = Pool { instance_type: TypeId(3), zone: ZoneId(1), capacity };
        for now in [Time::ZERO, Time::MAX, Time::MAX - Span::from_ms(1), ORIGIN - hours(9.0)] {
            market.state(pool, now);
            market.price(pool, now);
            market.depth(pool, now);
            let next = market.next_price_change(pool, now);
            assert!(next.is_none_or(|next| next > now));
            market.interruption_of(pool.instance_type, pool.zone, 0, now);
        }
    }
}
