//! What the formats allow beside the plain case.

use crate::world::{World, table};
use expect_test::{Expect, expect};
use greenroom_traces::ReadOptions;

#[test]
fn our_own_columns_may_come_in_any_order_with_others_among_them() {
    let (world, path) = World::with(
        "a.csv",
        "\u{feff}duration_ms,note,queued_ms,runner_class,job_name,cpu_milli\r\n\
         1000,x,5000,big,\"a, b\",8000.0\r\n2000,y,4000,,c,NULL\r\n",
    );
    expect![[r#"
        0 a "c": ready 0, runs 2, Unknown
        1 big "a, b": ready 1, runs 1, Unknown
        unknown column: note in 1 file
    "#]]
    .assert_eq(&table(&world, &[path], &ReadOptions::default()));
}

#[test]
fn classes_come_from_labels_where_rows_name_none() {
    let (world, path) = World::with(
        "a.csv",
        "labels,ready_ms,duration_ms\nself-hosted;Linux;X64,0,1\nself-hosted,0,1\n\
         x64;linux;linux,0,1\n,0,1\n",
    );
    expect![[r#"
        0 linux+x64: ready 0, runs 0.001, Unknown
        1 self-hosted: ready 0, runs 0.001, Unknown
        2 linux+x64: ready 0, runs 0.001, Unknown
        3 a: ready 0, runs 0.001, Unknown
    "#]]
    .assert_eq(&table(&world, &[path], &ReadOptions::default()));
}

fn mapped(map: &str, rows: &str, expected: &Expect) {
    let world = World::new();
    let path = world.write("export.csv", rows);
    let map = world.write("map.toml", map);
    let options = ReadOptions { map: Some(map), ..ReadOptions::default() };
    expected.assert_eq(&table(&world, &[path], &options));
}

#[test]
fn any_csv_is_read_by_its_map() {
    mapped(
        r#"
delimiter = ";"
ignore = ["note"]
[columns]
id = "job_id"
created = "queued_ms"
began = { field = "started_ms", format = "%d.%m.%Y %H:%M:%S" }
secs = { field = "duration_ms", unit = "s" }
cores = { field = "cpu_milli", scale = 1000 }
state = "conclusion"
[constants]
runner_class = "mac"
gpu = 1
[values.conclusion]
passed = "success"
broken = "failure"
"#,
        "id;created;began;secs;cores;state;note;extra\n\
         a;2025-09-04 10:00:00;04.09.2025 10:00:30;1.25;0.5;passed;;\n\
         b;1756980060000;\\N;90;4;broken;;\n\
         c;2025-09-04T12:00:00.000+02:00;;;4;canceled;;\n",
        &expect![[r#"
            0 mac: ready 0, starts 30, runs 1.25, Success
            1 mac: ready 60, runs 90, Failure
            unfinished 1: export.csv: line 4: no end and no length; left out
            unknown column: extra in 1 file
        "#]],
    );
}

#[test]
fn maps_are_checked_before_any_row_is_read() {
    let rows = "a,b\n1,2\n";
    mapped(
        "[columns]\na = \"queued\"\n",
        rows,
        &expect![[r#"
            error: map.toml: line 2: columns.a: found "queued", expected one of run_id, run_attempt, job_id, job_name, repository, workflow, event, head_branch, head_sha, actor, team, forge, labels, runner_class, queued_ms, ready_ms, started_ms, completed_ms, duration_ms, conclusion, predecessors, cpu_milli, memory_mib, gpu, runner_name, runner_group, instance_type, instance_id
        "#]],
    );
    mapped(
        "[columns]\na = \"ready_ms\"\nb = \"duration_ms\"\n[colums]\n",
        rows,
        &expect![[r#"
        error: map.toml: line 4: map: found unknown field `colums`, expected one of `delimiter`, `ignore`, `columns`, `constants`, `values`, expected [columns] with `column = "field"`, and [constants], [values.FIELD], delimiter, ignore
    "#]],
    );
    mapped(
        "[columns]\na = { field = \"ready_ms\", unit = \"fortnight\" }\n",
        rows,
        &expect![[r#"
            error: map.toml: line 2: columns.a: found "unit fortnight", expected a unit (ns, us, ms, s, min or h) or a format
        "#]],
    );
    mapped(
        "[columns]\na = \"ready_ms\"\nb = \"ready_ms\"\n",
        rows,
        &expect![[r#"
            error: map.toml: line 3: columns.b: found "ready_ms again, after columns.a", expected each field from one column
        "#]],
    );
    mapped(
        "[columns]\na = \"ready_ms\"\n",
        rows,
        &expect![[r#"
        error: export.csv: line 1: header: found the columns a,b, expected one that the map calls duration_ms or completed_ms
    "#]],
    );
    mapped(
        "[columns]\na = \"ready_ms\"\nc = \"duration_ms\"\n",
        rows,
        &expect![[r#"
        error: export.csv: line 1: header: found the columns a,b, expected a column c
    "#]],
    );
    mapped(
        "delimiter = \"::\"\n[columns]\na = \"ready_ms\"\n",
        rows,
        &expect![[r#"
            error: map.toml: line 1: delimiter: found "::", expected one ASCII character
        "#]],
    );
    mapped(
        "[columns]\na = \"ready_ms\"\nb = \"duration_ms\"\n[constants]\ngpu = \"many\"\n",
        rows,
        &expect![[r#"
            error: map.toml: line 5: constants.gpu: found "many", expected a value of that field
        "#]],
    );
    mapped(
        "[columns\n",
        rows,
        &expect![[r#"
        error: map.toml: line 1: map: found unclosed table, expected `]`, expected [columns] with `column = "field"`, and [constants], [values.FIELD], delimiter, ignore
    "#]],
    );
    mapped(
        "[columns]\na = \"ready_ms\"\nb = { field = \"duration_ms\", unit = \"s\" }\n",
        "a,b\n2025-09-04,12s\n",
        &expect![[r#"
            error: export.csv: line 2: b: found "12s", expected a number in the unit that the map gives, not negative
        "#]],
    );
}

#[test]
fn pages_come_in_every_shape() {
    let job = |id: u32| {
        format!(
            "{{\"id\": {id}, \"run_id\": 3, \"name\": \"j\", \"conclusion\": \"success\", \
             \"status\": \"completed\", \"created_at\": \"2025-09-04T10:00:0{id}+00:00\", \
             \"started_at\": \"2025-09-04T18:00:09.500+08:00\", \"completed_at\": \
             \"2025-09-04 10:01:00\", \"labels\": [\"a\"], \"steps\": [{{\"name\": \"]}}\\\"\"}}]}}"
        )
    };
    let (one, two) = (job(1), job(2));
    let run = "{\"id\": 3, \"name\": \"ci\", \"event\": \"schedule\", \"workflow_id\": 9}";
    let shapes = [
        format!("{{\"total_count\": 2, \"jobs\": [{one}, {two}]}}"),
        format!(
            "{{\"total_count\": 2, \"jobs\": [{one}]}}{{\"total_count\": 2, \"jobs\": [{two}]}}"
        ),
        format!("[{{\"total_count\": 2, \"jobs\": [{one}]}}, {{\"jobs\": [{two}]}}]"),
        format!("[[{one}], [{two}]]"),
        format!("{one}\n{two}\n"),
        format!("\u{1e}{one}\n\u{1e}{two}\n"),
        format!("{{\"1\": {one}, \"2\": {two}}}"),
        format!("{{\"jobs\": [{one}, {two}], \"total_count\": 2}}"),
    ];
    let tables: Vec<_> = shapes
        .iter()
        .map(|shape| {
            let world = World::new();
            let jobs = world.write("jobs.json", shape);
            let runs = world.write("runs.json", format!("{{\"workflow_runs\": [{run}]}}"));
            table(&world, &[jobs, runs], &ReadOptions::default())
        })
        .collect();
    expect![[r#"
        0 a "j": ready 0, starts 8.5, runs 50.5, Success
        1 a "j": ready 1, starts 8.5, runs 50.5, Success
    "#]]
    .assert_eq(&tables[0]);
    for (shape, other) in shapes.iter().zip(&tables) {
        assert_eq!(other, &tables[0], "{shape}");
    }
}
