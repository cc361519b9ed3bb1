//! `greenroom explain`: a journal and its run tell the same.

use crate::program::printed;

const RUN: [&str; 4] = ["--jobs", "400", "--seed", "5"];

fn with_run<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(RUN).collect()
}

#[test]
fn a_journal_and_its_run_explain_alike() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let path = world.path();
    printed(path, &with_run(&["simulate", "--no-report", "--journal", "a.journal"]));
    for asked in [&["--worst", "3"][..], &["17"], &["j399"]] {
        let of_run = printed(path, &with_run(&[&["explain"], asked].concat()));
        let of_journal = printed(path, &[&["explain", "--journal", "a.journal"], asked].concat());
        assert_eq!(of_run, of_journal, "{asked:?}");
    }
}

#[test]
fn the_worst_come_longest_first_and_as_many_as_asked_for() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let text = printed(world.path(), &with_run(&["explain", "--worst", "4"]));
    let jobs: Vec<&str> = text.lines().filter(|line| line.starts_with("Job j")).collect();
    assert_eq!(jobs.len(), 4, "{text}");
    let table = printed(world.path(), &with_run(&["simulate", "--json"]));
    let summary: serde_json::Value = serde_json::from_str(&table).expect("JSON");
    let most_s = summary["queue_s"]["max"].as_f64().expect("jobs waited");
    let minutes = format!("waited {}m{:02}s", most_s as u64 / 60, most_s as u64 % 60);
    assert!(jobs[0].contains(&minutes), "{}: not {minutes}", jobs[0]);
}

#[test]
fn a_job_is_named_with_or_without_its_letter() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let short = printed(world.path(), &with_run(&["explain", "8"]));
    assert_eq!(short, printed(world.path(), &with_run(&["explain", "j8"])));
    assert!(short.starts_with("Job j8 "), "{short}");
    assert!(short.contains("GitHub alone chooses"), "{short}");
}
