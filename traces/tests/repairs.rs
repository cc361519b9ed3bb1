//! Each rule of repair, told as a small record and what becomes of it.

use crate::world::{World, table};
use expect_test::{Expect, expect};
use greenroom_traces::ReadOptions;

fn check(name: &str, content: &str, expected: &Expect) {
    let (world, path) = World::with(name, content);
    expected.assert_eq(&table(&world, &[path], &ReadOptions::default()));
}

/// What `--strict` says to the same record.
fn strict(name: &str, content: &str, expected: &Expect) {
    let (world, path) = World::with(name, content);
    let options = ReadOptions { strict: true, ..ReadOptions::default() };
    expected.assert_eq(&table(&world, &[path], &options));
}

/// One REST job with some fields replaced.
fn job(fields: &str) -> String {
    let mut whole: serde_json::Value = serde_json::from_str(
        r#"{"id": 7, "run_id": 3, "run_attempt": 1, "name": "build", "status": "completed",
            "conclusion": "success", "created_at": "2025-09-04T10:00:00Z",
            "started_at": "2025-09-04T10:00:10Z", "completed_at": "2025-09-04T10:05:10Z",
            "labels": ["self-hosted", "Linux"], "steps": [{}], "runner_name": "r1"}"#,
    )
    .unwrap();
    let other: serde_json::Value = serde_json::from_str(fields).unwrap();
    for (key, value) in other.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole.to_string()
}

#[test]
fn a_sound_job_is_left_alone() {
    check(
        "jobs.json",
        &job("{}"),
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
    "#]],
    );
}

