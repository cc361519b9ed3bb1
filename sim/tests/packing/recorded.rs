//! The inputs that were recorded with the real code.

use super::judge::judge;
use crate::karpenter_vectors::folder;
use serde_json::Value;
use std::path::PathBuf;

/// Classes that judge something else than packing: topology, wishes that may be dropped, a claim's
/// choice of types, capacity that is paid for already, ports, and what the provider does with a
/// finished claim.
const OTHERS: &[&str] = &[
    "aws-launch",
    "host-ports",
    "hostname",
    "minvalues-besteffort",
    "minvalues-strict",
    "preferences",
    "reserved-capacity",
    "second-try",
    "spread-zone",
    "zone-affinity",
];

#[test]
fn no_recorded_problem_costs_more_than_with_karpenter() {
    let Some(folder) = folder() else { return };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let (mut wrong, mut sums, mut inputs, mut cheaper) = (Vec::new(), [0.0, 0.0], 0, 0);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        if OTHERS.contains(&file["behaviour"].as_str().unwrap()) {
            continue;
        }
        let judged = judge(&text);
        let id = file["id"].as_str().unwrap();
        inputs += 1;
        sums[0] += judged.own_usd;
        sums[1] += judged.karpenter_usd;
        cheaper += usize::from(judged.own_usd < judged.karpenter_usd - 1e-9);
        if judged.own_usd > judged.karpenter_usd + 1e-9
            || judged.unplaced[0] > judged.unplaced[1]
            || !judged.faults.is_empty()
        {
            wrong.push(format!("{id}: {judged:?}"));
        }
    }
    eprintln!(
        "{inputs} recorded inputs, {cheaper} cheaper: {:.4} $/h against Karpenter's {:.4}, {:.1} % less",
        sums[0],
        sums[1],
        100.0 - 100.0 * sums[0] / sums[1]
    );
    assert!(inputs >= 30, "only {inputs} inputs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
