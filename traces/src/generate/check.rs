//! What a generator refuses.

use super::preset::Preset;
use super::profile::WEEK_H;

/// Why nothing can be generated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GenerateError {
    /// No preset of that name.
    #[error("preset: found {found:?}, expected one of {}", names())]
    UnknownPreset {
        /// The name.
        found: String,
    },
    /// A figure outside the range in which it means something.
    #[error("{field}: found {found}, expected {expected}")]
    Field {
        /// The field as users know it.
        field: &'static str,
        /// Its value.
        found: String,
        /// What would do.
        expected: &'static str,
    },
}

fn names() -> String {
    let names: Vec<&str> = Preset::all().iter().map(|preset| preset.name).collect();
    names.join(", ")
}

/// Rates beyond these make hours of waiting or numbers that overflow, not organisations.
const RATE_SCALE: std::ops::RangeInclusive<f64> = 1e-3..=1e4;
/// A hundred times the largest known organisation; keeps the catalogue under a few megabytes.
const COUNT_MAX: u32 = 2_000;
/// Predecessors are counted in 16 bits.
const WIDTH_MAX: u32 = 10_000;

/// One requirement after the other, the first that fails names its field.
pub(super) fn check(preset: &Preset, jobs: u32, rate_scale: f64) -> Result<(), GenerateError> {
    let within = |field, found: f64, range: std::ops::RangeInclusive<f64>, expected| {
        if range.contains(&found) {
            return Ok(());
        }
        Err(GenerateError::Field { field, found: found.to_string(), expected })
    };
    let share = |field, found| within(field, found, 0.0..=1.0, "a share from 0 to 1");
    let count = |field, found: u32| {
        within(field, f64::from(found), 1.0..=f64::from(COUNT_MAX), "a number from 1 to 2000")
    };
    let length = |field, found| within(field, found, 1e-3..=1e6, "0.001 to 1000000 seconds");
    let deviation = |field, found| within(field, found, 0.0..=4.0, "a deviation from 0 to 4");

    within("jobs", f64::from(jobs), 1.0..=f64::from(u32::MAX), "at least 1")?;
    within("run.rate_scale", rate_scale, RATE_SCALE, "0.001 to 10000")?;

    let profile = &preset.profile;
    within("profile.peak_jobs_per_hour", profile.peak_jobs_per_hour, 0.1..=1e6, "0.1 to 1000000")?;
    within("profile.day_to_night", profile.day_to_night, 1.0..=1e3, "1 to 1000")?;
    within("profile.day_to_weekend", profile.day_to_weekend, 1.0..=1e3, "1 to 1000")?;
    within("profile.midnight_utc_h", f64::from(profile.midnight_utc_h), 0.0..=23.0, "0 to 23")?;

    let triggers = &preset.triggers;
    let of_people = triggers.push + triggers.pull_request + triggers.merge_group + triggers.other;
    share("triggers.push", triggers.push)?;
    share("triggers.pull_request", triggers.pull_request)?;
    share("triggers.merge_group", triggers.merge_group)?;
    share("triggers.schedule", triggers.schedule)?;
    share("triggers.other", triggers.other)?;
    within("triggers", of_people + triggers.schedule, 0.999..=1.001, "shares that sum to 1")?;
    // A timetable alone may round to nothing, and then no job would ever come.
    within("triggers.schedule", triggers.schedule, 0.0..=0.99, "at most 0.99")?;
    count("train_max", preset.train_max)?;

    let organisation = &preset.organisation;
    count("organisation.teams", organisation.teams)?;
    count("organisation.repositories", organisation.repositories)?;
    count("organisation.workflows_max", organisation.workflows_max)?;
    within("organisation.zipf", organisation.zipf, 0.0..=4.0, "0 to 4")?;
    share("organisation.enterprise", organisation.enterprise)?;

    let runs = &preset.runs;
    share("runs.gate", runs.gate)?;
    share("runs.report", runs.report)?;
    within("runs.width_mu", runs.width_mu, 0.0..=10.0, "0 to 10")?;
    deviation("runs.width_sigma", runs.width_sigma)?;
    let widths = 1.0..=f64::from(WIDTH_MAX);
    within("runs.width_max", f64::from(runs.width_max), widths, "1 to 10000")?;
    length("runs.gap_s", runs.gap_s)?;

    let troubles = &preset.troubles;
    share("troubles.failure", troubles.failure)?;
    share("troubles.rerun", troubles.rerun)?;
    length("troubles.rerun_delay_s", troubles.rerun_delay_s)?;
    within("troubles.follow_up", troubles.follow_up, 0.0..=0.9, "a share from 0 to 0.9")?;
    length("troubles.follow_up_delay_s", troubles.follow_up_delay_s)?;
    deviation("troubles.delay_sigma", troubles.delay_sigma)?;
    share("troubles.supersedes", troubles.supersedes)?;
    share("troubles.cancelled_in_queue", troubles.cancelled_in_queue)?;
    length("troubles.patience_s", troubles.patience_s)?;

    within("classes", preset.classes.len() as f64, 1.0..=f64::from(COUNT_MAX), "1 to 2000")?;
    let last = (preset.classes.len() - 1) as f64;
    within("gate_class", preset.gate_class as f64, 0.0..=last, "a place in classes")?;
    within("report_class", preset.report_class as f64, 0.0..=last, "a place in classes")?;
    deviation("within_job_sigma", preset.within_job_sigma)?;
    for class in preset.classes {
        share("classes.share", class.share)?;
        within("classes.mu", class.mu, -7.0..=15.0, "-7 to 15 (the logarithm of seconds)")?;
        let wide = preset.within_job_sigma..=4.0;
        within("classes.sigma", class.sigma, wide, "within_job_sigma to 4")?;
    }
    let sum: f64 = preset.classes.iter().map(|class| class.share).sum();
    within("classes.share", sum, 0.999..=1.001, "shares that sum to 1")?;

    // A week with less would make a trace of centuries.
    let weekly = preset.profile.jobs_per_hour().iter().sum::<f64>() * rate_scale;
    within("run.rate_scale", weekly / WEEK_H as f64, 1e-2..=1e8, "at least one job in 100 hours")
}