#[test]
fn start_before_ready() {
    let early = job(r#"{"started_at": "2025-09-04T09:59:58Z"}"#);
    check(
        "jobs.json",
        &early,
        &expect![[r#"
        0 linux "build": ready 0, starts 0, runs 312, Success
        start-before-ready 1: jobs.json: line 1: a start 2s before it was ready; ready when it started
    "#]],
    );
    strict(
        "jobs.json",
        &early,
        &expect![[r#"
        error: jobs.json: line 1: start-before-ready: found a start 2s before it was ready, expected a start at or after the time it was ready (--strict)
    "#]],
    );
}

#[test]
fn ready_before_queued() {
    let row = "queued_ms,ready_ms,duration_ms\n5000,3000,10\n";
    check(
        "a.csv",
        row,
        &expect![[r#"
        0 a: ready 0, runs 0.01, Unknown
        ready-before-queued 1: a.csv: line 2: ready 2s before it was created; created when it was ready
    "#]],
    );
    strict(
        "a.csv",
        row,
        &expect![[r#"
        error: a.csv: line 2: ready-before-queued: found ready 2s before it was created, expected a ready time at or after its creation (--strict)
    "#]],
    );
}

#[test]
fn end_before_start() {
    let row = job(r#"{"completed_at": "2025-09-04T10:00:08Z", "conclusion": "failure"}"#);
    check(
        "jobs.json",
        &row,
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 0, Failure
        end-before-start 1: jobs.json: line 1: an end 2s before the start; kept, ran for no time
    "#]],
    );
    strict(
        "jobs.json",
        &row,
        &expect![[r#"
        error: jobs.json: line 1: end-before-start: found an end 2s before the start, expected an end at or after the start (--strict)
    "#]],
    );
}

#[test]
fn duration_disagrees() {
    let row = "ready_ms,started_ms,completed_ms,duration_ms\n0,1000,9000,5000\n0,1000,9000,8900\n";
    check(
        "a.csv",
        row,
        &expect![[r#"
        0 a: ready 0, starts 1, runs 8, Unknown
        1 a: ready 0, starts 1, runs 8.9, Unknown
        duration-disagrees 1: a.csv: line 2: 5000 ms for 8000 ms from start to end; duration taken from start and end
    "#]],
    );
    strict(
        "a.csv",
        row,
        &expect![[r#"
        error: a.csv: line 2: duration-disagrees: found 5000 ms for 8000 ms from start to end, expected the time from start to end (--strict)
    "#]],
    );
}

#[test]
fn cancelled_while_queued_is_kept_with_the_time_it_waited() {
    let row = job(r#"{"conclusion": "cancelled", "steps": [], "runner_name": null,
            "started_at": "2025-09-04T11:00:00Z", "completed_at": "2025-09-04T11:00:00Z"}"#);
    check(
        "jobs.json",
        &row,
        &expect![[r#"
        0 linux "build": ready 0, gives up after 3600, runs 0, Cancelled
        cancelled-while-queued 1: jobs.json: line 1: cancelled after 1h00m in the queue; kept, gives up after the time it waited
    "#]],
    );
    strict(
        "jobs.json",
        &row,
        &expect![[r#"
        error: jobs.json: line 1: cancelled-while-queued: found cancelled after 1h00m in the queue, expected a job that ran (--strict)
    "#]],
    );
    let by_csv = "ready_ms,started_ms,completed_ms,conclusion\n1000,,61000,cancelled\n";
    check(
        "a.csv",
        by_csv,
        &expect![[r#"
        0 a: ready 0, gives up after 60, runs 0, Cancelled
        cancelled-while-queued 1: a.csv: line 2: cancelled after 1m00s in the queue; kept, gives up after the time it waited
    "#]],
    );
}

#[test]
fn cancelled_while_it_ran_is_work() {
    check(
        "jobs.json",
        &job(r#"{"conclusion": "cancelled"}"#),
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Cancelled
    "#]],
    );
}

#[test]
fn ready_before_its_predecessor_ended() {
    let rows = "run_id,job_id,predecessors,ready_ms,duration_ms\n1,a,,0,60000\n1,b,a,50000,10\n";
    check(
        "a.csv",
        rows,
        &expect![[r#"
        0 a: ready 0, runs 60, Unknown
        1 a: ready 50, enters 0, runs 0.01, 0 behind [0], Unknown
        ready-before-predecessor-end 1: a.csv: line 3: ready 10s before its last predecessor ended; ready when its last predecessor ended
    "#]],
    );
    strict(
        "a.csv",
        rows,
        &expect![[r#"
        error: a.csv: line 3: ready-before-predecessor-end: found ready 10s before its last predecessor ended, expected a ready time at or after its predecessors' end (--strict)
    "#]],
    );
}

#[test]
fn no_start_time() {
    let row = "ready_ms,completed_ms\n1000,61000\n";
    check(
        "a.csv",
        row,
        &expect![[r#"
        0 a: ready 0, runs 60, Unknown
        no-start-time 1: a.csv: line 2: no start; runs from the moment it was ready
    "#]],
    );
    strict(
        "a.csv",
        row,
        &expect![[r#"
        error: a.csv: line 2: no-start-time: found no start, expected a start (--strict)
    "#]],
    );
}

#[test]
fn no_creation_time_means_an_unknown_wait_and_not_none() {
    let row = job(r#"{"created_at": null}"#);
    check(
        "jobs.json",
        &row,
        &expect![[r#"
        0 linux "build": ready 0, runs 300, Success
        no-creation-time 1: jobs.json: line 1: no created_at; ready when it started, queue time unknown
    "#]],
    );
    strict(
        "jobs.json",
        &row,
        &expect![[r#"
        error: jobs.json: line 1: no-creation-time: found no created_at, expected a creation time (--strict)
    "#]],
    );
}

#[test]
fn skipped_jobs_are_no_fault() {
    let rows = format!("{}{}", job(r#"{"conclusion": "skipped"}"#), job(r#"{"id": 8}"#));
    check(
        "jobs.json",
        &rows,
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        skipped 1: jobs.json: line 1: a skipped job; left out
    "#]],
    );
    strict(
        "jobs.json",
        &rows,
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        skipped 1: jobs.json: line 1: a skipped job; left out
    "#]],
    );
}

#[test]
fn a_skipped_predecessor_need_not_be_waited_for() {
    let rows = "run_id,job_id,predecessors,ready_ms,duration_ms,conclusion\n\
                1,c,a b,90000,10,success\n1,a,,0,60000,success\n1,b,,0,0,skipped\n";
    check(
        "a.csv",
        rows,
        &expect![[r#"
        0 a: ready 0, runs 60, Success
        1 a: ready 90, enters 0, runs 0.01, 30 behind [0], Success
        skipped 1: a.csv: line 4: a skipped job; left out
    "#]],
    );
}

#[test]
fn unfinished_jobs_are_left_out_unless_another_page_saw_their_end() {
    let open = job(r#"{"status": "in_progress", "conclusion": null, "completed_at": null}"#);
    check(
        "jobs.json",
        &format!("{open}{}", job(r#"{"id": 8}"#)),
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        unfinished 1: jobs.json: line 1: status "in_progress"; left out
    "#]],
    );
    check(
        "jobs.json",
        &format!("{open}{}", job("{}")),
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
    "#]],
    );
    strict(
        "jobs.json",
        &open,
        &expect![[r#"
        error: jobs.json: line 1: unfinished: found status "in_progress", expected a job that ended (--strict)
    "#]],
    );
}

#[test]
fn duplicate_jobs_of_overlapping_pages() {
    let rows = format!("[{{\"total_count\": 1, \"jobs\": [{0}]}}, {{\"jobs\": [{0}]}}]", job("{}"));
    check(
        "jobs.json",
        &rows,
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        duplicate 1: jobs.json: line 1: job 7 again; left out
    "#]],
    );
    strict(
        "jobs.json",
        &rows,
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        duplicate 1: jobs.json: line 1: job 7 again; left out
    "#]],
    );
}

#[test]
fn finished_jobs_inherited_by_a_rerun() {
    let inherited = job(
        r#"{"id": 8, "run_attempt": 2, "created_at": "2025-09-04T18:00:00Z", "runner_name": ""}"#,
    );
    check(
        "jobs.json",
        &format!("{}\n{inherited}", job("{}")),
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        inherited-by-rerun 1: jobs.json: line 2: a job that ended 7h54m before it was created; left out
    "#]],
    );
    strict(
        "jobs.json",
        &inherited,
        &expect![[r#"
        error: jobs.json: line 1: inherited-by-rerun: found a job that ended 7h54m before it was created, expected jobs of this attempt only (--strict)
    "#]],
    );
}

const BITCOIN: &str = "run_id,job_id,job_name,branch,status,run_created_s,job_started_s,\
                       job_completed_s,duration_s\n";

#[test]
fn runs_that_were_started_again_or_hours_late() {
    let rows = format!(
        "{BITCOIN}1,11,tidy,b,COMPLETED,1757000000,1757000010,1757000100,90\n\
         2,21,tidy,b,COMPLETED,1757000000,1757007300,1757007400,100\n\
         2,22,lint,b,COMPLETED,1757000000,1757000010,1757000400,390\n\
         3,31,tidy,b,FAILED,1757000000,1756999000,1756999100,100\n"
    );
    check(
        "a.csv",
        &rows,
        &expect![[r#"
        0 a "tidy": ready 0, starts 10, runs 90, Success
        rerun-or-late 3: a.csv: line 3: a job that started 2h01m after its run was created; left out with its whole run
        remark: bitcoin-core without --classes: one class for all jobs, and jobs with `needs` count as ready when their run was created
    "#]],
    );
    strict(
        "a.csv",
        &rows,
        &expect![[r#"
        error: a.csv: line 3: rerun-or-late: found a job that started 2h01m after its run was created, expected jobs of a first attempt that started within the hour (--strict)
    "#]],
    );
}

#[test]
fn negative_durations_where_the_record_says_to_leave_them_out() {
    let rows = format!(
        "{BITCOIN}1,11,tidy,b,ABORTED,1757000000,1757000010,1757000009,-1\n\
         1,12,lint,b,COMPLETED,1757000000,1757000010,1757000100,90\n"
    );
    check(
        "a.csv",
        &rows,
        &expect![[r#"
        0 a "lint": ready 0, starts 10, runs 90, Success
        negative-duration 1: a.csv: line 2: an end 1s before the start; left out
        remark: bitcoin-core without --classes: one class for all jobs, and jobs with `needs` count as ready when their run was created
    "#]],
    );
    strict(
        "a.csv",
        &rows,
        &expect![[r#"
        error: a.csv: line 2: negative-duration: found an end 1s before the start, expected an end at or after the start (--strict)
    "#]],
    );
}

/// A delivery of the job above.
fn delivery(action: &str, fields: &str) -> String {
    let (status, conclusion) = match action {
        "completed" => ("completed", "\"success\""),
        other => (other, "null"),
    };
    let mut body: serde_json::Value = serde_json::from_str(&job(fields)).unwrap();
    if action != "completed" {
        body["completed_at"] = serde_json::Value::Null;
    }
    if action == "waiting" || action == "queued" {
        body["started_at"] = body["created_at"].clone();
    }
    let given: serde_json::Value = serde_json::from_str(fields).unwrap();
    for (key, value) in given.as_object().unwrap() {
        body[key] = value.clone();
    }
    body["status"] = status.into();
    if given.get("conclusion").is_none() {
        body["conclusion"] = serde_json::from_str(conclusion).unwrap();
    }
    format!("{{\"action\": \"{action}\", \"workflow_job\": {body}}}\n")
}

#[test]
fn approvals_move_the_ready_time() {
    let told = delivery("waiting", "{}")
        + &delivery("completed", r#"{"started_at": "2025-09-04T10:04:00Z"}"#)
        + &delivery("queued", r#"{"started_at": "2025-09-04T10:03:00Z"}"#);
    check(
        "hooks.ndjson",
        &told,
        &expect![[r#"
        0 linux "build": ready 0, starts 60, runs 70, Success
        approval-wait 1: hooks.ndjson: line 2: an approval 3m00s after creation; ready when the approval came
    "#]],
    );
    strict(
        "hooks.ndjson",
        &told,
        &expect![[r#"
        error: hooks.ndjson: line 2: approval-wait: found an approval 3m00s after creation, expected a job without approval (--strict)
    "#]],
    );
}

#[test]
fn approvals_at_an_unknown_time_leave_the_wait_unknown() {
    let told = delivery("completed", "{}") + &delivery("waiting", "{}");
    check(
        "hooks.ndjson",
        &told,
        &expect![[r#"
        0 linux "build": ready 0, runs 300, Success
        approval-time-unknown 1: hooks.ndjson: line 1: an approval at an unknown time; ready when it started, queue time unknown
    "#]],
    );
    strict(
        "hooks.ndjson",
        &told,
        &expect![[r#"
        error: hooks.ndjson: line 1: approval-time-unknown: found an approval at an unknown time, expected the time of the approval (--strict)
    "#]],
    );
}

#[test]
fn approvals_refused() {
    let refused = r#"{"conclusion": "failure", "steps": [], "runner_name": null}"#;
    let told = delivery("waiting", "{}") + &delivery("completed", refused);
    check(
        "hooks.ndjson",
        &(told.clone() + &delivery("completed", r#"{"id": 8}"#)),
        &expect![[r#"
        0 linux "build": ready 0, starts 10, runs 300, Success
        approval-refused 1: hooks.ndjson: line 2: failure while it waited for approval; left out
    "#]],
    );
    strict(
        "hooks.ndjson",
        &told,
        &expect![[r#"
        error: hooks.ndjson: line 2: approval-refused: found failure while it waited for approval, expected a job without approval (--strict)
    "#]],
    );
}

#[test]
fn predecessors_before_the_range() {
    let rows = "run_id,job_id,predecessors,ready_ms,duration_ms\n\
                1,a,,0,1000\n1,b,,90000,1000\n1,c,a b,91000,10\n";
    let (world, path) = World::with("a.csv", rows);
    let from = greenroom_traces::Limit::parse("--from", "60s").unwrap();
    let options = ReadOptions { from: Some(from), ..ReadOptions::default() };
    expect![[r#"
        0 a: ready 0, runs 1, Unknown
        1 a: ready 1, enters 0, runs 0.01, 0 behind [0], Unknown
        predecessor-outside-range 1: a.csv: a predecessor before --from; predecessor taken as ended
    "#]]
    .assert_eq(&table(&world, &[path], &options));
}
