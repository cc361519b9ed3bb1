//! Distributions against their closed forms, their written form, and the defaults.

use expect_test::expect;
use greenroom_scheduler::time::Span;
use greenroom_sim::catalogue::Catalogue;
use greenroom_sim::latency::{Distribution, Latencies, Sampler};
use greenroom_sim::random::{Purpose, Streams};
use proptest::prelude::*;
use serde::Deserialize;
use std::fmt::Write;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    boot: Distribution,
}

fn parse(text: &str) -> Result<Distribution, String> {
    toml::from_str::<One>(&format!("boot = {text}")).map(|one| one.boot).map_err(|e| e.to_string())
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn quantiles_and_means_are_those_of_the_closed_forms() {
    let constant = parse("{ constant_s = 5 }").unwrap();
    close(constant.quantile_s(0.3), 5.0);
    let uniform = parse("{ min_s = 2, max_s = 6 }").unwrap();
    close(uniform.quantile_s(0.25), 3.0);
    close(uniform.mean_s(), 4.0);
    let log_normal = parse("{ p50_s = 24, p99_s = 60 }").unwrap();
    close(log_normal.quantile_s(0.5), 24.0);
    close(log_normal.quantile_s(0.99), 60.0);
    let sigma = (60.0_f64 / 24.0).ln() / 2.326_347_874_040_841;
    close(log_normal.mean_s(), 24.0 * (sigma * sigma / 2.0).exp());
    let exponential = parse("{ mean_s = 10 }").unwrap();
    close(exponential.quantile_s(0.5), 10.0 * 2.0_f64.ln());
    let table = parse("{ quantiles_s = [[0.1, 30], [0.5, 42], [0.9, 48], [0.99, 60]] }").unwrap();
    for (p, s) in [(0.05, 30.0), (0.1, 30.0), (0.3, 36.0), (0.9, 48.0), (0.999, 60.0)] {
        close(table.quantile_s(p), s);
    }
    close(table.mean_s(), 0.1 * 30.0 + 0.4 * 36.0 + 0.4 * 45.0 + 0.09 * 54.0 + 0.01 * 60.0);
    let later = parse("{ mean_s = 10, plus_s = 3 }").unwrap();
    close(later.quantile_s(0.5), 3.0 + 10.0 * 2.0_f64.ln());
    close(later.mean_s(), 13.0);
    let of_log = parse("{ lognormal_mu = 3, lognormal_sigma = 0.5 }").unwrap();
    close(of_log.quantile_s(0.5), 3.0_f64.exp());
}

#[test]
fn sampled_means_agree_with_exact_ones() {
    for text in [
        "{ min_s = 2, max_s = 6 }",
        "{ p50_s = 24, p99_s = 60 }",
        "{ mean_s = 10, plus_s = 1 }",
        "{ quantiles_s = [[0.1, 30], [0.5, 42], [0.9, 48], [0.99, 60]] }",
    ] {
        let distribution = parse(text).unwrap();
        let mut stream = Streams::new(1).stream(Purpose::Boot, 0);
        let samples: Vec<f64> = (0..100_000).map(|_| distribution.sample_s(&mut stream)).collect();
        let count = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / count;
        let variance = samples.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count;
        let error = (mean - distribution.mean_s()).abs();
        assert!(error < 4.5 * (variance / count).sqrt(), "{text}: {mean}");
    }
}

/// The prepared sampler against the exact function, on the same draws.
#[test]
fn a_sampler_is_as_exact_as_it_says() {
    for one in Latencies::default().sourced() {
        let sampler = Sampler::new(one.value.clone());
        let mut sum = [0.0, 0.0];
        for n in 0..20_000 {
            let mut stream = Streams::new(9).stream(Purpose::Boot, n);
            let mut same = stream.clone();
            let unit = same.clone().unit();
            let sampled = sampler.sample(&mut stream).as_ms() as f64;
            let exact = one.value.sample_s(&mut same) * 1000.0;
            assert_eq!(stream, same, "one draw each");
            let inner = (0.01..0.99).contains(&unit);
            // A table of measured points has corners; there a line cuts within a cell.
            let corners = matches!(one.value, Distribution::Empirical { .. });
            let allowed = if inner { 0.001 } else { 0.005 };
            let far = (sampled - exact).abs() > exact * allowed + 0.51;
            assert!(!far || corners, "{}: {sampled} for {exact} at {unit}", one.key);
            sum[0] += sampled;
            sum[1] += exact;
        }
        assert!((sum[0] / sum[1] - 1.0).abs() < 0.002, "{}: {sum:?}", one.key);
    }
}

#[test]
fn what_cannot_be_a_distribution_is_refused_with_key_found_and_expected() {
    let mut said = String::new();
    for text in [
        "{}",
        "{ plus_s = 2 }",
        "{ p50_s = 24 }",
        "{ p50_s = 24, p99_s = 12 }",
        "{ p50_s = 0, p99_s = 12 }",
        "{ min_s = 5, max_s = 1 }",
        "{ constant_s = -1 }",
        "{ constant_s = nan }",
        "{ mean_s = inf }",
        "{ mean_s = 3e9 }",
        "{ constant_s = 1, mean_s = 2 }",
        "{ lognormal_mu = 99, lognormal_sigma = 1 }",
        "{ quantiles_s = [] }",
        "{ quantiles_s = [[0.5, 3], [0.5, 4]] }",
        "{ quantiles_s = [[0.5, 3], [0.9, 2]] }",
        "{ quantiles_s = [[1.5, 3]] }",
        "{ p50 = 3 }",
        "{ constant_s = \"5\" }",
        "5",
    ] {
        let error = parse(text).unwrap_err();
        let message = error.lines().last().unwrap();
        writeln!(said, "{text}\n    {message}").unwrap();
        assert!(error.contains("line 1, column"), "{error}");
    }
    expect![[r#"
        {}
            distribution: found no key of one, expected one of: constant_s; min_s and max_s; p50_s and p99_s; lognormal_mu and lognormal_sigma; mean_s; quantiles_s (each with plus_s if wanted)
        { plus_s = 2 }
            distribution: found no key of one, expected one of: constant_s; min_s and max_s; p50_s and p99_s; lognormal_mu and lognormal_sigma; mean_s; quantiles_s (each with plus_s if wanted)
        { p50_s = 24 }
            distribution: found p50_s, expected one of: constant_s; min_s and max_s; p50_s and p99_s; lognormal_mu and lognormal_sigma; mean_s; quantiles_s (each with plus_s if wanted)
        { p50_s = 24, p99_s = 12 }
            p99_s: found 12, expected at least p50_s, which is 24
        { p50_s = 0, p99_s = 12 }
            p50_s: found 0, expected more than 0 seconds
        { min_s = 5, max_s = 1 }
            max_s: found 1, expected at least min_s, which is 5
        { constant_s = -1 }
            constant_s: found -1, expected 0 to 2592000 seconds
        { constant_s = nan }
            constant_s: found NaN, expected 0 to 2592000 seconds
        { mean_s = inf }
            mean_s: found inf, expected 0 to 2592000 seconds
        { mean_s = 3e9 }
            mean_s: found 3000000000, expected 0 to 2592000 seconds
        { constant_s = 1, mean_s = 2 }
            distribution: found constant_s, mean_s, expected one of: constant_s; min_s and max_s; p50_s and p99_s; lognormal_mu and lognormal_sigma; mean_s; quantiles_s (each with plus_s if wanted)
        { lognormal_mu = 99, lognormal_sigma = 1 }
            lognormal_mu: found 99, expected -7 to 15, the logarithm of seconds
        { quantiles_s = [] }
            quantiles_s: found no points, expected at least one [probability, seconds]
        { quantiles_s = [[0.5, 3], [0.5, 4]] }
            quantiles_s: found 0.5, expected more than 0.5
        { quantiles_s = [[0.5, 3], [0.9, 2]] }
            quantiles_s: found 2, expected at least 3
        { quantiles_s = [[1.5, 3]] }
            quantiles_s: found 1.5, expected a probability of 0 to 1
        { p50 = 3 }
            unknown field `p50`, expected one of `constant_s`, `min_s`, `max_s`, `p50_s`, `p99_s`, `lognormal_mu`, `lognormal_sigma`, `mean_s`, `quantiles_s`, `plus_s`
        { constant_s = "5" }
            invalid type: string "5", expected f64
        5
            invalid type: integer `5`, expected a table such as { p50_s = 24, p99_s = 60 }
    "#]].assert_eq(&said);
}

#[test]
fn every_default_has_a_source_and_survives_being_written_and_read() {
    let defaults = Latencies::default();
    let sourced = defaults.sourced();
    assert!(sourced.len() >= 30);
    for one in &sourced {
        assert!(one.is_default && one.key.starts_with("latency."), "{one:?}");
        assert!(one.source.len() > 10 && !one.about.is_empty(), "{one:?}");
    }
    let written = toml::to_string(&defaults).unwrap();
    let read: Latencies = toml::from_str(&written).unwrap();
    for (a, b) in sourced.iter().zip(read.sourced()) {
        for p in [0.01, 0.5, 0.99] {
            close(a.value.quantile_s(p), b.value.quantile_s(p));
        }
    }
}

#[test]
fn one_key_replaces_one_latency_and_an_unknown_key_is_an_error() {
    let changed: Latencies =
        toml::from_str("[ec2]\npending = { constant_s = 3 }\n[image.mine]\nregistered = { constant_s = 1 }\nready = { constant_s = 2 }").unwrap();
    let moved: Vec<String> =
        changed.sourced().into_iter().filter(|s| !s.is_default).map(|s| s.key).collect();
    assert_eq!(moved, ["latency.ec2.pending"]);
    let error = toml::from_str::<Latencies>("[ec2]\npendnig = { constant_s = 3 }").unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("line 2") && text.contains("pendnig") && text.contains("pending"),
        "{text}"
    );
}

#[test]
fn a_default_node_boots_within_the_times_that_were_measured() {
    let (catalogue, latencies) = (Catalogue::embedded(), Latencies::default());
    let ready_s = |name: &str, image: &str| -> Vec<f64> {
        let machine = catalogue.get(catalogue.find(name).unwrap()).unwrap();
        let parts = latencies.boot(image, machine, false).unwrap();
        let mut times: Vec<f64> = (0..20_001)
            .map(|n| {
                let boot = parts.sample(&mut Streams::new(1).stream(Purpose::Boot, n));
                assert!(boot.running <= boot.registered && boot.registered <= boot.ready);
                boot.ready.as_secs_f64()
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        assert!((mean / parts.mean_ready_s() - 1.0).abs() < 0.02);
        times
    };
    // "New nodes typically come up in 30-40 s", the launch call's 2 s included.
    let plain = ready_s("m7i.xlarge", "al2023");
    assert!((28.0..38.0).contains(&plain[10_000]), "{}", plain[10_000]);
    assert!(plain[19_800] < 60.0, "{}", plain[19_800]);
    // r6in.16xlarge takes 30 s more than r6in.large, g6.4xlarge 162 s more.
    let large = ready_s("m7i.16xlarge", "al2023");
    assert!((25.0..40.0).contains(&(large[10_000] - plain[10_000])));
    let gpu = ready_s("g6.4xlarge", "al2023");
    assert!((150.0..185.0).contains(&(gpu[10_000] - plain[10_000])));
    // Windows: about 6 minutes.
    let windows = ready_s("m7i.xlarge", "windows");
    assert!((330.0..390.0).contains(&windows[10_000]));
}

#[test]
fn an_own_image_and_an_own_family_replace_the_defaults() {
    let catalogue = Catalogue::embedded();
    let latencies: Latencies = toml::from_str(
        "[family]\ng6 = { constant_s = 40 }\n\
         [image.al2023]\nregistered = { constant_s = 1 }\nready = { constant_s = 2 }\n\
         [ec2]\npending = { constant_s = 10 }",
    )
    .unwrap();
    let machine = catalogue.get(catalogue.find("g6.24xlarge").unwrap()).unwrap();
    let parts = latencies.boot("al2023", machine, true).unwrap();
    let boot = parts.sample(&mut Streams::new(1).stream(Purpose::Boot, 0));
    assert_eq!(boot.running, Span::from_secs(10));
    assert_eq!(boot.registered, Span::from_secs(51));
    assert_eq!(boot.ready, Span::from_secs(53));
    assert!(latencies.unknown_families(&catalogue).is_empty());
    let misspelt: Latencies = toml::from_str("[family]\ng66 = { constant_s = 40 }").unwrap();
    assert_eq!(misspelt.unknown_families(&catalogue), ["g66"]);
    let error = latencies.boot("al2024", machine, true).unwrap_err();
    expect![[r#"image: found "al2024", expected one of al2023, al2, bottlerocket, windows"#]]
        .assert_eq(&error.to_string());
}

proptest! {
    #[test]
    fn every_sample_takes_one_draw_and_grows_with_it(
        p50 in 0.001..1e5_f64, factor in 1.0..50.0_f64, low in 0.0001..0.9999_f64, step in 0.0..0.5_f64,
    ) {
        let high = (low + step).min(0.9999);
        for distribution in [
            Distribution::constant(p50),
            Distribution::uniform(p50, p50 * factor.min(20.0)),
            Distribution::log_normal(p50, (p50 * factor).min(2e6)),
            Distribution::exponential(p50),
            Distribution::empirical(vec![(0.2, p50), (0.8, p50 * factor.min(20.0))]),
        ] {
            let distribution = distribution.unwrap();
            prop_assert!(distribution.quantile_s(low) <= distribution.quantile_s(high));
            let mut stream = Streams::new(7).stream(Purpose::Boot, 1);
            let mut other = stream.clone();
            distribution.sample_s(&mut stream);
            other.bits();
            prop_assert_eq!(stream, other);
        }
    }
}
