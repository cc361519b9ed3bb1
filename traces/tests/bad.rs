//! Bad input: each case with the text that users see.

use crate::world::{World, table};
use expect_test::{Expect, expect};
use greenroom_traces::{Format, ReadOptions, Source, Trace};

fn check(name: &str, content: impl AsRef<[u8]>, expected: &Expect) {
    let (world, path) = World::with(name, content);
    expected.assert_eq(&table(&world, &[path], &ReadOptions::default()));
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_that_are_not_there() {
    let world = World::new();
    let options = ReadOptions::default();
    expect![[r#"
        error: none.csv: cannot read: No such file or directory (os error 2)
    "#]]
    .assert_eq(&table(&world, &[world.dir.path().join("none.csv")], &options));
    std::fs::create_dir(world.dir.path().join("folder")).unwrap();
    expect![[r#"
        error: folder: cannot read: is a directory
    "#]]
    .assert_eq(&table(&world, &[world.dir.path().join("folder")], &options));
    expect![[r#"
        error: no trace file was named: expected at least one
    "#]]
    .assert_eq(&table(&world, &[], &options));
}

#[test]
fn files_without_content() {
    check(
        "a.csv",
        "",
        &expect![[r#"
        error: a.csv: found an empty file, expected a job trace
    "#]],
    );
    check(
        "a.csv",
        " \n\n",
        &expect![[r#"
        error: a.csv: found an empty file, expected a job trace
    "#]],
    );
    check(
        "a.csv.gz",
        gz(b""),
        &expect![[r#"
        error: a.csv.gz: found an empty file, expected a job trace
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n",
        &expect![[r#"
        error: a.csv: found no job, expected at least one
    "#]],
    );
    check(
        "a.csv",
        "created_ms,duration_ms\n",
        &expect![[r#"
        error: a.csv: found no job, expected at least one
    "#]],
    );
    check(
        "a.json",
        "[]",
        &expect![[r#"
        error: a.json: found no job, expected at least one
    "#]],
    );
}

#[test]
fn files_of_no_known_format() {
    check(
        "a.csv",
        "when,what\n1,2\n",
        &expect![[r#"
        error: a.csv: found a file that begins with "when,what", expected one of the formats greenroom, firefox-ci, bitcoin-core, linkerd, github-rest, github-webhooks, csv; name it with --format, or describe other columns with --format csv --map FILE
    "#]],
    );
    check(
        "a.csv",
        b"\xff\xfer\0e\0a\0d\0y\0",
        &expect![[r#"
        error: a.csv: found text in UTF-16, which no format uses, expected one of the formats greenroom, firefox-ci, bitcoin-core, linkerd, github-rest, github-webhooks, csv; name it with --format, or describe other columns with --format csv --map FILE
    "#]],
    );
    check(
        "a.pdf",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        &expect![[r#"
        error: a.pdf: found a file that begins with "%PDF-1.7", expected one of the formats greenroom, firefox-ci, bitcoin-core, linkerd, github-rest, github-webhooks, csv; name it with --format, or describe other columns with --format csv --map FILE
    "#]],
    );
}

#[test]
fn headers_that_lack_a_column_or_have_one_twice() {
    check(
        "a.csv",
        "job_id,duration_ms\na,1\n",
        &expect![[r#"
        error: a.csv: line 1: header: found the columns job_id,duration_ms, expected queued_ms or ready_ms
    "#]],
    );
    check(
        "a.csv",
        "job_id,ready_ms\na,1\n",
        &expect![[r#"
        error: a.csv: line 1: header: found the columns job_id,ready_ms, expected duration_ms or completed_ms
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms,ready_ms\n1,2,3\n",
        &expect![[r#"
        error: a.csv: line 1: header: found the column "ready_ms" twice, expected each column once
    "#]],
    );
    let options = |format| ReadOptions { format: Some(format), ..ReadOptions::default() };
    for (format, expected) in [
        (
            Format::FirefoxCi,
            expect![[r#"
            error: a.csv: line 1: header: found the columns ready_ms,duration_ms, expected created_ms,duration_ms
        "#]],
        ),
        (
            Format::BitcoinCore,
            expect![[r#"
            error: a.csv: line 1: header: found the columns ready_ms,duration_ms, expected a column run_id
        "#]],
        ),
        (
            Format::Linkerd,
            expect![[r#"
            error: a.csv: line 1: header: found the columns ready_ms,duration_ms, expected a column started_s
        "#]],
        ),
        (
            Format::Csv,
            expect![[r#"
            error: --map: found nothing, expected a file that maps columns to fields, which --format csv needs
        "#]],
        ),
    ] {
        let (world, path) = World::with("a.csv", "ready_ms,duration_ms\n1,2\n");
        expected.assert_eq(&table(&world, &[path], &options(format)));
    }
}

#[test]
fn values_of_the_wrong_kind() {
    check(
        "a.csv",
        "ready_ms,duration_ms\n1,2\nsoon,2\n",
        &expect![[r#"
        error: a.csv: line 3: ready_ms: found "soon", expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n1,-2\n",
        &expect![[r#"
        error: a.csv: line 2: duration_ms: found "-2", expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n1.5,2\n",
        &expect![[r#"
        error: a.csv: line 2: ready_ms: found "1.5", expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n1757006747000000000,2\n",
        &expect![[r#"
        error: a.csv: line 2: ready_ms: found "1757006747000000000", expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n99999999999999999999999,2\n",
        &expect![[r#"
        error: a.csv: line 2: ready_ms: found "99999999999999999999999", expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms,gpu\n1,2,lots\n",
        &expect![[r#"
        error: a.csv: line 2: gpu: found "lots", expected a whole number, 0 to 4294967295
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms,forge\n1,2,gitlab\n",
        &expect![[r#"
        error: a.csv: line 2: forge: found "gitlab", expected cloud or enterprise
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n,2\n",
        &expect![[r#"
        error: a.csv: line 2: ready_ms: found nothing, expected a time here or in queued_ms
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n1,\n",
        &expect![[r#"
        error: a.csv: line 2: duration_ms: found nothing, expected a length here or an end in completed_ms
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,completed_ms\n5000,1000\n",
        &expect![[r#"
        error: a.csv: line 2: completed_ms: found 1000, 4s before the job was ready, expected an end at or after ready_ms
    "#]],
    );
    check(
        "a.csv",
        b"ready_ms,duration_ms,team\n1,2,caf\xe9\n",
        &expect![[r#"
        error: a.csv: line 2: team: found "caf�", expected text in UTF-8
    "#]],
    );
    check(
        "a.csv",
        "created_ms,duration_ms\n1,2\n3,-4\n",
        &expect![[r#"
        error: a.csv: line 3: duration_ms: found "-4", expected whole milliseconds, not negative
    "#]],
    );
    check(
        "a.csv",
        "created_ms,duration_ms\n1,2\n3,\n",
        &expect![[r#"
        error: a.csv: line 3: duration_ms: found nothing, expected whole milliseconds, not negative
    "#]],
    );
    check(
        "a.csv",
        "workflow,job,conclusion,started_s,completed_s\na,b,success,9,5\n",
        &expect![[r#"
            error: a.csv: line 2: completed_s: found "5", expected an end at or after started_s (9)
        "#]],
    );
    check(
        "a.csv",
        "run_id,job_id,job_name,branch,status,run_created_s,job_started_s,job_completed_s\n\
         1,2,a,b,DONE,5,6,7\n",
        &expect![[r#"
            error: a.csv: line 2: status: found "DONE", expected COMPLETED, FAILED or ABORTED
        "#]],
    );
}

#[test]
fn rows_of_the_wrong_width() {
    check(
        "a.csv",
        "ready_ms,duration_ms\n1,2\n1,2,3\n",
        &expect![[r#"
        error: a.csv: line 3: found 3 fields, expected 2 as in the header
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms\n1\n",
        &expect![[r#"
        error: a.csv: line 2: found 1 fields, expected 2 as in the header
    "#]],
    );
    check(
        "a.csv",
        "created_ms,duration_ms\n1,2\n1\n",
        &expect![[r#"
        error: a.csv: line 3: found 1 fields, expected 2 as in the header
    "#]],
    );
    check(
        "a.csv",
        "ready_ms,duration_ms,team\n1,2,\"never closed\n3,4,x\n",
        &expect![[r#"
            error: a.csv: line 2: found a quote that is never closed, expected quotes in pairs
        "#]],
    );
}

#[test]
fn truncated_files() {
    let mut rows = b"created_ms,duration_ms\n".to_vec();
    for at in 0..20_000_u32 {
        rows.extend(format!("{},{}\n", at * 7, at * 31 % 9973).bytes());
    }
    let mut cut = gz(&rows);
    cut.truncate(cut.len() / 2);
    check(
        "pool.csv.gz",
        &cut,
        &expect![[r#"
            error: pool.csv.gz: line 10050: cannot read: incomplete deflate stream
        "#]],
    );
    let mut broken = gz(&rows);
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    let (world, path) = World::with("pool.csv.gz", &broken);
    let text = table(&world, &[path], &ReadOptions::default());
    assert!(text.starts_with("error: pool.csv.gz: line "), "{text}");
    check(
        "a.json",
        r#"{"total_count": 1, "jobs": [{"id": 1"#,
        &expect![[r#"
        error: a.json: line 1: found the end of the file, expected a closing bracket for what begins in line 1
    "#]],
    );
    check(
        "a.json",
        "{\"total_count\": 1,\n \"jobs\": [{\"id\": 1, \"status\": \"queued\"}",
        &expect![[r#"
            error: a.json: line 2: found the end of the file, expected ']' before it
        "#]],
    );
    check(
        "a.json",
        r#"{"id": 1, "name": "x"#,
        &expect![[r#"
        error: a.json: line 1: found the end of the file, expected a closing bracket for what begins in line 1
    "#]],
    );
}

#[test]
fn json_that_is_no_job() {
    check(
        "a.json",
        "[1, 2]",
        &expect![[r#"
        error: a.json: line 1: found "1", expected an object
    "#]],
    );
    check(
        "a.json",
        "[{\"id\": 1} {\"id\": 2}]",
        &expect![[r#"
        error: a.json: line 1: found "{", expected a comma
    "#]],
    );
    check(
        "a.json",
        "{\"message\": \"Bad credentials\"}",
        &expect![[r#"
        error: a.json: line 1: object: found "{\"message\": \"Bad credentials\"}", expected a run or a job of GitHub's REST API
    "#]],
    );
    check(
        "a.json",
        "[[[[[[[[[[1]]]]]]]]]]",
        &expect![[r#"
        error: a.json: line 1: found brackets in brackets in brackets, expected pages of objects
    "#]],
    );
    check(
        "a.json",
        "{\"id\": 1,\n\"status\": tru}",
        &expect![[r#"
            error: a.json: line 2: object: found broken JSON (expected ident), expected a run or a job of GitHub's REST API
        "#]],
    );
    let job =
        |fields: &str| format!("[\n{{\"run_id\": 3, \"conclusion\": \"success\", {fields}}}]");
    check(
        "a.json",
        job("\"id\": null"),
        &expect![[r#"
        error: a.json: line 2: id: found "null", expected the id of a job
    "#]],
    );
    check(
        "a.json",
        job("\"id\": 1, \"created_at\": \"yesterday\""),
        &expect![[r#"
        error: a.json: line 2: created_at: found "yesterday", expected a time such as 2025-09-04T10:00:00Z, or null
    "#]],
    );
    check(
        "a.json",
        job("\"id\": 1, \"created_at\": 1757006747"),
        &expect![[r#"
        error: a.json: line 2: created_at: found "1757006747", expected a time such as 2025-09-04T10:00:00Z, or null
    "#]],
    );
    check(
        "a.json",
        job("\"id\": 1, \"labels\": [1]"),
        &expect![[r#"
        error: a.json: line 2: labels: found "[1]", expected a list of texts
    "#]],
    );
    check(
        "a.json",
        job("\"id\": 1, \"name\": {}"),
        &expect![[r#"
        error: a.json: line 2: name: found "{}", expected a text or null
    "#]],
    );
    check(
        "a.json",
        job("\"id\": 1, \"run_attempt\": -1"),
        &expect![[r#"
        error: a.json: line 2: run_attempt: found "-1", expected a number from 1
    "#]],
    );
    check(
        "a.json",
        "{\"action\": \"labeled\", \"workflow_job\": {\"id\": 1}}",
        &expect![[r#"
        error: a.json: line 1: action: found "labeled", expected waiting, queued, in_progress or completed
    "#]],
    );
    check(
        "a.json",
        "{\"action\": \"queued\", \"workflow_job\": 5}",
        &expect![[r#"
            error: a.json: line 1: object: found invalid type: integer `5`, expected an object, expected a delivery of a workflow_job event
        "#]],
    );
}

#[test]
fn predecessors_that_cannot_be_followed() {
    let head = "run_id,job_id,predecessors,ready_ms,duration_ms\n";
    check(
        "a.csv",
        format!("{head}1,a,b,0,1\n1,b,a,0,1\n"),
        &expect![[r#"
        error: a.csv: line 2: predecessors: found "b", which waits in a cycle, expected no cycle
    "#]],
    );
    check(
        "a.csv",
        format!("{head}1,a,a,0,1\n"),
        &expect![[r#"
        error: a.csv: line 2: predecessors: found "a", which waits in a cycle, expected no cycle
    "#]],
    );
    check(
        "a.csv",
        format!("{head}1,a,,0,1\n1,b,a zzz,0,1\n"),
        &expect![[r#"
        error: a.csv: line 3: predecessors: found "zzz", which no row has, expected job_ids of this trace
    "#]],
    );
    check(
        "a.csv",
        format!("{head}1,a,,0,1\n2,b,a,0,1\n"),
        &expect![[r#"
        error: a.csv: line 3: predecessors: found a job of another run, in a.csv: line 2, expected jobs of the same run_id and run_attempt
    "#]],
    );
    check(
        "a.csv",
        format!("{head},a,,0,1\n,b,a,0,1\n"),
        &expect![[r#"
            error: a.csv: line 3: predecessors: found a job without a run_id, in a.csv: line 2, expected jobs of the same run_id and run_attempt
        "#]],
    );
    check(
        "a.csv",
        format!("{head}1,a,,0,1\n1,a,,0,1\n"),
        &expect![[r#"
        error: a.csv: line 3: job_id: found "a" again, first in a.csv: line 2, expected each job once
    "#]],
    );
}

#[test]
fn jobs_and_files_that_are_there_twice() {
    let rows = "job_id,ready_ms,duration_ms\na,0,1\nb,0,1\na,0,1\n";
    check(
        "a.csv",
        rows,
        &expect![[r#"
        error: a.csv: line 4: job_id: found "a" again, first in a.csv: line 2, expected each job once
    "#]],
    );
    let options = ReadOptions { skip_bad_rows: true, ..ReadOptions::default() };
    let (world, path) = World::with("a.csv", rows);
    expect![[r#"
        0 a: ready 0, runs 0.001, Unknown
        1 a: ready 0, runs 0.001, Unknown
        unreadable: a.csv: line 4: job_id: found "a" again, first in a.csv: line 2, expected each job once
    "#]].assert_eq(&table(&world, std::slice::from_ref(&path), &options));
    expect![[r#"
        error: --trace: found a.csv twice, expected each file once
    "#]]
    .assert_eq(&table(&world, &[path.clone(), path], &options));
}

#[test]
fn ranges_without_jobs() {
    let (world, path) = World::with("a.csv", "ready_ms,duration_ms\n5,1\n6,1\n");
    let from = Some(greenroom_traces::Limit::parse("--from", "1h").unwrap());
    let options = ReadOptions { from, ..ReadOptions::default() };
    expect![[r#"
        error: a.csv: found no job (2 outside --from and --to), expected at least one
    "#]]
    .assert_eq(&table(&world, std::slice::from_ref(&path), &options));
    let options = ReadOptions { held_bytes_max: 1, ..options };
    expect![[r#"
        error: a.csv: found no job (2 outside --from and --to), expected at least one
    "#]]
    .assert_eq(&table(&world, &[path], &options));
}

#[test]
fn times_without_a_common_line() {
    let world = World::new();
    let files = [
        world.write("a.csv", "ready_ms,duration_ms\n1757006747000,1\n"),
        world.write("b.csv", "created_ms,duration_ms\n5,1\n"),
    ];
    expect![[r#"
        error: b.csv: line 2: found times that count from the start of a capture, expected dates as in the other files: the two have no common time line
    "#]].assert_eq(&table(&world, &files, &ReadOptions::default()));
}

#[test]
fn unreadable_rows_may_be_skipped_and_are_listed() {
    let options = ReadOptions { skip_bad_rows: true, ..ReadOptions::default() };
    let (world, path) = World::with("pool.csv", "created_ms,duration_ms\n1,2\nx,2\n3,-4\n5\n6,7\n");
    expect![[r#"
        0 pool: ready 0, runs 0.002, Unknown
        1 pool: ready 0.005, runs 0.007, Unknown
        unreadable: pool.csv: line 3: created_ms: found "x", expected whole milliseconds, not negative
        unreadable: pool.csv: line 4: duration_ms: found "-4", expected whole milliseconds, not negative
        unreadable: pool.csv: line 5: found 1 fields, expected 2 as in the header
    "#]].assert_eq(&table(&world, &[path], &options));
    let (world, path) = World::with(
        "a.json",
        "{\"id\": 1, \"run_id\": 2, \"created_at\": 5}\n{\"id\": 2, \"run_id\": 2, \
         \"conclusion\": \"success\", \"created_at\": \"2025-09-04T10:00:00Z\", \"started_at\": \
         \"2025-09-04T10:00:05Z\", \"completed_at\": \"2025-09-04T10:01:00Z\"}\n",
    );
    expect![[r#"
        0 unlabelled: ready 0, starts 5, runs 55, Success
        unreadable: a.json: line 1: created_at: found "5", expected a time such as 2025-09-04T10:00:00Z, or null
    "#]].assert_eq(&table(&world, &[path], &options));
    // The other rows of a run outlive an unreadable one.
    let (world, path) = World::with(
        "b.csv",
        "run_id,job_id,job_name,status,run_created_s,job_started_s,job_completed_s\n\
         1,11,a,COMPLETED,1757000000,1757000010,1757000100\n\
         1,12,b,WHAT,1757000000,1757000010,1757000100\n\
         1,13,c,COMPLETED,1757000000,1757000010,1757000100\n",
    );
    expect![[r#"
        0 b "a": ready 0, starts 10, runs 90, Success
        1 b "c": ready 0, starts 10, runs 90, Success
        unreadable: b.csv: line 3: status: found "WHAT", expected COMPLETED, FAILED or ABORTED
        remark: bitcoin-core without --classes: one class for all jobs, and jobs with `needs` count as ready when their run was created
    "#]].assert_eq(&table(&world, &[path], &options));
}

#[test]
fn rows_that_never_end() {
    let mut endless = b"ready_ms,duration_ms,team\n1,2,\"".to_vec();
    endless.resize(40 << 20, b'x');
    check(
        "a.csv",
        &endless,
        &expect![[r#"
        error: a.csv: line 2: found a row of more than 32 MiB (a quote that is never closed?), expected less
    "#]],
    );
    let mut endless = b"created_ms,duration_ms\n".to_vec();
    endless.resize(40 << 20, b'1');
    check(
        "a.csv",
        &endless,
        &expect![[r#"
        error: a.csv: line 2: found a row of more than 32 MiB (a quote that is never closed?), expected less
    "#]],
    );
    let mut endless = b"{\"id\": 1, \"name\": \"".to_vec();
    endless.resize(40 << 20, b'x');
    check(
        "a.json",
        &endless,
        &expect![[r#"
        error: a.json: line 1: found a row of more than 32 MiB (a quote that is never closed?), expected less
    "#]],
    );
}

#[test]
fn classes_files_are_checked() {
    let rows = "run_id,job_id,job_name,status,run_created_s,job_started_s,job_completed_s\n\
                1,11,a,COMPLETED,1757000000,1757000010,1757000100\n";
    for (classes, expected) in [
        (
            "job_name,provider\na,x\n",
            expect![[r#"
            error: classes.csv: line 1: header: found the columns job_name,provider, expected a column runs_on
        "#]],
        ),
        (
            "job_name,runs_on\na,\n",
            expect![[r#"
            error: classes.csv: line 2: runs_on: found nothing, expected a text
        "#]],
        ),
        (
            "job_name,runs_on\na,x\na,y\n",
            expect![[r#"
            error: classes.csv: line 3: job_name: found "a" again, expected each job once
        "#]],
        ),
        (
            "job_name,runs_on,needs\na,x,b\nb,x,a\n",
            expect![[r#"
            error: classes.csv: needs: found a cycle through "a", expected jobs that can start
        "#]],
        ),
    ] {
        let world = World::new();
        let path = world.write("jobs.csv", rows);
        let classes = Some(world.write("classes.csv", classes));
        let options = ReadOptions { classes, ..ReadOptions::default() };
        expected.assert_eq(&table(&world, &[path], &options));
    }
}

/// Whatever the bytes are, there is an answer or an error, and never a panic.
#[test]
fn no_bytes_bring_it_down() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "1",
        "-",
        "9999999999999999999",
        "null",
        "\"id\"",
        "\"jobs\"",
        "\"total_count\"",
        "\"workflow_job\"",
        "\"action\"",
        "\"12\"",
        "ready_ms",
        "duration_ms",
        "created_ms",
        "job_id",
        "predecessors",
        "run_id",
        " ",
        "\r\n",
        "completed_ms",
        "started_s",
        "completed_s",
        "é",
        "\u{0}",
        "\"status\"",
        "\"completed_at\"",
    ]);
    let strategy = (any::<bool>(), prop::collection::vec(pieces, 0..60));
    let mut runner = TestRunner::new(Config::with_cases(512));
    runner
        .run(&strategy, |(skip_bad_rows, pieces)| {
            let (_world, path) = World::with("a", pieces.concat());
            let options = ReadOptions { skip_bad_rows, ..ReadOptions::default() };
            if let Ok(trace) = Trace::open(&[Source::new(path)], &options) {
                trace.for_each(drop);
            }
            Ok(())
        })
        .unwrap();
}
