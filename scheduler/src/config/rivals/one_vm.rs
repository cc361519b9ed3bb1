//! Keys of `one-vm-per-job`.

use crate::config::Check;
use crate::config::policy::KEEP_ALIVE_S_MAX;
use crate::policy::one_vm::{BREAKER_COUNT_MAX, OneVm};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Parameters of `one-vm-per-job`: `RunsOn`'s circuit breaker, and how long a machine waits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of keys of one-vm-per-job")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneVmConfig {
    /// Spot interruptions that open the circuit breaker, 0 (never) to 8.
    pub breaker_count: u32,
    /// Within which time they must come, in seconds, 0 to 86,400.
    pub breaker_window_s: f64,
    /// For how long machines are bought on demand then, in seconds, 0 to 86,400.
    pub breaker_recovery_s: f64,
    /// How long a machine stays that nobody needs, in seconds, 0 to 86,400. Our assumption.
    pub idle_time_s: f64,
}

impl Default for OneVmConfig {
    fn default() -> Self {
        Self {
            breaker_count: 2,
            breaker_window_s: 900.0,
            breaker_recovery_s: 1_800.0,
            idle_time_s: 300.0,
        }
    }
}

impl OneVmConfig {
    pub(in crate::config) fn resolved(self) -> OneVm {
        OneVm {
            count: self.breaker_count,
            window: Span::from_secs_f64(self.breaker_window_s),
            recovery: Span::from_secs_f64(self.breaker_recovery_s),
        }
    }

    pub(in crate::config) fn check(self, check: &mut Check<'_>) {
        check.count("breaker_count", self.breaker_count, 0..=BREAKER_COUNT_MAX);
        check.number("breaker_window_s", self.breaker_window_s, 0.0..=KEEP_ALIVE_S_MAX);
        check.number("breaker_recovery_s", self.breaker_recovery_s, 0.0..=KEEP_ALIVE_S_MAX);
        check.number("idle_time_s", self.idle_time_s, 0.0..=KEEP_ALIVE_S_MAX);
    }
}
