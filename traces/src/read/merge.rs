//! Several files as one stream of sound rows, the earliest first.

use crate::error::{Place, TraceError};
use crate::format::Format;
use crate::options::ReadOptions;
use crate::provenance::Provenance;
use crate::read::{Reader, Step, detect, open};
use crate::schema::Row;
use crate::settle::settle;
use crate::source::{Input, Source};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::sync::Arc;

/// All readers of a trace, and what became of their rows.
pub(crate) struct Merged {
    readers: Vec<Reader>,
    /// The next row of each reader, once there is more than one.
    peeked: Vec<Row>,
    order: BinaryHeap<Reverse<(i64, usize)>>,
    /// The only reader's first row, read to see what kind of time it has.
    has_first: bool,
    pub(crate) skip_bad_rows: bool,
    follows_jobs: bool,
    /// Rows left out by a rule since the reader of this looked; only where rows may name them as
    /// predecessors.
    pub(crate) left_out: Vec<Row>,
    pub(crate) provenance: Provenance,
}

/// The number of a file that will be opened again: a pipe would then hang or be empty.
fn again(path: &Path, number: u32) -> Result<u32, TraceError> {
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(number);
    }
    let source = std::io::Error::other("a pipe, where this format needs a file to read twice");
    Err(TraceError::Unreadable { place: Place::whole(&path.into()), source })
}

/// Milliseconds: 1973-03-03. No hosted CI is as old, no capture as long, so times below it count
/// from the start of a capture.
const RELATIVE_MS_MAX: i64 = 100_000_000_000;

impl Merged {
    /// Opens every file and reads one row of each.
    pub(crate) fn open(sources: &[Source], options: &ReadOptions) -> Result<Self, TraceError> {
        if sources.is_empty() {
            return Err(TraceError::NoSource);
        }
        let mut provenance = Provenance::default();
        provenance.repairs.strict = options.strict;
        let mut readers = Vec::new();
        let (mut rest, mut webhooks) = (Vec::new(), Vec::new());
        for (number, source) in sources.iter().enumerate() {
            if sources[..number].contains(source) {
                return Err(TraceError::Option {
                    option: "--trace",
                    found: format!("{} twice", source.path.display()),
                    expected: "each file once".to_owned(),
                });
            }
            let input = Input::open(&source.path)?;
            let format = detect::format(&input, options)?;
            let number = provenance.files.0.len() as u32;
            provenance.files.0.push((Arc::clone(&input.file), format));
            match format {
                // All files of these are one history.
                Format::GithubRest => rest.push(again(&source.path, number)?),
                Format::GithubWebhooks => webhooks.push(again(&source.path, number)?),
                _ => readers.push(open(format, (number, input), options, &mut provenance)?),
            }
        }
        if !rest.is_empty() {
            readers.push(Reader::rest(rest, &provenance)?);
        }
        if !webhooks.is_empty() {
            readers.push(Reader::webhooks(&webhooks, options, &mut provenance)?);
        }
        let follows_jobs = readers.iter().any(Reader::has_predecessors);
        let peeked = readers.iter().map(|_| Row::default()).collect();
        let mut merged = Self {
            readers,
            peeked,
            order: BinaryHeap::new(),
            has_first: false,
            skip_bad_rows: options.skip_bad_rows,
            follows_jobs,
            left_out: Vec::new(),
            provenance,
        };
        merged.prime()?;
        Ok(merged)
    }

    /// Reads the first row of each reader and settles what kind of time they have.
    fn prime(&mut self) -> Result<(), TraceError> {
        let mut kinds = [None, None];
        for number in 0..self.readers.len() {
            let mut row = std::mem::take(&mut self.peeked[number]);
            if self.read(number, &mut row)? {
                let ready_ms = row.ready_ms.unwrap_or(0);
                let relative = self.readers[number].is_relative(ready_ms < RELATIVE_MS_MAX);
                kinds[usize::from(relative)]
                    .get_or_insert_with(|| self.provenance.files.place(&row));
                self.order.push(Reverse((ready_ms, number)));
            }
            self.peeked[number] = row;
        }
        self.provenance.time_is_relative = kinds[1].is_some();
        self.has_first = self.readers.len() == 1 && !self.order.is_empty();
        match kinds {
            [Some(_), Some(place)] => Err(TraceError::MixedTime { place }),
            _ => Ok(()),
        }
    }

    /// Whether rows may name predecessors.
    pub(crate) fn has_predecessors(&self) -> bool {
        self.follows_jobs
    }

    /// Fills `row` with the next sound row; false at the end.
    pub(crate) fn next(&mut self, row: &mut Row) -> Result<bool, TraceError> {
        if self.readers.len() == 1 {
            if self.has_first {
                self.has_first = false;
                std::mem::swap(row, &mut self.peeked[0]);
                return Ok(true);
            }
            return self.read(0, row);
        }
        let Some(Reverse((_, number))) = self.order.pop() else { return Ok(false) };
        let mut next = std::mem::take(&mut self.peeked[number]);
        std::mem::swap(row, &mut next);
        if self.read(number, &mut next)? {
            self.order.push(Reverse((next.ready_ms.unwrap_or(0), number)));
        }
        self.peeked[number] = next;
        Ok(true)
    }

    /// The next row of one reader that is neither unreadable nor left out.
    fn read(&mut self, number: usize, row: &mut Row) -> Result<bool, TraceError> {
        loop {
            let provenance = &mut self.provenance;
            let step = self.readers[number].read(row, provenance).and_then(|step| match step {
                Step::Row => settle(row, provenance),
                other => Ok(other),
            });
            match step {
                Ok(Step::End) => return Ok(false),
                Ok(Step::Row) => {
                    provenance.count(row.file);
                    return Ok(true);
                }
                Ok(Step::Dropped) => {
                    provenance.count(row.file);
                    provenance.rows_dropped += 1;
                    if self.follows_jobs && !row.job_id.is_empty() {
                        self.left_out.push(row.clone());
                    }
                }
                Err(error) if self.skip_bad_rows && error.is_row() => provenance.skip(&error),
                Err(error) => return Err(error),
            }
        }
    }
}
