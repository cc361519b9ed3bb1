//! What can be wrong with a trace. Every message names file, line, field, what was found and what
//! was expected, as far as they exist.

use crate::repair::Rule;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where something was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<Path>,
    /// The line, from 1; 0 for the file as a whole. In JSON, the line where the object begins. In a
    /// file without lines, [`Place::row`].
    pub line: u64,
}

/// Marks the number of a row in a file without lines.
const ROW: u64 = 1 << 63;

impl Place {
    /// What stands for a line where a file has none: the number of a row, from 1.
    pub const fn row(number: u64) -> u64 {
        number | ROW
    }

    /// A file as a whole.
    pub fn whole(file: &Arc<Path>) -> Self {
        Self { file: Arc::clone(file), line: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file.display()),
            row if row & ROW != 0 => write!(f, "{}: row {}", self.file.display(), row & !ROW),
            line => write!(f, "{}: line {line}", self.file.display()),
        }
    }
}

/// Why a trace could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// No file was named.
    #[error("no trace file was named: expected at least one")]
    NoSource,
    /// The operating system would not give the file, or it is damaged.
    #[error("{place}: cannot read: {source}")]
    Unreadable {
        /// Where reading stopped.
        place: Place,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds nothing at all.
    #[error("{place}: found an empty file, expected a job trace")]
    Empty {
        /// The file.
        place: Place,
    },
    /// The file has a header and no row, or nothing that counts as a job.
    #[error("{file}: found no job{why}, expected at least one", file = .place.file.display())]
    NoJobs {
        /// The file.
        place: Place,
        /// What was there instead, beginning with a blank.
        why: String,
    },
    /// The content is none of the known formats.
    #[error(
        "{place}: found {found}, expected one of the formats {}; name it with --format, or \
         describe other columns with --format csv --map FILE",
        crate::format::Format::list()
    )]
    UnknownFormat {
        /// The file.
        place: Place,
        /// How it begins.
        found: String,
    },
    /// The header lacks a column without which a row cannot be placed in time.
    #[error("{place}: header: found the columns {found}, expected {expected}")]
    MissingColumn {
        /// The header.
        place: Place,
        /// The columns that are there.
        found: String,
        /// What is missing.
        expected: String,
    },
    /// One value is not what its field holds.
    #[error("{place}: {field}: found {found}, expected {expected}")]
    Field {
        /// The row.
        place: Place,
        /// The column or key.
        field: String,
        /// The value, shortened and quoted.
        found: String,
        /// What the field holds.
        expected: String,
    },
    /// A row is wider or narrower than its header.
    #[error("{place}: found {found} fields, expected {expected} as in the header")]
    Width {
        /// The row.
        place: Place,
        /// Fields of the row.
        found: u64,
        /// Fields of the header.
        expected: u64,
    },
    /// Not the CSV or JSON that the rest of the file is; there is no reading on behind it.
    #[error("{place}: found {found}, expected {expected}")]
    Broken {
        /// Where.
        place: Place,
        /// What is there.
        found: String,
        /// What should be.
        expected: String,
    },
    /// A single row, object or run is larger than any real one.
    #[error("{place}: found {what}, expected less")]
    Huge {
        /// Where it begins.
        place: Place,
        /// What is too large, and for which limit.
        what: &'static str,
    },
    /// Files that count from the start of a capture beside files that know the date.
    #[error(
        "{place}: found times that count from the start of a capture, expected dates as in the \
         other files: the two have no common time line"
    )]
    MixedTime {
        /// A file with relative times.
        place: Place,
    },
    /// Rows too far out of order to be put right while streaming.
    #[error(
        "{place}: ready_ms: found a row that belongs {late} before one already delivered, expected \
         rows at most {window} rows out of order; sort the trace with `greenroom traces import`"
    )]
    OutOfOrder {
        /// The late row.
        place: Place,
        /// By how much it is late, as text with its unit.
        late: String,
        /// How many rows the reader holds back.
        window: usize,
    },
    /// Predecessors that cannot be followed.
    #[error("{place}: predecessors: found {found}, expected {expected}")]
    Predecessor {
        /// The row that names them.
        place: Place,
        /// What is wrong.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// `--strict`: a row that would have needed repair.
    #[error("{place}: {rule}: found {found}, expected {expected} (--strict)", expected = .rule.expected())]
    Strict {
        /// The row.
        place: Place,
        /// The rule that would have repaired it.
        rule: Rule,
        /// What the row says.
        found: String,
    },
    /// More of something than fits.
    #[error("{place}: found more than {limit} {what}, expected fewer; divide the trace by time")]
    TooMany {
        /// The first too many.
        place: Place,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A setting that does not fit the others.
    #[error("{option}: found {found}, expected {expected}")]
    Option {
        /// The option as users type it.
        option: &'static str,
        /// Its value.
        found: String,
        /// What would fit.
        expected: String,
    },
    /// The caller asked to stop; nothing is left behind.
    #[error("interrupted: nothing was written")]
    Interrupted,
    /// The output could not be written; nothing is left behind.
    #[error("{}: cannot write: {source}", .file.display())]
    Output {
        /// The file that was to be.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl TraceError {
    /// Whether only one row is unreadable, so that `--skip-bad-rows` may go on behind it.
    pub fn is_row(&self) -> bool {
        matches!(self, Self::Field { .. } | Self::Width { .. })
    }

    /// Whether it is the output that failed, not the input.
    pub fn is_output(&self) -> bool {
        matches!(self, Self::Output { .. })
    }
}

/// Longest piece of a found value that a message repeats; real values are far shorter.
const SHOWN_CHARS_MAX: usize = 60;

/// A found value as messages show it: quoted, on one line, shortened.
pub(crate) fn shown(value: &[u8]) -> String {
    if value.is_empty() {
        return "nothing".to_owned();
    }
    let head = &value[..value.len().min(4 * SHOWN_CHARS_MAX)];
    let text = String::from_utf8_lossy(head);
    let mut short: String =
        text.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().count() > SHOWN_CHARS_MAX || head.len() < value.len() {
        short.push_str("...");
    }
    format!("\"{short}\"")
}
