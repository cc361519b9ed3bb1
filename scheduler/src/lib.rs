#![no_std]
#![forbid(unsafe_code)]
//! The pure scheduling core of Greenroom.

extern crate alloc;

pub mod id;
pub mod money;
pub mod resources;
pub mod time;
pub mod model;
