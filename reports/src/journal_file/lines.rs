//! What the lines of a journal look like.

use crate::provenance::Provenance;
use crate::summary::Run;
use greenroom_scheduler::command::Command;
use greenroom_scheduler::decision::Decision;
use greenroom_scheduler::event::Event;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, OwnedEntry, SCHEMA_VERSION, Sink};
use greenroom_scheduler::time::Time;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use xxhash_rust::xxh3::Xxh3;

/// The first line: what a reader must know before the first entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the entries.
    pub greenroom_journal: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// What the run was.
    pub run: Run,
}

impl Header {
    /// The header of a journal that this program writes.
    pub fn new(program: impl Into<String>, run: Run) -> Self {
        Self { greenroom_journal: SCHEMA_VERSION, program: program.into(), run }
    }
}

/// The last line: proof that nothing is missing, and what was known only at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// How many entries there are.
    pub entries: u64,
    /// Their hash.
    pub hash: String,
    /// Where the figures come from.
    pub provenance: Provenance,
}

/// The closing line is an object with this one key, so that it cannot be taken for an entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClosingLine<C> {
    pub(super) closing: C,
}

/// An entry as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine {
    pub(super) seq: u64,
    pub(super) at: Time,
    event: Option<Event>,
    command: Option<Command>,
    decision: Option<Decision>,
    fact: Option<Fact>,
}

impl EntryLine {
    /// The one entry of the line; none when it has none or several.
    pub(super) fn into_entry(self) -> Option<OwnedEntry> {
        match (self.event, self.command, self.decision, self.fact) {
            (Some(event), None, None, None) => Some(OwnedEntry::Event(event)),
            (None, Some(command), None, None) => Some(OwnedEntry::Command(command)),
            (None, None, Some(decision), None) => Some(OwnedEntry::Decision(decision)),
            (None, None, None, Some(fact)) => Some(OwnedEntry::Fact(fact)),
            _ => None,
        }
    }
}

/// Makes lines of entries, and the hash of the lines. By itself it is the sink that keeps
/// nothing but the hash.
#[derive(Clone, Default)]
pub struct Hash {
    state: Xxh3,
    seq: u64,
    line: Vec<u8>,
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hash")
            .field("entries", &self.seq)
            .field("hash", &self.hex())
            .finish_non_exhaustive()
    }
}

impl Hash {
    /// The hash of no entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next line, with its line break.
    pub(super) fn line(&mut self, at: Time, entry: Entry<'_>) -> &[u8] {
        self.line.clear();
        let mut number = itoa::Buffer::new();
        self.line.extend_from_slice(b"{\"seq\":");
        self.line.extend_from_slice(number.format(self.seq).as_bytes());
        self.line.extend_from_slice(b",\"at\":");
        self.line.extend_from_slice(number.format(at.as_ms()).as_bytes());
        let brace = self.line.len();
        // An entry is an object with one key, and becomes part of the line's object.
        let written = serde_json::to_writer(&mut self.line, &entry);
        debug_assert!(written.is_ok(), "entries have text keys only, and memory does not fail");
        self.line[brace] = b',';
        self.line.push(b'\n');
        self.state.update(&self.line);
        self.seq += 1;
        &self.line
    }

    /// Takes a line that was read instead of made.
    pub(super) fn read(&mut self, line: &[u8]) {
        self.state.update(line);
        self.seq += 1;
    }

    /// How many entries there were.
    pub const fn entries(&self) -> u64 {
        self.seq
    }

    /// The hash so far, in hex.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.state.digest())
    }
}

impl Sink for Hash {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        self.line(at, entry);
    }
}

/// A value as a line.
pub(super) fn to_line<T: Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    // Cannot fail: it writes to memory.
    let _ = line.write_all(b"\n");
    line
}
