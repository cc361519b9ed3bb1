//! Jobs of an organisation that does not exist, drawn from published figures.
//!
//! A [`Preset`] says what kind of organisation; [`Generator`] walks through its weeks: pushes come
//! by the hour of the week or by timetable, each sets off runs, each run unfolds into jobs that
//! need each other. It keeps the organisation and what is pending, never the jobs, so a hundred
//! million of them take no more memory than a thousand.

mod catalogue;
mod check;
mod draw;
mod expect;
mod generator;
mod preset;
mod presets;
mod profile;
mod record;
mod run;
mod traffic;

pub use check::GenerateError;
pub use generator::{Generator, Spec};
pub use preset::{Class, Organisation, Preset, Runs, Triggers, Troubles};
pub use profile::{EPOCH_MS, Profile, WEEK_H};
