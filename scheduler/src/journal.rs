//! What happened, in order: the one interface between running and reporting.

use crate::command::Command;
use crate::decision::Decision;
use crate::event::Event;
use crate::fact::Fact;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// Version of the entries below. Readers refuse any other.
pub const SCHEMA_VERSION: u32 = 1;

/// One thing that went in, came out, or happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry<'a> {
    /// The core was told this.
    Event(&'a Event),
    /// The core asked for this.
    Command(&'a Command),
    /// The core explained this.
    Decision(&'a Decision),
    /// The world did this.
    Fact(&'a Fact),
}

/// An [`Entry`] that owns what it holds, as a reader of journals gives it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnedEntry {
    /// The core was told this.
    Event(Event),
    /// The core asked for this.
    Command(Command),
    /// The core explained this.
    Decision(Decision),
    /// The world did this.
    Fact(Fact),
}

impl OwnedEntry {
    /// The same, borrowed.
    pub const fn as_entry(&self) -> Entry<'_> {
        match self {
            Self::Event(event) => Entry::Event(event),
            Self::Command(command) => Entry::Command(command),
            Self::Decision(decision) => Entry::Decision(decision),
            Self::Fact(fact) => Entry::Fact(fact),
        }
    }
}

/// Takes entries in order. Laws, summaries, reports and the journal file are all sinks.
pub trait Sink {
    /// One more entry. Times never go back.
    fn entry(&mut self, at: Time, entry: Entry<'_>);
}

impl<S: Sink + ?Sized> Sink for &mut S {
    #[inline]
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        (**self).entry(at, entry);
    }
}

/// Keeps nothing.
impl Sink for () {
    #[inline]
    fn entry(&mut self, _at: Time, _entry: Entry<'_>) {}
}

/// Both, one after the other.
impl<A: Sink, B: Sink> Sink for (A, B) {
    #[inline]
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        self.0.entry(at, entry);
        self.1.entry(at, entry);
    }
}

/// The sink, if there is one.
impl<S: Sink> Sink for Option<S> {
    #[inline]
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if let Some(sink) = self {
            sink.entry(at, entry);
        }
    }
}
