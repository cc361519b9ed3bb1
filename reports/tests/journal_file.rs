//! Journals: what is written is read back to the bit, and what is damaged is told.

use crate::stream::Stream;
use crate::town::{Town, live};
use expect_test::{Expect, expect};
use greenroom_reports::journal_file::{Hash, Header, Reader, Writer};
use greenroom_reports::provenance::Provenance;
use greenroom_reports::summary::{Fold, Options, Run};
use std::path::Path;

fn header() -> Header {
    Header::new("0.1.0", Run { seed: 3, policy: "reactive".into(), ..Run::default() })
}

fn write(stream: &Stream, path: &Path) -> String {
    let writer = stream.feed(Writer::begin(path, &header()).unwrap());
    writer.finish(Provenance { program: "0.1.0".into(), ..Provenance::default() }).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let stream = live(Town::SMALL).hold(0, greenroom_scheduler::decision::Cause::PoolMax).told();
    let hash = stream.feed(Hash::new()).hex();
    for name in ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst"] {
        let path = folder.path().join(name);
        assert_eq!(write(&stream, &path), hash, "{name}");
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.header(), &header());
        let mut read = Vec::new();
        while let Some(entry) = reader.next_entry().unwrap() {
            read.push(entry);
        }
        assert_eq!(read, stream.entries, "{name}");
        assert_eq!(reader.closing().unwrap().hash, hash);
    }
}

#[test]
fn a_journal_gives_the_summary_that_the_run_gave() {
    let folder = tempfile::tempdir().unwrap();
    let stream = live(Town::SMALL);
    let fold = || Fold::new(Run::default(), Options::default());
    let path = folder.path().join("a.ndjson.gz");
    write(&stream, &path);
    let mut read = fold();
    Reader::open(&path).unwrap().feed(&mut read).unwrap();
    assert_eq!(read.summary(), stream.feed(fold()).summary());
}

/// Writes a short journal, spoils its bytes, and tells what reading it says.
fn spoilt(name: &str, spoil: impl FnOnce(Vec<u8>) -> Vec<u8>, want: &Expect) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write(&Stream::simple().ready(0, 0).at(1.0).told().over(), &path);
    std::fs::write(&path, spoil(std::fs::read(&path).unwrap())).unwrap();
    let told = Reader::open(&path).and_then(|mut reader| reader.feed(&mut ())).unwrap_err();
    let text = told.to_string().replace(&format!("{}/", folder.path().display()), "");
    want.assert_eq(&format!("{text}\n"));
}

fn replace(from: &'static str, to: &'static str) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    }
}

fn cut(bytes: usize) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    move |mut all| {
        all.truncate(all.len() - bytes);
        all
    }
}

