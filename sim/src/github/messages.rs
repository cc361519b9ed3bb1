//! A message of a simulated listener, from the first change to its acknowledgement.

use super::config::Effect;
use super::draw::Draw;
use super::mailbox::Stage;
use super::output::{Entry, Output};
use super::service::{GitHub, Turn};
use super::set::Listener;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::time::Span;

impl<D: Draw> GitHub<D> {
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
    pub(super) fn begin_message<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, set: SetId) {
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
}
