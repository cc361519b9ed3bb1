//! The journal: every entry of a run as a line of JSON.
//!
//! A journal is a header line, a line for each entry, and a closing line, compressed where its
//! name ends in `.gz` or `.zst`. The hash is xxh3 (64 bits) over the entry lines alone, line
//! breaks included: two runs that did the same have the same hash, whatever their files are
//! called.

mod coder;
mod error;
mod lines;
mod read;
mod write;

pub use error::JournalError;
pub use lines::{Closing, Hash, Header};
pub use read::Reader;
pub use write::Writer;
