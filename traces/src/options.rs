//! How to read.

use crate::arrival::Arrival;
use crate::error::{TraceError, shown};
use crate::format::Format;
use crate::read::time;
use std::path::PathBuf;

/// How to read a trace.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The format of all files; recognised by content where absent.
    pub format: Option<Format>,
    /// Describes the columns of [`Format::Csv`].
    pub map: Option<PathBuf>,
    /// Classes and `needs` of [`Format::BitcoinCore`].
    pub classes: Option<PathBuf>,
    /// What would be repaired is an error.
    pub strict: bool,
    /// Rows that cannot be read are counted and listed, not an error.
    pub skip_bad_rows: bool,
    /// Only jobs that enter at this time or later.
    pub from: Option<Limit>,
    /// Only jobs that enter before this time.
    pub to: Option<Limit>,
    /// A trace larger than this many bytes when packed is streamed instead of held.
    pub held_bytes_max: usize,
}

/// What threads share costs memory once and reading once; 64 MB hold half a million jobs.
pub const HELD_BYTES_MAX: usize = 64 << 20;

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            map: None,
            classes: None,
            strict: false,
            skip_bad_rows: false,
            from: None,
            to: None,
            held_bytes_max: HELD_BYTES_MAX,
        }
    }
}

impl ReadOptions {
    /// How many rows may be held.
    pub(crate) fn held_rows_max(&self) -> usize {
        (self.held_bytes_max / size_of::<Arrival>()).max(1)
    }
}

/// A limit of `--from` and `--to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A time on the trace's own line, in milliseconds.
    At(u64),
    /// So many milliseconds after the trace's start: its first job where it knows the date, the
    /// start of the capture otherwise.
    After(u64),
}

impl Limit {
    /// Understands `2025-09-04`, `2025-09-04T10:00:00Z`, milliseconds, and lengths such as `3d`,
    /// `36h`, `90m`, `5s`.
    pub fn parse(option: &'static str, text: &str) -> Result<Self, TraceError> {
        let unknown = || TraceError::Option {
            option,
            found: shown(text.as_bytes()),
            expected: "a date (2025-09-04, 2025-09-04T10:00:00Z), milliseconds, or a length after \
                       the trace's start (3d, 36h, 90m, 5s)"
                .to_owned(),
        };
        if let Ok(ms) = text.parse() {
            return Ok(Self::At(ms));
        }
        let units = [('d', 86_400_000), ('h', 3_600_000), ('m', 60_000), ('s', 1000)];
        for (letter, ms) in units {
            if let Some(number) = text.strip_suffix(letter) {
                let number: u64 = number.parse().map_err(|_| unknown())?;
                return number.checked_mul(ms).map(Self::After).ok_or_else(unknown);
            }
        }
        let ms = time::parse(text).ok_or_else(unknown)?;
        u64::try_from(ms).map(Self::At).map_err(|_| unknown())
    }
}
