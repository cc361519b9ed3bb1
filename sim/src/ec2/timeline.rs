//! When a pool has capacity, and when it takes nodes back.

use super::availability::{Availability, Event};
use crate::latency::Distribution;
use crate::random::Stream;
use greenroom_scheduler::time::{Span, Time};

/// What a pool is like at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether a launch succeeds.
    pub available: bool,
    /// When it became so; the beginning of the timeline at the earliest.
    pub since: Time,
    /// When it ends; [`Time::MAX`] when it does not.
    pub until: Time,
}

/// A moment at which running nodes are taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Which loss of the timeline this is, from 0.
    pub nth: u64,
    /// When.
    pub at: Time,
    /// The share of the pool's nodes that goes.
    pub share: f64,
}

/// What is known to happen at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    at: Time,
    available: bool,
    lost_share: f64,
}

/// The life of a pool. It grows as far as it is asked for, always from its beginning, so that no
/// answer depends on the order of the questions.
#[derive(Clone, Debug)]
pub struct Timeline {
    changes: Vec<Change>,
    origin: Time,
    source: Source,
    recorded: bool,
}

#[derive(Clone, Debug)]
enum Source {
    /// Nothing ever happens again.
    Ended,
    /// Time with capacity has no memory; an outage has any length.
    Renewal { stream: Stream, available_mean_s: f64, outage: Distribution, lost_share: f64 },
    /// A recording, again and again.
    Repeated { recording: Availability, rounds: u64, next: usize },
}

impl Timeline {
    /// Capacity at all times.
    pub fn always(origin: Time) -> Self {
        Self::beginning(origin, true, Source::Ended)
    }

    /// Capacity that is lost `losses_per_hour` times in an hour in which there is any, each time
    /// for an `outage`, and each time with `lost_share` of the pool's nodes. The pool is in its
    /// steady state at `origin`: it has capacity with probability mean up / (mean up + mean outage),
    /// and time with capacity is exponential, hence has no past. An outage that `origin` falls into
    /// is drawn whole. Never lost when the rate is 0.
    pub fn renewal(
        mut stream: Stream,
        origin: Time,
        losses_per_hour: f64,
        outage: Distribution,
        lost_share: f64,
    ) -> Self {
        if losses_per_hour <= 0.0 {
            return Self::always(origin);
        }
        let available_mean_s = 3600.0 / losses_per_hour;
        let available = stream.chance(available_mean_s / (available_mean_s + outage.mean_s()));
        let source = Source::Renewal { stream, available_mean_s, outage, lost_share };
        Self::beginning(origin, available, source)
    }

    /// What a recording says, from its beginning at `origin`; repeated for ever, or held at its
    /// last state.
    pub fn recorded(recording: &Availability, origin: Time, repeat: bool) -> Self {
        let mut line = Self::beginning(origin, recording.available_first, Source::Ended);
        line.recorded = true;
        if repeat && !recording.period.is_zero() {
            let recording = recording.clone();
            line.source = Source::Repeated { recording, rounds: 0, next: 0 };
        } else {
            for event in &recording.events {
                line.push(origin + event.at, event.available, event.lost_share);
            }
        }
        line
    }

    /// Whether it comes from a recording.
    pub const fn is_recorded(&self) -> bool {
        self.recorded
    }

    fn beginning(origin: Time, available: bool, source: Source) -> Self {
        let first = Change { at: Time::ZERO, available, lost_share: 0.0 };
        Self { changes: vec![first], origin, source, recorded: false }
    }

    fn push(&mut self, at: Time, available: bool, lost_share: f64) {
        self.changes.push(Change { at, available, lost_share });
    }

    fn last(&self) -> Change {
        *self.changes.last().expect("a timeline begins with one change")
    }

    /// Makes one more change known; false when there is none.
    fn grow(&mut self) -> bool {
        let last = self.last();
        // It ends with capacity: one that ended in an outage would refuse everybody for ever.
        if last.at.since(self.origin) > HORIZON && last.available {
            return false;
        }
        match &mut self.source {
            Source::Ended => false,
            Source::Renewal { stream, available_mean_s, outage, lost_share } => {
                let lost_share = if last.available { *lost_share } else { 0.0 };
                let length_s = if last.available {
                    stream.exponential() * *available_mean_s
                } else {
                    outage.sample_s(stream)
                };
                // A millisecond at least, so that time moves on.
                let length = Span::from_secs_f64(length_s).max(Span::from_ms(1));
                self.push(last.at.max(self.origin) + length, !last.available, lost_share);
                true
            }
            Source::Repeated { recording, rounds, next } => {
                if recording.events.is_empty() {
                    return false;
                }
                let event = recording.events.get(*next).copied().unwrap_or_else(|| {
                    // The seam: the state of the beginning is back. Where that takes the capacity
                    // away it is a loss like any other of such a recording.
                    (*rounds, *next) = (*rounds + 1, usize::MAX);
                    let available = recording.available_first;
                    let lost_share = f64::from(u8::from(last.available && !available));
                    Event { at: Span::ZERO, available, lost_share }
                });
                *next = next.wrapping_add(1);
                let round = Span::from_ms(recording.period.as_ms().saturating_mul(*rounds));
                self.changes.push(Change {
                    at: self.origin + round + event.at,
                    available: event.available,
                    lost_share: event.lost_share,
                });
                true
            }
        }
    }

    /// Makes everything up to and including `until` known, and one change more.
    fn reach(&mut self, until: Time) {
        while self.last().at <= until && self.last().at < Time::MAX && self.grow() {}
    }

    /// What the pool is like at `now`.
    pub fn state_at(&mut self, now: Time) -> State {
        self.reach(now);
        let after = self.changes.partition_point(|change| change.at <= now).max(1);
        let available = self.changes[after - 1].available;
        // Changes that only take nodes leave the state as it is.
        let mut first = after - 1;
        while first > 0 && self.changes[first - 1].available == available {
            first -= 1;
        }
        let mut next = after;
        let until = loop {
            match self.changes.get(next).copied() {
                Some(change) if change.available != available => break change.at,
                Some(_) => next += 1,
                None if next - after < SAME_STATE_MAX && self.grow() => {}
                None => break Time::MAX,
            }
        };
        State { available, since: self.changes[first].at.max(self.origin), until }
    }

    /// The first moment strictly after `now`, and up to `until`, at which nodes are taken back.
    pub fn loss_after(&mut self, now: Time, until: Time) -> Option<Loss> {
        self.reach(now);
        let mut place = self.changes.partition_point(|change| change.at <= now);
        loop {
            if let Some(change) = self.changes.get(place) {
                if change.at > until {
                    return None;
                }
                if change.lost_share > 0.0 {
                    return Some(Loss {
                        nth: place as u64,
                        at: change.at,
                        share: change.lost_share,
                    });
                }
                place += 1;
            } else if self.last().at > until || !self.grow() {
                return None;
            }
        }
    }
}

/// Nothing changes any more after a century: a time beyond is a mistake in a trace, and is not worth
/// a world. Ten million jobs of a small organisation take twenty years.
pub(super) const HORIZON: Span = Span::from_secs(100 * 366 * 86_400);

/// How many changes that only take nodes may follow each other before the end of a state counts
/// as out of sight: a recording of losses alone would be searched for ever.
const SAME_STATE_MAX: usize = 10_000;
