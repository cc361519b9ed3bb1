//! Writing rows as a Greenroom trace, whole or not at all.

mod csv_writer;

use crate::error::TraceError;
use crate::schema::Row;
use std::fs::Permissions;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A trace being written; the file appears when [`Writer::finish`] returns, whole. Dropped before
/// that, it leaves nothing behind.
pub struct Writer {
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Csv(Box<csv_writer::CsvWriter>),
    #[cfg(feature = "parquet")]
    Parquet(Box<crate::parquet::ParquetWriter>),
}

impl Writer {
    /// Begins a trace at `path` with the numbered columns of [`COLUMNS`](crate::schema::COLUMNS).
    /// The extension says how: `.parquet` is Parquet, anything else CSV, which `.gz` and `.zst`
    /// compress.
    pub fn create(path: &Path, columns: Vec<usize>) -> Result<Self, TraceError> {
        let failed = |source| failed(path, source);
        let wants_parquet =
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
        let file = temporary(path).map_err(failed)?;
        let kind = if wants_parquet {
            parquet(file, &columns).map_err(failed)?
        } else {
            let csv = csv_writer::CsvWriter::new(file, path, columns).map_err(failed)?;
            Kind::Csv(Box::new(csv))
        };
        Ok(Self { path: path.to_owned(), kind })
    }

    /// Writes a row.
    pub fn write(&mut self, row: &Row) -> Result<(), TraceError> {
        let written = match &mut self.kind {
            Kind::Csv(csv) => csv.write(row),
            #[cfg(feature = "parquet")]
            Kind::Parquet(parquet) => parquet.write(row),
        };
        written.map_err(|source| failed(&self.path, source))
    }

    /// Lets the file appear, in place of an older one.
    pub fn finish(self) -> Result<(), TraceError> {
        let Self { path, kind } = self;
        let file = match kind {
            Kind::Csv(csv) => csv.finish(),
            #[cfg(feature = "parquet")]
            Kind::Parquet(parquet) => parquet.finish(),
        };
        let file = file.map_err(|source| failed(&path, source))?;
        file.persist(&path).map_err(|error| failed(&path, error.error))?;
        Ok(())
    }
}

#[cfg(feature = "parquet")]
fn parquet(file: NamedTempFile, columns: &[usize]) -> io::Result<Kind> {
    Ok(Kind::Parquet(Box::new(crate::parquet::ParquetWriter::new(file, columns)?)))
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: NamedTempFile, _: &[usize]) -> io::Result<Kind> {
    Err(io::Error::other("Parquet, which this build cannot write (feature `parquet`)"))
}

/// The error that `path` could not be written.
pub(crate) fn failed(path: &Path, source: io::Error) -> TraceError {
    TraceError::Output { file: path.to_owned(), source }
}

/// The directory of a file to be.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A file beside `path` that vanishes unless it is persisted.
fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".greenroom-");
    // Temporary files are private by default; the result is an ordinary file.
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(directory(path))
}
