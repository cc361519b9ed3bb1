//! Entities that have no number of their own: pairs, triples and names.

use super::stream::mix;

/// One key of two. Order matters: `pair(1, 2)` is not `pair(2, 1)`.
pub const fn pair(first: u64, second: u64) -> u64 {
    mix(mix(first) ^ second)
}

/// One key of three, as in (zone, family, nth launch there).
pub const fn triple(first: u64, second: u64, third: u64) -> u64 {
    pair(pair(first, second), third)
}

/// The key of a name, so that a thing keeps its randomness when its neighbours in a table change.
/// FNV-1a over the bytes, finished by a mix.
pub const fn text(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    mix(hash)
}
