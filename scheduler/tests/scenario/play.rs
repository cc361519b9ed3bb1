//! Plays a scenario and writes down what the core says.

use super::happen::{happen, see};
use super::names::Names;
use super::settle::{settings, settle};
use super::words::{show, time};
use greenroom_scheduler::command::Action;
use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::snapshot::Snapshot;
use greenroom_scheduler::spec::Settings;
use greenroom_scheduler::time::Time;
use std::fmt::Write;

struct Player {
    core: Core,
    names: Names,
    settings: Settings,
    /// What the core is told at its start, and again after a restart.
    opening: Vec<Event>,
    /// Events of the present instant.
    events: Vec<Event>,
    seen: Option<Snapshot>,
    now: Time,
    begun: bool,
    wake_at: Option<Time>,
    text: String,
}

/// What the core says to the told half of a file.
pub(super) fn play(told: &str) -> Result<String, String> {
    let mut player = Player {
        core: Core::new(),
        names: Names::default(),
        settings: settings(),
        opening: Vec::new(),
        events: Vec::new(),
        seen: None,
        now: Time::ZERO,
        begun: false,
        wake_at: None,
        text: String::new(),
    };
    for (place, line) in told.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.first().is_some_and(|word| *word != "#") {
            player.line(&words).map_err(|fault| format!("line {}: {fault}", place + 1))?;
        }
    }
    player.instant();
    Ok(player.text)
}

impl Player {
    fn line(&mut self, words: &[&str]) -> Result<(), String> {
        if let ["at", at] = words {
            self.begin(time(at)?);
            return Ok(());
        }
        if let ["restart"] = words {
            self.core = Core::new();
            self.events.clone_from(&self.opening);
            return Ok(());
        }
        if let ["seen", rest @ ..] = words {
            let seen = self.seen.get_or_insert_default();
            return see(rest, &self.names, &self.core, seen);
        }
        if let Some(event) = settle(words, &mut self.settings, &mut self.names)? {
            if !self.begun {
                self.opening.push(event.clone());
            }
            self.events.push(event);
            return Ok(());
        }
        if !self.begun {
            return Err(format!("before the first `at`: {}", words.join(" ")));
        }
        self.events.extend(happen(words, &self.names, &self.core)?);
        Ok(())
    }

    /// Ends the present instant, and wakes the core whenever it asked for it before `at`.
    fn begin(&mut self, at: Time) {
        if self.begun {
            self.instant();
            while let Some(due) = self.wake_at.filter(|due| *due < at) {
                self.now = due;
                self.instant();
            }
        }
        self.begun = true;
        self.now = at;
    }

    /// Tells the core everything of one instant and writes down what it says.
    fn instant(&mut self) {
        if let Some(seen) = self.seen.take() {
            self.events.push(Event::Observed(Box::new(seen)));
        }
        if self.events.is_empty() {
            self.events.push(Event::Tick);
        }
        for event in std::mem::take(&mut self.events) {
            self.core.handle(self.now, &event);
        }
        let mut said = String::new();
        loop {
            match self.core.poll() {
                Output::WakeAt(at) => {
                    self.wake_at = at;
                    break;
                }
                Output::Command(command)
                    if matches!(
                        command.action,
                        Action::AdvertiseCapacity { jobs: u32::MAX, .. }
                    ) => {}
                Output::Command(command) => {
                    let text = self.names.tell(&command);
                    let _ = writeln!(said, "  > {}", self.names.named(&text));
                }
                Output::Decision(decision) => {
                    let _ = writeln!(said, "  {}", self.names.named(&decision.to_string()));
                }
            }
        }
        if !said.is_empty() {
            let _ = write!(self.text, "at {}\n{said}", show(self.now));
        }
    }
}
