//! Laws of the generator.

use expect_test::expect;
use greenroom_traces::arrival::{Arrival, Conclusion};
use greenroom_traces::generate::{Generator, Preset, Spec};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn spec(preset: &str, jobs: u32, seed: u64) -> Spec {
    Spec { jobs, ..Spec::named(preset, seed).unwrap() }
}

/// Arrivals with the rows that they need.
fn all(spec: Spec) -> Vec<(Arrival, Vec<u32>)> {
    let mut generator = Generator::new(spec).unwrap();
    let mut rows = Vec::new();
    while let Some(arrival) = generator.next() {
        let needs = generator.predecessors(&arrival).to_vec();
        rows.push((arrival, needs));
    }
    rows
}

fn preset() -> impl Strategy<Value = &'static str> {
    prop::sample::select(Preset::all().iter().map(|preset| preset.name).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_are_sound(preset in preset(), jobs in 1_u32..3_000, seed: u64) {
        let rows = all(spec(preset, jobs, seed));
        prop_assert_eq!(rows.len(), jobs as usize);
        let mut needed = BTreeSet::new();
        for (place, (arrival, needs)) in rows.iter().enumerate() {
            prop_assert_eq!(arrival.row as usize, place);
            prop_assert_eq!(usize::from(arrival.predecessors), needs.len());
            prop_assert!(place == 0 || rows[place - 1].0.enter <= arrival.enter);
            prop_assert!(arrival.enter <= arrival.ready);
            prop_assert!(arrival.duration.as_ms() <= 6 * 3_600_000);
            let mut last_end = None;
            for &need in needs {
                prop_assert!(need < arrival.row);
                let other = &rows[need as usize].0;
                prop_assert_eq!(other.run, arrival.run);
                prop_assert_eq!(other.conclusion, Conclusion::Success);
                prop_assert!(other.enter <= arrival.enter);
                last_end = last_end.max(Some(other.ready + other.duration));
                needed.insert(need);
            }
            if let Some(end) = last_end {
                prop_assert_eq!(arrival.ready, end + arrival.gap);
            } else {
                prop_assert!(arrival.ready == arrival.enter && arrival.gap.is_zero());
            }
            if arrival.patience.is_some() {
                prop_assert!(arrival.duration.is_zero());
                prop_assert_eq!(arrival.conclusion, Conclusion::Cancelled);
            }
        }
        for (arrival, _) in &rows {
            prop_assert_eq!(arrival.has_successors, needed.contains(&arrival.row));
        }
    }

    #[test]
    fn a_longer_trace_begins_with_the_shorter(preset in preset(), jobs in 1_u32..500, seed: u64) {
        let short = all(spec(preset, jobs, seed));
        let long = all(spec(preset, jobs * 2, seed));
        for (a, b) in short.iter().zip(&long) {
            // The cut of the shorter one may take away successors.
            let same = Arrival { has_successors: a.0.has_successors, ..b.0 };
            prop_assert_eq!((&a.0, &a.1), (&same, &b.1));
        }
    }
}

#[test]
fn the_first_rows_of_the_default_never_change() {
    let mut text = String::new();
    let mut generator = Generator::new(spec("default", 12, 1)).unwrap();
    while let Some(arrival) = generator.next() {
        let names = generator.names();
        writeln!(
            text,
            "{} ready {} for {} {} {:?} {} {} / {} / {} needs {:?}",
            arrival.row,
            arrival.ready.as_ms(),
            arrival.duration.as_ms(),
            names.text(arrival.class),
            arrival.trigger,
            names.text(arrival.team),
            names.text(arrival.repository),
            names.text(arrival.workflow),
            names.text(arrival.job),
            generator.predecessors(&arrival),
        )
        .unwrap();
    }
    expect![[r"
        0 ready 1767571239414 for 56346 linux-small Schedule team-01 example/repository-001 / nightly / nightly (1) needs []
        1 ready 1767571239414 for 70218 linux-medium Schedule team-01 example/repository-001 / nightly / nightly (2) needs []
        2 ready 1767571239414 for 13486 linux-small Schedule team-01 example/repository-001 / nightly / nightly (3) needs []
        3 ready 1767571239414 for 269983 linux-large Schedule team-01 example/repository-001 / nightly / nightly (4) needs []
        4 ready 1767571239414 for 13593 linux-medium Schedule team-01 example/repository-001 / nightly / nightly (5) needs []
        5 ready 1767571239414 for 41271 linux-small Schedule team-01 example/repository-001 / nightly / nightly (6) needs []
        6 ready 1767571924783 for 372143 linux-medium Other team-01 example/repository-019 / nightly / nightly (1) needs []
        7 ready 1767571924783 for 190135 linux-small Other team-01 example/repository-019 / nightly / nightly (2) needs []
        8 ready 1767571924783 for 178397 linux-small Other team-01 example/repository-019 / nightly / nightly (3) needs []
        9 ready 1767571924783 for 552870 linux-arm Other team-01 example/repository-019 / nightly / nightly (4) needs []
        10 ready 1767571924783 for 1485466 linux-large Other team-01 example/repository-019 / nightly / nightly (5) needs []
        11 ready 1767571924783 for 31922 linux-small Other team-01 example/repository-019 / nightly / nightly (6) needs []
    "]].assert_eq(&text);
}
