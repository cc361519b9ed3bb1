//! Debug and release give the same bytes, on every machine: hashes of short runs are committed, and
//! whichever binary is tested must give them. `cargo test` asks the binary that it built; `.ci/run`
//! asks the release build too, by `GREENROOM_BINARY`. After a change of behaviour that is meant,
//! `UPDATE_EXPECT=1` writes the hashes anew.

use crate::determinism::without_own_run;
use expect_test::expect_file;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Both worlds, all policies that a world runs, and everything random that a run can draw.
const CASES: [&str; 7] = [
    "--world eks --policy reactive",
    "--world eks --policy fixed --set policy.fixed.runners=20",
    "--world eks --policy reactive --seed 7 --replications 3 --set spot.market.hazard_per_hour=1.0 \
     --set spot.market.price=\"process\"",
    "--world one-slot --policy reactive",
    "--world eks --policy greenroom --set tiers.hot.count=2",
    "--world one-slot --policy greenroom --set lookahead.given.share=0.6 \
     --set tiers.stopped.count=3 --set tiers.hot.count=1",
    "--world one-slot --policy fixed --set policy.fixed.runners=20",
];

/// The binary to ask.
fn binary() -> PathBuf {
    let given = std::env::var_os("GREENROOM_BINARY").map(PathBuf::from);
    // A path that is relative to where the tests were called.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate has a workspace");
    given.map_or_else(|| env!("CARGO_BIN_EXE_greenroom").into(), |given| root.join(given))
}

/// XXH3 of a summary as it is written, without the figures of the program's own run.
fn summary_hash(summary: &[u8]) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&without_own_run(summary)))
}

fn hashes(binary: &Path) -> String {
    let mut text = String::from("# arguments, hash of the journal, hash of the summary\n");
    for case in CASES {
        let world = tempfile::tempdir().expect("a folder for this test");
        let ran = Command::new(binary)
            .current_dir(world.path())
            .args("simulate --preset default --jobs 300 --json --set journal.hash=true".split(' '))
            .args(case.split_whitespace())
            .output()
            .expect("the binary was built for this test");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{case}: {told}");
        let summary: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
        let journal = summary["journal_hash"].as_str().expect("a hash was asked for");
        writeln!(text, "{case}\n  {journal} {}", summary_hash(&ran.stdout))
            .expect("a string takes any text");
    }
    text
}

#[test]
fn debug_and_release_write_the_bytes_that_are_committed() {
    expect_file!["data/same_bytes.txt"].assert_eq(&hashes(&binary()));
}

#[test]
fn one_figure_changes_the_hash() {
    let summary = |jobs: u32| {
        let own = r#""wall_s":1,"ns_per_job":1,"parse_ns_per_job":1,"startup_ms":1"#;
        summary_hash(format!(r#"{{"jobs":{jobs},{own},"peak_rss_bytes":1}}"#).as_bytes())
    };
    assert!(summary(1) == summary(1) && summary(1) != summary(2));
}
