//! Parameters of the rivals: names and defaults are those of their sources.

mod buildkite;
mod cron;
mod gitlab;
mod one_vm;
mod placeholder;
mod taskcluster;

pub use buildkite::BuildkiteConfig;
pub use cron::{CronConfig, CronIdle, CronPool};
pub use gitlab::{GitlabConfig, GitlabPeriod};
pub use one_vm::OneVmConfig;
pub use placeholder::PlaceholderConfig;
pub use taskcluster::TaskclusterConfig;

use super::Check;

/// Most machines that any of them may be told to keep or to reach.
const MACHINES_MAX: u32 = 1_000_000;

/// Most periods of a schedule.
const PERIODS_MAX: usize = 100;

/// Rules count in thousandths, so that no float decides.
fn thousandths(share: f64) -> u32 {
    libm::round(share * 1_000.0) as u32
}

fn at_most(check: &mut Check<'_>, key: &str, found: u32, most_key: &str, most: u32) {
    if found > most {
        check.fault(key, found, alloc::format!("{most_key} = {most} at most"));
    }
}

fn periods(check: &mut Check<'_>, key: &str, found: usize) {
    if found > PERIODS_MAX {
        check.fault(key, alloc::format!("{found} entries"), "100 entries at most");
    }
}
