//! Which files a run read: their size and a hash of their bytes, so that a figure can be traced to
//! the very file that it was made from.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3Default;

/// Read at once: more is no faster.
const CHUNK: usize = 64 * 1024;

/// A file's size in bytes and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) bytes: u64,
    /// XXH3, 128 bits, hexadecimal: what `xxh128sum FILE` prints.
    pub(crate) hash: String,
}

/// The digest of an ordinary file. None of anything else, since what is read from a pipe is gone,
/// nor where it cannot be read, which its own reader says better.
pub(crate) fn of(path: &Path) -> Option<Digest> {
    let mut file = File::open(path).ok().filter(|_| path.is_file())?;
    let (mut hash, mut bytes, mut chunk) = (Xxh3Default::new(), 0, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk).ok()? {
            0 => return Some(Digest { bytes, hash: format!("{:032x}", hash.digest128()) }),
            read => {
                bytes += read as u64;
                hash.update(&chunk[..read]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    /// The value for no bytes is that of XXH3's own documentation and of `xxh128sum /dev/null`.
    #[test]
    fn the_hash_is_the_one_of_xxh128sum() {
        let file = tempfile::NamedTempFile::new().expect("room for an empty file");
        let digest = of(file.path()).expect("an ordinary file");
        assert_eq!((digest.bytes, &digest.hash[..]), (0, "99aa06d3014798d86001c324468d497f"));
        assert_eq!(of(std::path::Path::new("/dev/null")), None);
    }
}
