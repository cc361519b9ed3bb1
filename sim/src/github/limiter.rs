//! At most so many in any span of a given length.

use greenroom_scheduler::time::{Span, Time};
use std::collections::VecDeque;
use std::num::NonZeroU32;

/// A sliding window over the times of what was admitted. It holds at most `most` times.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    most: Option<NonZeroU32>,
    span: Span,
    admitted: VecDeque<Time>,
}

impl Limiter {
    pub(super) fn new(most: Option<NonZeroU32>, span: Span) -> Self {
        Self { most, span, admitted: VecDeque::new() }
    }

    /// From when on one more fits: `now` or later.
    pub(super) fn free_at(&self, now: Time) -> Time {
        match (self.most, self.admitted.front()) {
            (Some(most), Some(&oldest)) if self.admitted.len() >= most.get() as usize => {
                now.max(oldest + self.span)
            }
            _ => now,
        }
    }

    /// Counts one at `now`; only when [`Limiter::free_at`] says so.
    pub(super) fn admit(&mut self, now: Time) {
        let Some(most) = self.most else { return };
        if self.admitted.len() >= most.get() as usize {
            self.admitted.pop_front();
        }
        self.admitted.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_span_holds_more(most in 1_u32..6, gaps in prop::collection::vec(0_u64..40, 1..60)) {
            let span = Span::from_ms(50);
            let mut limiter = Limiter::new(NonZeroU32::new(most), span);
            let (mut now, mut times) = (Time::ZERO, vec![]);
            for gap in gaps {
                now = limiter.free_at(now + Span::from_ms(gap));
                limiter.admit(now);
                times.push(now);
            }
            for window in times.windows(most as usize + 1) {
                prop_assert!(window[most as usize].since(window[0]) >= span);
            }
        }
    }
}
