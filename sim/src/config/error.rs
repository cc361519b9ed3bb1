//! What is wrong with a configuration, and where.

use super::near;
use std::fmt;

/// One fault of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// File, line and column, as far as they are known; or the option on the command line.
    pub place: String,
    /// The key from the root of the document; empty when the fault is not that of a key.
    pub key: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No such key.
    UnknownKey {
        /// The last part of the key.
        found: String,
        /// What may stand there.
        expected: Vec<String>,
    },
    /// A value that does not belong there.
    Value {
        /// What stands there.
        found: String,
        /// What could.
        expected: String,
        /// The name that was perhaps meant.
        meant: Option<String>,
    },
    /// Not TOML, or not readable at all.
    Unreadable(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        match &self.fault {
            Fault::UnknownKey { found, expected } => {
                write!(f, ": found the unknown key `{found}`")?;
                match near::nearest(found, expected) {
                    Some(near) => write!(f, ", expected `{near}`?"),
                    None if expected.is_empty() => Ok(()),
                    None => write!(f, ", expected {}", one_of(expected)),
                }
            }
            Fault::Value { found, expected, meant } => {
                write!(f, ": found {found}, expected {expected}")?;
                match meant {
                    Some(meant) => write!(f, " (`{meant}`?)"),
                    None => Ok(()),
                }
            }
            Fault::Unreadable(why) => write!(f, ": {why}"),
        }
    }
}

/// `` `a`, `b` or `c` ``
pub(super) fn one_of<T: fmt::Display>(names: &[T]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [name] => format!("`{name}`"),
        [head @ .., last] => {
            let head: Vec<String> = head.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", head.join(", "))
        }
    }
}

/// Every fault that was found, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            let line = if n == 0 { "" } else { "\n" };
            write!(f, "{line}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}
