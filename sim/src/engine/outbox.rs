//! Where the world leaves what happened: facts go on at once, events wait for the core.

use greenroom_scheduler::event::Event;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;

/// The world's way out.
#[derive(Debug)]
pub struct Outbox<'a, S> {
    now: Time,
    sink: &'a mut S,
    events: &'a mut Vec<Event>,
}

impl<'a, S: Sink> Outbox<'a, S> {
    /// An outbox for one instant.
    pub fn new(now: Time, sink: &'a mut S, events: &'a mut Vec<Event>) -> Self {
        Self { now, sink, events }
    }

    /// Something happened.
    #[inline]
    pub fn fact(&mut self, fact: &Fact) {
        self.sink.entry(self.now, Entry::Fact(fact));
    }

    /// The core hears something.
    #[inline]
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }
}
