//! What charts are drawn from: figures over time, distributions, and hours of the week, each in
//! a fixed number of bins however long the run is.

mod distribution;
mod levels;
mod pairs;
mod timeline;
mod week;

pub use distribution::LogBins;
pub use levels::Levels;
pub(crate) use pairs::PER_DECADE as PAIRS_PER_DECADE;
pub use pairs::Pairs;
pub use timeline::{Level, Timeline};
pub use week::Week;
