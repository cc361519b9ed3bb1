#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

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
