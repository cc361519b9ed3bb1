//! The listener of a set: its capacity, its polls, its absence.

use super::draw::Draw;
use super::mailbox::Stage;
use super::output::Output;
use super::service::{GitHub, Turn};
use super::set::{Host, Listener};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::time::{Span, Time};

impl<D: Draw> GitHub<D> {
    /// The listener of a set will advertise room for `jobs`, running ones included, with its next
    /// poll. Less than what is assigned already revokes nothing.
    pub fn advertise(
        &mut self,
        now: Time,
        set: SetId,
        jobs: u32,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(entry) = self.sets.get_mut(set.index()) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        if entry.is_hosted() {
            return Outcome::Refused(Refusal::Mode);
        }
        if entry.next_capacity == jobs {
            return Outcome::Already;
        }
        entry.next_capacity = jobs;
        if entry.mailbox.open && entry.listener() == Listener::Simulated {
            let long_poll_ms = Span::from_secs(self.config.long_poll_s).as_ms();
            match now.since(entry.polled_at).as_ms().checked_next_multiple_of(long_poll_ms) {
                Some(held_ms) => {
                    turn.timers.set(entry.polled_at + Span::from_ms(held_ms), Timer::Poll(set));
                }
                // Polls that are not held at all.
                None => self.begin_poll(turn, set),
            }
        }
        Outcome::Done
    }

    /// The listener of a set is gone: a crash, a roll-out. Its message stays unacknowledged.
    pub fn listener_lost(
        &mut self,
        now: Time,
        set: SetId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(entry) = self.own(set) else { return Outcome::Refused(Refusal::NotFound) };
        if !entry.mailbox.open {
            return Outcome::Already;
        }
        entry.mailbox.open = false;
        entry.mailbox.held = false;
        if entry.mailbox.stage == Stage::Writing {
            entry.mailbox.stage = Stage::Resting;
        }
        turn.timers.cancel(Timer::Message(set));
        turn.timers.cancel(Timer::Poll(set));
        Outcome::Done
    }

    /// A listener of a set is back. Its new session tells the statistics at once, as message 0,
    /// and whatever was not acknowledged comes again.
    pub fn listener_back(
        &mut self,
        now: Time,
        set: SetId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(entry) = self.own(set) else { return Outcome::Refused(Refusal::NotFound) };
        let forge = entry.forge;
        if entry.mailbox.open {
            return Outcome::Already;
        }
        if let Some(refusal) = self.outages.refusal(forge) {
            return Outcome::Refused(refusal);
        }
        let entry = &mut self.sets[set.index()];
        entry.mailbox.open = true;
        let counts = entry.counts;
        turn.out.push(Output::Message { set, message: 0, counts, entries: 0 });
        if entry.mailbox.stage == Stage::Written && entry.listener() == Listener::Simulated {
            turn.timers.set(now, Timer::Message(set));
        }
        self.begin_poll(turn, set);
        self.begin_message(turn, set);
        Outcome::Done
    }

    /// A poll begins and tells the capacity.
    pub(super) fn begin_poll<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &mut self.sets[set.index()];
        entry.polled_at = turn.now;
        if entry.capacity == entry.next_capacity {
            return;
        }
        if self.outages.refusal(entry.forge).is_some() {
            entry.poll_failed = true;
            return;
        }
        entry.poll_failed = false;
        entry.capacity = entry.next_capacity;
        turn.timers.cancel(Timer::Poll(set));
        self.fill(turn, set);
    }

    /// Polls that failed for an outage are made good.
    pub(super) fn resume_poll<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &self.sets[set.index()];
        if entry.poll_failed && entry.mailbox.open {
            self.begin_poll(turn, set);
        }
    }

    pub(super) fn own(&mut self, set: SetId) -> Option<&mut super::set::Set> {
        let found = self.sets.get_mut(set.index())?;
        matches!(found.host, Host::Own { .. }).then_some(found)
    }
}
