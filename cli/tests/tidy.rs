//! The house is kept in order: nothing left to do in the sources, every room on the map.

use crate::arrows::{Fault, root};
use crate::purity::sources;
use std::path::Path;

const CRATES: [&str; 6] = ["scheduler", "traces", "sim", "reports", "adapters", "cli"];

/// Longer files are told, not refused: a table may be long.
const LINES_USUAL: usize = 400;

/// Notes that something is left to do. Written apart, so that this file holds none.
fn notes() -> [String; 3] {
    [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|parts| parts.concat())
}

fn notes_left(name: &str, source: &str) -> Vec<Fault> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut faults = Vec::new();
    for (number, line) in source.lines().enumerate() {
        for note in notes() {
            if line.split(|c| !is_word(c)).any(|word| word == note) {
                faults.push(format!("{name}:{}: {note}", number + 1));
            }
        }
    }
    faults
}

/// The modules directly under `src` that the map does not name in backquotes within the part of
/// their crate.
fn unnamed(map: &str, house: &str, modules: &[String]) -> Vec<Fault> {
    let heading = format!("`{house}/`");
    let mut parts = map.split("\n### ");
    let Some(part) = parts.find(|part| part.lines().next().is_some_and(|l| l.contains(&heading)))
    else {
        return vec![format!("{house}/: no heading of the code map names it")];
    };
    // A part ends where a larger heading begins.
    let part = part.split("\n## ").next().unwrap_or(part);
    // Between the first and the second backquote, the third and the fourth, and so on.
    let named: Vec<&str> = part.split('`').skip(1).step_by(2).collect();
    let is_named = |module: &String| {
        named
            .iter()
            .any(|name| name.trim_end_matches('/').split(['/', ' ']).any(|piece| piece == module))
    };
    let missing = modules.iter().filter(|module| !is_named(module));
    missing.map(|module| format!("{house}/src/{module}: the code map does not name it")).collect()
}

fn modules(house: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(house.join("src"))
        .expect("every crate has sources")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "rs"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|name| name != "lib" && name != "main")
        .collect();
    names.sort();
    names.dedup();
    names
}

fn has_unreleased(changelog: &str) -> bool {
    changelog.lines().any(|line| matches!(line.trim(), "## Unreleased" | "## [Unreleased]"))
}

#[test]
fn nothing_is_left_to_do() {
    let mut all = Vec::new();
    for house in CRATES {
        for folder in ["src", "tests", "benches", "examples"] {
            let path = root().join(house).join(folder);
            if path.is_dir() {
                sources(&path, &format!("{house}/{folder}/"), &mut all);
            }
        }
    }
    assert!(all.len() > 100, "only {} sources", all.len());
    let faults: Vec<Fault> =
        all.iter().flat_map(|(name, source)| notes_left(name, source)).collect();
    assert_eq!(faults, [""; 0]);
    for (name, source) in &all {
        let lines = source.lines().count();
        if lines > LINES_USUAL {
            eprintln!("remark: {name} has {lines} lines; most files hold one noun in under 200");
        }
    }
}

#[test]
fn a_note_is_reported() {
    let [note, ..] = notes();
    let source = format!("fn a() {{}}\n// {note}: later\n// {note}s and mast{note}n are words\n");
    assert_eq!(notes_left("a.rs", &source), [format!("a.rs:2: {note}")]);
}

#[test]
fn every_room_is_on_the_map() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("there is a map");
    let faults: Vec<Fault> = CRATES
        .into_iter()
        .filter(|house| *house != "adapters" || !modules(&root().join(house)).is_empty())
        .flat_map(|house| unnamed(&map, house, &modules(&root().join(house))))
        .collect();
    assert_eq!(faults, [""; 0]);
}

#[test]
fn a_room_that_is_not_on_the_map_is_reported() {
    let map =
        "# Map\n\n### `sim/`: the world\n\n- `engine/`, `world/eks/`.\n\n## Rules\n\n`clock`\n";
    let rooms = ["clock", "engine", "eks", "world"].map(str::to_owned);
    assert_eq!(unnamed(map, "sim", &rooms), ["sim/src/clock: the code map does not name it"]);
    assert_eq!(unnamed(map, "cli", &rooms), ["cli/: no heading of the code map names it"]);
}

#[test]
fn the_changelog_says_what_is_to_come() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("there is one");
    assert!(has_unreleased(&changelog), "CHANGELOG.md lacks a section `## Unreleased`");
    assert!(!has_unreleased("# Changelog\n\n## 1.0.0\n\nUnreleased things are not here.\n"));
}
