//! Counts of the real files that the project was developed with.

use crate::world::{arrivals, data, open};
use greenroom_traces::arrival::Conclusion;
use greenroom_traces::repair::Rule;
use greenroom_traces::{ReadOptions, Source, Trace};

#[test]
fn firefox_pools_hold_what_their_publisher_recorded() {
    for (file, class, rows, first, last) in [
        ("gecko-t-t-linux-large", "gecko-t-t-linux-large", 106_233, 622, 399_689_355),
        ("gecko-3-b-linux", "gecko-3-b-linux", 36_511, 67_949, 399_298_441),
        ("mobile-3-b-linux-large", "mobile-3-b-linux-large", 5_254, 3_785_711, 329_634_982),
    ] {
        let Some(path) = data(&format!("traces/firefox-ci/{file}.csv.gz")) else { return };
        let held = ReadOptions::default();
        let streamed = ReadOptions { held_bytes_max: 100_000, ..ReadOptions::default() };
        let mut all = Vec::new();
        for options in [held, streamed] {
            let mut trace = open(&path, &options).unwrap();
            let rows_read = arrivals(&mut trace).unwrap();
            assert_eq!(rows_read.len(), rows);
            assert_eq!(rows_read[0].ready.as_ms(), first);
            assert_eq!(rows_read[rows - 1].ready.as_ms(), last);
            assert!(rows_read.iter().all(|row| trace.names().text(row.class) == class));
            assert!(trace.provenance().time_is_relative);
            assert!(!trace.provenance().has_recorded_starts);
            all.push(rows_read);
        }
        assert_eq!(all[0], all[1], "held and streamed are the same");
    }
}

#[test]
fn bitcoin_core_is_read_with_its_classes() {
    let (Some(jobs), Some(classes)) =
        (data("traces/bitcoin-core/jobs.csv.gz"), data("traces/bitcoin-core/runner_classes.csv"))
    else {
        return;
    };
    let options = ReadOptions { classes: Some(classes), ..ReadOptions::default() };
    let mut trace = open(&jobs, &options).unwrap();
    let rows = arrivals(&mut trace).unwrap();
    let provenance = trace.provenance();
    assert_eq!(provenance.rows_read, 17_002);
    assert_eq!(rows.len(), 17_002 - 484 - 77);
    // The 27 runs in which a job of the own pools started over an hour late.
    assert_eq!(provenance.repairs.count(Rule::RerunOrLate), 484);
    assert_eq!(provenance.repairs.count(Rule::NegativeDuration), 77);
    assert_eq!(provenance.repairs.totals().count(), 2);
    assert_eq!(provenance.unmatched.len(), 26);
    assert_eq!(provenance.unmatched.values().sum::<u64>(), 946);
    let unmatched = rows.iter().filter(|row| trace.names().text(row.class) == "unmatched").count();
    assert_eq!(unmatched, 946);
    for row in &rows {
        let predecessors = trace.predecessors(row);
        assert_eq!(predecessors.len(), usize::from(row.predecessors));
        for &predecessor in predecessors {
            let before = &rows[predecessor as usize];
            assert!(before.has_successors && before.row < row.row && before.run == row.run);
            assert_eq!(row.ready, before.recorded_start.unwrap() + before.duration + row.gap);
        }
    }
    // What a needed job is to a job, as the file of classes says it.
    let needs = rows.iter().filter(|row| row.predecessors > 0).count();
    assert_eq!(needs, 10_879);
}

#[test]
fn linkerd_has_no_queue_times() {
    let Some(path) = data("traces/linkerd2/jobs.csv.gz") else { return };
    let mut trace = open(&path, &ReadOptions::default()).unwrap();
    let rows = arrivals(&mut trace).unwrap();
    let provenance = trace.provenance();
    assert_eq!((provenance.rows_read, provenance.rows_kept), (9_224, 9_224 - 37));
    assert_eq!(provenance.repairs.count(Rule::Skipped), 37);
    assert!(rows.iter().all(|row| row.recorded_start.is_none()));
    assert!(!provenance.has_recorded_starts);
}

#[test]
fn rest_samples_are_read_in_all_their_shapes() {
    use Rule::{InheritedByRerun, NoCreationTime, Skipped};
    type Rules = &'static [(Rule, u64)];
    let cases: [(&str, usize, Rules); 5] = [
        ("Kesin11__actions-timeline__tests__fixture__workflow_job.json", 1, &[]),
        ("alicewriteswrongs__stencil-speed__data__jobs.json", 57, &[(InheritedByRerun, 3)]),
        (
            "hub4j__github-api____files__11-r_h_g_actions_runs_719643947_jobs.json",
            2,
            &[(NoCreationTime, 2)],
        ),
        (
            "michi-covalent__push-to-loki__testdata__jobs.json",
            9,
            &[(NoCreationTime, 9), (Skipped, 1)],
        ),
        ("tarantool__multivac__docs__gather_job_data___includes__workflows.json", 2, &[]),
    ];
    for (file, jobs, rules) in cases {
        let Some(path) = data(&format!("inputs/github-rest/{file}")) else { return };
        let mut trace = open(&path, &ReadOptions::default()).unwrap();
        let rows = arrivals(&mut trace).unwrap();
        assert_eq!(rows.len(), jobs, "{file}");
        let found: Vec<_> = trace.provenance().repairs.totals().collect();
        assert_eq!(found, rules, "{file}");
    }
}

#[test]
fn pages_that_are_missing_and_runs_without_jobs_are_remarked() {
    let root = "inputs/github-rest/";
    let jobs =
        data(&format!("{root}pytorch__test-infra__torchci__test__fixtures__workflow_jobs.json"));
    let runs = data(&format!(
        "{root}hub4j__github-api____files__3-r_h_g_actions_workflows_75497789_runs.json"
    ));
    let (Some(jobs), Some(runs)) = (jobs, runs) else { return };
    let both = [Source::new(jobs), Source::new(&runs)];
    let mut trace = Trace::open(&both, &ReadOptions::default()).unwrap();
    assert_eq!(arrivals(&mut trace).unwrap().len(), 4);
    let remarks: Vec<_> = trace.provenance().remarks.iter().map(String::as_str).collect();
    let expected = [
        "126 jobs of 2 runs are not in these files: pages are missing",
        "4 of 4 runs have no jobs in these files (a startup_failure has none)",
    ];
    assert_eq!(remarks, expected);
    let error = open(&runs, &ReadOptions::default()).err().unwrap().to_string();
    assert!(
        error.ends_with(
            "found no job (4 of 4 runs have no jobs in these files (a \
        startup_failure has none)), expected at least one"
        ),
        "{error}"
    );
}

#[test]
fn webhook_samples_are_read_and_what_has_not_ended_is_counted() {
    let (Some(webhooks), Some(inputs)) = (data("webhooks"), data("inputs/webhooks")) else {
        return;
    };
    let mut files: Vec<_> = [webhooks, inputs]
        .iter()
        .flat_map(|dir| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()))
        .map(Source::new)
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut trace = Trace::open(&files, &ReadOptions::default()).unwrap();
    let rows = arrivals(&mut trace).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].conclusion, Conclusion::Success);
    assert!(rows[0].recorded_start.is_some());
    let provenance = trace.provenance();
    // Four jobs whose end the samples do not hold.
    assert_eq!(provenance.repairs.totals().collect::<Vec<_>>(), [(Rule::Unfinished, 4)]);
}
