//! Sorts any number of rows in bounded memory: sorted runs in temporary files, then merged.

use crate::error::TraceError;
use crate::read::csv_file::whole;
use crate::schema::{COLUMNS, Row, Slot};
use crate::write::{directory, failed};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek};
use std::path::{Path, PathBuf};

/// The order of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) enter_ms: i64,
    pub(super) depth: u32,
    pub(super) seq: u32,
}

/// Rows in memory: at 700 bytes each with their texts, about 90 MB.
const ROWS_IN_MEMORY: usize = 1 << 17;

/// Files open at once; systems allow 1024 by default, of which others need some.
const RUNS_MAX: usize = 256;

pub(super) struct Sorter {
    out: PathBuf,
    rows: Vec<(Key, Row)>,
    rows_max: usize,
    runs: Vec<Run>,
}

impl Sorter {
    /// Temporary files lie beside `out` and have no name, so that nothing is left of them.
    pub(super) fn new(out: &Path, rows_in_memory: usize) -> Self {
        let rows_max = if rows_in_memory == 0 { ROWS_IN_MEMORY } else { rows_in_memory };
        Self { out: out.to_owned(), rows: Vec::new(), rows_max, runs: Vec::new() }
    }

    /// Takes a row.
    pub(super) fn push(&mut self, key: Key, row: Row) -> Result<(), TraceError> {
        self.rows.push((key, row));
        if self.rows.len() >= self.rows_max {
            let out = self.out.clone();
            self.spill().map_err(|source| failed(&out, source))?;
        }
        Ok(())
    }

    /// Gives all rows in order.
    pub(super) fn drain(
        mut self,
        mut to: impl FnMut(Key, &Row) -> Result<(), TraceError>,
    ) -> Result<(), TraceError> {
        let out = self.out.clone();
        if self.runs.is_empty() {
            self.rows.sort_unstable_by_key(|&(key, _)| key);
            return self.rows.iter().try_for_each(|(key, row)| to(*key, row));
        }
        self.spill().map_err(|source| failed(&out, source))?;
        merge(self.runs, |error| failed(&out, error), to)
    }

    /// Sorts what is in memory into a run of its own.
    fn spill(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.rows.sort_unstable_by_key(|&(key, _)| key);
        let mut spill = Spill::new(&self.out)?;
        for (key, row) in self.rows.drain(..) {
            spill.write(key, &row)?;
        }
        self.runs.push(spill.finish()?);
        if self.runs.len() == RUNS_MAX {
            let mut spill = Spill::new(&self.out)?;
            let runs = std::mem::take(&mut self.runs);
            merge(runs, |error| error, |key, row| spill.write(key, row))?;
            self.runs.push(spill.finish()?);
        }
        Ok(())
    }
}

/// Gives the rows of sorted runs in order.
fn merge<E>(
    mut runs: Vec<Run>,
    wrap: impl Fn(io::Error) -> E,
    mut to: impl FnMut(Key, &Row) -> Result<(), E>,
) -> Result<(), E> {
    let mut heap = BinaryHeap::new();
    for (number, run) in runs.iter_mut().enumerate() {
        if let Some(key) = run.next().map_err(&wrap)? {
            heap.push(Reverse((key, number)));
        }
    }
    while let Some(Reverse((key, number))) = heap.pop() {
        let run = &mut runs[number];
        to(key, &run.row)?;
        if let Some(key) = run.next().map_err(&wrap)? {
            heap.push(Reverse((key, number)));
        }
    }
    Ok(())
}

/// A run being written: the key, then every column.
struct Spill {
    csv: csv::Writer<BufWriter<File>>,
    value: String,
}

impl Spill {
    fn new(out: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(directory(out))?;
        let csv = csv::Writer::from_writer(BufWriter::new(file));
        Ok(Self { csv, value: String::new() })
    }

    fn write(&mut self, key: Key, row: &Row) -> io::Result<()> {
        let Key { enter_ms, depth, seq } = key;
        for number in [enter_ms, i64::from(depth), i64::from(seq)] {
            self.csv.write_field(number.to_string())?;
        }
        for column in COLUMNS {
            self.value.clear();
            row.write(column, &mut self.value);
            self.csv.write_field(&self.value)?;
        }
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    fn finish(self) -> io::Result<Run> {
        let buffer = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        let mut file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let csv = csv::ReaderBuilder::new().has_headers(false).from_reader(BufReader::new(file));
        Ok(Run { csv, record: csv::StringRecord::new(), row: Row::default() })
    }
}

/// A run being read.
struct Run {
    csv: csv::Reader<BufReader<File>>,
    record: csv::StringRecord,
    row: Row,
}

impl Run {
    fn next(&mut self) -> io::Result<Option<Key>> {
        if !self.csv.read_record(&mut self.record)? {
            return Ok(None);
        }
        let Self { record, row, .. } = self;
        let number = |place: usize| whole(record[place].as_bytes());
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        row.clear();
        for (place, column) in COLUMNS.iter().enumerate() {
            match column.slot {
                Slot::Text(_, get) => get(row).push_str(&record[place + 3]),
                Slot::Millis(_, get) | Slot::Count(_, get) => *get(row) = number(place + 3),
            }
        }
        let key = |place: usize| number(place).ok_or_else(broken);
        Ok(Some(Key { enter_ms: key(0)?, depth: key(1)? as u32, seq: key(2)? as u32 }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// So many runs that some are merged before the end.
    #[test]
    fn runs_beyond_the_limit_are_merged() {
        let dir = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(&dir.path().join("out.csv"), 2);
        let count = 2 * RUNS_MAX as u32 + 101;
        for seq in 0..count {
            let enter_ms = i64::from(seq * 7919 % count);
            let row =
                Row { ready_ms: Some(enter_ms), job_name: "a,\n\"b".into(), ..Row::default() };
            sorter.push(Key { enter_ms, depth: 0, seq }, row).unwrap();
        }
        assert!(sorter.runs.len() < RUNS_MAX);
        let mut next = 0;
        sorter
            .drain(|_, row| {
                assert_eq!(row.ready_ms, Some(next));
                assert_eq!(row.job_name, "a,\n\"b");
                next += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(next, i64::from(count));
        let left = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 0, "temporary files have no name");
    }
}
