//! What ends a command early, and how the shell hears of it.

use std::fmt::Display;
use std::process::ExitCode;

/// The exit codes, a contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All went well.
    Done = 0,
    /// A condition that was to be checked says so: a gate, or an objective that is not met.
    Gate = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// A file that was to be read is bad, or a configuration is.
    Input = 3,
    /// A law was broken: a bug of ours.
    Law = 4,
    /// A file or the terminal would not take the output.
    Output = 5,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// With a code and a message of one line or more.
    Told(Exit, String),
    /// Clap's own: usage errors, and also `--help` and `--version`.
    Clap(clap::Error),
    /// Whoever read our output has gone, such as `head`. Nobody is left to tell.
    NobodyReads,
}

/// Names the code that an error ends with.
pub(crate) trait OrExit<T> {
    /// The error's chain of causes becomes the message.
    fn or_exit(self, exit: Exit) -> Result<T, Failure>;
}

impl<T, E: std::error::Error> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|error| Failure::told(exit, without_temporary_path(&chain(&error))))
    }
}

impl Failure {
    /// A message of our own.
    pub(crate) fn told(exit: Exit, message: impl Display) -> Self {
        Self::Told(exit, message.to_string())
    }

    /// Tells the person, once, and gives the exit code.
    pub(crate) fn show(self) -> ExitCode {
        match self {
            Self::Told(exit, message) => {
                for line in message.lines() {
                    crate::print::error(line);
                }
                exit.into()
            }
            Self::Clap(error) => match error.print() {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    crate::print::error(&format!("standard output: cannot write: {error}"));
                    Exit::Output.into()
                }
                _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8)),
            },
            Self::NobodyReads => Exit::Done.into(),
        }
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Clap(error)
    }
}

/// Output is written beside its place under a passing name, which the temporary file's errors end
/// with. It is gone by the time that anybody reads of it.
pub(crate) fn without_temporary_path(message: &str) -> &str {
    match message.split_once(" at path \"") {
        Some((told, path)) if path.contains("/.greenroom-") => told,
        _ => message,
    }
}

/// An error and its causes on one line. A cause that the text before it repeats already is left
/// out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::chain;
    use std::io::{Error, ErrorKind};

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("a.csv: cannot read: {0}")]
        Repeats(#[source] Error),
        #[error("a.csv: cannot read")]
        Leaves(#[source] Error),
    }

    #[test]
    fn each_cause_is_told_once() {
        let cause = || Error::new(ErrorKind::NotFound, "no such file");
        let both = [Outer::Repeats(cause()), Outer::Leaves(cause())];
        for error in both {
            assert_eq!(chain(&error), "a.csv: cannot read: no such file");
        }
    }
}
