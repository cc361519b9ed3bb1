//! The cheapest configuration that meets objectives of queue time.
//!
//! The search takes a function that makes runs, and nothing else of the world: whoever has inputs
//! and configurations gives it a space of points and answers what came of each.

mod answer;
mod capacity;
mod days;
mod measure;
mod points;
mod search;
mod slo;
mod space;
mod text;
mod trial;

pub use answer::{
    Answer, Break, Capacity, Change, Choice, MONTH_H, Point as ChartPoint, QUOTA_STEP_VCPU,
    QuotaRequest, Search, Stress, StressStep, Turned, Wish, changes, risks,
};
pub use capacity::{PeakNodes, Peaks, TypeSize};
pub use measure::{Measure, Members};
pub use points::points;
pub use search::{Budget, CONFIRMED_MAX, Found, HOPEFUL_MAX, search};
pub use slo::{Key, OBJECTIVES_MAX, Objective, Select, Slo, Statistic};
pub use space::{Axis, Point, Space, Value};
pub use trial::{Extent, Outcome, Trial, Tried};

use crate::chart::{ChartError, front};

impl Answer {
    /// Modelled cost of a month against queue time, as an SVG file; `points` are everything that was
    /// run.
    ///
    /// # Errors
    /// The drawing library refuses.
    pub fn chart(&self, points: &[ChartPoint]) -> Result<String, ChartError> {
        front(self, points)
    }
}
