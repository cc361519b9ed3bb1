//! Helpers that the other modules share.

use greenroom_traces::{Arrival, ReadOptions, Source, Trace, TraceError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file of real data, or `None` (said loudly) where the data is not there.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("GREENROOM_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(name);
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there; set GREENROOM_DATA", path.display());
        return None;
    }
    Some(path)
}

/// A directory with one file.
#[allow(dead_code)]
pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(content.as_ref()).unwrap();
    (dir, path)
}

/// Everything a trace gives, in order.
pub(crate) fn arrivals(trace: &mut Trace) -> Result<Vec<Arrival>, TraceError> {
    trace.collect()
}

/// Opens one file.
pub(crate) fn open(path: &Path, options: &ReadOptions) -> Result<Trace, TraceError> {
    Trace::open(&[Source::new(path)], options)
}
