#![no_std]
#![forbid(unsafe_code)]
//! The pure scheduling core of Greenroom.
//!
//! Feed one instant's events with [`core::Core::handle`], then drain [`core::Core::poll`] until it
//! gives [`core::Output::WakeAt`]; then the next instant. Nothing here can name a clock, a file,
//! a socket, a thread or a random number: time and outcomes come in as events, commands and
//! explained decisions go out.

extern crate alloc;

// Units.
pub mod money;
pub mod resources;
pub mod time;

// Things and their names.
pub mod config;
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
pub mod intent;
pub mod slab;
pub mod view;
pub mod wakes;

// What it does.
pub mod check;
pub mod core;
pub mod plan;
pub mod policy;
