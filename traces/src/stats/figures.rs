//! The figures and what each of them means.

use serde::Serialize;

/// Figures of a whole trace and of each of its runner classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// Of all jobs.
    #[serde(flatten)]
    pub all: Figures,
    /// How quantiles were found.
    pub quantiles: Quantiles,
    /// By runner class, in order of name.
    pub by_class: Vec<ClassFigures>,
}

/// Figures of one runner class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFigures {
    /// The class.
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Figures of a set of jobs, as the record has them: each job is taken to run from the moment it
/// was ready, as if there were always a runner (an infinite-server system). `None` where there are
/// too few jobs for a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// How many jobs, those cancelled in the queue included.
    pub jobs: u64,
    /// Seconds from the first to the last time at which a job became ready.
    pub span_s: f64,
    /// How many jobs run at once.
    pub concurrency: Concurrency,
    /// Variance of the number of running jobs divided by its mean, both weighted by time over the
    /// span. 1 for Poisson arrivals of any duration; safe capacity is about mean +
    /// 2 sqrt(z mean) (He, Liu, Whitt 2016).
    pub peakedness_z: Option<f64>,
    /// How unevenly jobs become ready.
    pub idc: Dispersion,
    /// How long jobs run, those cancelled in the queue left out.
    pub duration_s: DurationFigures,
    /// Share of the jobs that need another job of the trace or come by timetable, so that a look at
    /// workflow or clock tells of them before they are ready.
    pub known_ahead_share: Option<f64>,
}

/// How many jobs run at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Concurrency {
    /// Mean over the span, weighted by time.
    pub mean: Option<f64>,
    /// The most at any time.
    pub peak: u64,
}

/// Index of dispersion for counts: variance of the number of jobs that become ready in a window,
/// divided by its mean. 1 for Poisson arrivals at a constant rate. Windows follow one another from
/// the first job to the one that holds the last; `None` where that is the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dispersion {
    /// In windows of a minute.
    #[serde(rename = "1m")]
    pub one_minute: Option<f64>,
    /// In windows of ten minutes.
    #[serde(rename = "10m")]
    pub ten_minutes: Option<f64>,
    /// In windows of an hour.
    #[serde(rename = "1h")]
    pub one_hour: Option<f64>,
}

/// How long jobs run, in seconds. Quantiles are values that occur (nearest rank).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DurationFigures {
    /// Half of the jobs run no longer.
    pub p50: Option<f64>,
    /// Nine in ten run no longer.
    pub p90: Option<f64>,
    /// Ninety-nine in a hundred run no longer.
    pub p99: Option<f64>,
    /// Mean of the natural logarithm, jobs of no duration left out: `mu` of the log-normal of
    /// greatest likelihood.
    pub lognormal_mu: Option<f64>,
    /// Deviation of that logarithm, likewise (divided by n).
    pub lognormal_sigma: Option<f64>,
}

/// How quantiles were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantiles {
    /// From all values.
    Exact,
    /// From an HDR histogram with three significant digits, beyond
    /// [`EXACT_MAX`](super::EXACT_MAX) values.
    Hdr3,
}