#[test]
fn damage_is_told_with_file_line_found_and_expected() {
    spoilt(
        "empty",
        |_| Vec::new(),
        &expect![[r#"
        empty: found an empty file; expected a journal
    "#]],
    );
    spoilt(
        "text",
        |_| b"hello, world\n".to_vec(),
        &expect![[r#"
            text line 1: found a line that cannot be read (column 1: expected value); expected the header line of a journal, {"greenroom_journal":…}
        "#]],
    );
    spoilt(
        "binary",
        |_| vec![0, 255, 3, 10],
        &expect![[r#"
            binary line 1: found a line that cannot be read (column 1: expected value); expected the header line of a journal, {"greenroom_journal":…}
        "#]],
    );
    spoilt(
        "newer",
        replace("greenroom_journal\":1", "greenroom_journal\":9"),
        &expect![[r#"
        newer line 1: found a journal of version 9; expected version 1, the one that this program reads
    "#]],
    );
    spoilt(
        "key",
        replace("\"program\"", "\"programme\""),
        &expect![[r#"
            key line 1: found a line that cannot be read (column 34: unknown field `programme`, expected one of `greenroom_journal`, `program`, `run`); expected the header line of a journal, {"greenroom_journal":…}
        "#]],
    );
    spoilt(
        "torn",
        cut(5),
        &expect![[r#"
            torn line 10: found a line that breaks off after 176 bytes: `{"closing":{"entries":8,"hash":"b26a873806c48bde","provenanc…`; expected its line break: the writer was stopped, or the copy is not complete
        "#]],
    );
    spoilt(
        "no-closing",
        drop_last_line,
        &expect![[r#"
        no-closing: found the end of the file after 8 entries; expected a closing line
    "#]],
    );
    spoilt(
        "torn.gz",
        cut(12),
        &expect![[r#"
        torn.gz line 10: found the packed data breaks off; expected its end
    "#]],
    );
    spoilt(
        "fact",
        replace("job_ready", "job_redy"),
        &expect![[r#"
            fact line 7: found a line that cannot be read (column 34: unknown variant `job_redy`, expected one of `named`, `job_ready`, `job_released`, `job_heard`, `job_started`, `attempt_l…); expected an entry, or the closing line
        "#]],
    );
    spoilt(
        "field",
        replace("\"label\":0,\"recorded\"", "\"lable\":0,\"recorded\""),
        &expect![[r#"
            field line 7: found a line that cannot be read (column 110: missing field `label`); expected an entry, or the closing line
        "#]],
    );
    spoilt(
        "negative",
        replace("\"at\":1000", "\"at\":-5"),
        &expect![[r#"
            negative line 8: found a line that cannot be read (column 16: invalid value: integer `-5`, expected u64); expected an entry, or the closing line
        "#]],
    );
    spoilt(
        "back",
        replace("\"seq\":6,\"at\":1000", "\"seq\":6,\"at\":1001"),
        &expect![[r#"
        back line 9: found time 1000 ms; expected 1001 ms or later: times never go back
    "#]],
    );
    spoilt(
        "gap",
        replace("\"seq\":6", "\"seq\":7"),
        &expect![[r#"
        gap line 8: found entry 7; expected entry 6
    "#]],
    );
    spoilt(
        "none",
        replace(",\"event\":\"tick\"", ""),
        &expect![[r#"
        none line 8: found `{"seq":6,"at":1000}`; expected one of `event`, `command`, `decision` and `fact`, and no second
    "#]],
    );
    spoilt(
        "changed",
        replace("acme/web", "acme/api"),
        &expect![[r#"
        changed line 10: found entries with the hash 44e043bb093e9fea; expected b26a873806c48bde, which the closing line names
    "#]],
    );
    spoilt(
        "after",
        |mut bytes| {
            bytes.extend(b"{}\n");
            bytes
        },
        &expect![[r#"
            after line 11: found `{}`; expected nothing after the closing line
        "#]],
    );
}

#[test]
fn a_packed_journal_with_any_byte_changed_is_not_taken_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    write(&Stream::simple().ready(0, 0).at(1.0).told().over(), &path);
    let whole = std::fs::read(&path).unwrap();
    // The ten bytes of gzip's own header hold a time and a system that nobody checks.
    for place in 10..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        std::fs::write(&path, bytes).unwrap();
        let read = Reader::open(&path).and_then(|mut reader| reader.feed(&mut ()));
        assert!(read.is_err(), "byte {place}");
    }
}

fn drop_last_line(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.pop();
    let end = bytes.iter().rposition(|&byte| byte == b'\n').unwrap();
    bytes.truncate(end + 1);
    bytes
}

#[test]
fn what_is_no_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &Path| Reader::open(path).unwrap_err().to_string();
    assert!(told(folder.path()).ends_with(": found a folder; expected a journal"));
    let text = told(&folder.path().join("nowhere"));
    assert!(text.ends_with("nowhere: found no such file; expected a journal"), "{text}");
}

#[test]
fn a_journal_on_a_full_disk_is_an_error_at_the_end() {
    let writer = Writer::begin(Path::new("/dev/full"), &header()).unwrap();
    let writer = live(Town::SMALL).feed(writer);
    assert!(writer.finish(Provenance::default()).unwrap_err().is_full());
}
