//! GitHub as runner sets meet it: queues, assignment, messages, registration, and its bad days.
//!
//! No IO and no clock. Methods take `now`, a place for timers and a buffer for [`Output`]; the
//! owner rings [`GitHub::on_timer`]. One value holds github.com and an Enterprise server side by
//! side, since a runner set names its [`Forge`](greenroom_scheduler::model::Forge).
//!
//! The protocol's own truths live here, so that an HTTP emulator can be a thin layer on top:
//! statistics are counted when a message is written, a message holds at most [`ENTRIES_MAX`]
//! entries, an unacknowledged message comes again, capacity is read when a poll begins.
//!
//! A long poll that waits is a state, not a timer: idle runner sets cost nothing. Delays that are
//! the same for everybody (expiry, confirmation, loss, reaping) share one timer each, however many
//! jobs or runners wait for them.

mod assign;
mod chain;
mod config;
mod draw;
mod groups;
mod hosted;
mod job;
mod later;
mod limiter;
mod listener;
mod mailbox;
mod outage;
mod output;
mod pace;
mod registration;
mod release;
mod runner;
mod running;
mod service;
mod set;
mod timer;

pub use config::{Config, ConfigError, Effect, IdleChoice, Window};
pub use draw::{Draw, Instant};
pub use listener::Message;
pub use mailbox::{ENTRIES_MAX, FIRST_MESSAGE};
pub use output::{Drop, Entry, Output};
pub use service::{GitHub, Seen, SeenRunner};
pub use set::{Host, Listener, SetSpec};
pub use timer::Timer;
