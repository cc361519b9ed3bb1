//! The sections that only a simulation has.

use crate::latency::Distribution;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The world around the core.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// GitHub, Kubernetes, Karpenter, EC2 and identity with their latencies, limits and failures.
    #[default]
    Eks,
    /// Idealised, for comparison with published figures: one job a node, billed from launch by the
    /// second, a fixed boot, nothing fails.
    OneSlot,
}

impl World {
    /// As users type it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eks => "eks",
            Self::OneSlot => "one-slot",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which part of time is simulated, and how densely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table of run keys")]
pub struct RunConfig {
    /// Jobs that become ready in this time from the start are run but not counted, in seconds.
    pub warmup_s: f64,
    /// Only jobs that become ready at this time or later are run. Default: all.
    pub from: Option<Moment>,
    /// The world stops at this time, whatever is still going on; the report says so. Default: when
    /// the last job has ended and the last node is gone.
    pub until: Option<Moment>,
    /// How much faster jobs arrive than in the trace: 10 packs ten hours into one. Above 0, at most
    /// 1,000.
    pub rate_scale: f64,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self { warmup_s: 0.0, from: None, until: None, rate_scale: 1.0 }
    }
}

/// Constants of the `one-slot` world. The defaults are those of the published figures that it
/// serves to compare with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table of one_slot keys")]
pub struct OneSlotConfig {
    /// Price of a node in USD an hour, billed by the second without a minimum.
    pub price_usd_per_hour: f64,
    /// From launch to ready, in seconds.
    pub boot_s: f64,
    /// The same where it is not always alike, such as `{ mean_s = 60 }`; goes before `boot_s`.
    /// Default: always `boot_s`.
    pub boot: Option<Distribution>,
    /// From a node that takes a job to the job's first step, in seconds. The node is busy.
    pub dispatch_s: f64,
    /// Shorter jobs count as this long, in seconds.
    pub duration_min_s: f64,
}

impl Default for OneSlotConfig {
    fn default() -> Self {
        Self {
            price_usd_per_hour: 0.20,
            boot_s: 60.0,
            boot: None,
            dispatch_s: 5.0,
            duration_min_s: 1.0,
        }
    }
}

impl OneSlotConfig {
    /// From launch to ready.
    pub fn boot(&self) -> Distribution {
        self.boot.clone().unwrap_or(Distribution::Constant { s: self.boot_s })
    }
}

/// The record of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { hash }")]
pub struct JournalConfig {
    /// Whether the hash of the journal is computed even when no journal file is written.
    pub hash: bool,
}

/// How the report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { idle, bound }")]
pub struct ReportConfig {
    /// Who pays for capacity that no job occupied.
    pub idle: IdlePayer,
    /// Whether the best in hindsight is computed. Default true; it reads the input once more.
    pub bound: bool,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self { idle: IdlePayer::default(), bound: true }
    }
}

/// Who pays for capacity that no job occupied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdlePayer {
    /// Those whose jobs ran on the node, in proportion to what they occupied.
    #[default]
    ByUse,
    /// The one whose job ended last on the node.
    ByLastUser,
    /// The platform.
    Platform,
}

/// A point on the trace's time line as it was written: a date, a time, or milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Moment(String);

impl Moment {
    /// As it was written.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Moment {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date (2025-09-04), a time (2025-09-04T10:00:00Z) or milliseconds")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Moment, E> {
        if value < 0 {
            return Err(E::invalid_value(Unexpected::Signed(value), &self));
        }
        Ok(Moment(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Moment, E> {
        Ok(Moment(value.to_string()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Moment, E> {
        Ok(Moment(value.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Any: the reader of configurations shows dates as their text only to who takes anything.
        deserializer.deserialize_any(MomentVisitor)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A date (2025-09-04), a time (2025-09-04T10:00:00Z), a length after the \
                            trace's start (3d, 36h, 90m, 5s), or milliseconds on the trace's own \
                            time line.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "minLength": 1 }
            ]
        })
    }
}
