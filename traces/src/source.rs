//! Opening files: compression by magic bytes, byte order mark, a look at the beginning.

use crate::error::{Place, TraceError};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// A file of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
}

impl Source {
    /// The file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What rows without a class belong to: the file's name without its extensions.
    pub fn class(&self) -> String {
        class_of(&self.path)
    }
}

/// Extensions that say how a file is written, not what it holds.
const EXTENSIONS: [&str; 10] =
    ["gz", "zst", "zstd", "csv", "tsv", "json", "jsonl", "ndjson", "parquet", "log"];

/// The name of a file without the extensions that say how it is written.
pub(crate) fn class_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut stem = name.as_str();
    while let Some((rest, extension)) = stem.rsplit_once('.') {
        if rest.is_empty() || !EXTENSIONS.contains(&extension.to_lowercase().as_str()) {
            break;
        }
        stem = rest;
    }
    stem.to_owned()
}

/// How much of a file's beginning decides its format; GitHub's objects are a few KiB.
const HEAD_BYTES: usize = 64 << 10;

/// A row or JSON object above this is a quote or bracket that never closes: GitHub cuts webhook
/// bodies at 25 MB, and a job with its steps is below 100 KB.
pub(crate) const ROW_BYTES_MAX: u64 = 32 << 20;
pub(crate) const ROW_TOO_LARGE: &str = "a row of more than 32 MiB (a quote that is never closed?)";

/// An open, decompressed file.
pub(crate) struct Input {
    /// Its path, as messages show it.
    pub(crate) file: Arc<Path>,
    /// How its content begins, without byte order mark.
    pub(crate) head: Vec<u8>,
    /// The content from its beginning.
    pub(crate) content: Content,
    /// To be refilled at each row.
    pub(crate) budget: Budget,
}

/// The content of a file, refused once a single row exceeds [`ROW_BYTES_MAX`].
pub(crate) struct Content {
    inner: io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>,
    /// What stopped the look at the beginning, to be told once that is read.
    failure: Option<io::Error>,
    budget: Budget,
    quotes: Option<Quotes>,
}

impl Content {
    /// Counts quotes from here on.
    pub(crate) fn quotes(&mut self) -> Quotes {
        self.quotes.get_or_insert_default().clone()
    }
}

/// Whether the quotes seen so far are an odd number: at the end, one was never closed.
#[derive(Clone, Default)]
pub(crate) struct Quotes(Arc<AtomicBool>);

impl Quotes {
    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// How many bytes may still be read before the row must have ended.
#[derive(Clone)]
pub(crate) struct Budget(Arc<AtomicU64>);

impl Budget {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(ROW_BYTES_MAX)))
    }

    /// A row has ended.
    pub(crate) fn refill(&self) {
        self.0.store(ROW_BYTES_MAX, Relaxed);
    }

    /// Whether a row has used all of it.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.load(Relaxed) == 0
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.inner.read(buffer) {
            Ok(0) if !buffer.is_empty() => match self.failure.take() {
                Some(failure) => return Err(failure),
                None => return Ok(0),
            },
            read => read?,
        };
        if let Some(Quotes(is_open)) = &self.quotes
            && memchr::memchr_iter(b'"', &buffer[..count]).count() % 2 == 1
        {
            is_open.fetch_not(Relaxed);
        }
        let left = self.budget.0.load(Relaxed).saturating_sub(count as u64);
        self.budget.0.store(left, Relaxed);
        if left == 0 {
            return Err(io::Error::other("a row that does not end"));
        }
        Ok(count)
    }
}

/// What reading `file` gave instead of bytes, at `line`.
pub(crate) fn unreadable(
    file: &Arc<Path>,
    line: u64,
    budget: &Budget,
    source: io::Error,
) -> TraceError {
    let place = Place { file: Arc::clone(file), line };
    if budget.is_spent() {
        return TraceError::Huge { place, what: ROW_TOO_LARGE };
    }
    TraceError::Unreadable { place, source }
}

impl Input {
    /// Opens a file, whatever it is compressed with.
    pub(crate) fn open(path: &Path) -> Result<Self, TraceError> {
        let file: Arc<Path> = path.into();
        let place = || Place::whole(&file);
        let failed = |source| TraceError::Unreadable { place: place(), source };
        let raw = File::open(path).map_err(failed)?;
        if raw.metadata().map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let mut raw = BufReader::with_capacity(HEAD_BYTES, raw);
        let (magic, failure) = fill(&mut raw, 4);
        if let Some(failure) = failure {
            return Err(failed(failure));
        }
        if magic.is_empty() {
            return Err(TraceError::Empty { place: place() });
        }
        let mut plain = decompressed(&magic, raw).map_err(failed)?;
        let (mut head, failure) = fill(&mut plain, HEAD_BYTES);
        if let Some(failure) = failure.as_ref().filter(|_| head.is_empty()) {
            return Err(failed(io::Error::new(failure.kind(), failure.to_string())));
        }
        if head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        if head.iter().all(u8::is_ascii_whitespace) && head.len() < HEAD_BYTES {
            return Err(TraceError::Empty { place: place() });
        }
        let budget = Budget::new();
        let inner = Cursor::new(head.clone()).chain(plain);
        let content = Content { inner, failure, budget: budget.clone(), quotes: None };
        Ok(Self { file, head, content, budget })
    }
}

/// Up to `count` bytes, fewer only at the end or before a failure.
fn fill(reader: &mut impl Read, count: usize) -> (Vec<u8>, Option<io::Error>) {
    let mut bytes = Vec::with_capacity(count);
    let failure = reader.by_ref().take(count as u64).read_to_end(&mut bytes).err();
    (bytes, failure)
}

/// The decoder that the first bytes ask for: names lie more often than magic numbers.
fn decompressed(magic: &[u8], raw: BufReader<File>) -> io::Result<Box<dyn Read + Send>> {
    let whole = Cursor::new(magic.to_vec()).chain(raw);
    Ok(match magic {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
        #[cfg(feature = "zstd")]
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::with_buffer(whole)?),
        #[cfg(not(feature = "zstd"))]
        [0x28, 0xb5, 0x2f, 0xfd] => {
            return Err(io::Error::other("zstd, which this build cannot read (feature `zstd`)"));
        }
        _ => Box::new(whole),
    })
}
