//! Between the service and the listener of a set: polls, messages, acknowledgements, capacity.

use super::config::Effect;
use super::draw::Draw;
use super::mailbox::Stage;
use super::output::{Entry, Output};
use super::service::{GitHub, Turn};
use super::set::{Host, Listener};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::Counts;
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::time::{Span, Time};

/// A message as a poll receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its number.
    pub id: u64,
    /// Statistics as they were when it was written.
    pub counts: Counts,
    /// What it says; at most [`ENTRIES_MAX`](super::ENTRIES_MAX).
    pub entries: &'a [Entry],
}

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

    /// A listener outside polls. It advertises its capacity (none: no limit) and receives the
    /// message that it has not acknowledged, or a new one; nothing means that the poll waits until
    /// [`Output::Pending`].
    pub fn poll(
        &mut self,
        now: Time,
        set: SetId,
        capacity: Option<u32>,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Result<Option<Message<'_>>, Refusal> {
        let turn = &mut self.turn(now, timers, out);
        let entry = self.own(set).ok_or(Refusal::NotFound)?;
        if entry.listener() != Listener::Outside {
            return Err(Refusal::Mode);
        }
        let forge = entry.forge;
        if let Some(refusal) = self.outages.refusal(forge) {
            return Err(refusal);
        }
        self.sets[set.index()].next_capacity = capacity.unwrap_or(u32::MAX);
        self.begin_poll(turn, set);
        if self.outages.stops(forge, Effect::Messages) {
            return Ok(None);
        }
        let entry = &mut self.sets[set.index()];
        if entry.mailbox.stage == Stage::Resting && entry.mailbox.has_news() {
            entry.mailbox.write(entry.counts);
            self.fill(turn, set);
        }
        let mailbox = &self.sets[set.index()].mailbox;
        Ok((mailbox.stage == Stage::Written).then_some(Message {
            id: mailbox.id,
            counts: mailbox.counts,
            entries: &mailbox.entries,
        }))
    }

    /// A listener outside acknowledges a message. Only then the next one is written.
    pub fn acknowledge(
        &mut self,
        now: Time,
        set: SetId,
        message: u64,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(entry) = self.own(set) else { return Outcome::Refused(Refusal::NotFound) };
        let mailbox = &mut entry.mailbox;
        if mailbox.stage != Stage::Written || mailbox.id != message {
            return Outcome::Already;
        }
        mailbox.stage = Stage::Resting;
        if mailbox.has_news() {
            turn.out.push(Output::Pending { set });
        }
        Outcome::Done
    }

    /// Notes an entry for the next message of a set.
    pub(super) fn tell<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        set: SetId,
        entry: Entry,
    ) {
        let of = &mut self.sets[set.index()];
        if of.is_hosted() {
            return;
        }
        let is_first = !of.mailbox.has_news();
        of.mailbox.note(entry);
        if is_first {
            self.begin_message(turn, set);
        }
    }

    /// Has the next message written if there is something to say and nothing on the way.
    fn begin_message<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &mut self.sets[set.index()];
        let mailbox = &mut entry.mailbox;
        if mailbox.stage != Stage::Resting || !mailbox.open || !mailbox.has_news() {
            return;
        }
        if entry.listener() == Listener::Outside {
            turn.out.push(Output::Pending { set });
            return;
        }
        let mailbox = &mut entry.mailbox;
        mailbox.stage = Stage::Writing;
        let delay = self.draw.writing(set, mailbox.begun);
        mailbox.begun += 1;
        turn.timers.set(turn.now + delay, Timer::Message(set));
    }

    /// A message is due to be written, or to arrive.
    pub(super) fn ring_message<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &mut self.sets[set.index()];
        if self.outages.stops(entry.forge, Effect::Messages) {
            entry.mailbox.held = true;
            return;
        }
        match entry.mailbox.stage {
            Stage::Resting => {}
            Stage::Writing => {
                entry.mailbox.write(entry.counts);
                let delay = self.draw.travel(set, entry.mailbox.tried);
                // Offers that waited for room in the queue have it now.
                self.fill(turn, set);
                if delay.is_zero() {
                    self.deliver(turn, set);
                } else {
                    turn.timers.set(turn.now + delay, Timer::Message(set));
                }
            }
            Stage::Written => self.deliver(turn, set),
        }
    }

    /// The message arrives, or is lost and comes again. A listener that has it acknowledges it and
    /// polls anew.
    fn deliver<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let mailbox = &mut self.sets[set.index()].mailbox;
        let nth = mailbox.tried;
        mailbox.tried += 1;
        if self.draw.lost(set, nth) {
            let again_at = turn.now + Span::from_secs(self.config.redelivery_s);
            turn.timers.set(again_at, Timer::Message(set));
            return;
        }
        turn.out.push(Output::Message {
            set,
            message: mailbox.id,
            counts: mailbox.counts,
            entries: mailbox.entries.len() as u32,
        });
        turn.out.extend(mailbox.entries.iter().map(|&entry| Output::Told { set, entry }));
        mailbox.stage = Stage::Resting;
        self.begin_poll(turn, set);
        self.begin_message(turn, set);
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

    /// Windows changed: what was held back goes on.
    pub(super) fn resume_messages<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &mut self.sets[set.index()];
        if entry.is_hosted() {
            return;
        }
        if entry.mailbox.held {
            entry.mailbox.held = false;
            self.ring_message(turn, set);
        } else if entry.listener() == Listener::Outside {
            self.begin_message(turn, set);
        }
    }

    /// Polls that failed for an outage are made good.
    pub(super) fn resume_poll<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
        let entry = &self.sets[set.index()];
        if entry.poll_failed && entry.mailbox.open {
            self.begin_poll(turn, set);
        }
    }

    fn own(&mut self, set: SetId) -> Option<&mut super::set::Set> {
        let found = self.sets.get_mut(set.index())?;
        matches!(found.host, Host::Own { .. }).then_some(found)
    }
}
