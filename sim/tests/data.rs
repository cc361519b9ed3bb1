//! Real data for tests, where it is at hand.

use std::path::PathBuf;

/// The path of a file of the real data, or `None`, said loudly, where the data is missing.
#[allow(clippy::print_stderr)]
pub(crate) fn real(file: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("GREENROOM_DATA").map_or(beside, PathBuf::from);
    let path = folder.join(file);
    if path.exists() {
        Some(path)
    } else {
        eprintln!("SKIPPED: {} is missing; GREENROOM_DATA names the folder", path.display());
        None
    }
}
