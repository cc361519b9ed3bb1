//! Writing a journal.

use super::coder::Encoder;
use super::lines::{Closing, ClosingLine, Hash, Header, to_line};
use crate::atomic::OutputError;
use crate::provenance::Provenance;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A journal in the making. It stands in its place only once it is finished.
pub struct Writer {
    path: PathBuf,
    encoder: Encoder,
    lines: Hash,
    failed: Option<OutputError>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Begins a journal, packed as the end of its name says.
    pub fn begin(path: &Path, header: &Header) -> Result<Self, OutputError> {
        let mut encoder = Encoder::begin(path)?;
        encoder.write_all(&to_line(header)).map_err(OutputError::at(path))?;
        Ok(Self { path: path.to_owned(), encoder, lines: Hash::new(), failed: None })
    }

    /// The first thing that went wrong; a driver may look now and then, to stop early.
    pub const fn failed(&self) -> Option<&OutputError> {
        self.failed.as_ref()
    }

    /// Closes the journal and puts it into its place. Gives the hash of its entries.
    pub fn finish(mut self, provenance: Provenance) -> Result<String, OutputError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let hash = self.lines.hex();
        let closing = Closing { entries: self.lines.entries(), hash: hash.clone(), provenance };
        let line = to_line(&ClosingLine { closing });
        self.encoder.write_all(&line).map_err(OutputError::at(&self.path))?;
        self.encoder.finish(&self.path)?;
        Ok(hash)
    }
}

impl Sink for Writer {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if self.failed.is_none()
            && let Err(error) = self.encoder.write_all(self.lines.line(at, entry))
        {
            self.failed = Some(OutputError::at(&self.path)(error));
        }
    }
}
