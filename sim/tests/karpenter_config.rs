//! The keys that a user can set, and schedules of budgets.
#![allow(clippy::unwrap_used, clippy::needless_raw_string_hashes)]

use expect_test::expect;
use greenroom_scheduler::config::Check;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::karpenter::config::KarpenterConfig;
use greenroom_sim::karpenter::cron::Cron;
use proptest::prelude::*;

fn error(json: &str) -> String {
    match serde_json::from_str::<KarpenterConfig>(json) {
        Ok(config) => {
            let mut problems = Vec::new();
            config.check(&mut Check::new(&mut problems).under("karpenter"));
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn nothing_set_means_what_a_node_pool_that_says_nothing_means() {
    let config: KarpenterConfig = serde_json::from_str("{}").unwrap();
    assert_eq!(config, KarpenterConfig::default());
    assert_eq!(error("{}"), "");
    expect![[r#"
        {
          "consolidation": "when-empty-or-underutilized",
          "consolidate_after_s": 0,
          "do_not_disrupt": true,
          "do_not_disrupt_s": null,
          "budgets": [
            {
              "nodes": "10%",
              "reasons": null,
              "schedule": null,
              "duration_s": null
            }
          ],
          "expire_after_s": 2592000,
          "termination_grace_s": null,
          "batch_idle_ms": 1000,
          "batch_max_ms": 10000,
          "spot_to_spot": false,
          "min_values_policy": "Strict",
          "preference_policy": "Respect",
          "node_pool": {},
          "interruption_queue": true
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&config).unwrap());
}

#[test]
fn what_is_wrong_is_named_with_what_was_expected() {
    let wrong = [
        r#"{"consolidate_after": 1}"#,
        r#"{"batch_idle_ms": 0}"#,
        r#"{"batch_idle_ms": 5000, "batch_max_ms": 1000}"#,
        r#"{"do_not_disrupt": false, "do_not_disrupt_s": 60}"#,
        r#"{"node_pool": {"a": {"weight": 101, "instance_types_min": 0}}}"#,
        r#"{"node_pool": {"a": {"limits": {"gpu": 1}}}}"#,
        r#"{"node_pool": {"a b": {}}}"#,
        r#"{"budgets": [{"nodes": "ten"}]}"#,
        r#"{"budgets": [{"nodes": "120%"}]}"#,
        r#"{"budgets": [{"nodes": "1", "schedule": "@daily"}]}"#,
        r#"{"budgets": [{"nodes": "1", "schedule": "61 * * * *", "duration_s": 60}]}"#,
        r#"{"budgets": [{"nodes": "1", "schedule": "@often", "duration_s": 60}]}"#,
    ];
    let told: String = wrong.map(|json| format!("{}\n", error(json))).concat();
    expect![[r#"
        unknown field `consolidate_after`, expected one of `consolidation`, `consolidate_after_s`, `do_not_disrupt`, `do_not_disrupt_s`, `budgets`, `expire_after_s`, `termination_grace_s`, `batch_idle_ms`, `batch_max_ms`, `spot_to_spot`, `min_values_policy`, `preference_policy`, `node_pool`, `interruption_queue` at line 1 column 20
        karpenter.batch_idle_ms: found 0, expected a whole number from 1 to 60000
        karpenter.batch_max_ms: found 1000, expected at least karpenter.batch_idle_ms, which is 5000
        karpenter.do_not_disrupt_s: found 60, expected no duration beside karpenter.do_not_disrupt = false
        karpenter.node_pool.a.weight: found 101, expected a whole number from 1 to 100; karpenter.node_pool.a.instance_types_min: found 0, expected a whole number from 1 to 50
        unknown field `gpu`, expected `cpu` or `memory_gib` at line 1 column 37
        karpenter.node_pool."a b": found a node pool of that name, expected a name of letters, digits and hyphens
        found "ten", expected a count such as "5" or "10%" at line 1 column 29
        found "120%", expected a count such as "5" or "10%" at line 1 column 30
        karpenter.budgets: found only one of schedule and duration_s in budget 1, expected both or neither
        found minute "61" in schedule "61 * * * *", expected numbers from 0 to 59, such as "*", "1,15", "1-5" or "*/10" at line 1 column 52
        found schedule "@often", expected five fields (minute hour day month weekday) or a name such as @daily at line 1 column 48
    "#]]
    .assert_eq(&told);
}

/// Milliseconds since the epoch of a day and time of July 2026; the 1st is a Wednesday.
fn july(day: u64, hour: u64, minute: u64) -> Time {
    const FIRST: u64 = 1_782_864_000_000;
    Time::from_ms(FIRST + (((day - 1) * 24 + hour) * 60 + minute) * 60_000)
}

#[test]
fn schedules_hit_when_cron_says() {
    let began = |schedule: &str, now: Time, within_s: u64| {
        let cron: Cron = schedule.parse().unwrap();
        cron.began_within(now, Span::from_secs(within_s))
    };
    // Working hours: begins at 9 on weekdays, holds for 8 h.
    let hours = 8 * 3600;
    assert!(!began("0 9 * * mon-fri", july(1, 8, 59), hours));
    assert!(began("0 9 * * mon-fri", july(1, 9, 0), hours));
    assert!(began("0 9 * * mon-fri", july(1, 16, 59), hours));
    assert!(!began("0 9 * * mon-fri", july(1, 17, 0), hours));
    // The 4th and 5th are a weekend.
    assert!(!began("0 9 * * 1-5", july(4, 12, 0), hours));
    assert!(!began("0 9 * * 1-5", july(5, 12, 0), hours));
    assert!(began("0 9 * * 1-5", july(6, 12, 0), hours));
    // A day of the month and a day of the week: either. With a star: both.
    assert!(began("0 0 10 * fri", july(3, 0, 5), 600));
    assert!(began("0 0 10 * fri", july(10, 0, 5), 600));
    assert!(!began("0 0 10 * fri", july(4, 0, 5), 600));
    assert!(!began("0 0 */2 * fri", july(2, 0, 5), 600));
    assert!(began("0 0 * * fri", july(3, 0, 5), 600));
    assert!(began("@hourly", july(3, 7, 59), 3600));
    assert!(began("*/15 * * * *", july(3, 7, 44), 15 * 60));
    // From 5 on every 20 minutes: 5, 25, 45.
    assert!(began("5/20 * * * *", july(3, 7, 46), 61));
    assert!(!began("5/20 * * * *", july(3, 7, 47), 61));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Walking days agrees with asking every minute.
    #[test]
    fn hits_are_those_that_a_walk_over_minutes_finds(
        minute in 0_u64..60, hour in 0_u64..24, weekday in 0_u64..7,
        now_min in 0_u64..60_000, span_min in 1_u64..4_000,
    ) {
        let cron: Cron = format!("{minute} {hour} * * {weekday}").parse().unwrap();
        // The epoch was a Thursday.
        let hit = |at: u64| {
            at % 60 == minute && at / 60 % 24 == hour && (at / 1440 + 4) % 7 == weekday
        };
        let first = (now_min + 1).saturating_sub(span_min);
        let expected = (first..=now_min).any(hit);
        let now = Time::from_ms(now_min * 60_000);
        prop_assert_eq!(cron.began_within(now, Span::from_secs(span_min * 60)), expected);
    }
}
