//! A small world for the core to act in: what there is, what happens, and who watches.
//!
//! `Town` says what the core is configured with. `World` is the truth: jobs, runners, nodes. It
//! executes commands and tells news. `Play` lets core and world meet, one `Move` at a time, and the
//! `Witness` holds every drain against the laws, with books of its own.

mod books;
mod cloud;
mod github;
mod law;
mod moves;
mod orders;
mod play;
mod town;
mod truth;
mod witness;

pub(crate) use law::hold;
pub(crate) use moves::{Fate, Move, moves};
pub(crate) use play::Play;
pub(crate) use town::{Town, towns};
pub(crate) use truth::JobState;
