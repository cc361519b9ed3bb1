//! Parquet: what is written is read, what others write is understood or refused in words.

use crate::world::{World, open, table, told};
use expect_test::{Expect, expect};
use greenroom_traces::arrival::{Arrival, Name};
use greenroom_traces::generate::{Generator, Preset, Spec};
use greenroom_traces::schema::COLUMNS;
use greenroom_traces::{ReadOptions, Row, Writer};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes generated jobs to each of the paths.
fn write(spec: Spec, paths: &[&Path]) {
    let mut generator = Generator::new(spec).unwrap();
    let create = |path: &&Path| Writer::create(path, (0..COLUMNS.len()).collect()).unwrap();
    let mut writers: Vec<Writer> = paths.iter().map(create).collect();
    let mut row = Row::default();
    while let Some(arrival) = generator.next() {
        generator.fill(&arrival, &mut row);
        for writer in &mut writers {
            writer.write(&row).unwrap();
        }
    }
    for writer in writers {
        writer.finish().unwrap();
    }
}

/// How many rows away the farthest predecessor is.
fn reach(spec: Spec) -> u32 {
    let mut generator = Generator::new(spec).unwrap();
    let mut farthest = 0;
    while let Some(arrival) = generator.next() {
        let nearest = generator.predecessors(&arrival).iter().min();
        farthest = farthest.max(nearest.map_or(0, |first| arrival.row - first));
    }
    farthest
}

/// An arrival without what numbers mean only within one table of names.
fn bare(arrival: Arrival) -> Arrival {
    let none = Name::NONE;
    let (class, team, repository) = (none, none, none);
    Arrival { class, team, repository, workflow: none, job: none, group: none, ..arrival }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn files_hold_what_the_generator_gave(
        preset in prop::sample::select(Preset::all().iter().map(|its| its.name).collect::<Vec<_>>()),
        jobs in 1_u32..2_000,
        seed: u64,
        streamed: bool,
    ) {
        let world = World::new();
        let (csv, parquet) = (world.dir.path().join("a.csv"), world.dir.path().join("a.parquet"));
        let spec = Spec { jobs, ..Spec::named(preset, seed).unwrap() };
        write(spec.clone(), &[&csv, &parquet]);
        let mut options = ReadOptions::default();
        if streamed {
            options.held_bytes_max = 1 << 16;
        }
        // A stream keeps fewer rows than a wide run may lie between a job and its predecessor.
        prop_assume!(!streamed || reach(spec.clone()) < 512);
        let mut trace = open(&parquet, &options).unwrap();
        let mut generator = Generator::new(spec).unwrap();
        while let Some(expected) = generator.next() {
            let found = trace.next().unwrap().unwrap();
            prop_assert_eq!(bare(found), bare(expected));
            prop_assert_eq!(trace.predecessors(&found), generator.predecessors(&expected));
            for (found, expected) in [
                (found.class, expected.class),
                (found.team, expected.team),
                (found.repository, expected.repository),
                (found.workflow, expected.workflow),
                (found.job, expected.job),
            ] {
                prop_assert_eq!(trace.names().text(found), generator.names().text(expected));
            }
        }
        prop_assert!(trace.next().is_none());
        // Groups are numbers without texts: the two files must agree on them.
        prop_assert_eq!(
            told(&mut open(&csv, &options).unwrap()).unwrap(),
            told(&mut open(&parquet, &options).unwrap()).unwrap()
        );
    }

    /// Bytes that nobody wrote are refused or read, never a panic.
    #[test]
    fn damage_is_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        base in 0..4,
    ) {
        let world = World::new();
        let path = world.dir.path().join("a.parquet");
        let builder = WriterProperties::builder();
        match base {
            0 => write(Spec { jobs: 40, ..Spec::named("default", 1).unwrap() }, &[&path]),
            1 => unpacked(&world, builder.build()),
            2 => unpacked(&world, builder.set_dictionary_enabled(false).build()),
            _ => unpacked(&world, builder.set_writer_version(WriterVersion::PARQUET_2_0).build()),
        }
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        std::fs::write(&path, bytes).unwrap();
        let options = ReadOptions::default();
        if let Err(error) = open(&path, &options).and_then(|mut trace| told(&mut trace)) {
            prop_assert!(error.to_string().contains("a.parquet"), "{}", error);
        }
    }
}

