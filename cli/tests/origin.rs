//! Where figures come from: which files were read, and what of the input led to nothing.

use crate::program::printed;
use serde_json::{Value, json};

const TRACE: &str = "run_id,job_id,team,runner_class,ready_ms,duration_ms,predecessors\n\
                     1,a,web,linux,0,60000,\n1,b,web,linux,70000,60000,a\n";

const MORE: &str =
    "run_id,job_id,team,runner_class,ready_ms,duration_ms\n2,c,app,linux,5000,1000\n";

#[test]
fn a_summary_names_the_very_files_behind_it() {
    let world = tempfile::tempdir().expect("a folder for this test");
    let world = world.path();
    for (name, text) in [("one.csv", TRACE), ("two.csv", MORE)] {
        std::fs::write(world.join(name), text).expect("room for a small file");
    }
    let summary = |arguments: &[&str]| -> Value {
        let all = [&["simulate", "--json"], arguments].concat();
        serde_json::from_str(&printed(world, &all)).expect("JSON")
    };
    let told = summary(&["--trace", "one.csv", "--trace", "two.csv", "--journal", "run.jsonl"]);
    let source = |name: &str, bytes: usize, rows: u64, hash: &str| {
        json!({ "name": name, "format": "greenroom", "bytes": bytes, "rows": rows,
                "rows_skipped": 0, "span": null, "hash": hash })
    };
    let hash = |text: &str| format!("{:032x}", xxhash_rust::xxh3::xxh3_128(text.as_bytes()));
    let expected = json!([
        source("one.csv", TRACE.len(), 2, &hash(TRACE)),
        source("two.csv", MORE.len(), 1, &hash(MORE)),
    ]);
    assert_eq!(told["sources"], expected);
    let again: Value =
        serde_json::from_str(&printed(world, &["report", "run.jsonl", "--json"])).expect("JSON");
    assert_eq!(again["sources"], expected);
    assert_eq!(again["notes"], told["notes"]);
    assert_eq!(told["hints_left_out"], 0);
    assert_eq!(told["predecessors_unknown"], 0);
    let page = std::fs::read_to_string(world.join("greenroom-report/report.html"));
    assert!(page.expect("a page").contains(&hash(MORE)));

    // One byte more is another file.
    std::fs::write(world.join("two.csv"), format!("{MORE}\n")).expect("room for a small file");
    let other = summary(&["--trace", "one.csv", "--trace", "two.csv"]);
    assert_eq!(other["sources"][0], expected[0]);
    assert_ne!(other["sources"][1]["hash"], expected[1]["hash"]);
}

#[test]
fn a_pool_or_team_without_jobs_is_told() {
    let world = tempfile::tempdir().expect("a folder for this test");
    let world = world.path();
    std::fs::write(world.join("one.csv"), TRACE).expect("room for a small file");
    let notes = |set: &str| -> Vec<String> {
        let all = ["simulate", "--json", "--trace", "one.csv", "--set", set];
        let summary: Value = serde_json::from_str(&printed(world, &all)).expect("JSON");
        let notes = summary["notes"].as_array().expect("a list");
        notes.iter().map(|note| note.as_str().expect("a sentence").to_owned()).collect()
    };
    let unused = |key: &str| format!("{key} has no effect: no job of the run is its.");
    assert!(notes("pool.linus.max=3").contains(&unused("pool.linus")));
    assert!(notes("team.wep.max=3").contains(&unused("team.wep")));
    for used in ["pool.linux.max=3", "team.web.max=3"] {
        let notes = notes(used);
        assert!(!notes.iter().any(|note| note.contains("no job of the run")), "{notes:?}");
    }
}
