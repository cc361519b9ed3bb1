//! Charts, drawn by `plotters` onto SVG and PNG alike.
//!
//! Axes and legends are laid out here and not by the library's chart builder: that one measures
//! text with whatever font the machine has, and the same run would give other bytes elsewhere.

mod axis;
mod causes;
mod cost;
mod demand;
mod front;
mod ink;
#[cfg(feature = "png")]
mod png;
mod queue_time;
mod recorded;
mod rivals;
mod sheet;
mod svg;
mod week;

pub use front::front;
#[cfg(feature = "png")]
pub use png::png;
pub use rivals::{Rival, rivals};
pub use sheet::ChartError;
pub use svg::{Framing, svg};

pub(crate) use ink::{Ink, PALETTE};

use crate::series::{LogBins, Pairs, Timeline, Week};
use crate::summary::Summary;
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::time::Time;
use plotters::prelude::DrawingBackend;
use sheet::{Drawn, Sheet};

/// What charts are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The figures.
    pub summary: &'a Summary,
    /// Demand and capacity over time.
    pub timeline: &'a Timeline,
    /// End of warm-up; the first instant when there is none.
    pub warmup: Time,
    /// Simulated queue times.
    pub simulated: &'a LogBins,
    /// Recorded queue times.
    pub recorded: &'a LogBins,
    /// Milliseconds of waiting by cause, in the order of [`Cause::ALL`].
    pub causes: [u64; Cause::ALL.len()],
    /// Hours of the week.
    pub week: &'a Week,
    /// Recorded against simulated, job by job.
    pub pairs: &'a Pairs,
}

/// A chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// Demand against capacity over time.
    Demand,
    /// Distribution of queue time.
    QueueTime,
    /// Queue time by cause.
    Causes,
    /// Modelled cost by team and class.
    Cost,
    /// Hours of the week.
    Week,
    /// Recorded against simulated queue time.
    Recorded,
}

impl Chart {
    /// All charts, in the order of a report.
    pub const ALL: [Self; 6] =
        [Self::Demand, Self::QueueTime, Self::Causes, Self::Cost, Self::Week, Self::Recorded];

    /// Name of its file, without an ending.
    pub const fn file_stem(self) -> &'static str {
        match self {
            Self::Demand => "demand-and-capacity",
            Self::QueueTime => "queue-time",
            Self::Causes => "queue-time-by-cause",
            Self::Cost => "cost",
            Self::Week => "hours-of-the-week",
            Self::Recorded => "recorded-and-simulated",
        }
    }

    /// What it shows.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Demand => "Demand and capacity over time",
            Self::QueueTime => "How long jobs waited",
            Self::Causes => "What jobs waited for",
            Self::Cost => "Modelled cost by team and runner class",
            Self::Week => "Hours of the week",
            Self::Recorded => "Queue time in the record and in the simulation",
        }
    }

    /// Whether there is anything to draw.
    pub fn has_data(self, data: &Data<'_>) -> bool {
        match self {
            Self::Demand => data.timeline.levels().end() > data.timeline.levels().start(),
            Self::QueueTime | Self::Week => data.simulated.total() > 0,
            Self::Causes => data.causes.iter().any(|&ms| ms > 0),
            Self::Cost => data.summary.cost_usd.total > 0.0,
            Self::Recorded => data.pairs.total() > 0,
        }
    }

    /// Height in pixels; the width is [`sheet::WIDTH`].
    fn height(self, data: &Data<'_>) -> u32 {
        match self {
            Self::Demand => demand::height(),
            Self::QueueTime => queue_time::HEIGHT,
            Self::Causes => causes::height(data),
            Self::Cost => cost::height(data),
            Self::Week => week::HEIGHT,
            Self::Recorded => recorded::HEIGHT,
        }
    }

    fn draw<B: DrawingBackend>(self, data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
        match self {
            Self::Demand => demand::draw(data, sheet),
            Self::QueueTime => queue_time::draw(data, sheet),
            Self::Causes => causes::draw(data, sheet),
            Self::Cost => cost::draw(data, sheet),
            Self::Week => week::draw(data, sheet),
            Self::Recorded => recorded::draw(data, sheet),
        }
    }
}
