//! Order of delivery, held and streamed.

use crate::world::{World, arrivals, open, table, told};
use expect_test::expect;
use greenroom_traces::{Limit, ReadOptions, Source, Trace};
use proptest::prelude::*;
use std::fmt::Write;

/// Runs of jobs in which each may wait for earlier ones of its run, as a Greenroom trace whose
/// lines come in any order.
pub(crate) fn trace_of(runs: &[Vec<(u32, u32, u32, u8)>], shuffle: u64) -> String {
    let mut lines = Vec::new();
    for (run, jobs) in runs.iter().enumerate() {
        for (job, &(ready, wait, length, needs)) in jobs.iter().enumerate() {
            let predecessors: Vec<String> = (0..job.min(8))
                .filter(|bit| needs >> bit & 1 == 1)
                .map(|bit| format!("{run}-{}", job - 1 - bit))
                .collect();
            let started = if wait == 0 { String::new() } else { (1000 + ready + wait).to_string() };
            lines.push(format!(
                "{run},{run}-{job},{},class-{},{},{started},{length},acme/r{},branch{}",
                predecessors.join(if run % 2 == 0 { " " } else { ";" }),
                job % 3,
                1000 + ready,
                run % 2,
                run % 4,
            ));
        }
    }
    let mut state = shuffle | 1;
    for at in (1..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        lines.swap(at, (state >> 33) as usize % (at + 1));
    }
    let mut text = "run_id,job_id,predecessors,runner_class,ready_ms,started_ms,duration_ms,\
                    repository,head_branch\n"
        .to_owned();
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
    text
}

