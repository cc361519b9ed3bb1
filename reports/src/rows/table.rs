//! Rows of a table, whatever the file.

use crate::atomic::{Draft, OutputError};
use std::io;
use std::path::{Path, PathBuf};

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, its unit last.
    pub name: String,
    /// What its cells hold.
    pub kind: Kind,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
}

impl Cell {
    /// A number, if it is known.
    pub fn integer(value: Option<impl TryInto<i64>>) -> Self {
        value.and_then(|value| value.try_into().ok()).map_or(Self::Empty, Self::Integer)
    }

    /// Text; empty text is nothing.
    pub fn text(value: impl Into<String>) -> Self {
        let value = value.into();
        if value.is_empty() { Self::Empty } else { Self::Text(value) }
    }
}

/// A table that is being written. It stands in its place only once it is finished.
#[derive(Debug)]
pub struct RowWriter {
    path: PathBuf,
    format: Format,
    failed: Option<OutputError>,
}

enum Format {
    Csv(Box<csv::Writer<Draft>>),
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::Parquet>),
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Csv(_) => "Csv",
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => "Parquet",
        })
    }
}

impl RowWriter {
    /// Begins a table: Parquet where the name ends in `.parquet`, CSV otherwise.
    pub fn begin(path: &Path, columns: &[Column]) -> Result<Self, OutputError> {
        let draft = Draft::begin(path)?;
        let wants_parquet = path.extension().is_some_and(|end| end == "parquet");
        let format = if wants_parquet { parquet(draft, columns) } else { csv(draft, columns) };
        let format = format.map_err(OutputError::at(path))?;
        Ok(Self { path: path.to_owned(), format, failed: None })
    }

    /// One more row, with as many cells as there are columns.
    // Parquet keeps the cells; without it nobody does.
    #[cfg_attr(not(feature = "parquet"), allow(clippy::needless_pass_by_value))]
    pub fn row(&mut self, cells: Vec<Cell>) {
        if self.failed.is_some() {
            return;
        }
        let written = match &mut self.format {
            Format::Csv(writer) => write_csv(writer, &cells),
            #[cfg(feature = "parquet")]
            Format::Parquet(writer) => writer.row(cells),
        };
        if let Err(error) = written {
            self.failed = Some(OutputError::at(&self.path)(error));
        }
    }

    /// Puts the table into its place; the first thing that went wrong, if any did.
    pub fn finish(self) -> Result<(), OutputError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let draft = match self.format {
            Format::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            #[cfg(feature = "parquet")]
            Format::Parquet(writer) => writer.finish(),
        };
        draft.map_err(OutputError::at(&self.path))?.commit()
    }
}

fn csv(draft: Draft, columns: &[Column]) -> io::Result<Format> {
    let mut writer = csv::Writer::from_writer(draft);
    writer.write_record(columns.iter().map(|column| &column.name))?;
    Ok(Format::Csv(Box::new(writer)))
}

fn write_csv(writer: &mut csv::Writer<Draft>, cells: &[Cell]) -> io::Result<()> {
    let mut number = itoa::Buffer::new();
    for cell in cells {
        match cell {
            Cell::Empty => writer.write_field("")?,
            Cell::Text(text) => writer.write_field(text)?,
            Cell::Integer(value) => writer.write_field(number.format(*value))?,
        }
    }
    writer.write_record(None::<&[u8]>)?;
    Ok(())
}

#[cfg(feature = "parquet")]
fn parquet(draft: Draft, columns: &[Column]) -> io::Result<Format> {
    super::parquet::Parquet::begin(draft, columns).map(|writer| Format::Parquet(Box::new(writer)))
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: Draft, _: &[Column]) -> io::Result<Format> {
    Err(io::Error::other(
        "this build has no Parquet; name it .csv, or build with the feature `parquet`",
    ))
}
