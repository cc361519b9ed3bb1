//! `greenroom traces`: what goes in and comes out again.

use crate::program::{files, printed};
use serde_json::Value;
use std::path::Path;

fn world() -> tempfile::TempDir {
    tempfile::tempdir().expect("room for a temporary folder")
}

fn stats(world: &Path, file: &str) -> Value {
    let text = printed(world, &["traces", "stats", file, "--json"]);
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_generated_trace_is_the_same_in_every_packing() {
    let world = world();
    let (path, mut all) = (world.path(), Vec::new());
    for name in ["a.csv", "b.csv.gz", "c.csv.zst", "d.parquet"] {
        printed(path, &["traces", "generate", "--jobs", "3000", "--seed", "7", "--out", name]);
        all.push(stats(path, name));
    }
    assert_eq!(files(path), ["a.csv", "b.csv.gz", "c.csv.zst", "d.parquet"]);
    assert_eq!(all[0]["jobs"], 3000);
    assert!(all.iter().all(|other| *other == all[0]));
}

#[test]
fn the_seed_decides_every_byte() {
    let world = world();
    let bytes = |seed: &str, name: &str| {
        printed(
            world.path(),
            &["traces", "generate", "--jobs", "500", "--seed", seed, "--out", name],
        );
        std::fs::read(world.path().join(name)).expect("it was just written")
    };
    let one = bytes("1", "a.csv");
    assert_eq!(one, bytes("1", "b.csv"));
    assert_ne!(one, bytes("2", "c.csv"));
}

#[test]
fn every_preset_makes_a_trace_that_can_be_read() {
    let world = world();
    let help = printed(world.path(), &["traces", "generate", "--help"]);
    let (_, presets) = help.split_once("Presets:\n").expect("the help lists presets");
    let names: Vec<&str> =
        presets.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"default") && names.len() > 3, "{names:?}");
    for preset in names {
        let out = format!("{preset}.csv");
        printed(
            world.path(),
            &["traces", "generate", "--preset", preset, "--jobs", "400", "--out", &out],
        );
        assert_eq!(stats(world.path(), &out)["jobs"], 400, "{preset}");
    }
}

#[test]
fn imports_keep_every_figure_also_under_pseudonyms() {
    let world = world();
    let path = world.path();
    printed(path, &["traces", "generate", "--jobs", "2000", "--out", "a.csv"]);
    printed(path, &["traces", "import", "a.csv", "--out", "b.csv"]);
    printed(path, &["traces", "import", "a.csv", "--anonymise", "--out", "c.csv.gz"]);
    let first = stats(path, "a.csv");
    assert_eq!(first, stats(path, "b.csv"));
    assert_eq!(first, stats(path, "c.csv.gz"));
    // What was imported needs no sorting or repair when it is imported again.
    printed(path, &["traces", "import", "b.csv", "--out", "d.csv"]);
    let read = |name| std::fs::read(path.join(name)).expect("it was just written");
    assert_eq!(read("b.csv"), read("d.csv"));
}

#[test]
fn names_do_not_survive_pseudonyms() {
    let world = world();
    let path = world.path();
    printed(path, &["traces", "generate", "--jobs", "300", "--out", "a.csv"]);
    printed(path, &["traces", "import", "a.csv", "--anonymise", "--out", "b.csv"]);
    let text = std::fs::read_to_string(path.join("b.csv")).expect("it was just written");
    for name in ["example/", "/repository-", "team-01,", "user-", "nightly", "change-"] {
        assert!(!text.contains(name), "{name} is still there");
    }
}

#[test]
fn statistics_are_a_table_and_json_has_the_fields_of_the_contract() {
    let world = world();
    std::fs::write(
        world.path().join("a.csv"),
        "job_id,runner_class,ready_ms,duration_ms\na,linux,0,60000\nb,linux,30000,60000\nc,mac,90000,120000\n",
    )
    .expect("room for a small file");
    let table = printed(world.path(), &["traces", "stats", "a.csv"]);
    expect_test::expect![[r#"
        class  jobs  span  at once  peak    z  IDC 1m  10m  1h    p50    p90    p99   mu, sigma  known ahead
    "#]]
    .assert_eq(&format!("{}\n", table.lines().next().unwrap_or_default()));
    let json = stats(world.path(), "a.csv");
    let fields = [
        "/jobs",
        "/span_s",
        "/concurrency/mean",
        "/concurrency/peak",
        "/peakedness_z",
        "/idc/1m",
        "/idc/10m",
        "/idc/1h",
        "/duration_s/p50",
        "/duration_s/p90",
        "/duration_s/p99",
        "/duration_s/lognormal_mu",
        "/duration_s/lognormal_sigma",
        "/known_ahead_share",
    ];
    for field in fields {
        assert!(json.pointer(field).is_some(), "{field} is missing: {json}");
    }
    assert_eq!(json["jobs"], 3);
    assert_eq!(json["span_s"], 90.0);
    assert_eq!(json["concurrency"]["peak"], 2);
    // Busy for 60 s and 60 s up to the last arrival at 90 s: 4/3 on average.
    assert_eq!(json["concurrency"]["mean"].as_f64(), Some(120.0 / 90.0));
}
