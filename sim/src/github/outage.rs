//! Which windows are open now.

use super::config::{Effect, Window};
use greenroom_scheduler::command::Refusal;
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};

#[derive(Clone, Debug)]
pub(super) struct Outages {
    start: Time,
    windows: Vec<Window>,
    /// Open effects by forge, a bit each.
    open: [u8; 2],
    next_edge: Time,
}

impl Outages {
    pub(super) fn new(start: Time, windows: Vec<Window>) -> Self {
        let next_edge = if windows.is_empty() { Time::MAX } else { Time::ZERO };
        Self { start, windows, open: [0; 2], next_edge }
    }

    /// When windows next open or close.
    pub(super) fn next_edge(&self) -> Time {
        self.next_edge
    }

    /// Goes over the edges up to `now`.
    pub(super) fn pass(&mut self, now: Time) {
        self.open = [0; 2];
        self.next_edge = Time::MAX;
        for window in &self.windows {
            let from = self.start + Span::from_secs(window.from_s);
            let until = self.start + Span::from_secs(window.until_s);
            if (from..until).contains(&now) {
                self.open[forge(window.forge)] |= bit(window.effect);
            }
            for edge in [from, until] {
                if edge > now {
                    self.next_edge = self.next_edge.min(edge);
                }
            }
        }
    }

    pub(super) fn stops(&self, at: Forge, effect: Effect) -> bool {
        self.open[forge(at)] & bit(effect) != 0
    }

    /// Why a call would be refused now.
    pub(super) fn refusal(&self, at: Forge) -> Option<Refusal> {
        if self.stops(at, Effect::Unavailable) {
            Some(Refusal::Unavailable)
        } else if self.stops(at, Effect::Throttled) {
            Some(Refusal::Throttled)
        } else {
            None
        }
    }
}

const fn bit(effect: Effect) -> u8 {
    1 << effect as u8
}

const fn forge(forge: Forge) -> usize {
    match forge {
        Forge::Cloud => 0,
        Forge::Enterprise => 1,
    }
}
