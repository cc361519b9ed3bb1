//! One reader a format, all of which give rows of the schema.

mod bitcoin_core;
pub(crate) mod csv_file;
mod csv_map;
mod detect;
mod firefox_ci;
mod github;
mod github_rest;
mod github_webhooks;
mod greenroom;
mod json;
mod linkerd;
mod merge;
pub(crate) mod time;

use crate::error::TraceError;
use crate::format::Format;
use crate::options::ReadOptions;
use crate::provenance::Provenance;
use crate::schema::Row;
use crate::source::{Input, class_of};

#[cfg(feature = "parquet")]
pub(crate) use greenroom::{COUNT, MILLIS};
pub(crate) use merge::Merged;

/// A file, or several files of one history, being read.
pub(crate) enum Reader {
    Greenroom(greenroom::Greenroom),
    FirefoxCi(firefox_ci::FirefoxCi),
    BitcoinCore(Box<bitcoin_core::BitcoinCore>),
    Linkerd(linkerd::Linkerd),
    GithubRest(Box<github_rest::GithubRest>),
    GithubWebhooks(github_webhooks::GithubWebhooks),
    Csv(csv_map::CsvMap),
    #[cfg(feature = "parquet")]
    Parquet(Box<crate::parquet::ParquetReader>),
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
        Format::Csv => {
            let map = options.map.as_deref();
            Reader::Csv(csv_map::CsvMap::open(input, number, class, map, provenance)?)
        }
        #[cfg(feature = "parquet")]
        Format::Greenroom if input.head.starts_with(crate::parquet::MAGIC) => {
            let open = crate::parquet::ParquetReader::open;
            Reader::Parquet(Box::new(open(&input.file, number, class, provenance)?))
        }
        Format::Greenroom => {
            Reader::Greenroom(greenroom::Greenroom::open(input, number, class, provenance)?)
        }
        // All files of these are one history.
        Format::GithubRest => Reader::rest(vec![number], provenance)?,
        Format::GithubWebhooks => Reader::webhooks(&[number], options, provenance)?,
    })
}

impl Reader {
    /// The reader of all REST pages of a trace.
    fn rest(files: Vec<u32>, provenance: &Provenance) -> Result<Self, TraceError> {
        Ok(Self::GithubRest(Box::new(github_rest::GithubRest::open(files, provenance)?)))
    }

    /// The reader of all webhook logs of a trace.
    fn webhooks(
        files: &[u32],
        options: &ReadOptions,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let open = github_webhooks::GithubWebhooks::open;
        Ok(Self::GithubWebhooks(open(files, options.skip_bad_rows, provenance)?))
    }

    /// Fills `row` with the next row as it stands.
    fn read(&mut self, row: &mut Row, provenance: &mut Provenance) -> Result<Step, TraceError> {
        let is_row = match self {
            Self::Greenroom(reader) => reader.read(row)?,
            Self::FirefoxCi(reader) => reader.read(row)?,
            Self::Linkerd(reader) => reader.read(row)?,
            Self::BitcoinCore(reader) => return reader.read(row, provenance),
            Self::GithubRest(reader) => return reader.read(row, provenance),
            Self::GithubWebhooks(reader) => return reader.read(row, provenance),
            Self::Csv(reader) => return reader.read(row, provenance),
            #[cfg(feature = "parquet")]
            Self::Parquet(reader) => reader.read(row)?,
        };
        Ok(if is_row { Step::Row } else { Step::End })
    }

    /// Whether rows may name predecessors.
    fn has_predecessors(&self) -> bool {
        match self {
            Self::Greenroom(reader) => reader.has_predecessors,
            Self::BitcoinCore(reader) => reader.has_predecessors(),
            Self::Csv(reader) => reader.has_predecessors,
            #[cfg(feature = "parquet")]
            Self::Parquet(reader) => reader.has_predecessors,
            Self::FirefoxCi(_)
            | Self::Linkerd(_)
            | Self::GithubRest(_)
            | Self::GithubWebhooks(_) => false,
        }
    }

    /// Whether times count from the start of a capture. Formats with seconds since 1970 or with
    /// dates never do; our own may hold either, and its first time shows which.
    fn is_relative(&self, is_small: bool) -> bool {
        match self {
            Self::FirefoxCi(_) => true,
            Self::Greenroom(_) | Self::Csv(_) => is_small,
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => is_small,
            Self::BitcoinCore(_)
            | Self::Linkerd(_)
            | Self::GithubRest(_)
            | Self::GithubWebhooks(_) => false,
        }
    }
}
