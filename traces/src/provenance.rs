//! What a trace was made from, and what became of it on the way.

use crate::error::{Place, TraceError};
use crate::format::Format;
use crate::repair::Repairs;
use crate::schema::Row;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The files of a trace, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(pub Vec<(Arc<Path>, Format)>);

impl Files {
    /// Where a row was read.
    pub fn place(&self, row: &Row) -> Place {
        self.at(row.file, row.line)
    }

    /// A line of the numbered file.
    pub(crate) fn at(&self, file: u32, line: u64) -> Place {
        Place { file: Arc::clone(&self.0[file as usize].0), line }
    }
}

/// Where a trace comes from. Of a streamed trace it is whole once the last arrival was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The files and their formats.
    pub files: Files,
    /// Rows read, the unreadable ones included.
    pub rows_read: u64,
    /// Rows read that made sense, by file.
    pub rows_by_file: Vec<u64>,
    /// Rows given as arrivals.
    pub rows_kept: u64,
    /// Rows left out by a rule of repair.
    pub rows_dropped: u64,
    /// Rows outside `--from` and `--to`.
    pub rows_outside: u64,
    /// Rows that could not be read (`--skip-bad-rows`).
    pub rows_unreadable: u64,
    /// The first of those, as their errors read.
    pub unreadable: Vec<String>,
    /// What was put right.
    pub repairs: Repairs,
    /// Columns that no reader knows, with how many files have them.
    pub unknown_columns: BTreeMap<String, u64>,
    /// Job names without a class in the classes file, with their rows.
    pub unmatched: BTreeMap<String, u64>,
    /// Things worth knowing that are no fault of a row.
    pub remarks: BTreeSet<String>,
    /// Whether any row says when its first step ran after it was ready.
    pub has_recorded_starts: bool,
    /// Whether times count from the start of the capture, so that weekday and hour are unknown.
    pub time_is_relative: bool,
}

impl Provenance {
    /// A day of [`Repairs::by_day`] as people write it: a date, or its number in the capture.
    pub fn day(&self, day: i64) -> String {
        let date = jiff::civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().try_days(day).unwrap_or_default());
        match date {
            Ok(date) if !self.time_is_relative => date.to_string(),
            _ => format!("day {}", day + 1),
        }
    }

    /// Counts a row that was read.
    pub(crate) fn count(&mut self, file: u32) {
        self.rows_read += 1;
        let file = file as usize;
        if file >= self.rows_by_file.len() {
            self.rows_by_file.resize(file + 1, 0);
        }
        self.rows_by_file[file] += 1;
    }

    /// Counts a row that could not be read.
    pub(crate) fn skip(&mut self, error: &TraceError) {
        self.rows_read += 1;
        self.discard(error);
    }

    /// Counts a row that could be read but not used.
    pub(crate) fn discard(&mut self, error: &TraceError) {
        self.rows_unreadable += 1;
        if self.unreadable.len() < UNREADABLE_LISTED_MAX {
            self.unreadable.push(error.to_string());
        }
    }
}

/// Enough to see what is wrong with a file; the count tells the rest.
const UNREADABLE_LISTED_MAX: usize = 100;
