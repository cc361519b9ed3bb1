//! Streams and the seed that they all come from.

use super::{Purpose, normal_quantile};
use rand::TryRng;
use rand::rand_core::Infallible;

/// Weyl increment of SplitMix64: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Finaliser of SplitMix64 (Stafford's thirteenth mixer): a bijection in which each input bit flips
/// each output bit about half of the time.
pub(super) const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A different mixer (the finaliser of MurmurHash3), for the increment of a stream, so that it
/// owes nothing to its start.
const fn mix_increment(word: u64) -> u64 {
    let word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (word ^ (word >> 33)) | 1
}

/// All the randomness of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The streams of the `nth` replication. The zeroth is the run itself, so a single run and the
    /// first of many are the same.
    #[must_use]
    pub const fn replication(self, nth: u64) -> Self {
        if nth == 0 { self } else { Self { seed: mix(self.seed ^ mix(nth)) } }
    }

    /// The stream that decides `purpose` for `entity`, at its beginning. Costs three mixes (about
    /// 3 ns), so callers make one where they need it and keep none.
    #[inline]
    pub const fn stream(self, purpose: Purpose, entity: u64) -> Stream {
        let base = mix(self.seed ^ mix((purpose as u64).wrapping_mul(GOLDEN)));
        let state = mix(base.wrapping_add(entity.wrapping_mul(GOLDEN)));
        Stream { state, increment: mix_increment(state) }
    }
}

/// One stream: a counter whose every value is mixed (SplitMix64 of Steele, Lea and Flood, 2014,
/// with an increment for each stream).
///
/// Own code although `rand` has generators: those cost 8 ns (xoshiro) to 70 ns (ChaCha) to seed,
/// and here nearly every draw opens a stream. It implements `rand`'s trait, so anything written
/// for `rand` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    state: u64,
    increment: u64,
}

impl Stream {
    /// The next 64 bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(self.increment);
        mix(self.state)
    }

    /// Uniform in the open interval (0, 1): never 0 and never 1, so a logarithm or a quantile of
    /// it is finite. Takes one draw.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        // 52 bits and a half step: the midpoints of 2^52 equal cells.
        const CELL: f64 = 1.0 / (1_u64 << 52) as f64;
        ((self.bits() >> 12) as f64 + 0.5) * CELL
    }

    /// Whether an event of this probability happens. Takes one draw.
    #[inline]
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform among `0..count`; 0 when `count` is 0. Takes one draw (Lemire's multiplication, whose
    /// bias of `count` / 2^64 no simulation can see).
    #[inline]
    pub const fn below(&mut self, count: u64) -> u64 {
        ((self.bits() as u128 * count as u128) >> 64) as u64
    }

    /// Exponential with mean 1. Takes one draw.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.unit())
    }

    /// Normal with mean 0 and deviation 1. Takes one draw.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.unit())
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        for chunk in target.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
