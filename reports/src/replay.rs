//! Replays a journal: a fresh core is told the recorded events, and must ask for and explain the
//! recorded commands and decisions, to the byte.

use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;

/// Where a replay left the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// When.
    pub at: Time,
    /// Place of the entry in the journal, from 0.
    pub entry: u64,
    /// What the record has.
    pub recorded: String,
    /// What the core says now.
    pub replayed: String,
}

/// The replay; a sink that the journal is fed to.
#[derive(Debug, Default)]
pub struct Replay {
    core: Core,
    entries: u64,
    now: Time,
    diverged: Option<Divergence>,
}

impl Replay {
    /// A core that knows nothing yet.
    pub fn new() -> Self {
        Self { core: Core::new(), ..Self::default() }
    }

    /// Ends the replay.
    ///
    /// # Errors
    /// The first place where core and record differ.
    pub fn finish(mut self, at: Time) -> Result<Core, Divergence> {
        self.silent(at, "the end of the journal");
        self.diverged.map_or(Ok(self.core), Err)
    }

    /// The core has nothing (more) to say here.
    fn silent(&mut self, at: Time, recorded: &str) {
        if self.diverged.is_none() {
            match self.core.poll() {
                Output::WakeAt(_) => {}
                said => self.diverge(at, recorded.to_owned(), said),
            }
        }
    }

    fn diverge(&mut self, at: Time, recorded: String, said: Output) {
        let replayed = match said {
            Output::Command(command) => format!("{command:?}"),
            Output::Decision(decision) => format!("{decision:?}"),
            Output::WakeAt(at) => format!("nothing until {at:?}"),
        };
        self.diverged = Some(Divergence { at, entry: self.entries, recorded, replayed });
    }
}

impl Sink for Replay {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        // Each instant was drained to its end before the next began.
        if at != self.now {
            self.silent(self.now, "silence");
            self.now = at;
        }
        if self.diverged.is_some() {
            return;
        }
        match entry {
            Entry::Event(event) => self.core.handle(at, event),
            Entry::Command(command) => match self.core.poll() {
                Output::Command(said) if said == *command => {}
                said => self.diverge(at, format!("{command:?}"), said),
            },
            Entry::Decision(decision) => match self.core.poll() {
                Output::Decision(said) if said == *decision => {}
                said => self.diverge(at, format!("{decision:?}"), said),
            },
            Entry::Fact(Fact::Drained) => self.silent(at, "silence"),
            Entry::Fact(_) => {}
        }
        self.entries += 1;
    }
}
