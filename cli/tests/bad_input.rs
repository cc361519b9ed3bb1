//! Bad input: every case of `data/bad_input` with the text that users see, its exit code, and the
//! files that it leaves. `UPDATE_EXPECT=1` writes what happens now into the cases.

use crate::case::Case;
use std::path::{Path, PathBuf};

/// What the project promises is 40.
const CASES_MIN: usize = 40;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bad_input");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the cases are committed")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    cases.sort();
    cases
}

#[test]
fn every_case_is_told_as_written() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut faults = Vec::new();
    let cases = cases();
    assert!(cases.len() >= CASES_MIN, "only {} cases", cases.len());
    for path in &cases {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let source = std::fs::read_to_string(path).expect("UTF-8");
        let case = Case::parse(&source).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let found = case.play();
        if found.contains("panicked") || found.contains("RUST_BACKTRACE") {
            faults.push(format!("{name}: the program panicked:\n{found}"));
        } else if found.starts_with("--- exit -1") {
            faults.push(format!("{name}: a signal ended the program:\n{found}"));
        } else if update {
            std::fs::write(path, Case::with(&source, &found)).expect("room for a small file");
        } else if found != case.expected() {
            faults.push(format!("{name}: expected\n{}found\n{found}", case.expected()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_case_that_differs_is_seen() {
    let case =
        Case::parse("# Why.\n--- run\necho one; echo two >&2; echo x > new; exit 3\n--- exit 0\n");
    let case = case.expect("well formed");
    assert_eq!(case.expected(), "--- exit 0\n");
    assert_eq!(case.play(), "--- exit 3\n--- stdout\none\n--- stderr\ntwo\n--- left\nnew\n");
}
