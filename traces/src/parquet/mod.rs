//! Greenroom traces as Parquet: the columns of [`crate::schema`], texts as `BYTE_ARRAY`, numbers as
//! `INT64`, all optional.
//!
//! Written and read through the column writers of the `parquet` crate: flat tables need no arrow,
//! which would triple the time that a build takes.

mod cells;
mod columns;
mod footer;
mod pages;
mod reader;
mod writer;

pub(crate) use reader::ParquetReader;
pub(crate) use writer::ParquetWriter;

use parquet::errors::ParquetError;
use std::io;

/// How a Parquet file begins and ends.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// The crate wraps the system's errors; a full disk must stay one.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}
