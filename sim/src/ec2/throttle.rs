//! EC2 answers only so many calls.

use super::config::Bucket;
use greenroom_scheduler::time::{Span, Time};
use thiserror::Error;

/// Too many calls. EC2 calls it RequestLimitExceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("RequestLimitExceeded: the next call is possible at {} ms", retry_at.as_ms())]
pub struct Throttled {
    /// When enough tokens are there, if nobody else takes them.
    pub retry_at: Time,
}

/// A bucket of tokens that fills steadily. It counts millionths of a token, so that no remainder is
/// lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    size: u64,
    refill_per_ms: u64,
    tokens: u64,
    updated: Time,
}

const TOKEN: u64 = 1_000_000;

impl TokenBucket {
    /// A full bucket.
    pub fn new(bucket: Bucket, now: Time) -> Self {
        let size = u64::from(bucket.size) * TOKEN;
        let refill_per_ms = u64::from(bucket.refill_per_s) * (TOKEN / 1_000);
        Self { size, refill_per_ms, tokens: size, updated: now }
    }

    fn refill(&mut self, now: Time) {
        let gained = now.since(self.updated).as_ms().saturating_mul(self.refill_per_ms);
        self.tokens = self.tokens.saturating_add(gained).min(self.size);
        self.updated = self.updated.max(now);
    }

    /// Takes `count` tokens, or says when they will be there; then nothing changes. A bucket that
    /// is smaller than `count` never has them: `retry_at` is [`Time::MAX`].
    pub fn take(&mut self, now: Time, count: u32) -> Result<(), Throttled> {
        self.refill(now);
        let asked = u64::from(count) * TOKEN;
        if let Some(left) = self.tokens.checked_sub(asked) {
            self.tokens = left;
            return Ok(());
        }
        if asked > self.size || self.refill_per_ms == 0 {
            return Err(Throttled { retry_at: Time::MAX });
        }
        let missing_ms = (asked - self.tokens).div_ceil(self.refill_per_ms);
        Err(Throttled { retry_at: now + Span::from_ms(missing_ms) })
    }
}
