//! Compression, by the end of a name when writing and by the first bytes when reading.

use crate::atomic::{Draft, OutputError};
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

/// Level of gzip: journals are written while a run waits for them.
const GZIP_LEVEL: u32 = 3;

/// Level of zstd, for the same reason.
#[cfg(feature = "zstd")]
const ZSTD_LEVEL: i32 = 3;

/// Bytes read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

pub(super) enum Encoder {
    Plain(Draft),
    Gzip(Box<GzEncoder<Draft>>),
    #[cfg(feature = "zstd")]
    Zstd(zstd::stream::write::Encoder<'static, Draft>),
}

impl Encoder {
    pub(super) fn begin(path: &Path) -> Result<Self, OutputError> {
        let draft = Draft::begin(path)?;
        match path.extension().and_then(|end| end.to_str()) {
            Some("gz") => {
                let encoder = GzEncoder::new(draft, Compression::new(GZIP_LEVEL));
                Ok(Self::Gzip(Box::new(encoder)))
            }
            #[cfg(feature = "zstd")]
            Some("zst") => zstd::stream::write::Encoder::new(draft, ZSTD_LEVEL)
                .map(Self::Zstd)
                .map_err(OutputError::at(path)),
            #[cfg(not(feature = "zstd"))]
            Some("zst") => Err(OutputError::at(path)(io::Error::other(
                "this build has no zstd; name it .gz, or build with the feature `zstd`",
            ))),
            _ => Ok(Self::Plain(draft)),
        }
    }

    pub(super) fn finish(self, path: &Path) -> Result<(), OutputError> {
        let draft = match self {
            Self::Plain(draft) => Ok(draft),
            Self::Gzip(encoder) => encoder.finish(),
            #[cfg(feature = "zstd")]
            Self::Zstd(encoder) => encoder.finish(),
        };
        draft.map_err(OutputError::at(path))?.commit()
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(draft) => draft.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            #[cfg(feature = "zstd")]
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(draft) => draft.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            #[cfg(feature = "zstd")]
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// Opens a file and unpacks it as its first bytes say.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
    match reader.fill_buf()? {
        [0x1f, 0x8b, ..] => {
            let unpacked = MultiGzDecoder::new(reader);
            Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)))
        }
        #[cfg(feature = "zstd")]
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let unpacked = zstd::stream::read::Decoder::with_buffer(reader)?;
            Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)))
        }
        #[cfg(not(feature = "zstd"))]
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Err(io::Error::other("it is packed with zstd, which this build does not have"))
        }
        _ => Ok(Box::new(reader)),
    }
}
