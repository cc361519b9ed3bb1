//! What a trace asks for, before any runner is simulated: how many jobs at once, how bursty, how
//! long, and how much of it is known ahead.
//!
//! [`Fold`] takes arrivals one by one and keeps what is running, so a trace of any length streams
//! through; [`Figures`] says how each figure is defined.

mod busy;
mod durations;
mod figures;
mod fold;
mod table;
mod windows;

pub use durations::EXACT_MAX;
pub use figures::{
    ClassFigures, Concurrency, Dispersion, DurationFigures, Figures, Quantiles, Statistics,
};
pub use fold::Fold;
