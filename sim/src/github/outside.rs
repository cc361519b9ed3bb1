//! A listener outside: what an HTTP emulator calls.

use super::config::Effect;
use super::draw::Draw;
use super::mailbox::Stage;
use super::output::{Entry, Output};
use super::service::GitHub;
use super::set::Listener;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::Counts;
use greenroom_scheduler::id::SetId;
use greenroom_scheduler::time::Time;

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
}
