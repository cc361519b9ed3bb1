//! Costs beside EC2: each line by hand, and that charges add up.

use expect_test::expect;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::Span;
use greenroom_sim::beside::{Beside, BesideConfig, Line, Lines, billed_minutes};
use proptest::prelude::*;
use std::fmt::Write;

const MONTH: Span = Span::from_secs(30 * 86_400);
const HOUR: Span = Span::from_secs(3_600);

fn beside(config: &str) -> Beside {
    Beside::new(&toml::from_str::<BesideConfig>(config).unwrap())
}

#[test]
fn each_line_by_hand() {
    let default = beside("agents_usd_per_node_hour = 0.02\nplatform_usd_per_job_minute = 0.002");
    let micros = |lines: Lines, line| lines.of(line).as_micros();
    // 20 GB at 0.08 USD for a month.
    assert_eq!(micros(default.node(MONTH), Line::Disk), 1_600_000);
    // An hour of it is a 720th; half a minute counts as one.
    assert_eq!(micros(default.node(HOUR), Line::Disk), 2_222);
    assert_eq!(micros(default.node(Span::from_secs(30)), Line::Disk), 37);
    assert_eq!(micros(default.node(HOUR), Line::Agents), 20_000);
    // 0.5 GB through NAT at 0.045, 0.2 GB between zones at 0.02.
    assert_eq!(micros(default.job(HOUR), Line::Nat), 22_500);
    assert_eq!(micros(default.job(HOUR), Line::CrossZone), 4_000);
    // 61 seconds are two minutes.
    assert_eq!(micros(default.job(Span::from_secs(61)), Line::Platform), 4_000);
    assert_eq!(billed_minutes(Span::ZERO), 0);
    // 3 gateways at 0.05, 50 GB of images at 0.10 a month, one control plane at 0.10.
    let month = default.standing(MONTH);
    assert_eq!(micros(month, Line::NatGateways), 720 * 150_000);
    assert_eq!(micros(month, Line::Registry), 5_000_000);
    assert_eq!(micros(month, Line::ControlPlanes), 72_000_000);
    assert_eq!(month.total(), Money::from_micros(108_000_000 + 5_000_000 + 72_000_000));
    // Pulls are free in the region, unless they leave through NAT.
    assert_eq!(default.pull(2_000_000_000).total(), Money::ZERO);
    let nat = beside("pulls_through_nat = true");
    assert_eq!(micros(nat.pull(2_000_000_000), Line::Nat), 90_000);
    let outside = beside("registry_usd_per_gb_pulled = 0.09");
    assert_eq!(micros(outside.pull(500_000_000), Line::Registry), 45_000);
}

#[test]
fn a_free_world_costs_nothing() {
    let free = Beside::new(&BesideConfig::free());
    let all = free.node(MONTH) + free.job(HOUR) + free.pull(u64::MAX) + free.standing(MONTH);
    assert_eq!(all, Lines::default());
    assert_eq!(Line::ALL.map(|line| line as usize), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn wrong_values_and_unknown_keys_are_errors() {
    let mut said = String::new();
    for text in [
        "disk_gb_per_node = -1",
        "nat_usd_per_gb = 1e9",
        "nat_gateways = 1.5",
        "control_plane_usd = 0.1",
        "pulls_through_nat = \"yes\"",
    ] {
        let error = toml::from_str::<BesideConfig>(text).unwrap_err().to_string();
        writeln!(
            said,
            "{text}\n    {}",
            error.lines().last().unwrap().chars().take(90).collect::<String>()
        )
        .unwrap();
    }
    expect![[r#"
        disk_gb_per_node = -1
            found -1, expected GB of 0 to 100000
        nat_usd_per_gb = 1e9
            found 1000000000, expected USD of 0 to 1000
        nat_gateways = 1.5
            invalid type: floating point `1.5`, expected u32
        control_plane_usd = 0.1
            unknown field `control_plane_usd`, expected one of `disk_gb_per_node`, `disk_usd_per_gb_mo
        pulls_through_nat = "yes"
            invalid type: string "yes", expected a boolean
    "#]].assert_eq(&said);
    let default = BesideConfig::default();
    assert_eq!(
        toml::from_str::<BesideConfig>(&toml::to_string(&default).unwrap()).unwrap(),
        default
    );
}

proptest! {
    #[test]
    fn lines_add_up_and_never_fall_with_use(a in 0_u64..1e13 as u64, b in 0_u64..1e13 as u64) {
        let beside = beside("agents_usd_per_node_hour = 0.02\nplatform_usd_per_job_minute = 0.002");
        let (short, long) = (Span::from_ms(a.min(b)), Span::from_ms(a.max(b)));
        for charge in [Beside::node, Beside::job, Beside::standing] {
            let (less, more) = (charge(&beside, short), charge(&beside, long));
            for ((line, less), (_, more)) in less.iter().zip(more.iter()) {
                prop_assert!(less <= more, "{}", line.name());
            }
            let sum = less + more;
            prop_assert_eq!(sum.total(), less.total() + more.total());
        }
        // Two runs in a row cost what one of both lengths costs, to a micro-dollar a line.
        let parts = beside.standing(short) + beside.standing(long);
        let whole = beside.standing(short + long);
        for ((_, parts), (_, whole)) in parts.iter().zip(whole.iter()) {
            prop_assert!((parts.as_micros() - whole.as_micros()).abs() <= 1);
        }
    }
}
