//! `compare`: what differs, with what certainty, and when a gate closes.

use crate::program::{greenroom, printed};
use expect_test::expect;
use serde_json::Value;
use std::path::Path;

const SCENE: [&str; 6] = ["--preset", "small-team", "--jobs", "400", "--replications", "6"];

fn compare<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["compare"];
    all.extend(SCENE);
    all.extend(arguments);
    all
}

fn json(world: &Path, arguments: &[&str]) -> Value {
    let text = printed(world, &compare(&[arguments, &["--json"]].concat()));
    serde_json::from_str(&text).expect("JSON")
}

/// Exit code and standard error.
fn ended(world: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let ran = greenroom(world, &compare(arguments)).output().expect("the binary was built");
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[test]
fn a_side_against_itself_differs_by_nothing_in_every_run() {
    let world = tempfile::tempdir().expect("a folder");
    let found = json(world.path(), &["--policies", "reactive,reactive"]);
    let paired = found["paired"].as_array().expect("a list");
    assert!(paired.len() >= 11, "{found}");
    for pair in paired {
        assert_eq!(pair["difference"], 0.0, "{pair}");
        assert_eq!((&pair["low"], &pair["high"]), (&Value::from(0.0), &Value::from(0.0)), "{pair}");
    }
    let verdict = found["verdict"].as_str().expect("a sentence");
    assert!(verdict.contains("modelled cost is the same"), "{verdict}");
}

/// Common random numbers: held against the runs of its own seed, a longer keep-alive shows a
/// narrower interval than against runs with luck of their own.
#[test]
fn pairing_takes_the_common_luck_out() {
    let world = tempfile::tempdir().expect("a folder");
    let file = |seed: &str| {
        let earlier = printed(
            world.path(),
            &compare(&["--policies", "reactive,reactive", "--seed", seed, "--json"]),
        );
        let name = format!("seed-{seed}.json");
        std::fs::write(world.path().join(&name), earlier).expect("room");
        name
    };
    let width = |file: &str| {
        let found = json(
            world.path(),
            &[
                "--baseline",
                file,
                "--policies",
                "reactive",
                "--set",
                "policy.reactive.keep_alive_s=400",
            ],
        );
        let pair = &found["paired"][0];
        assert_eq!(pair["metric"], "cost_usd.total");
        pair["high"].as_f64().expect("a number") - pair["low"].as_f64().expect("a number")
    };
    let (own, other) = (width(&file("1")), width(&file("2")));
    assert!(own < other, "paired {own}, unpaired {other}");
}

#[test]
fn a_gate_closes_on_what_it_names_and_says_what_it_saw() {
    let world = tempfile::tempdir().expect("a folder");
    let sides = ["--policies", "reactive,fixed"];
    let (code, told) = ended(world.path(), &[&sides[..], &["--fail-if", "cost>+3%"]].concat());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("FAILS  fixed: modelled cost > +3.0 %, found +"), "{told}");
    let (code, told) =
        ended(world.path(), &[&sides[..], &["--fail-if", "cost>+3% and lost>9999"]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("passes  fixed: jobs lost > 9,999, found 0"), "{told}");
}

#[test]
fn a_baseline_is_paired_with_the_same_jobs_and_luck_and_said_not_to_be_with_others() {
    let world = tempfile::tempdir().expect("a folder");
    let earlier = printed(world.path(), &compare(&["--policies", "reactive,fixed", "--json"]));
    std::fs::write(world.path().join("base.json"), earlier).expect("room");
    let same = json(world.path(), &["--baseline", "base.json", "--policies", "reactive"]);
    assert_eq!(same["paired"][0]["over"], "world");
    assert_eq!(same["paired"][0]["difference"], 0.0);
    let other = json(world.path(), &["--baseline", "base.json", "--seed", "9"]);
    assert_eq!(other["paired"][0]["over"], "world_unpaired");
    let (code, told) = ended(world.path(), &["--baseline", "base.json", "--seed", "9"]);
    assert_eq!(code, Some(0));
    assert!(told.contains("--baseline is not paired with these runs"), "{told}");
}

#[test]
fn threads_do_not_change_a_byte() {
    let world = tempfile::tempdir().expect("a folder");
    let on = |threads| {
        let arguments = ["--policies", "reactive,fixed", "--json", "--threads", threads];
        printed(world.path(), &compare(&arguments))
    };
    assert_eq!(on("1"), on("2"));
}

/// The envelope of bounds: no policy has less of machines' cost at its queue time.
#[test]
fn no_side_lies_below_the_best_in_hindsight() {
    let world = tempfile::tempdir().expect("a folder");
    let one_slot = ["--world", "one-slot", "--out", "."];
    let policies = ["--policies", "reactive,fixed,buildkite,gitlab,oracle"];
    let found = json(world.path(), &[&one_slot[..], &policies].concat());
    let curve = &found["frontier"]["curves"][0];
    let bounds = curve["bounds"].as_array().expect("a list");
    assert_eq!(found["frontier"]["curves"].as_array().map(Vec::len), Some(1));
    let number = |value: &Value, key: &str| value[key].as_f64().expect("a number");
    let least = |hours: f64| {
        let at = |bound: &Value| {
            number(bound, "lower_bound_usd") - number(bound, "wait_value_usd_per_hour") * hours
        };
        bounds.iter().map(at).fold(0.0, f64::max)
    };
    for side in found["summaries"].as_array().expect("a list") {
        let hours = number(side, "critical_path_queue_s") / 3_600.0;
        let cost = number(&side["cost_usd"], "on_demand");
        assert!(cost >= least(hours) - 1e-3, "{}: {cost} {}", side["policy"], least(hours));
        assert!(hours * 3_600.0 >= number(curve, "unavoidable_queue_s") - 1e-3);
    }
    let chart = std::fs::read_to_string(world.path().join("cost-and-queue-time.svg"));
    let chart = chart.expect("it was written");
    assert!(chart.contains("best in hindsight: machines alone cost no less"), "{chart}");
}

/// Of runs that are cut bounds say nothing, so that nothing is drawn.
#[test]
fn what_bounds_say_nothing_of_has_no_frontier() {
    let world = tempfile::tempdir().expect("a folder");
    let cut = ["--policies", "reactive,fixed", "--set", "run.until=1h"];
    assert!(json(world.path(), &cut)["frontier"].is_null());
}

#[test]
fn sides_are_told_with_what_they_cost_over_the_best_and_how_sure_that_is() {
    let world = tempfile::tempdir().expect("a folder");
    let text = printed(world.path(), &compare(&["--policies", "reactive,arc"]));
    let head: Vec<&str> = text.lines().take(11).collect();
    expect![[r#"
        preset small-team: 400 jobs, world eks, seed 1, 6 runs a side

        mean of            cost         ratio      avoidable     node time  never used  interrupted  lost
        reactive  $39.57 ±$0.04  2.706 ±0.009  10.96x ±0.12x  43 h ±0.11 h      8 ±2.5            0     0
        arc       $40.75 ±$0.22  3.001 ±0.054  10.92x ±0.08x  39 h ±1.13 h    5.7 ±1.1            0     0

        queue time          mean        median           p95          p99   critical path
        reactive     1m03s ±1.3s   1m10s ±1.2s   1m26s ±1.4s  1m37s ±6.8s  1.86 h ±0.02 h
        arc         1m01s ±733ms  1m12s ±557ms  1m28s ±484ms  1m37s ±5.1s  1.79 h ±0.01 h

        ratio: cost of machines over the least that lets nobody wait. avoidable: cost of machines and waiting over"#]].assert_eq(&head.join("\n"));
}
