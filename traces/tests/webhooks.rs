//! Logs of deliveries: what they say does not depend on their order.

use crate::world::{World, open, table, told};
use expect_test::expect;
use greenroom_traces::ReadOptions;
use proptest::prelude::*;

/// A delivery of job `id` as GitHub writes it, with seconds after ten o'clock.
fn delivery(id: u32, action: &str, [created, started, completed]: [u32; 3]) -> String {
    let at = |secs: u32| format!("\"2025-09-04T10:{:02}:{:02}Z\"", secs / 60, secs % 60);
    let (start, runner) = match action {
        "queued" | "waiting" => (at(created), "null".to_owned()),
        _ => (at(started), format!("\"r{id}\"")),
    };
    let (end, conclusion, steps) = match action {
        "completed" => (at(completed), "\"success\"", "[{}]"),
        _ => ("null".to_owned(), "null", "[]"),
    };
    format!(
        "{{\"action\": \"{action}\", \"workflow_job\": {{\"id\": {id}, \"run_id\": {}, \
         \"run_attempt\": 1, \"status\": \"{action}\", \"conclusion\": {conclusion}, \
         \"created_at\": {}, \"started_at\": {start}, \"completed_at\": {end}, \"name\": \
         \"job {id}\", \"steps\": {steps}, \"labels\": [\"linux\"], \"runner_name\": {runner}, \
         \"head_branch\": \"main\", \"workflow_name\": \"ci\"}}, \"repository\": {{\"full_name\": \
         \"acme/web\"}}}}",
        id / 3,
        at(created),
    )
}

#[test]
fn wrappers_and_bare_bodies_are_the_same() {
    let body = delivery(1, "completed", [0, 5, 60]);
    let quoted = serde_json::Value::from(body.as_str());
    let logs = [
        body.clone(),
        format!("[{body}]"),
        format!("{{\"event\": \"workflow_job\", \"payload\": {body}}}"),
        format!("{{\"id\": \"g\", \"name\": \"workflow_job\", \"payload\": {body}}}"),
        format!("{{\"headers\": {{}}, \"body\": {quoted}}}"),
        format!("[{{\"guid\": \"g\", \"request\": {{\"payload\": {body}}}}}]"),
    ];
    let tables: Vec<_> = logs
        .iter()
        .map(|log| {
            let (world, path) = World::with("hooks.json", log);
            table(&world, &[path], &ReadOptions::default())
        })
        .collect();
    expect![[r#"
        0 linux "job 1": ready 0, starts 5, runs 55, Success
    "#]]
    .assert_eq(&tables[0]);
    for (log, other) in logs.iter().zip(&tables) {
        assert_eq!(other, &tables[0], "{log}");
    }
}

#[test]
fn other_events_are_counted_and_runs_among_them_are_used() {
    let (world, path) = World::with(
        "hooks.ndjson",
        format!(
            "{}\n{}\n{}\n",
            r#"{"action": "created", "issue": {}}"#,
            r#"{"action": "requested", "workflow_run": {"id": 1, "event": "pull_request"}}"#,
            delivery(3, "completed", [0, 5, 60])
        ),
    );
    expect![[r#"
        0 linux "job 3": ready 0, starts 5, runs 55, Success
        remark: 2 deliveries of other events
    "#]]
    .assert_eq(&table(&world, std::slice::from_ref(&path), &ReadOptions::default()));
    let mut trace = open(&path, &ReadOptions::default()).unwrap();
    assert_eq!(
        trace.next().unwrap().unwrap().trigger,
        greenroom_traces::arrival::Trigger::PullRequest
    );
}

#[test]
fn payloads_of_2021_have_no_creation_but_their_queued_delivery_does() {
    let queued = delivery(1, "queued", [0, 0, 0]).replace("\"created_at\"", "\"old\"");
    let completed = delivery(1, "completed", [0, 7, 60]).replace("\"created_at\"", "\"old\"");
    let (world, path) = World::with("hooks.json", completed + &queued);
    expect![[r#"
        0 linux "job 1": ready 0, starts 7, runs 53, Success
    "#]]
    .assert_eq(&table(&world, &[path], &ReadOptions::default()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any order, any repetition and any subset that keeps the last delivery of each job gives the
    /// same trace as the complete log in order.
    #[test]
    fn any_order_of_deliveries_gives_the_same_trace(
        jobs in prop::collection::vec((0_u32..600, 0_u32..60, 1_u32..600), 1..8),
        seed in any::<u64>(),
        repeats in 0_usize..3,
    ) {
        let mut log = Vec::new();
        for (id, &(created, wait, length)) in jobs.iter().enumerate() {
            let times = [created, created + wait, created + wait + length];
            for action in ["queued", "in_progress", "completed"] {
                log.push(delivery(id as u32 + 1, action, times));
            }
        }
        let tell = |log: &[String]| {
            let (_world, path) = World::with("hooks.ndjson", log.join("\n"));
            told(&mut open(&path, &ReadOptions::default()).unwrap()).unwrap()
        };
        let expected = tell(&log);
        prop_assert_eq!(expected.len(), jobs.len());
        let mut shuffled: Vec<String> = log.clone();
        for _ in 0..repeats {
            shuffled.extend(log.iter().step_by(2).cloned());
        }
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(&tell(&shuffled), &expected);
        let holes: Vec<String> =
            shuffled.into_iter().filter(|line| line.contains("\"completed\"")).collect();
        prop_assert_eq!(&tell(&holes), &expected);
    }
}
