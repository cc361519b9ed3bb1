//! The same seed gives the same bytes: on one thread and on two, from a run and from its journal.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What a summary says of the program's own run; everything else must be the same.
const OWN_RUN: [&str; 5] =
    ["wall_s", "ns_per_job", "parse_ns_per_job", "startup_ms", "peak_rss_bytes"];

/// Runs the program in a folder; it must succeed. Answers what it prints.
fn greenroom(folder: &Path, arguments: &str) -> String {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let ran = Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .current_dir(folder)
        .args(&arguments)
        .output()
        .expect("the binary was built for this test");
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{arguments:?}: {told}");
    String::from_utf8(ran.stdout).expect("the program prints UTF-8")
}

/// The files of a report by name, without the figures of the program's own run.
fn report(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a report was written");
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("the folder can be listed").path();
        let bytes = std::fs::read(&path).expect("a report can be read");
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        if name == "summary.json" { (name, without_own_run(&bytes)) } else { (name, bytes) }
    };
    entries.map(file).collect()
}

pub(crate) fn without_own_run(summary: &[u8]) -> Vec<u8> {
    let mut summary: serde_json::Value =
        serde_json::from_slice(summary).expect("a summary is JSON");
    for figure in OWN_RUN {
        // Removing it would let a summary pass that lacks it.
        *summary.get_mut(figure).expect("every figure is there") = serde_json::Value::Null;
    }
    summary.to_string().into_bytes()
}

/// Says which file differs, since bytes in a message help nobody.
fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(one.contains_key("summary.json") && one.contains_key("report.html"));
    assert!(one.keys().eq(other.keys()), "{:?}, {:?}", one.keys(), other.keys());
    let differs = one.iter().filter(|(name, bytes)| other[*name] != **bytes);
    let differs: Vec<&String> = differs.map(|(name, _)| name).collect();
    assert!(differs.is_empty(), "{differs:?}");
}

/// Spot that is taken back often, so that whatever is random is drawn.
const SCENE: &str = "simulate --preset default --jobs 800 --set spot.market.hazard_per_hour=1.0";

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    let world = tempfile::tempdir().expect("a folder for this test");
    let world = world.path();
    for threads in [1, 2] {
        let out = format!("--threads {threads} --out report-{threads} --journal {threads}.jsonl");
        greenroom(world, &format!("{SCENE} --seed 3 --replications 4 {out}"));
    }
    assert_same(&report(&world.join("report-1")), &report(&world.join("report-2")));
    let journal = |name| std::fs::read(world.join(name)).expect("a journal was written");
    assert!(journal("1.jsonl") == journal("2.jsonl"), "the journals differ");
}

#[test]
fn another_seed_writes_others() {
    let world = tempfile::tempdir().expect("a folder for this test");
    let world = world.path();
    let summary = |seed: u32| {
        let printed = greenroom(world, &format!("{SCENE} --seed {seed} --json"));
        let mut summary: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
        summary["seed"] = 0.into();
        without_own_run(summary.to_string().as_bytes())
    };
    assert!(summary(3) == summary(3), "the same seed printed something else");
    assert!(summary(3) != summary(4), "another seed printed the same");
}

#[test]
fn a_journal_gives_the_report_and_the_hash_of_its_run() {
    let world = tempfile::tempdir().expect("a folder for this test");
    let world = world.path();
    for journal in ["run.jsonl", "run.jsonl.gz", "run.jsonl.zst"] {
        greenroom(world, &format!("{SCENE} --seed 3 --out simulated --journal {journal}"));
        greenroom(world, &format!("report {journal} --out reported"));
        assert_same(&report(&world.join("simulated")), &report(&world.join("reported")));
        let summary = std::fs::read(world.join("simulated/summary.json")).expect("written");
        let summary: serde_json::Value = serde_json::from_slice(&summary).expect("JSON");
        let hash = summary["journal_hash"].as_str().expect("a journal has a hash");
        assert_eq!(greenroom(world, &format!("replay {journal}")).trim(), hash);
    }
}
