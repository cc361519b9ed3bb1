#![no_std]
#![forbid(unsafe_code)]
//! The pure scheduling core of Greenroom.
//!
//! Feed one instant's events with [`core::Core::handle`], then drain [`core::Core::poll`] until it
//! gives [`core::Output::WakeAt`]; then the next instant. Nothing here can name a clock, a file,
//! a socket, a thread or a random number: time and outcomes come in as events, commands and
//! explained decisions go out.
//!
//! ```rust
//! use greenroom_scheduler::core::{Core, Output};
//! use greenroom_scheduler::event::{Counts, Event};
//! use greenroom_scheduler::id::SetId;
//! use greenroom_scheduler::time::Time;
//!
//! let mut core = Core::new();
//! // In life, settings, pools, teams, fleets and runner sets come first.
//! let counts = Counts { available: 0, assigned: 2, running: 0 };
//! core.handle(Time::from_ms(1_000), &Event::Statistics { set: SetId(0), counts });
//! let wake_at = loop {
//!     match core.poll() {
//!         Output::Command(command) => println!("do: {}", command.action),
//!         Output::Decision(decision) => println!("because: {decision}"),
//!         Output::WakeAt(at) => break at,
//!     }
//! };
//! // Nothing was configured, so this core asks for nothing.
//! assert_eq!(wake_at, None);
//! ```

extern crate alloc;

// Units.
pub mod hours;
pub mod money;
pub mod resources;
pub mod time;

// Things and their names.
pub mod config;
pub mod dial;
pub mod id;
pub mod model;
pub mod spec;

// What goes in and comes out.
pub mod command;
pub mod decision;
pub mod event;
pub mod fact;
pub mod journal;
pub mod snapshot;
mod text;
pub mod verdict;

// What the core remembers.
pub mod hazard;
pub mod intent;
pub mod length;
pub mod slab;
pub mod view;
pub mod wakes;

// What it does.
pub mod check;
pub mod core;
pub mod forecast;
pub mod pack;
pub mod plan;
pub mod policy;
