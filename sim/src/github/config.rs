//! What can be set about GitHub, with the source of every default.

use greenroom_scheduler::model::Forge;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Most outage and throttling windows; each opening and closing looks at all of them.
pub(super) const WINDOWS_MAX: usize = 10_000;

/// Longest span that may be set: the 35 days that GitHub gives a workflow run
/// (docs.github.com, usage limits for self-hosted runners).
pub(super) const SPAN_S_MAX: u64 = 35 * 24 * 3600;

/// How GitHub behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long the service holds a poll that has nothing to say. A new capacity is read when the
    /// next poll begins, so it waits for up to this long. 0 lets it count at once.
    /// Default 50 (actions/scaleset README: "up to ~50 seconds").
    pub long_poll_s: u64,
    /// How long until a message that was lost on its way is delivered again.
    /// Default 300 (the client's request time-out in actions/scaleset 0.4.0; one operator saw
    /// unacknowledged messages come back about every 5 minutes).
    pub redelivery_s: u64,
    /// How long a job may queue before GitHub ends it.
    /// Default 86,400 (docs.github.com, usage limits for self-hosted runners).
    pub queue_s_max: u64,
    /// How long a runner that was given a job may take to confirm it.
    /// Default 60 (docs.github.com, routing precedence for self-hosted runners).
    pub confirm_s_max: u64,
    /// How often a job that no runner confirmed, or whose assignment was withdrawn, is assigned
    /// again. After that an unconfirmed job fails. Default 3 (actions/scaleset README).
    pub reassignments_max: u32,
    /// How long a set may keep an assigned job without a runner before the service withdraws and
    /// repeats the assignment; the nth repetition waits n + 1 times as long. Absent: never.
    /// Default absent: the README of actions/scaleset says that it happens "with incremental
    /// delays" and names no figure.
    pub withdraw_s: Option<u64>,
    /// How long until GitHub notices that a runner vanished under its job.
    /// Default 600 (lease of the job in actions/runner; one operator measured 960 to 1,080).
    pub lost_runner_s: u64,
    /// How long a registered runner may idle before GitHub drops it. Absent: for ever.
    /// Default 86,400, the documented day after which an unused ephemeral runner is removed. One
    /// report saw 120 to 360 s (actions/runner issue 4726, two cases); set it to study that.
    pub idle_runner_s_max: Option<u64>,
    /// Most registrations in any 5 minutes by repository, organisation or enterprise.
    /// Default 1,500 (docs.github.com, usage limits for self-hosted runners). Absent: no limit.
    pub registrations_per_5_min_max: Option<NonZeroU32>,
    /// Most registrations in any hour by GitHub App. Absent: no limit.
    /// Default absent: the bucket `actions_runner_registration` holds 10,000 an hour, but counts
    /// calls of the REST API, and runner sets register through the Actions service instead.
    pub registrations_per_hour_max: Option<NonZeroU32>,
    /// Most registered runners by repository, organisation or enterprise.
    /// Default 10,000 (docs.github.com: runners of a runner group).
    pub runners_max: u32,
    /// Which idle runner of a set is given the next job. GitHub documents no order.
    pub idle_choice: IdleChoice,
    /// Most jobs of one run that GitHub queues in a second; the others of its fan-out follow.
    /// Absent: no limit. Default absent: the one figure is 4 for a matrix of 256
    /// (actions/runner issue 676), of 2020.
    pub fan_out_jobs_per_s_max: Option<NonZeroU32>,
    /// Whether a newer run of a concurrency group cancels what an older one has left.
    /// Default false: a recorded trace holds its cancelled jobs already.
    pub cancel_superseded: bool,
    /// When GitHub is down, slow to answer, or refuses.
    pub windows: Vec<Window>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            long_poll_s: 50,
            redelivery_s: 300,
            queue_s_max: 24 * 3600,
            confirm_s_max: 60,
            reassignments_max: 3,
            withdraw_s: None,
            lost_runner_s: 600,
            idle_runner_s_max: Some(24 * 3600),
            registrations_per_5_min_max: NonZeroU32::new(1_500),
            registrations_per_hour_max: None,
            runners_max: 10_000,
            idle_choice: IdleChoice::OldestFirst,
            fan_out_jobs_per_s_max: None,
            cancel_superseded: false,
            windows: Vec::new(),
        }
    }
}

/// Which of several idle runners is given a job.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum IdleChoice {
    /// The one that idles longest.
    #[default]
    OldestFirst,
    /// The one that came last.
    NewestFirst,
}

/// A time in which one GitHub instance misbehaves in one way. Windows may overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Which instance.
    pub forge: Forge,
    /// What goes wrong.
    pub effect: Effect,
    /// When it begins, in seconds after the start of the run.
    pub from_s: u64,
    /// When it is over, in seconds after the start of the run.
    pub until_s: u64,
}

/// What goes wrong in a window.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Jobs queue, and none is given to a set or a runner.
    Assignment,
    /// The interface answers no call: registrations wait, everything else is refused.
    Unavailable,
    /// The interface answers calls with "too many": registrations wait, the rest is refused.
    Throttled,
    /// Messages are neither written nor delivered.
    Messages,
}

/// A configuration that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A window that ends before it begins.
    #[error(
        "windows[{index}]: until_s = {until_s} is not after from_s = {from_s}; expected a later end"
    )]
    EmptyWindow {
        /// Its place in the list, from 0.
        index: usize,
        /// Its beginning.
        from_s: u64,
        /// Its end.
        until_s: u64,
    },
    /// More windows than 10,000; each opening and closing looks at all of them.
    #[error("windows: found {found} of them, expected at most {WINDOWS_MAX}")]
    ManyWindows {
        /// How many.
        found: usize,
    },
    /// A span beyond the 35 days of a workflow run.
    #[error("{field} = {found}: expected at most {SPAN_S_MAX}, the 35 days of a workflow run")]
    LongSpan {
        /// Which field.
        field: &'static str,
        /// Its value.
        found: u64,
    },
    /// A span that must not be zero.
    #[error("{field} = 0: expected at least 1, or no value for \"never\"")]
    ZeroSpan {
        /// Which field.
        field: &'static str,
    },
}

impl Config {
    /// What types cannot say: windows that end after they begin, spans that are neither endless
    /// nor, where it would mean an endless loop, nothing.
    pub fn check(&self) -> Result<(), ConfigError> {
        let spans = [
            ("long_poll_s", Some(self.long_poll_s), true),
            ("redelivery_s", Some(self.redelivery_s), false),
            ("queue_s_max", Some(self.queue_s_max), false),
            ("confirm_s_max", Some(self.confirm_s_max), false),
            ("withdraw_s", self.withdraw_s, false),
            ("lost_runner_s", Some(self.lost_runner_s), true),
            ("idle_runner_s_max", self.idle_runner_s_max, false),
        ];
        for (field, value, may_be_zero) in spans {
            match value {
                Some(0) if !may_be_zero => return Err(ConfigError::ZeroSpan { field }),
                Some(found) if found > SPAN_S_MAX => {
                    return Err(ConfigError::LongSpan { field, found });
                }
                _ => {}
            }
        }
        if self.windows.len() > WINDOWS_MAX {
            return Err(ConfigError::ManyWindows { found: self.windows.len() });
        }
        for (index, &Window { from_s, until_s, .. }) in self.windows.iter().enumerate() {
            if until_s <= from_s {
                return Err(ConfigError::EmptyWindow { index, from_s, until_s });
            }
        }
        Ok(())
    }
}
