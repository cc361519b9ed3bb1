//! Files that appear whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// An output that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {}", path.display(), reason(source))]
pub struct OutputError {
    /// Where to.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl OutputError {
    /// Binds the system's word to the file it is about.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self { path: path.to_owned(), source }
    }

    /// Whether there is no room left for it.
    pub fn is_full(&self) -> bool {
        matches!(self.source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    }
}

fn reason(source: &io::Error) -> String {
    match source.kind() {
        ErrorKind::StorageFull => "the disk is full; nothing was left behind".to_owned(),
        ErrorKind::QuotaExceeded => "the disk quota is used up; nothing was left behind".to_owned(),
        ErrorKind::NotFound => "its folder does not exist".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder, a file was expected".to_owned(),
        _ => source.to_string(),
    }
}

/// A file in the making. Dropped before [`Draft::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    to: Target,
}

#[derive(Debug)]
enum Target {
    /// Beside the place where it will stand, so that the move cannot cross disks.
    Beside(BufWriter<NamedTempFile>),
    /// A pipe or device cannot be replaced, only written to.
    Straight(BufWriter<File>),
}

impl Draft {
    /// Begins a file that will stand at `path`.
    pub fn begin(path: &Path) -> Result<Self, OutputError> {
        let to = match path.metadata() {
            Ok(known) if known.is_dir() => {
                return Err(OutputError::at(path)(ErrorKind::IsADirectory.into()));
            }
            Ok(known) if !known.is_file() => {
                let file = OpenOptions::new().write(true).open(path);
                Target::Straight(BufWriter::new(file.map_err(OutputError::at(path))?))
            }
            _ => Target::Beside(BufWriter::new(beside(path).map_err(OutputError::at(path))?)),
        };
        Ok(Self { path: path.to_owned(), to })
    }

    /// Puts the file into its place, replacing what was there.
    pub fn commit(self) -> Result<(), OutputError> {
        let Self { path, to } = self;
        match to {
            Target::Straight(mut writer) => writer.flush(),
            Target::Beside(writer) => (|| {
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(&path).map_err(|error| error.error)?;
                Ok(())
            })(),
        }
        .map_err(OutputError::at(&path))
    }

    /// Where it will stand.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            Target::Beside(writer) => writer.write(bytes),
            Target::Straight(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            Target::Beside(writer) => writer.flush(),
            Target::Straight(writer) => writer.flush(),
        }
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".greenroom-").suffix(".part");
    // Temporary files are private by default; a report is as public as any other new file.
    #[cfg(unix)]
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(permissions);
    builder.tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
}

/// Writes a whole file at once.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let mut draft = Draft::begin(path)?;
    draft.write_all(bytes).map_err(OutputError::at(path))?;
    draft.commit()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing_and_the_old_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"old").unwrap();
        let mut draft = Draft::begin(&path).unwrap();
        draft.write_all(b"half a").unwrap();
        drop(draft);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_known_as_such_and_a_device_is_not_replaced() {
        let error = write(Path::new("/dev/full"), b"text").unwrap_err();
        assert!(error.is_full());
        let text = "cannot write `/dev/full`: the disk is full; nothing was left behind";
        assert_eq!(error.to_string(), text);
        write(Path::new("/dev/null"), b"text").unwrap();
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| write(path, b"").unwrap_err().to_string();
        assert!(told(folder.path()).ends_with("it is a folder, a file was expected"));
        assert!(told(&folder.path().join("no/x")).ends_with("its folder does not exist"));
    }
}
