//! Reading a journal, a line at a time.

use super::coder;
use super::error::JournalError;
use super::lines::{Closing, ClosingLine, EntryLine, Hash, Header};
use greenroom_scheduler::journal::{OwnedEntry, SCHEMA_VERSION, Sink};
use greenroom_scheduler::time::Time;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

/// Longest line: an observation of a hundred thousand runners is a tenth of it.
const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Most of a faulty line that is quoted.
const QUOTED_MAX: usize = 60;

/// A journal that is being read. After the last entry its closing line is known and checked.
pub struct Reader {
    path: PathBuf,
    input: Box<dyn BufRead + Send>,
    header: Header,
    hash: Hash,
    line: Vec<u8>,
    number: u64,
    last: Time,
    closing: Option<Closing>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .field("line", &self.number)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a journal and reads its header.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let unreadable = |error| JournalError::unreadable(path, None, &error);
        if path.is_dir() {
            return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
        }
        let input = coder::open(path).map_err(unreadable)?;
        let run = crate::summary::Run::default();
        let mut reader = Self {
            path: path.to_owned(),
            input,
            header: Header::new("", run),
            hash: Hash::new(),
            line: Vec::new(),
            number: 0,
            last: Time::ZERO,
            closing: None,
        };
        if !reader.next_line()? {
            return Err(JournalError::new(path, None, "an empty file", "a journal"));
        }
        reader.header = reader.parse_header()?;
        Ok(reader)
    }

    fn parse_header(&self) -> Result<Header, JournalError> {
        /// The version alone: a header of another version may have other fields.
        #[derive(serde::Deserialize)]
        struct Version {
            greenroom_journal: u32,
        }
        let expected = "the header line of a journal, {\"greenroom_journal\":…}";
        let json = |error| JournalError::json(&self.path, self.number, &error, expected);
        let version: Version = serde_json::from_slice(&self.line).map_err(json)?;
        if version.greenroom_journal != SCHEMA_VERSION {
            return Err(self.fault(
                format!("a journal of version {}", version.greenroom_journal),
                format!("version {SCHEMA_VERSION}, the one that this program reads"),
            ));
        }
        serde_json::from_slice(&self.line).map_err(json)
    }

    /// What the journal is of.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The next entry; none after the last, whose count and hash have then been checked.
    pub fn next_entry(&mut self) -> Result<Option<(Time, OwnedEntry)>, JournalError> {
        if self.closing.is_some() {
            return Ok(None);
        }
        if !self.next_line()? {
            let found = format!("the end of the file after {} entries", self.hash.entries());
            return Err(JournalError::new(&self.path, None, found, "a closing line"));
        }
        if self.line.starts_with(b"{\"closing\":") {
            self.close()?;
            return Ok(None);
        }
        let line: EntryLine = serde_json::from_slice(&self.line).map_err(|error| {
            JournalError::json(&self.path, self.number, &error, "an entry, or the closing line")
        })?;
        let (seq, at) = (line.seq, line.at);
        if seq != self.hash.entries() {
            return Err(
                self.fault(format!("entry {seq}"), format!("entry {}", self.hash.entries()))
            );
        }
        if at < self.last {
            return Err(self.fault(
                format!("time {} ms", at.as_ms()),
                format!("{} ms or later: times never go back", self.last.as_ms()),
            ));
        }
        let Some(entry) = line.into_entry() else {
            return Err(self.fault(
                self.quoted(),
                "one of `event`, `command`, `decision` and `fact`, and no second",
            ));
        };
        self.last = at;
        self.hash.read(&self.line);
        Ok(Some((at, entry)))
    }

    /// Feeds all entries that are left, and gives the closing line.
    pub fn feed(&mut self, sink: &mut impl Sink) -> Result<Closing, JournalError> {
        while let Some((at, entry)) = self.next_entry()? {
            sink.entry(at, entry.as_entry());
        }
        self.closing.clone().ok_or_else(|| self.fault("no closing line", "a closing line"))
    }

    /// The closing line, once it was reached.
    pub const fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }

    fn close(&mut self) -> Result<(), JournalError> {
        let ClosingLine::<Closing> { closing } =
            serde_json::from_slice(&self.line).map_err(|error| {
                JournalError::json(&self.path, self.number, &error, "a closing line")
            })?;
        let (entries, hash) = (self.hash.entries(), self.hash.hex());
        if closing.entries != entries {
            return Err(self.fault(
                format!("a closing line for {} entries", closing.entries),
                format!("one for {entries}, as many as there are"),
            ));
        }
        if closing.hash != hash {
            return Err(self.fault(
                format!("entries with the hash {hash}"),
                format!("{}, which the closing line names", closing.hash),
            ));
        }
        if self.next_line()? {
            return Err(self.fault(self.quoted(), "nothing after the closing line"));
        }
        self.closing = Some(closing);
        Ok(())
    }

    /// Reads a line with its line break; false at the end of the file.
    fn next_line(&mut self) -> Result<bool, JournalError> {
        self.line.clear();
        self.number += 1;
        let limit = LINE_BYTES_MAX as u64 + 1;
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut self.line);
        read.map_err(|error| JournalError::unreadable(&self.path, Some(self.number), &error))?;
        if self.line.is_empty() {
            return Ok(false);
        }
        if self.line.len() > LINE_BYTES_MAX {
            return Err(self.fault(
                format!("a line of more than {LINE_BYTES_MAX} bytes"),
                "a line of a journal",
            ));
        }
        if self.line.last() != Some(&b'\n') {
            return Err(self.fault(
                format!(
                    "a line that breaks off after {} bytes: {}",
                    self.line.len(),
                    self.quoted()
                ),
                "its line break: the writer was stopped, or the copy is not complete",
            ));
        }
        Ok(true)
    }

    fn fault(&self, found: impl Into<String>, expected: impl Into<String>) -> JournalError {
        JournalError::new(&self.path, Some(self.number), found, expected)
    }

    /// The start of the line, for people.
    fn quoted(&self) -> String {
        let text = String::from_utf8_lossy(&self.line);
        let text = text.trim_end();
        let short: String = text.chars().take(QUOTED_MAX).collect();
        let more = if short.len() < text.len() { "…" } else { "" };
        format!("`{short}{more}`")
    }
}
