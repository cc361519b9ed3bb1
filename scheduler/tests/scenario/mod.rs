//! Scenario files: one guarantee each, told so that an operator can read it.
//!
//! A file says in prose what is guaranteed, then what the world is, then what happens at which
//! time; after `----` stands what the core decides (`set web: ...`) and orders (`> create ...`).
//! Between the given times the core is woken when it asked to be. Orders that let GitHub assign
//! any number of jobs are left out: every set has one at its start. `UPDATE_EXPECT=1` writes the
//! second half anew, to be read before it is kept.

mod happen;
mod names;
mod play;
mod rivals;
mod settle;
mod words;

use expect_test::expect_file;
use std::path::PathBuf;

/// What divides the told from the expected.
const LINE: &str = "----\n";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the files are read by the test, not by the core")]
fn every_scenario_comes_out_as_it_is_told() {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "scn"));
    files.sort();
    assert!(!files.is_empty(), "only {} scenarios were found", files.len());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let told = text.split_once(LINE).map_or(text.as_str(), |(told, _)| told);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(told.starts_with("# "), "{name} begins with the guarantee in prose");
        let happened = play::play(told).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        expect_file![path].assert_eq(&format!("{told}{LINE}{happened}"));
    }
}
