//! Who may depend on whom. Each law is a function from what cargo says to the faults that it sees,
//! and each is shown a workspace with the fault.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// A rule that is broken, in words.
pub(crate) type Fault = String;

/// Every arrow that may be; any other between members of the workspace is a fault. `cli` may see
/// all.
const ARROWS: [(&str, &[&str]); 7] = [
    ("greenroom-scheduler", &[]),
    ("greenroom-traces", &["greenroom-scheduler"]),
    ("greenroom-reports", &["greenroom-scheduler"]),
    ("greenroom-adapters", &["greenroom-scheduler"]),
    ("greenroom-sim", &["greenroom-scheduler", "greenroom-traces"]),
    ("greenroom-sim-twin", &["greenroom-scheduler", "greenroom-traces", "greenroom-sim"]),
    (
        "greenroom",
        &[
            "greenroom-scheduler",
            "greenroom-traces",
            "greenroom-sim",
            "greenroom-reports",
            "greenroom-adapters",
        ],
    ),
];

/// Arrows that tests and benchmarks may have beside those. The simulator is measured with the summary
/// that every run makes.
const ARROWS_OF_TESTS: [(&str, &str); 1] = [("greenroom-sim", "greenroom-reports")];

/// Nothing of these may be compiled to simulate: async runtimes, HTTP, cloud SDKs. A `*` ends a
/// family of names.
const KEPT_OUT: [&str; 14] = [
    "tokio",
    "tokio-*",
    "async-std",
    "smol",
    "async-io",
    "async-executor",
    "hyper",
    "hyper-*",
    "reqwest",
    "ureq",
    "kube",
    "kube-*",
    "aws-*",
    "octocrab",
];

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Package names by id.
fn names(metadata: &Value) -> BTreeMap<&str, &str> {
    list(metadata, "packages").map(|package| (text(package, "id"), text(package, "name"))).collect()
}

/// Arrows between members of the workspace that may not be.
fn wrong_arrows(metadata: &Value) -> Vec<Fault> {
    let names = names(metadata);
    let members: BTreeSet<&str> = list(metadata, "workspace_members")
        .filter_map(|id| names.get(id.as_str()?).copied())
        .collect();
    let mut faults = Vec::new();
    for package in list(metadata, "packages") {
        let name = text(package, "name");
        if !members.contains(name) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            faults.push(format!("{name}: a crate that the law of arrows does not know"));
            continue;
        };
        for dependency in list(package, "dependencies") {
            let on = text(dependency, "name");
            let is_test = dependency["kind"] == "dev" && ARROWS_OF_TESTS.contains(&(name, on));
            if members.contains(on) && !allowed.contains(&on) && !is_test {
                faults.push(format!("{name} -> {on}: an arrow that may not be"));
            }
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

/// Crates in the tree of the program (not of its tests) that must not be there, each with who
/// brings it.
fn crates_to_keep_out(metadata: &Value, program: &str) -> Vec<Fault> {
    let names = names(metadata);
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"], "nodes").map(|node| (text(node, "id"), node)).collect();
    let Some(root) = names.iter().find(|(_, name)| **name == program).map(|(id, _)| *id) else {
        return vec![format!("no package {program}")];
    };
    let mut faults = Vec::new();
    let mut seen = BTreeSet::from([root]);
    let mut left = vec![root];
    while let Some(id) = left.pop() {
        let Some(node) = nodes.get(id) else {
            faults.push(format!("{id}: not resolved"));
            continue;
        };
        for dependency in list(node, "deps") {
            // Development dependencies are no part of the program.
            let is_built = list(dependency, "dep_kinds").any(|kind| kind["kind"] != "dev");
            let on = text(dependency, "pkg");
            if !is_built || !seen.insert(on) {
                continue;
            }
            let name = names.get(on).copied().unwrap_or(on);
            if is_kept_out(name) {
                let by = names.get(id).copied().unwrap_or(id);
                faults.push(format!("{by} -> {name}: must not be compiled to simulate"));
            }
            left.push(on);
        }
    }
    faults.sort();
    faults
}

fn is_kept_out(name: &str) -> bool {
    KEPT_OUT.iter().any(|banned| match banned.strip_suffix('*') {
        Some(family) => name.starts_with(family),
        None => name == *banned,
    })
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate")
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs this test");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata --offline: {told}");
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/laws").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("committed")).expect("JSON")
}

#[test]
fn arrows_go_one_way_and_simulating_compiles_no_runtime() {
    let metadata = metadata();
    assert_eq!(wrong_arrows(&metadata), [""; 0]);
    assert_eq!(crates_to_keep_out(&metadata, "greenroom"), [""; 0]);
}

#[test]
fn a_wrong_arrow_is_reported() {
    assert_eq!(
        wrong_arrows(&fixture("wrong_arrows.json")),
        [
            "greenroom-reports -> greenroom-sim: an arrow that may not be",
            "greenroom-scheduler -> greenroom-traces: an arrow that may not be",
            "greenroom-web: a crate that the law of arrows does not know",
        ]
    );
}

#[test]
fn a_runtime_in_the_tree_is_reported_with_who_brings_it() {
    assert_eq!(
        crates_to_keep_out(&fixture("runtime_in_tree.json"), "greenroom"),
        [
            "greenroom-adapters -> aws-sdk-ec2: must not be compiled to simulate",
            "helpful -> tokio: must not be compiled to simulate",
        ]
    );
}
