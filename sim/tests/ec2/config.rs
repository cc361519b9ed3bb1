//! The keys `ec2.*` and `spot.*`.

use expect_test::expect;
use greenroom_sim::beside::BesideConfig;
use greenroom_sim::ec2::{Ec2Config, SpotConfig};
use greenroom_sim::identity::IdentityConfig;
use greenroom_sim::latency::Latencies;
use std::fmt::Write;

#[test]
fn defaults_survive_being_written_and_read() {
    let (ec2, spot) = (Ec2Config::default(), SpotConfig::default());
    assert_eq!(toml::from_str::<Ec2Config>(&toml::to_string(&ec2).unwrap()).unwrap(), ec2);
    assert_eq!(toml::from_str::<SpotConfig>(&toml::to_string(&spot).unwrap()).unwrap(), spot);
}

#[test]
fn a_schema_describes_every_key() {
    for schema in [
        schemars::schema_for!(Ec2Config),
        schemars::schema_for!(SpotConfig),
        schemars::schema_for!(IdentityConfig),
        schemars::schema_for!(BesideConfig),
        schemars::schema_for!(Latencies),
    ] {
        let schema = serde_json::to_value(schema).unwrap();
        assert!(schema["properties"].as_object().is_some_and(|all| !all.is_empty()));
        let parts = schema["$defs"].as_object().into_iter().flat_map(|parts| parts.values());
        for part in parts.chain([&schema]) {
            let Some(properties) = part["properties"].as_object() else { continue };
            for (key, property) in properties {
                assert!(property.get("description").is_some(), "{key}");
            }
            assert_eq!(part["additionalProperties"], serde_json::Value::Bool(false), "{part}");
        }
    }
}

#[test]
fn wrong_values_and_unknown_keys_are_errors_with_line_and_column() {
    let mut said = String::new();
    for text in [
        "notise_s = 120",
        "notice_s = 99999",
        "notice_s = -1",
        "saving_percent = 120",
        "lost_share = 1.5",
        "lost_share = nan",
        "hazard_per_hour = -0.1",
        "hazard_scale = 1e9",
        "price = \"random\"",
        "price_half_life_h = 0",
        "unknown_bucket = 7",
        "age_bands = [{ until_s = 600, factor = 4 }, { until_s = 600, factor = 2 }]",
        "age_bands = [{ until_s = 600, factor = -4 }]",
        "outage = { p50_s = 5 }",
        "availability = [{ file = \"a.json\", type = \"m5.large\" }]",
    ] {
        let error = toml::from_str::<SpotConfig>(text).unwrap_err().to_string();
        writeln!(said, "{text}\n    {}", error.lines().last().unwrap()).unwrap();
        assert!(error.contains("line 1, column"), "{error}");
    }
    for text in [
        "zones = []",
        "zones = [\"a\", \"a\"]",
        "[quota.standart]",
        "[quota.g]\nspot = 3",
        "addresses = { warm = 1 }",
    ] {
        let error = toml::from_str::<Ec2Config>(text).unwrap_err().to_string();
        writeln!(said, "{}\n    {}", text.replace('\n', " "), error.lines().last().unwrap())
            .unwrap();
    }
    expect![[r#"
        notise_s = 120
            unknown field `notise_s`, expected one of `price`, `saving_percent`, `unknown_saving_percent`, `price_log_deviation`, `price_half_life_h`, `price_step_h`, `price_history`, `hazard_per_hour`, `hazard_scale`, `unknown_bucket`, `age_bands`, `correlated_share`, `lost_share`, `outage`, `zone_losses_per_hour`, `zone_lost_share`, `notice_s`, `rebalance_lead`, `rebalance_late_share`, `availability`, `depth_foresight_s`, `depth_error`
        notice_s = 99999
            found 99999, expected 0 to 3600
        notice_s = -1
            invalid value: integer `-1`, expected u64
        saving_percent = 120
            found 120, expected percent of 0 to 99
        lost_share = 1.5
            found 1.5, expected a share of 0 to 1
        lost_share = nan
            found NaN, expected a share of 0 to 1
        hazard_per_hour = -0.1
            found -0.1, expected a rate an hour of 0 to 60
        hazard_scale = 1e9
            found 1000000000, expected a factor of 0 to 1000
        price = "random"
            unknown variant `random`, expected `constant` or `process`
        price_half_life_h = 0
            found 0, expected hours of 0.01 to 100000
        unknown_bucket = 7
            found 7, expected 0 to 4
        age_bands = [{ until_s = 600, factor = 4 }, { until_s = 600, factor = 2 }]
            until_s: found 600, expected more than 600
        age_bands = [{ until_s = 600, factor = -4 }]
            found -4, expected a factor of 0 to 1000
        outage = { p50_s = 5 }
            distribution: found p50_s, expected one of: constant_s; min_s and max_s; p50_s and p99_s; lognormal_mu and lognormal_sigma; mean_s; quantiles_s (each with plus_s if wanted)
        availability = [{ file = "a.json", type = "m5.large" }]
            missing field `zone`
        zones = []
            found 0 zones, expected 1 to 16
        zones = ["a", "a"]
            found "a", expected each zone once, by name
        [quota.standart]
            unknown variant `standart`, expected one of `standard`, `g`, `p`, `x`, `inf`, `trn`, `f`, `dl`, `high-memory`, `hpc`
        [quota.g] spot = 3
            unknown field `spot`, expected `on_demand_vcpu` or `spot_vcpu`
        addresses = { warm = 1 }
            unknown variant `warm`, expected one of `warm-eni`, `warm-ip`, `warm-prefix`
    "#]].assert_eq(&said);
}

/// A schema that forgets a bound would call a configuration good that the program refuses.
#[test]
fn bounds_stand_in_the_schema_too() {
    let schema = serde_json::to_value(schemars::schema_for!(SpotConfig)).unwrap();
    let of = |key: &str, bound: &str| schema["properties"][key][bound].as_f64();
    assert_eq!((of("lost_share", "minimum"), of("lost_share", "maximum")), (Some(0.0), Some(1.0)));
    assert_eq!(of("notice_s", "maximum"), Some(3_600.0));
    assert_eq!(of("hazard_per_hour", "maximum"), Some(60.0));
}

#[test]
fn zones_are_found_by_name() {
    let config = Ec2Config::default();
    assert_eq!(config.zone("us-east-1b"), Ok(greenroom_scheduler::id::ZoneId(1)));
    expect![[r#"zone: found "eu-west-1a", expected one of us-east-1a, us-east-1b, us-east-1c"#]]
        .assert_eq(&config.zone("eu-west-1a").unwrap_err().to_string());
}
