//! The model against recorded outcomes of the real code.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use greenroom_sim::karpenter::vectors::{Vector, Verdict, judge};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Classes whose vectors ask for topology, so that an answer may be a refusal that says so.
const REFUSABLE: &[&str] =
    &["spread-zone", "hostname", "zone-affinity", "second-try", "host-ports", "reserved-capacity"];

/// Where they lie.
pub(crate) fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("GREENROOM_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let folder = data.join("karpenter");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no golden vectors in {}; set GREENROOM_DATA", folder.display());
    None
}

#[test]
fn every_recorded_outcome_is_met() {
    let Some(folder) = folder() else { return };
    let mut table: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let vector = Vector::parse(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let class = table.entry(vector.behaviour.clone()).or_default();
        class[0] += 1;
        match judge(&vector).verdict {
            Verdict::Agrees => class[1] += 1,
            Verdict::Refused(_) if REFUSABLE.contains(&vector.behaviour.as_str()) => class[2] += 1,
            Verdict::Refused(reason) => wrong.push(format!("{}: refused: {reason}", vector.id)),
            Verdict::Disagrees(how) => wrong.push(format!("{}: {how}", vector.id)),
        }
    }
    for (class, [vectors, agree, refused]) in table {
        eprintln!("{class:<22} {vectors:>3} vectors, {agree:>3} agree, {refused:>3} refused");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
