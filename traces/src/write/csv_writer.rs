//! Our own format, plain or compressed.

use crate::schema::{COLUMNS, Row};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

pub(crate) struct CsvWriter {
    csv: csv::Writer<Encoder>,
    columns: Vec<usize>,
    value: String,
}

/// zstd's own default: fast, and within a tenth of what higher levels reach on traces.
#[cfg(feature = "zstd")]
const ZSTD_LEVEL: i32 = 3;

/// How the bytes reach the file.
enum Encoder {
    Plain(BufWriter<NamedTempFile>),
    Gzip(flate2::write::GzEncoder<BufWriter<NamedTempFile>>),
    #[cfg(feature = "zstd")]
    Zstd(zstd::Encoder<'static, BufWriter<NamedTempFile>>),
}

impl CsvWriter {
    pub(crate) fn new(file: NamedTempFile, path: &Path, columns: Vec<usize>) -> io::Result<Self> {
        let file = BufWriter::new(file);
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let encoder = match extension.as_str() {
            "gz" => Encoder::Gzip(flate2::write::GzEncoder::new(file, flate2::Compression::fast())),
            #[cfg(feature = "zstd")]
            "zst" | "zstd" => Encoder::Zstd(zstd::Encoder::new(file, ZSTD_LEVEL)?),
            #[cfg(not(feature = "zstd"))]
            "zst" | "zstd" => {
                return Err(io::Error::other(
                    "zstd, which this build cannot write (feature `zstd`)",
                ));
            }
            _ => Encoder::Plain(file),
        };
        let mut csv = csv::Writer::from_writer(encoder);
        csv.write_record(columns.iter().map(|&column| COLUMNS[column].name)).map_err(io_error)?;
        Ok(Self { csv, columns, value: String::new() })
    }

    pub(crate) fn write(&mut self, row: &Row) -> io::Result<()> {
        for &column in &self.columns {
            self.value.clear();
            row.write(&COLUMNS[column], &mut self.value);
            self.csv.write_field(&self.value).map_err(io_error)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(io_error)
    }

    /// Everything out of every buffer.
    pub(crate) fn finish(self) -> io::Result<NamedTempFile> {
        let encoder = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        let file = match encoder {
            Encoder::Plain(file) => file,
            Encoder::Gzip(gzip) => gzip.finish()?,
            #[cfg(feature = "zstd")]
            Encoder::Zstd(zstd) => zstd.finish()?,
        };
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(file) => file.write(bytes),
            #[cfg(feature = "zstd")]
            Self::Zstd(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(file) => file.flush(),
            #[cfg(feature = "zstd")]
            Self::Zstd(file) => file.flush(),
        }
    }
}

/// The cause within an error of the csv crate: our rows are never malformed.
pub(crate) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::fs::OpenOptions;

    /// `/dev/full` is a disk without space.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error_in_every_encoding() {
        for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
            let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
            let dir = tempfile::tempdir().unwrap();
            let path = tempfile::TempPath::try_from_path(dir.path().join(name)).unwrap();
            let file = NamedTempFile::from_parts(full, path);
            let mut writer = CsvWriter::new(file, Path::new(name), vec![0]).unwrap();
            let row = Row { run_id: "x".repeat(100_000), ..Row::default() };
            let error = writer.write(&row).and_then(|()| writer.finish().map(drop)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{name}");
        }
    }
}
