//! Parquet into rows, a batch of cells at a time.

use super::cells::{Cell, Cells};
use super::columns::{Selected, select};
use super::pages::Pages;
use super::{MAGIC, footer, io_error};
use crate::error::{Place, TraceError, shown};
use crate::provenance::Provenance;
use crate::read::{COUNT, MILLIS};
use crate::schema::{COLUMNS, Row, Slot, TIME_MS_MAX};
use parquet::column::reader::get_column_reader;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;

/// A trace in Parquet, being read.
pub(crate) struct ParquetReader {
    path: Arc<Path>,
    reader: SerializedFileReader<File>,
    file: u32,
    class: String,
    columns: Vec<Selected>,
    /// Of the present row group, by column.
    cells: Vec<Cells>,
    /// The next row group, the rows left in the present one, and the rows read.
    next_group: usize,
    left: u64,
    rows: u64,
    pub(crate) has_predecessors: bool,
}

/// A cell that does not hold what its column should.
struct Wrong {
    field: &'static str,
    found: String,
    expected: &'static str,
}

impl ParquetReader {
    pub(crate) fn open(
        path: &Arc<Path>,
        file: u32,
        class: String,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let place = Place::whole(path);
        let failed = |source| TraceError::Unreadable { place: place.clone(), source };
        let file_itself = whole(path).map_err(failed)?;
        let length = file_itself.metadata().map_err(failed)?.len();
        let reader = SerializedFileReader::new(file_itself)
            .and_then(|reader| footer::check(reader.metadata(), length).map(|()| reader))
            .map_err(|error| failed(damaged(error)))?;
        let columns = select(reader.metadata().file_metadata().schema_descr(), &place, provenance)?;
        let has = |name| columns.iter().any(|its| COLUMNS[its.column].name == name);
        Ok(Self {
            path: Arc::clone(path),
            has_predecessors: has("predecessors"),
            reader,
            file,
            class,
            columns,
            cells: Vec::new(),
            next_group: 0,
            left: 0,
            rows: 0,
        })
    }

    /// Fills `row` with the next row; false at the end. Behind a [`TraceError::Field`] reading may
    /// go on.
    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, TraceError> {
        while self.left == 0 {
            if self.next_group == self.reader.num_row_groups() {
                return Ok(false);
            }
            self.begin_group().map_err(|error| self.unreadable(error))?;
        }
        self.left -= 1;
        self.rows += 1;
        row.clear();
        row.file = self.file;
        row.line = Place::row(self.rows);
        // Every cell is taken, so that the next row is whole even if this one is not.
        let mut wrong = None;
        for (selected, cells) in self.columns.iter().zip(&mut self.cells) {
            match cells.next().map(|cell| take(cell, selected.column, row)) {
                Ok(Ok(())) => {}
                Ok(Err(its)) => wrong = wrong.or(Some(its)),
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        if !matches!(row.forge.as_str(), "" | "cloud" | "enterprise") {
            let found = shown(row.forge.as_bytes());
            wrong =
                wrong.or(Some(Wrong { field: "forge", found, expected: "cloud or enterprise" }));
        }
        if let Some(Wrong { field, found, expected }) = wrong {
            return Err(TraceError::Field {
                place: self.place(),
                field: field.to_owned(),
                found,
                expected: expected.to_owned(),
            });
        }
        row.set_class(&self.class);
        Ok(true)
    }

    fn begin_group(&mut self) -> Result<(), ParquetError> {
        self.cells.clear();
        let group = self.reader.get_row_group(self.next_group)?;
        for selected in &self.columns {
            let pages = Pages::new(group.get_column_page_reader(selected.leaf)?, *selected);
            let descriptor = group.metadata().column(selected.leaf).column_descr_ptr();
            let reader = get_column_reader(descriptor, Box::new(pages));
            let cells = Cells::new(reader, selected.is_optional);
            let unknown = || ParquetError::General("a column of another type".to_owned());
            self.cells.push(cells.ok_or_else(unknown)?);
        }
        self.left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        self.next_group += 1;
        Ok(())
    }

    fn place(&self) -> Place {
        Place { file: Arc::clone(&self.path), line: Place::row(self.rows) }
    }

    fn unreadable(&self, error: ParquetError) -> TraceError {
        let place = if self.rows == 0 { Place::whole(&self.path) } else { self.place() };
        TraceError::Unreadable { place, source: damaged(error) }
    }
}

/// The file itself: Parquet is read from its end, so neither a pipe nor a packed file will do.
fn whole(path: &Path) -> io::Result<File> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("a pipe, where Parquet needs a file to read from its end"));
    }
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(io::Error::other("Parquet that is packed once more, unpack it first"));
    }
    file.rewind()?;
    Ok(file)
}

fn damaged(error: ParquetError) -> io::Error {
    match io_error(error) {
        error if error.kind() == io::ErrorKind::Other => {
            io::Error::other(format!("damaged, cut off or unusual Parquet ({error})"))
        }
        error => error,
    }
}

/// Puts a cell into its place in the row.
fn take(cell: Cell<'_>, column: usize, row: &mut Row) -> Result<(), Wrong> {
    let field = COLUMNS[column].name;
    let wrong = |found: String, expected| Err(Wrong { field, found, expected });
    let (into, max, expected) = match COLUMNS[column].slot {
        Slot::Text(_, get) => {
            let into = get(row);
            return match cell {
                Cell::Nothing => Ok(()),
                Cell::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => {
                        into.push_str(text);
                        Ok(())
                    }
                    Err(_) => wrong(shown(bytes), "text in UTF-8"),
                },
                Cell::Whole(number) => {
                    write!(into, "{number}").expect("a String takes any text");
                    Ok(())
                }
                Cell::Fraction(number) => wrong(number.to_string(), "text"),
            };
        }
        Slot::Millis(_, get) => (get(row), TIME_MS_MAX, MILLIS),
        Slot::Count(_, get) => (get(row), i64::from(u32::MAX), COUNT),
    };
    match cell {
        Cell::Nothing => {}
        Cell::Whole(number) if (0..=max).contains(&number) => *into = Some(number),
        Cell::Whole(number) => return wrong(number.to_string(), expected),
        Cell::Fraction(number) => return wrong(number.to_string(), expected),
        Cell::Text(bytes) => return wrong(shown(bytes), expected),
    }
    Ok(())
}
