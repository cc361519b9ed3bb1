//! Which policy decides.

use super::{
    BuildkiteConfig, Check, CronConfig, GitlabConfig, GreenroomConfig, KeepAlive, OneVmConfig,
    PlaceholderConfig, TaskclusterConfig,
};
use crate::policy::schedule::Schedule;
use crate::spec::PolicySpec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A day: nobody keeps an idle node longer on purpose, and a slip of units is noticed.
pub(super) const KEEP_ALIVE_S_MAX: f64 = 86_400.0;

/// Which policy decides, and the parameters of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of policy keys")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyConfig {
    /// The policy.
    pub name: PolicyName,
    /// Parameters of `fixed`.
    pub fixed: FixedConfig,
    /// Parameters of `arc`.
    pub arc: ArcConfig,
    /// Parameters of `reactive`.
    pub reactive: ReactiveConfig,
    /// Parameters of `greenroom`.
    pub greenroom: GreenroomConfig,
    /// Parameters of `taskcluster`.
    pub taskcluster: TaskclusterConfig,
    /// Parameters of `gitlab`.
    pub gitlab: GitlabConfig,
    /// Parameters of `cron`.
    pub cron: CronConfig,
    /// Parameters of `one-vm-per-job`.
    #[serde(rename = "one-vm-per-job")]
    pub one_vm_per_job: OneVmConfig,
    /// Parameters of `buildkite`.
    pub buildkite: BuildkiteConfig,
    /// Parameters of `placeholder`.
    pub placeholder: PlaceholderConfig,
}

/// A policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PolicyName {
    /// A fixed number of always-on runners in each pool.
    Fixed,
    /// The rule of GitHub's Actions Runner Controller; Karpenter claims the nodes.
    Arc,
    /// A runner for each assigned job, the most recently used node first.
    #[default]
    Reactive,
    /// As `reactive`, with nodes for jobs that are foreseen (`lookahead`), hot nodes and a stock of
    /// stopped ones (`tiers`).
    Greenroom,
    /// Knows the whole trace beforehand: executes the best in hindsight of the `one-slot` world.
    Oracle,
    /// The estimator of Taskcluster's worker manager.
    Taskcluster,
    /// GitLab Runner's idle count, scale factor and periods.
    Gitlab,
    /// terraform-aws-github-runner: an instance a job, and pools by the hour.
    Cron,
    /// RunsOn: a machine a job, spot first, with a circuit breaker.
    OneVmPerJob,
    /// Buildkite's agent scaler: a buffer, and cool-downs.
    Buildkite,
    /// PyTorch's fork of ARC: placeholder pairs, a burst cap, shards by age.
    Placeholder,
}