/// Some runs of some jobs: ready, wait, length, which earlier jobs it needs.
pub(crate) fn runs() -> impl Strategy<Value = Vec<Vec<(u32, u32, u32, u8)>>> {
    let job = (0_u32..5000, 0_u32..3, 0_u32..2000, any::<u8>());
    prop::collection::vec(prop::collection::vec(job, 1..7), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Rows are numbered as they come, by `enter`; predecessors have smaller rows and enter no
    /// later; a job enters when it is ready, or with the last of its predecessors.
    #[test]
    fn arrivals_come_in_order(runs in runs(), shuffle in any::<u64>()) {
        let (_world, path) = World::with("a.csv", trace_of(&runs, shuffle));
        let mut trace = open(&path, &ReadOptions::default()).unwrap();
        let rows = arrivals(&mut trace).unwrap();
        prop_assert_eq!(rows.len(), runs.iter().map(Vec::len).sum::<usize>());
        let mut named = vec![false; rows.len()];
        for (number, row) in rows.iter().enumerate() {
            prop_assert_eq!(row.row as usize, number);
            prop_assert!(number == 0 || rows[number - 1].enter <= row.enter);
            let predecessors = trace.predecessors(row);
            prop_assert_eq!(predecessors.len(), usize::from(row.predecessors));
            let mut latest = None;
            for &predecessor in predecessors {
                let before = &rows[predecessor as usize];
                named[predecessor as usize] = true;
                prop_assert!(predecessor < row.row && before.run == row.run);
                latest = latest.max(Some(before.enter));
            }
            prop_assert_eq!(row.enter, latest.unwrap_or(row.ready));
        }
        for (row, named) in rows.iter().zip(named) {
            prop_assert_eq!(row.has_successors, named);
        }
    }

    /// The order of lines in the file leaves no trace where no two rows tie.
    #[test]
    fn the_order_of_the_file_does_not_matter(runs in runs(), shuffle in any::<u64>()) {
        let mut runs = runs;
        for (number, job) in runs.iter_mut().flatten().enumerate() {
            job.0 = job.0 * 100 + number as u32;
            job.3 = 0;
        }
        let tell = |shuffle| {
            let (_world, path) = World::with("a.csv", trace_of(&runs, shuffle));
            told(&mut open(&path, &ReadOptions::default()).unwrap()).unwrap()
        };
        prop_assert_eq!(tell(shuffle), tell(1));
    }

    /// A streamed trace is the held one, as long as rows are less out of order than the window.
    #[test]
    fn streamed_is_held(runs in runs(), shuffle in any::<u64>(), rows in 1_usize..100) {
        let text = trace_of(&runs, shuffle);
        let (_world, path) = World::with("a.csv", text);
        let held = {
            let mut trace = open(&path, &ReadOptions::default()).unwrap();
            prop_assert!(trace.shared().is_some());
            told(&mut trace).unwrap()
        };
        let bytes = rows * size_of::<greenroom_traces::Arrival>();
        let options = ReadOptions { held_bytes_max: bytes, ..ReadOptions::default() };
        let mut streamed = match open(&path, &options) {
            Ok(trace) => trace,
            Err(error) => {
                prop_assert!(error.to_string().contains("away"), "{}", error);
                return Ok(());
            }
        };
        match told(&mut streamed) {
            Err(error) => {
                let text = error.to_string();
                prop_assert!(text.contains("out of order") || text.contains("away"), "{}", text);
            }
            // Names, runs and groups are numbered by reading there, by delivery here.
            Ok(lines) => {
                let plain = |line: &String| {
                    let numbers = ["run: ", "class: ", "team: ", "repository: ", "workflow: ", "job: ", "group: "];
                    numbers.iter().fold(line.clone(), |line, key| {
                        let Some(at) = line.find(key) else { return line };
                        let end = line[at..].find(')').map_or(line.len(), |end| at + end);
                        format!("{}{}", &line[..at], &line[end..])
                    })
                };
                prop_assert_eq!(
                    lines.iter().map(plain).collect::<Vec<_>>(),
                    held.iter().map(plain).collect::<Vec<_>>()
                );
            }
        }
    }
}

#[test]
fn several_files_are_several_pools_merged_by_time() {
    let world = World::new();
    let files = [
        world.write("small.csv", "created_ms,duration_ms\n0,1000\n5000,1000\n"),
        world.write("large.csv", "created_ms,duration_ms\n0,2000\n4000,2000\n9000,2000\n"),
    ];
    expect![[r#"
        0 small: ready 0, runs 1, Unknown
        1 large: ready 0, runs 2, Unknown
        2 large: ready 4, runs 2, Unknown
        3 small: ready 5, runs 1, Unknown
        4 large: ready 9, runs 2, Unknown
    "#]]
    .assert_eq(&table(&world, &files, &ReadOptions::default()));
}

#[test]
fn a_range_is_cut_out() {
    let (world, path) =
        World::with("pool.csv", "created_ms,duration_ms\n0,1\n3600000,2\n7200000,3\n10800000,4\n");
    let limit = |text| Some(Limit::parse("--from", text).unwrap());
    let options =
        ReadOptions { from: limit("1h"), to: limit("10800000"), ..ReadOptions::default() };
    expect![[r#"
        0 pool: ready 0, runs 0.002, Unknown
        1 pool: ready 3600, runs 0.003, Unknown
    "#]]
    .assert_eq(&table(&world, &[path], &options));
}

#[test]
fn limits_are_dates_lengths_and_milliseconds() {
    let parse = |text| Limit::parse("--from", text);
    assert_eq!(parse("1970-01-02").unwrap(), Limit::At(86_400_000));
    assert_eq!(parse("1970-01-02T01:00:00+01:00").unwrap(), Limit::At(86_400_000));
    assert_eq!(parse("1970-01-01 00:00:01.5").unwrap(), Limit::At(1500));
    assert_eq!(parse("1500").unwrap(), Limit::At(1500));
    assert_eq!(parse("2d").unwrap(), Limit::After(172_800_000));
    expect![[r#"--from: found "tuesday", expected a date (2025-09-04, 2025-09-04T10:00:00Z), milliseconds, or a length after the trace's start (3d, 36h, 90m, 5s)"#]].assert_eq(&parse("tuesday").unwrap_err().to_string());
}

#[test]
fn a_late_row_of_a_streamed_trace_is_named() {
    let mut text = "created_ms,duration_ms\n".to_owned();
    for at in 1..40 {
        writeln!(text, "{},1", at * 1000).unwrap();
    }
    text.push_str("10,1\n");
    let (world, path) = World::with("pool.csv", text);
    let bytes = 10 * size_of::<greenroom_traces::Arrival>();
    let options = ReadOptions { held_bytes_max: bytes, ..ReadOptions::default() };
    expect![[r#"
        error: pool.csv: line 41: ready_ms: found a row that belongs 28.9s before one already delivered, expected rows at most 10 rows out of order; sort the trace with `greenroom traces import`
    "#]].assert_eq(&table(&world, std::slice::from_ref(&path), &options));
    let mut held = Trace::open(&[Source::new(path)], &ReadOptions::default()).unwrap();
    assert_eq!(arrivals(&mut held).unwrap()[0].ready.as_ms(), 10);
}
