//! The terminal: the only place that writes to standard output and standard error.

use crate::failure::{Exit, Failure};
use std::io::{ErrorKind, Write};

/// Writes to standard output. A reader that has gone, such as `head`, ends the command quietly.
pub(crate) fn out(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::told(Exit::Output, format!("standard output: cannot write: {error}")),
    })
}

/// An error, for a person.
pub(crate) fn error(message: &str) {
    line(&format!("error: {message}"));
}

/// Something worth knowing, for a person.
pub(crate) fn note(message: &str) {
    line(&format!("note: {message}"));
}

fn line(text: &str) {
    // Where standard error is closed as well, there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