impl PolicyName {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Fixed,
        Self::Arc,
        Self::Reactive,
        Self::Greenroom,
        Self::Oracle,
        Self::Taskcluster,
        Self::Gitlab,
        Self::Cron,
        Self::OneVmPerJob,
        Self::Buildkite,
        Self::Placeholder,
    ];

    /// As users type it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Arc => "arc",
            Self::Reactive => "reactive",
            Self::Greenroom => "greenroom",
            Self::Oracle => "oracle",
            Self::Taskcluster => "taskcluster",
            Self::Gitlab => "gitlab",
            Self::Cron => "cron",
            Self::OneVmPerJob => "one-vm-per-job",
            Self::Buildkite => "buildkite",
            Self::Placeholder => "placeholder",
        }
    }

    /// Whether it launches machines by a rule of its own, so that Karpenter cannot do it instead.
    pub const fn claims_itself(self) -> bool {
        !matches!(self, Self::Fixed | Self::Arc | Self::Reactive | Self::Greenroom | Self::Oracle)
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Parameters of `fixed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { runners }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedConfig {
    /// Always-on runners in each pool.
    pub runners: u32,
}

impl Default for FixedConfig {
    fn default() -> Self {
        Self { runners: 10 }
    }
}

/// Parameters of `arc`, as in a runner scale set's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { min_runners, max_runners }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArcConfig {
    /// Idle runners to keep in each runner set (ARC's minRunners).
    pub min_runners: u32,
    /// Most runners in each runner set (ARC's maxRunners, whose default is the largest int32).
    pub max_runners: u32,
}

impl Default for ArcConfig {
    fn default() -> Self {
        Self { min_runners: 0, max_runners: i32::MAX as u32 }
    }
}

/// Parameters of `reactive`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { keep_alive_s, cancel_launches }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReactiveConfig {
    /// How long an empty node is kept, in seconds, 0 to 86,400. Default: what a node takes to
    /// start, which is the break-even of keeping against starting again (ski rental).
    pub keep_alive_s: Option<f64>,
    /// Whether a node on its way is given up as soon as those who wait have places without it. What
    /// it cost until then is wasted; what it would have stood idle is saved. Default: false.
    pub cancel_launches: bool,
}

impl PolicyConfig {
    /// What the core is told of it; `hot` and `stopped` nodes are what the tiers have.
    pub fn resolved(&self, hot: u32, stopped: u32) -> PolicySpec {
        match self.name {
            PolicyName::Fixed => PolicySpec::Fixed { runners: self.fixed.runners },
            PolicyName::Arc => PolicySpec::Arc {
                min_runners: self.arc.min_runners,
                max_runners: self.arc.max_runners,
            },
            PolicyName::Reactive => PolicySpec::Reactive,
            PolicyName::Greenroom => PolicySpec::Greenroom { hot, stopped },
            PolicyName::Oracle => PolicySpec::Oracle,
            PolicyName::Taskcluster => PolicySpec::Taskcluster(self.taskcluster.resolved()),
            PolicyName::Gitlab => PolicySpec::Gitlab(self.gitlab.resolved()),
            PolicyName::Cron => PolicySpec::Cron(self.cron.resolved()),
            PolicyName::OneVmPerJob => PolicySpec::OneVmPerJob(self.one_vm_per_job.resolved()),
            PolicyName::Buildkite => PolicySpec::Buildkite(self.buildkite.resolved()),
            PolicyName::Placeholder => PolicySpec::Placeholder(self.placeholder.resolved()),
        }
    }

    /// What the core is told of hours.
    pub fn schedule(&self) -> Schedule {
        match self.name {
            PolicyName::Gitlab => self.gitlab.schedule(),
            PolicyName::Cron => self.cron.schedule(),
            _ => Schedule::default(),
        }
    }

    /// How long an empty node is kept in seconds, where it is not what a node takes to start.
    pub const fn keep_alive_s(&self) -> Option<f64> {
        match self.name {
            PolicyName::Reactive => self.reactive.keep_alive_s,
            PolicyName::Greenroom => match self.greenroom.keep_alive_s {
                Some(KeepAlive::Seconds(seconds)) => Some(seconds),
                Some(KeepAlive::Auto) | None => None,
            },
            PolicyName::Fixed | PolicyName::Arc | PolicyName::Oracle => None,
            PolicyName::Taskcluster => Some(self.taskcluster.idle_timeout_s),
            PolicyName::Gitlab => Some(self.gitlab.idle_time_s),
            PolicyName::Cron => Some(self.cron.minimum_running_time_s),
            PolicyName::OneVmPerJob => Some(self.one_vm_per_job.idle_time_s),
            PolicyName::Buildkite => Some(0.0),
            PolicyName::Placeholder => self.placeholder.keep_alive_s,
        }
    }

    /// Whether launches that nobody waits for any more are cancelled.
    pub fn cancels_launches(&self) -> bool {
        self.name == PolicyName::Reactive && self.reactive.cancel_launches
    }

    /// Everything that makes no sense.
    pub fn check(&self, check: &mut Check<'_>) {
        /// ARC counts in int32.
        const RUNNERS_MAX: u32 = i32::MAX as u32;
        check.under("fixed").count("runners", self.fixed.runners, 1..=RUNNERS_MAX);
        let arc = &mut check.under("arc");
        arc.count("max_runners", self.arc.max_runners, 1..=RUNNERS_MAX);
        if self.arc.min_runners > self.arc.max_runners {
            let expected = alloc::format!("max_runners = {} at most", self.arc.max_runners);
            arc.fault("min_runners", self.arc.min_runners, expected);
        }
        if let Some(keep_alive_s) = self.reactive.keep_alive_s {
            check.under("reactive").number("keep_alive_s", keep_alive_s, 0.0..=KEEP_ALIVE_S_MAX);
        }
        if let Some(KeepAlive::Seconds(keep_alive_s)) = self.greenroom.keep_alive_s {
            check.under("greenroom").number("keep_alive_s", keep_alive_s, 0.0..=KEEP_ALIVE_S_MAX);
        }
        self.greenroom.packing.check(&mut check.under("greenroom").under("packing"));
        self.taskcluster.check(&mut check.under("taskcluster"));
        self.gitlab.check(&mut check.under("gitlab"));
        self.cron.check(&mut check.under("cron"));
        self.one_vm_per_job.check(&mut check.under("one-vm-per-job"));
        self.buildkite.check(&mut check.under("buildkite"));
        self.placeholder.check(&mut check.under("placeholder"));
    }
}
