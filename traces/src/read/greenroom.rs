//! Our own format: the columns of the schema, any subset that places a job in time.

use crate::error::{Place, TraceError};
use crate::provenance::Provenance;
use crate::read::csv_file::CsvFile;
use crate::schema::{self, COLUMNS, Row, Slot, TIME_MS_MAX};
use crate::source::Input;
use std::sync::Arc;

pub(crate) struct Greenroom {
    csv: CsvFile,
    file: u32,
    class: String,
    /// Column of the file, column of the schema.
    columns: Vec<(usize, usize)>,
    pub(crate) has_predecessors: bool,
}

impl Greenroom {
    pub(crate) fn open(
        input: Input,
        file: u32,
        class: String,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let csv = CsvFile::open(input, b',')?;
        let mut columns = Vec::new();
        for (place, name) in csv.header.iter().enumerate() {
            match schema::column(name) {
                Some(column) => columns.push((place, column)),
                None => *provenance.unknown_columns.entry(name.clone()).or_default() += 1,
            }
        }
        for (one, other) in [("queued_ms", "ready_ms"), ("duration_ms", "completed_ms")] {
            if csv.find(one).or_else(|| csv.find(other)).is_none() {
                return Err(TraceError::MissingColumn {
                    place: Place { file: Arc::clone(&csv.file), line: 1 },
                    found: csv.columns(),
                    expected: format!("{one} or {other}"),
                });
            }
        }
        let has_predecessors = csv.find("predecessors").is_some();
        Ok(Self { csv, file, class, columns, has_predecessors })
    }

    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, TraceError> {
        if !self.csv.next()? {
            return Ok(false);
        }
        row.clear();
        row.file = self.file;
        row.line = self.csv.line();
        for &(place, column) in &self.columns {
            match COLUMNS[column].slot {
                Slot::Text(_, get) => self.csv.raw_text(place, get(row))?,
                Slot::Millis(_, get) => {
                    *get(row) = self.csv.whole(place, 0..=TIME_MS_MAX, MILLIS)?;
                }
                Slot::Count(_, get) => {
                    *get(row) = self.csv.whole(place, 0..=i64::from(u32::MAX), COUNT)?;
                }
            }
        }
        if !matches!(row.forge.as_str(), "" | "cloud" | "enterprise") {
            let place = self.csv.find("forge").expect("only the column fills the field");
            return Err(self.csv.wrong(place, "cloud or enterprise"));
        }
        row.set_class(&self.class);
        Ok(true)
    }
}

pub(crate) const MILLIS: &str = "whole milliseconds, 0 to 253402300799999";
pub(crate) const COUNT: &str = "a whole number, 0 to 4294967295";
