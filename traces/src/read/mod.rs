//! One reader a format, all of which give rows of the schema.

mod bitcoin_core;
pub(crate) mod csv_file;
mod detect;
mod firefox_ci;
mod greenroom;
mod linkerd;
mod merge;
pub(crate) mod time;

use crate::error::TraceError;
use crate::format::Format;
use crate::options::ReadOptions;
use crate::provenance::Provenance;
use crate::schema::Row;
use crate::source::{Input, class_of};

pub(crate) use merge::Merged;

/// A file, or several files of one history, being read.
pub(crate) enum Reader {
    Greenroom(greenroom::Greenroom),
    FirefoxCi(firefox_ci::FirefoxCi),
    BitcoinCore(Box<bitcoin_core::BitcoinCore>),
    Linkerd(linkerd::Linkerd),
}

/// What one step of a reader gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A row.
    Row,
    /// A row that a rule leaves out.
    Dropped,
    /// Nothing: it is over.
    End,
}

/// The reader of `format` for the open file with that number in the trace.
fn open(
    format: Format,
    (number, input): (u32, Input),
    options: &ReadOptions,
    provenance: &mut Provenance,
) -> Result<Reader, TraceError> {
    let class = class_of(&input.file);
    Ok(match format {
        Format::FirefoxCi => {
            Reader::FirefoxCi(firefox_ci::FirefoxCi::open(input, number, class, provenance)?)
        }
        Format::BitcoinCore => {
            let classes = options.classes.as_deref();
            let open = bitcoin_core::BitcoinCore::open;
            Reader::BitcoinCore(Box::new(open(input, number, class, classes, provenance)?))
        }
        Format::Linkerd => {
            Reader::Linkerd(linkerd::Linkerd::open(input, number, class, provenance)?)
        }
        _ => Reader::Greenroom(greenroom::Greenroom::open(input, number, class, provenance)?),
    })
}

impl Reader {
    /// Fills `row` with the next row as it stands.
    fn read(&mut self, row: &mut Row, provenance: &mut Provenance) -> Result<Step, TraceError> {
        let is_row = match self {
            Self::Greenroom(reader) => reader.read(row)?,
            Self::FirefoxCi(reader) => reader.read(row)?,
            Self::Linkerd(reader) => reader.read(row)?,
            Self::BitcoinCore(reader) => return reader.read(row, provenance),
        };
        Ok(if is_row { Step::Row } else { Step::End })
    }

    /// Whether rows may name predecessors.
    fn has_predecessors(&self) -> bool {
        match self {
            Self::Greenroom(reader) => reader.has_predecessors,
            Self::BitcoinCore(reader) => reader.has_predecessors(),
            Self::FirefoxCi(_) | Self::Linkerd(_) => false,
        }
    }

    /// Whether times count from the start of a capture. Formats with seconds since 1970 or with
    /// dates never do; our own may hold either, and its first time shows which.
    fn is_relative(&self, is_small: bool) -> bool {
        match self {
            Self::FirefoxCi(_) => true,
            Self::Greenroom(_) => is_small,
            Self::BitcoinCore(_) | Self::Linkerd(_) => false,
        }
    }
}
