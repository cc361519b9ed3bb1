//! What can be wrong with a journal that is read.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Most letters of the parser's word that are told.
const TEXT_MAX: usize = 120;

/// A journal that cannot be read, with the file and line at which it ends to make sense.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct JournalError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; none where the fault is no line's.
    pub line: Option<u64>,
    /// What was found there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl JournalError {
    pub(super) fn new(
        path: &Path,
        line: Option<u64>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { path: path.to_owned(), line, found: found.into(), expected: expected.into() }
    }

    pub(super) fn unreadable(path: &Path, line: Option<u64>, error: &io::Error) -> Self {
        let (found, expected) = match error.kind() {
            ErrorKind::UnexpectedEof => ("the packed data breaks off", "its end"),
            ErrorKind::InvalidData | ErrorKind::InvalidInput => {
                ("packed data that is damaged", "data as it was written")
            }
            ErrorKind::NotFound => ("no such file", "a journal"),
            ErrorKind::PermissionDenied => ("a file that may not be read", "a journal"),
            ErrorKind::IsADirectory => ("a folder", "a journal"),
            _ => {
                return Self::new(path, line, error.to_string(), "a journal that can be read");
            }
        };
        Self::new(path, line, found, expected)
    }

    pub(super) fn json(path: &Path, line: u64, error: &serde_json::Error, what: &str) -> Self {
        // The position of the parser is within the line, and its line is always the first.
        let column = error.column();
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        // The parser names everything that it knows; the first few show what is meant.
        let short: String = text.chars().take(TEXT_MAX).collect();
        let text = if short.len() < text.len() { format!("{short}…") } else { short };
        Self::new(
            path,
            Some(line),
            format!("a line that cannot be read (column {column}: {text})"),
            what,
        )
    }

    fn text(&self) -> String {
        let Self { path, line, found, expected } = self;
        let line = line.map_or_else(String::new, |line| format!(" line {line}"));
        format!("{}{line}: found {found}; expected {expected}", path.display())
    }
}