#[test]
fn row_groups_are_bounded() {
    let world = World::new();
    let path = world.dir.path().join("a.parquet");
    let mut writer = Writer::create(&path, vec![15, 18]).unwrap();
    for nth in 0..150_000 {
        let row =
            Row { ready_ms: Some(nth * 1000), duration_ms: Some(nth % 977), ..Row::default() };
        writer.write(&row).unwrap();
    }
    writer.finish().unwrap();
    let file = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let groups = file.metadata().row_groups();
    let rows = [groups[0].num_rows(), groups[1].num_rows(), groups[2].num_rows()];
    assert_eq!((groups.len(), rows), (3, [65_536, 65_536, 18_928]));
    let trace = open(&path, &ReadOptions::default()).unwrap();
    let mut count = 0;
    for (nth, arrival) in trace.enumerate() {
        let arrival = arrival.unwrap();
        assert_eq!(arrival.ready.as_ms(), nth as u64 * 1000);
        assert_eq!(arrival.duration.as_ms(), nth as u64 % 977);
        count += 1;
    }
    assert_eq!(count, 150_000);
}

enum Cells {
    Texts(Vec<&'static [u8]>),
    Longs(Vec<i64>),
    Ints(Vec<i32>),
    Doubles(Vec<f64>),
}

/// A file as another program may write it: its schema and the values of its columns, with levels
/// where they are optional.
fn foreign(
    world: &World,
    schema: &str,
    columns: &[(Cells, Option<Vec<i16>>)],
    properties: WriterProperties,
) -> PathBuf {
    let path = world.dir.path().join("a.parquet");
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = File::create(&path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (cells, levels) in columns {
        let mut column = group.next_column().unwrap().unwrap();
        let levels = levels.as_deref();
        let starts = levels.map(|levels| vec![0; levels.len()]);
        let starts = starts.as_deref();
        match cells {
            Cells::Texts(values) => {
                let values: Vec<ByteArray> =
                    values.iter().map(|text| ByteArray::from(text.to_vec())).collect();
                column.typed::<ByteArrayType>().write_batch(&values, levels, starts).unwrap();
            }
            Cells::Longs(values) => {
                column.typed::<Int64Type>().write_batch(values, levels, starts).unwrap();
            }
            Cells::Ints(values) => {
                column.typed::<Int32Type>().write_batch(values, levels, starts).unwrap();
            }
            Cells::Doubles(values) => {
                column.typed::<DoubleType>().write_batch(values, levels, starts).unwrap();
            }
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    path
}

/// A file that nothing compresses, so that damage reaches the decoders.
fn unpacked(world: &World, properties: WriterProperties) {
    let columns = [
        (Cells::Longs((0..60).map(|nth| nth * nth).collect()), None),
        (Cells::Ints((0..30).map(|nth| nth * 7).collect()), Some((0..60).map(|n| n % 2).collect())),
        (Cells::Doubles((0..60).map(f64::from).collect()), None),
        (Cells::Texts(vec![b"small", b"large", b"small", b"gpu"]), Some(texts(60, 4))),
        (Cells::Texts(vec![b"build"; 60]), None),
    ];
    let schema = "message m { required int64 ready_ms; optional int32 queued_ms;
        required double duration_ms; optional binary runner_class (UTF8);
        required binary job_name (UTF8); }";
    foreign(world, schema, &columns, properties);
}

/// Levels of `count` cells of which the first few hold something.
fn texts(count: usize, filled: usize) -> Vec<i16> {
    (0..count).map(|nth| i16::from(nth < filled)).collect()
}

fn check(
    schema: &str,
    columns: &[(Cells, Option<Vec<i16>>)],
    options: &ReadOptions,
    expected: &Expect,
) {
    let world = World::new();
    let path = foreign(&world, schema, columns, WriterProperties::default());
    expected.assert_eq(&table(&world, &[path], options));
}

#[test]
fn other_programs_types_are_understood() {
    use Cells::{Doubles, Ints, Longs, Texts};
    check(
        "message m { required int64 job_id; optional double ready_ms; required int32 duration_ms;
            required int64 started_ms (TIMESTAMP(MILLIS,true)); optional binary runner_class;
            required int64 cost; optional group tags (LIST) { repeated group list {
            optional binary element (STRING); } } }",
        &[
            (Longs(vec![9_007_199_254_740_993, 7]), None),
            (Doubles(vec![1000.0, 2000.0]), Some(vec![1, 1])),
            (Ints(vec![5000, 6000]), None),
            (Longs(vec![1000, 2500]), None),
            (Texts(vec![b"small"]), Some(vec![0, 1])),
            (Longs(vec![1, 1]), None),
            (Texts(vec![]), Some(vec![0, 0])),
        ],
        &ReadOptions::default(),
        &expect![[r#"
            0 a: ready 0, starts 0, runs 5, Unknown
            1 small: ready 1, starts 1.5, runs 6, Unknown
            unknown column: cost in 1 file
            unknown column: tags in 1 file
        "#]],
    );
}

#[test]
fn what_a_column_cannot_hold_is_named() {
    use Cells::{Doubles, Longs, Texts};
    let default = ReadOptions::default();
    let case = |schema, columns: &[(Cells, Option<Vec<i16>>)], expected| {
        check(schema, columns, &default, expected);
    };
    case(
        "message m { required int64 ready_ms (TIMESTAMP(MICROS,true)); required int64 duration_ms; }",
        &[(Longs(vec![1]), None), (Longs(vec![1]), None)],
        &expect![[r#"
            error: a.parquet: ready_ms: found INT64 that counts microseconds, expected whole milliseconds (INT64, INT32 or DOUBLE)
        "#]],
    );
    case(
        "message m { required int64 ready_ms; required binary duration_ms (UTF8); }",
        &[(Longs(vec![1]), None), (Texts(vec![b"1"]), None)],
        &expect![[r#"
            error: a.parquet: duration_ms: found BYTE_ARRAY as UTF8, expected whole milliseconds (INT64, INT32 or DOUBLE)
        "#]],
    );
    case(
        "message m { required int64 ready_ms; required int64 duration_ms; required double job_id; }",
        &[(Longs(vec![1]), None), (Longs(vec![1]), None), (Doubles(vec![1.0]), None)],
        &expect![[r#"
            error: a.parquet: job_id: found DOUBLE, expected text (BYTE_ARRAY, or whole numbers as INT64 or INT32)
        "#]],
    );
    case(
        "message m { required int64 ready_ms; required int64 duration_ms;
            required group predecessors (LIST) { repeated group list { required int64 element; } } }",
        &[(Longs(vec![1]), None), (Longs(vec![1]), None), (Longs(vec![]), Some(vec![0]))],
        &expect![[r#"
            error: a.parquet: predecessors: found a column of lists or groups, expected text (BYTE_ARRAY, or whole numbers as INT64 or INT32)
        "#]],
    );
    case(
        "message m { required int64 ready_ms; required binary job_name (UTF8); }",
        &[(Longs(vec![1]), None), (Texts(vec![b"1"]), None)],
        &expect![[r#"
            error: a.parquet: header: found the columns ready_ms,job_name, expected duration_ms or completed_ms
        "#]],
    );
    case(
        "message m { required int64 ready_ms; required int64 ready_ms; required int64 duration_ms; }",
        &[(Longs(vec![1]), None), (Longs(vec![1]), None), (Longs(vec![1]), None)],
        &expect![[r#"
            error: a.parquet: ready_ms: found two columns of that name, expected one
        "#]],
    );
}

#[test]
fn what_a_cell_cannot_hold_is_named_with_its_row() {
    use Cells::{Doubles, Longs, Texts};
    let schema = "message m { required int64 ready_ms; required double duration_ms;
        required binary job_name; optional binary forge (UTF8); }";
    let columns =
        |ready: [i64; 3], duration: [f64; 3], name: &'static [u8], forge: &'static [u8]| {
            [
                (Longs(ready.to_vec()), None),
                (Doubles(duration.to_vec()), None),
                (Texts(vec![b"a", name, b"c"]), None),
                (Texts(vec![forge]), Some(vec![0, 1, 0])),
            ]
        };
    let default = ReadOptions::default();
    let good = ([1, 2, 3], [1000.0, 2000.0, 3000.0]);
    check(
        schema,
        &columns([1, -2, 3], good.1, b"b", b"cloud"),
        &default,
        &expect![[r#"
        error: a.parquet: row 2: ready_ms: found -2, expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        schema,
        &columns(good.0, [1.0, 1.5, 1.0], b"b", b"cloud"),
        &default,
        &expect![[r#"
        error: a.parquet: row 2: duration_ms: found 1.5, expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        schema,
        &columns(good.0, [1.0, f64::NAN, 1.0], b"b", b"cloud"),
        &default,
        &expect![[r#"
        error: a.parquet: row 2: duration_ms: found NaN, expected whole milliseconds, 0 to 253402300799999
    "#]],
    );
    check(
        schema,
        &columns(good.0, good.1, b"\xff\xfe", b"cloud"),
        &default,
        &expect![[r#"
        error: a.parquet: row 2: job_name: found "��", expected text in UTF-8
    "#]],
    );
    check(
        schema,
        &columns(good.0, good.1, b"b", b"moon"),
        &default,
        &expect![[r#"
        error: a.parquet: row 2: forge: found "moon", expected cloud or enterprise
    "#]],
    );
    let skip = ReadOptions { skip_bad_rows: true, ..ReadOptions::default() };
    check(
        schema,
        &columns(good.0, good.1, b"b", b"moon"),
        &skip,
        &expect![[r#"
        0 a "a": ready 0, runs 1, Unknown
        1 a "c": ready 0.002, runs 3, Unknown
        unreadable: a.parquet: row 2: forge: found "moon", expected cloud or enterprise
    "#]],
    );
}

#[test]
fn files_that_are_no_parquet_after_all() {
    let default = ReadOptions::default();
    let case = |name: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>, options, expected: &Expect| {
        let world = World::new();
        let path = world.dir.path().join("whole.parquet");
        write(Spec { jobs: 100, ..Spec::named("default", 1).unwrap() }, &[&path]);
        let path = world.write(name, change(std::fs::read(path).unwrap()));
        expected.assert_eq(&table(&world, &[path], options));
    };
    case(
        "cut.parquet",
        &|bytes| bytes[..bytes.len() / 2].to_vec(),
        &default,
        &expect![[r#"
        error: cut.parquet: cannot read: damaged, cut off or unusual Parquet (Parquet error: Invalid Parquet file. Corrupt footer)
    "#]],
    );
    case(
        "magic.parquet",
        &|bytes| bytes[..4].to_vec(),
        &default,
        &expect![[r#"
        error: magic.parquet: cannot read: damaged, cut off or unusual Parquet (EOF: Parquet file too small. Size is 4 but need 8)
    "#]],
    );
    case(
        "footer.parquet",
        &|mut bytes| {
            let end = bytes.len() - 100;
            bytes[end..end + 60].fill(0xff);
            bytes
        },
        &default,
        &expect![[r#"
            error: footer.parquet: cannot read: damaged, cut off or unusual Parquet (Parquet error: invalid utf8)
        "#]],
    );
    let gz = |bytes: Vec<u8>| {
        use std::io::Write;
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&bytes).unwrap();
        gz.finish().unwrap()
    };
    case(
        "packed.parquet.gz",
        &gz,
        &default,
        &expect![[r#"
        error: packed.parquet.gz: cannot read: Parquet that is packed once more, unpack it first
    "#]],
    );
    let format = Some(greenroom_traces::Format::FirefoxCi);
    let options = ReadOptions { format, ..ReadOptions::default() };
    case(
        "other.parquet",
        &|bytes| bytes,
        &options,
        &expect![[r#"
        error: --format: found firefox-ci, expected greenroom, as the file is Parquet
    "#]],
    );
}

/// Every kind of page that is read, and the encodings that are not.
#[test]
fn pages_of_every_kind_are_read_alike_or_refused() {
    let read = |properties: WriterProperties| {
        let world = World::new();
        unpacked(&world, properties);
        table(&world, &[world.dir.path().join("a.parquet")], &ReadOptions::default())
    };
    let builder = WriterProperties::builder;
    let newer = || builder().set_writer_version(WriterVersion::PARQUET_2_0);
    let expected = read(builder().build());
    assert_eq!(expected.lines().filter(|line| line.contains("runs")).count(), 60);
    assert_eq!(read(builder().set_dictionary_enabled(false).build()), expected);
    assert_eq!(read(newer().build()), expected);
    expect![[r#"
        error: a.parquet: row 1: cannot read: damaged, cut off or unusual Parquet (Parquet error: a page is encoded as DELTA_BINARY_PACKED, expected PLAIN or dictionary)
    "#]].assert_eq(&read(newer().set_dictionary_enabled(false).build()));
}

#[test]
fn a_file_without_rows_holds_no_job() {
    let world = World::new();
    let path = world.dir.path().join("a.parquet");
    Writer::create(&path, vec![15, 18]).unwrap().finish().unwrap();
    expect![[r#"
        error: a.parquet: found no job, expected at least one
    "#]]
    .assert_eq(&table(&world, &[path], &ReadOptions::default()));
}
