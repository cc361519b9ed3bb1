//! What can be wrong with a configuration that can be read.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

/// A value that makes no sense, alone or beside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, from the root of the document.
    pub path: Vec<String>,
    /// What stands there.
    pub found: String,
    /// What could stand there.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, found, expected } = self;
        write!(f, "{}: found {found}, expected {expected}", key_text(path))
    }
}

/// A key as one types it: parts joined by dots, quoted where TOML needs quotes.
pub fn key_text(path: &[String]) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let part = |part: &String| {
        let is_bare = !part.is_empty() && part.chars().all(bare);
        if is_bare { part.clone() } else { format!("{part:?}") }
    };
    path.iter().map(part).collect::<Vec<_>>().join(".")
}

/// Collects problems while walking down a configuration.
#[derive(Debug)]
pub struct Check<'a> {
    path: Vec<String>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Check<'a> {
    /// At the root of the document.
    pub const fn new(problems: &'a mut Vec<Problem>) -> Self {
        Self { path: Vec::new(), problems }
    }

    /// One level further down.
    pub fn under(&mut self, key: &str) -> Check<'_> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        Check { path, problems: self.problems }
    }

    /// `key` does not make sense.
    pub fn fault(&mut self, key: &str, found: impl fmt::Display, expected: impl fmt::Display) {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        let (found, expected) = (found.to_string(), expected.to_string());
        self.problems.push(Problem { path, found, expected });
    }

    /// A number must lie in a range. Neither infinity nor "not a number" does.
    pub fn number(&mut self, key: &str, value: f64, range: RangeInclusive<f64>) {
        if !range.contains(&value) {
            let expected = format!("a number from {} to {}", range.start(), range.end());
            self.fault(key, value, expected);
        }
    }

    /// A count must lie in a range.
    pub fn count(&mut self, key: &str, value: u32, range: RangeInclusive<u32>) {
        if !range.contains(&value) {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.fault(key, value, expected);
        }
    }
}
