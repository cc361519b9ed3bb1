//! The cheapest configuration that meets objectives of queue time.
//!
//! The search takes a function that makes runs, and nothing else of the world: whoever has inputs
//! and configurations gives it a space of points and answers what came of each.

mod capacity;
mod measure;
mod search;
mod slo;
mod space;
mod trial;

pub use capacity::{PeakNodes, Peaks, TypeSize};
pub use measure::{Measure, Members};
pub use search::{Budget, CONFIRMED_MAX, Found, HOPEFUL_MAX, search};
pub use slo::{Key, OBJECTIVES_MAX, Objective, Select, Slo, Statistic};
pub use space::{Axis, Point, Space, Value};
pub use trial::{Extent, Outcome, Trial, Tried};
