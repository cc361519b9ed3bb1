//! `compare`: what differs, with what certainty, and when a gate closes.

use crate::program::{greenroom, printed};
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
        let found =
            json(world.path(), &["--baseline", file, "--set", "policy.reactive.keep_alive_s=400"]);
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
    let same = json(world.path(), &["--baseline", "base.json"]);
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
