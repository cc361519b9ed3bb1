//! What a preset fixes.

use super::profile::Profile;
use greenroom_scheduler::resources::Resources;

/// An organisation to generate jobs for. Shares lie in 0 to 1; `mu` and `sigma` are those of the
/// natural logarithm. [`Preset::sources`] says where each figure is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// What users type.
    pub name: &'static str,
    /// One sentence for people.
    pub about: &'static str,
    /// How many jobs where nobody asks for a number.
    pub jobs: u32,
    /// When jobs come.
    pub profile: Profile,
    /// Share of the jobs that each kind of event sets off; they sum to 1.
    pub triggers: Triggers,
    /// A merge train tests 1 to this many changes at once, each number equally likely.
    pub train_max: u32,
    /// The people.
    pub organisation: Organisation,
    /// What a run looks like.
    pub runs: Runs,
    /// What goes wrong.
    pub troubles: Troubles,
    /// Deviation of the logarithm of the duration of one job from run to run; at most the `sigma`
    /// of each class, whose rest is the difference between jobs (of which a class with a single
    /// job has none).
    pub within_job_sigma: f64,
    /// The runner classes, 1 at least.
    pub classes: &'static [Class],
    /// Place in `classes` of what the first job of a run needs.
    pub gate_class: usize,
    /// Place in `classes` of what the last job of a run needs.
    pub report_class: usize,
    /// Where the figures are from, by parameter. What is an assumption says so.
    pub sources: &'static [(&'static str, &'static str)],
}

/// Shares of the jobs by what sets them off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Triggers {
    /// `push` to the main branch.
    pub push: f64,
    /// `pull_request`
    pub pull_request: f64,
    /// `merge_group`
    pub merge_group: f64,
    /// `schedule`
    pub schedule: f64,
    /// Whatever else, as `workflow_dispatch`.
    pub other: f64,
}

/// Teams and what they own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Organisation {
    /// Teams, 1 at least. Where there are more teams than repositories, workflows are dealt out
    /// among them.
    pub teams: u32,
    /// Repositories, 1 at least.
    pub repositories: u32,
    /// Exponent of Zipf's law: the n-th largest team has 1 / n^s of the largest one's pushes, and
    /// so has the n-th repository within a team. 0 makes all equal.
    pub zipf: f64,
    /// Share of the teams whose repositories lie on GitHub Enterprise Server.
    pub enterprise: f64,
    /// A repository has 1 to this many workflows for changes, each number equally likely, and one
    /// for its timetable.
    pub workflows_max: u32,
}

/// The graph of a run: a first job that the others need (the gate), the jobs of a matrix, and a
/// last job that needs all of those (the report).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Runs {
    /// Share of the workflows with a gate.
    pub gate: f64,
    /// Share of the workflows with a report.
    pub report: f64,
    /// Logarithm of the median number of jobs in a matrix.
    pub width_mu: f64,
    /// Deviation of that logarithm.
    pub width_sigma: f64,
    /// No matrix is wider; GitHub allows 256 jobs.
    pub width_max: u32,
    /// Whether the width is drawn for each run, as where the gate decides which jobs to run,
    /// instead of once for each workflow.
    pub width_by_run: bool,
    /// Median time between the end of the last needed job and the next one's being ready.
    pub gap_s: f64,
}

/// Failures, second attempts, cancellations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Troubles {
    /// Chance that a job fails, somewhere in the middle of its time.
    pub failure: f64,
    /// Chance that somebody has the failed jobs of a run run again.
    pub rerun: f64,
    /// Median time from the end of a failed run to its second attempt.
    pub rerun_delay_s: f64,
    /// Chance that a push to a pull request is followed by another within a day.
    pub follow_up: f64,
    /// Median time to that next push.
    pub follow_up_delay_s: f64,
    /// Deviation of the logarithm of both delays.
    pub delay_sigma: f64,
    /// Share of the workflows whose older run is cancelled by a newer one of the same branch.
    pub supersedes: f64,
    /// Chance that a run is cancelled while its first jobs queue, if they queue long enough.
    pub cancelled_in_queue: f64,
    /// Mean time after which that happens.
    pub patience_s: f64,
}

/// A runner class and the jobs that ask for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: &'static str,
    /// Its share of the jobs in matrices.
    pub share: f64,
    /// What each of its jobs asks for.
    pub size: Resources,
    /// Mean logarithm of durations in seconds.
    pub mu: f64,
    /// Deviation of that logarithm over all jobs of the class.
    pub sigma: f64,
}

/// Delays between events of the same change are cut here, which bounds what must be remembered.
pub(super) const DELAY_S_MAX: f64 = 86_400.0;

impl Preset {
    /// The preset of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        super::presets::ALL.iter().find(|preset| preset.name == name)
    }

    /// All of them, `default` first.
    pub const fn all() -> &'static [Self] {
        super::presets::ALL
    }
}
