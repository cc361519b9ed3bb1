//! A hash for keys that are numbers.
//!
//! The standard hash withstands people who choose keys to collide and takes a third of the time of
//! reading; whoever chose the ids of a trace gains nothing by making its own reading slow. This one
//! multiplies once and folds, as wyhash does (Wang Yi, public domain), and looks at every bit.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by number. Looked up by key only, never walked, so no order can leak out of it.
pub(crate) type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

/// The hash of one number.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

/// Odd, with as many ones as zeros, and no pattern: the fractional parts of the golden ratio and of
/// the square root of three.
const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];

impl Mix {
    fn mix(&mut self, low: u64, high: u64) {
        let product = u128::from(low ^ self.0 ^ FACTORS[0]) * u128::from(high ^ FACTORS[1]);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word), chunk.len() as u64);
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(number.into(), 0);
    }

    fn write_u128(&mut self, number: u128) {
        self.mix(number as u64, (number >> 64) as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::Mix;
    use std::hash::Hasher;

    /// Ids that follow each other, as GitHub's do, spread over all buckets and all tags: no more
    /// than twice the mean falls into any of 256, by low bits or by high bits.
    #[test]
    fn neighbours_spread() {
        for (step, shift) in
            [(1_u128, 0), (1, 56), (1000, 0), (1000, 56), (1 << 32, 0), (1 << 64, 56)]
        {
            let mut buckets = [0; 256];
            for number in 0..65_536_u128 {
                let mut mix = Mix::default();
                mix.write_u128(49_621_857_359 + number * step);
                buckets[(mix.finish() >> shift) as usize & 255] += 1;
            }
            assert!(buckets.iter().all(|&count| count < 512), "{step} {shift} {buckets:?}");
        }
    }
}
