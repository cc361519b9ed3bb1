//! A CSV file by column names: what all readers of CSV share.

use crate::error::{Place, TraceError, shown};
use crate::provenance::Provenance;
use crate::schema::TIME_MS_MAX;
use crate::source::{Budget, Content, Input, Quotes, unreadable};
use std::path::Path;
use std::sync::Arc;

/// Large enough that a system call is rare.
const BUFFER_BYTES: usize = 64 << 10;

/// An open CSV file behind its header.
pub(crate) struct CsvFile {
    pub(crate) file: Arc<Path>,
    pub(crate) header: Vec<String>,
    reader: csv::Reader<Content>,
    record: csv::ByteRecord,
    budget: Budget,
    quotes: Quotes,
    line: u64,
}

impl CsvFile {
    /// Reads the header.
    pub(crate) fn open(input: Input, delimiter: u8) -> Result<Self, TraceError> {
        let Input { file, mut content, budget, .. } = input;
        let quotes = content.quotes();
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(content);
        let record = csv::ByteRecord::new();
        let mut this = Self { file, header: Vec::new(), reader, record, budget, quotes, line: 1 };
        this.next()?;
        let names = this.record.iter();
        this.header = names.map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let mut sorted: Vec<&str> =
            this.header.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TraceError::Field {
                place: this.place(),
                field: "header".to_owned(),
                found: format!("the column {} twice", shown(twice[0].as_bytes())),
                expected: "each column once".to_owned(),
            });
        }
        Ok(this)
    }

    /// The place of a column that may be missing.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The place of a column that may not be missing.
    pub(crate) fn need(&self, name: &str) -> Result<usize, TraceError> {
        self.find(name).ok_or_else(|| TraceError::MissingColumn {
            place: Place { file: Arc::clone(&self.file), line: 1 },
            found: self.columns(),
            expected: format!("a column {name}"),
        })
    }

    /// The header, for messages.
    pub(crate) fn columns(&self) -> String {
        self.header.join(",")
    }

    /// Counts the columns that are not `known`.
    pub(crate) fn note_unknown(&self, known: &[&str], provenance: &mut Provenance) {
        for name in self.header.iter().filter(|name| !known.contains(&name.as_str())) {
            *provenance.unknown_columns.entry(name.clone()).or_default() += 1;
        }
    }

    /// Goes to the next row; false at the end.
    pub(crate) fn next(&mut self) -> Result<bool, TraceError> {
        self.budget.refill();
        // A quote that is never closed makes one row of all that follows, and no error of it.
        let spans_lines = self.record.as_slice().contains(&b'\n');
        let read = self.reader.read_byte_record(&mut self.record);
        let (file, line) = (&self.file, self.reader.position().line());
        match read {
            Ok(false) if spans_lines && self.quotes.is_open() => Err(TraceError::Broken {
                place: self.place(),
                found: "a quote that is never closed".to_owned(),
                expected: "quotes in pairs".to_owned(),
            }),
            Ok(more) => {
                self.line = self.record.position().map_or(line, csv::Position::line);
                Ok(more)
            }
            Err(error) => match error.into_kind() {
                csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                    let line = pos.map_or(line, |pos| pos.line());
                    let place = Place { file: Arc::clone(file), line };
                    Err(TraceError::Width { place, found: len, expected: expected_len })
                }
                csv::ErrorKind::Io(source) => Err(unreadable(file, line, &self.budget, source)),
                other => Err(TraceError::Broken {
                    place: Place { file: Arc::clone(file), line },
                    found: format!("{other:?}"),
                    expected: "rows of CSV".to_owned(),
                }),
            },
        }
    }

    /// Where the present row begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The same, for messages.
    pub(crate) fn place(&self) -> Place {
        Place { file: Arc::clone(&self.file), line: self.line }
    }

    /// A value of the present row, `None` for the spellings of null.
    pub(crate) fn value(&self, column: usize) -> Option<&[u8]> {
        let value = self.record.get(column)?.trim_ascii();
        (!is_null(value)).then_some(value)
    }

    /// Copies a text of the present row.
    pub(crate) fn text(&self, column: usize, into: &mut String) -> Result<(), TraceError> {
        into.clear();
        if let Some(value) = self.value(column) {
            let text =
                std::str::from_utf8(value).map_err(|_| self.wrong(column, "text in UTF-8"))?;
            into.push_str(text);
        }
        Ok(())
    }

    /// Copies a text of the present row as it stands, blanks included. For our own files, where
    /// only nothing means nothing: a branch may well be called `null`.
    pub(crate) fn raw_text(&self, column: usize, into: &mut String) -> Result<(), TraceError> {
        let value = self.record.get(column).unwrap_or_default();
        let text = std::str::from_utf8(value).map_err(|_| self.wrong(column, "text in UTF-8"))?;
        into.clear();
        into.push_str(text);
        Ok(())
    }

    /// A whole number of the present row.
    pub(crate) fn whole(
        &self,
        column: usize,
        range: std::ops::RangeInclusive<i64>,
        expected: &str,
    ) -> Result<Option<i64>, TraceError> {
        let Some(value) = self.value(column) else { return Ok(None) };
        match whole(value) {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self.wrong(column, expected)),
        }
    }

    /// An instant in whole seconds, as milliseconds; not null.
    pub(crate) fn seconds(&self, column: usize) -> Result<i64, TraceError> {
        let expected = "whole seconds since 1970";
        let secs = self.whole(column, 0..=TIME_MS_MAX / 1000, expected)?;
        secs.map(|secs| secs * 1000).ok_or_else(|| self.wrong(column, expected))
    }

    /// The error that the value of a column is not what it should be.
    pub(crate) fn wrong(&self, column: usize, expected: &str) -> TraceError {
        TraceError::Field {
            place: self.place(),
            field: self.header[column].clone(),
            found: shown(self.record.get(column).unwrap_or_default()),
            expected: expected.to_owned(),
        }
    }
}

/// The spellings of null that exports use.
fn is_null(value: &[u8]) -> bool {
    matches!(value, b"" | b"NULL" | b"null" | b"\\N" | b"\\\\N" | b"None")
}

/// A decimal whole number. `.0` behind it is allowed: data frames turn columns with holes into
/// floats.
pub(crate) fn whole(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => digits,
        Some(_) => return None,
        None => text,
    };
    digits.parse().ok()
}
