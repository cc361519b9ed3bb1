//! One source of configuration: a file, an embedded text, or an option on the command line.

use super::error::{ConfigError, Fault};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest configuration file. Hand-written ones are a few KB; a bound keeps a wrong file, such
/// as a trace, from filling memory.
pub const CONFIG_BYTES_MAX: u64 = 4 << 20;

/// One source of configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// Where a layer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has lines and columns.
    Document,
    /// `KEY=VALUE`: the whole of it is one place.
    Set,
}

impl Layer {
    /// A file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let unreadable = |why: String| ConfigError {
            place: name.clone(),
            key: String::new(),
            fault: Fault::Unreadable(why),
        };
        let file = File::open(path).map_err(|error| unreadable(format!("cannot read: {error}")))?;
        let mut bytes = Vec::new();
        let read = file.take(CONFIG_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(format!("cannot read: {error}")))?;
        if bytes.len() as u64 > CONFIG_BYTES_MAX {
            let mib = CONFIG_BYTES_MAX >> 20;
            return Err(unreadable(format!(
                "found more than {mib} MiB, expected a configuration (is it a trace? those go to --trace)"
            )));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name, text, kind: Kind::Document }),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let before = String::from_utf8_lossy(&error.as_bytes()[..good]);
                let line = before.matches('\n').count() + 1;
                Err(ConfigError {
                    place: format!("{name}:{line}"),
                    key: String::new(),
                    fault: Fault::Unreadable(format!(
                        "found the byte 0x{:02x}, expected TOML, which is UTF-8",
                        error.as_bytes()[good]
                    )),
                })
            }
        }
    }

    /// A document that is at hand; `name` is its name in errors.
    pub fn text(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), kind: Kind::Document }
    }

    /// `KEY=VALUE`, as after `--set`. The value is TOML; a bare word is a string.
    pub fn set(assignment: &str) -> Self {
        Self { name: format!("--set {assignment}"), text: assignment.to_owned(), kind: Kind::Set }
    }

    /// How a place in this layer is called.
    pub(super) fn place(&self, offset: usize) -> String {
        match self.kind {
            Kind::Set => self.name.clone(),
            Kind::Document => {
                let before = &self.text[..self.text.floor_char_boundary(offset)];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
                format!("{}:{line}:{column}", self.name)
            }
        }
    }
}
