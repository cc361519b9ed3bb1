//! Keys of `buildkite`.

use super::{MACHINES_MAX, at_most};
use crate::config::Check;
use crate::config::policy::KEEP_ALIVE_S_MAX;
use crate::policy::buildkite::Buildkite;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of `buildkite`, as in the agent scaler's environment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of keys of buildkite")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BuildkiteConfig {
    /// Most agents beyond the jobs (INSTANCE_BUFFER), up to a million.
    pub instance_buffer: u32,
    /// Fewest agents of each pool of nodes (MinSize), up to a million.
    pub min_size: u32,
    /// Most agents of each pool of nodes (MaxSize), 1 to a million. Default: a million.
    pub max_size: u32,
    /// Time between two runs, in seconds, 0.001 to 86,400.
    pub interval_s: f64,
    /// Least time between two steps out (SCALE_OUT_COOLDOWN_PERIOD), in seconds, 0 to 86,400.
    pub scale_out_cooldown_s: f64,
    /// Least time between two steps in (SCALE_IN_COOLDOWN_PERIOD), in seconds, 0 to 86,400. The
    /// default is the elastic mode's hour.
    pub scale_in_cooldown_s: f64,
}

impl Default for BuildkiteConfig {
    fn default() -> Self {
        Self {
            instance_buffer: 0,
            min_size: 0,
            max_size: MACHINES_MAX,
            interval_s: 10.0,
            scale_out_cooldown_s: 0.0,
            scale_in_cooldown_s: 3_600.0,
        }
    }
}

impl BuildkiteConfig {
    pub(in crate::config) fn resolved(self) -> Buildkite {
        Buildkite {
            buffer: self.instance_buffer,
            min: self.min_size,
            max: self.max_size,
            every: Span::from_secs_f64(self.interval_s),
            out_cooldown: Span::from_secs_f64(self.scale_out_cooldown_s),
            in_cooldown: Span::from_secs_f64(self.scale_in_cooldown_s),
        }
    }

    pub(in crate::config) fn check(self, check: &mut Check<'_>) {
        check.count("instance_buffer", self.instance_buffer, 0..=MACHINES_MAX);
        check.count("max_size", self.max_size, 1..=MACHINES_MAX);
        at_most(check, "min_size", self.min_size, "max_size", self.max_size);
        check.number("interval_s", self.interval_s, 0.001..=KEEP_ALIVE_S_MAX);
        check.number("scale_out_cooldown_s", self.scale_out_cooldown_s, 0.0..=KEEP_ALIVE_S_MAX);
        check.number("scale_in_cooldown_s", self.scale_in_cooldown_s, 0.0..=KEEP_ALIVE_S_MAX);
    }
}
