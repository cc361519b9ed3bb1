//! Things that are due a fixed span after they were noted.

use greenroom_scheduler::time::{Span, Time};
use std::collections::VecDeque;

/// A queue for one constant delay: what was noted first is due first, so one timer serves all.
///
/// Its owner says which entries still matter. Entries that do not are dropped from the front
/// whenever one is added, so it holds at most what was noted within one delay.
#[derive(Clone, Debug)]
pub(super) struct Later<T> {
    delay: Span,
    due: VecDeque<(Time, T)>,
    rings_at: Option<Time>,
}

impl<T: Copy> Later<T> {
    pub(super) fn new(delay: Span) -> Self {
        Self { delay, due: VecDeque::new(), rings_at: None }
    }

    pub(super) fn delay(&self) -> Span {
        self.delay
    }

    /// Notes `item`. Answers when a timer must be set.
    pub(super) fn push(
        &mut self,
        now: Time,
        item: T,
        matters: impl Fn(Time, T) -> bool,
    ) -> Option<Time> {
        self.forget(matters);
        self.due.push_back((now + self.delay, item));
        match self.rings_at {
            // An early ring costs one look and sets itself anew; moving it costs as much.
            Some(_) => None,
            None => self.arm(),
        }
    }

    /// The next item that is due, and its due time. After the last, call [`Later::rearm`].
    pub(super) fn pop(&mut self, now: Time) -> Option<(Time, T)> {
        let &(at, _) = self.due.front()?;
        if at <= now { self.due.pop_front() } else { None }
    }

    /// After a ring: answers when the timer must ring next.
    pub(super) fn rearm(&mut self, matters: impl Fn(Time, T) -> bool) -> Option<Time> {
        self.forget(matters);
        self.arm()
    }

    fn arm(&mut self) -> Option<Time> {
        self.rings_at = self.due.front().map(|&(at, _)| at);
        self.rings_at
    }

    fn forget(&mut self, matters: impl Fn(Time, T) -> bool) {
        while let Some(&(at, item)) = self.due.front() {
            if matters(at, item) {
                return;
            }
            self.due.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_timer_serves_all_and_the_settled_are_forgotten() {
        let mut later = Later::new(Span::from_secs(60));
        let at = Time::from_ms;
        assert_eq!(later.push(at(0), 'a', |_, _| true), Some(at(60_000)));
        assert_eq!(later.push(at(10), 'b', |_, _| true), None);
        // "a" and "b" are settled: adding "c" drops both, and the timer stays where it was.
        assert_eq!(later.push(at(20), 'c', |_, item| item == 'c'), None);
        assert_eq!(later.due.len(), 1);
        assert_eq!(later.pop(at(60_000)), None);
        assert_eq!(later.rearm(|_, _| true), Some(at(60_020)));
        assert_eq!(later.pop(at(60_020)).unwrap().1, 'c');
        assert_eq!(later.rearm(|_, _| true), None);
    }
}
