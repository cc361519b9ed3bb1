//! What is known before it queues, and what is kept for who was not known.

use greenroom_scheduler::config::Check;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// What a policy that looks ahead is told of jobs before they queue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { given, learned }")]
pub struct LookaheadConfig {
    /// Whether it is learned from runs that are over which jobs follow in a run, after how long and how
    /// many. Default true.
    pub learned: bool,
    /// Jobs that are simply told before they queue, as if somebody knew. World `one-slot` only.
    pub given: GivenConfig,
}

impl Default for LookaheadConfig {
    fn default() -> Self {
        Self { learned: true, given: GivenConfig::default() }
    }
}

/// Jobs that are told before they queue. The defaults are those of the published figures that this
/// serves to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { share, lead_s, sigma_s }")]
pub struct GivenConfig {
    /// Which share of the jobs is told, 0 to 1; drawn job by job. Default: none.
    pub share: f64,
    /// How long before a job queues it is told, in seconds, 0 to 86,400.
    pub lead_s: f64,
    /// Standard deviation of that time, in seconds, 0 to 3,600. It is normal, and cut off at five
    /// of these.
    pub sigma_s: f64,
}

impl Default for GivenConfig {
    fn default() -> Self {
        Self { share: 0.0, lead_s: 75.0, sigma_s: 10.0 }
    }
}

/// Capacity that is kept for jobs that nobody foresaw. Policy `greenroom` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { stopped, hot }")]
pub struct TiersConfig {
    /// Stopped nodes: they start sooner than new ones and cost a fraction while they are stopped.
    /// World `one-slot` only.
    pub stopped: StoppedConfig,
    /// Empty nodes that are kept ready.
    pub hot: HotConfig,
}

/// Stopped nodes. The defaults are those of the published figures that they serve to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table { count, start_s, price_ratio, restock_s, prepare_s }"
)]
pub struct StoppedConfig {
    /// How many each fleet keeps, 0 to 1,000,000; `"auto"`: as many as pay, by how often so many
    /// were wanted at once. Default: none.
    pub count: Level,
    /// From the start of a stopped node to the first step of the job that it was started for, in
    /// seconds, dispatch included.
    pub start_s: f64,
    /// What a stopped node costs, as a share of the price of one that runs, 0 to 1.
    pub price_ratio: f64,
    /// From the claim of a node for the stock until it can be started, in seconds; its boot and
    /// then its stop.
    pub restock_s: f64,
    /// Node time that is billed for preparing a node, in seconds. The boot of a node that was
    /// claimed for it counts.
    pub prepare_s: f64,
}

impl Default for StoppedConfig {
    fn default() -> Self {
        Self {
            count: Level::Nodes(0),
            start_s: 15.0,
            price_ratio: 0.04,
            restock_s: 180.0,
            prepare_s: 60.0,
        }
    }
}

/// Empty nodes that are kept ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table { count }")]
pub struct HotConfig {
    /// How many each fleet keeps, beside those for jobs that are foreseen, 0 to 1,000,000; `"auto"`:
    /// as many as pay. Default: none.
    pub count: Level,
}

/// How many nodes of a tier each fleet keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// So many.
    Nodes(u32),
    /// As many as pay.
    Auto,
}

/// The word for [`Level::Auto`].
const AUTO: &str = "auto";

impl Default for Level {
    fn default() -> Self {
        Self::Nodes(0)
    }
}

impl Level {
    /// So many nodes, where it is a number.
    pub const fn nodes(self) -> u32 {
        match self {
            Self::Nodes(nodes) => nodes,
            Self::Auto => 0,
        }
    }

    /// Whether there are any at any time.
    pub fn is_any(self) -> bool {
        self != Self::default()
    }

    /// Whether the policy decides.
    pub fn is_auto(self) -> bool {
        self == Self::Auto
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nodes(nodes) => serializer.serialize_u32(*nodes),
            Self::Auto => serializer.serialize_str(AUTO),
        }
    }
}

impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": COUNT_MAX },
                { "const": AUTO }
            ]
        })
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Level;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 1000000, or \"auto\"")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Level, E> {
        let count = u32::try_from(value).ok().filter(|count| *count <= COUNT_MAX);
        count.map(Level::Nodes).ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Level, E> {
        match value {
            AUTO => Ok(Level::Auto),
            _ => Err(E::invalid_value(Unexpected::Str(value), &self)),
        }
    }
}

/// A million nodes are beyond any account.
const COUNT_MAX: u32 = 1_000_000;

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

impl LookaheadConfig {
    pub(super) fn check(self, check: &mut Check<'_>) {
        let GivenConfig { share, lead_s, sigma_s } = self.given;
        let given = &mut check.under("given");
        given.number("share", share, 0.0..=1.0);
        given.number("lead_s", lead_s, 0.0..=86_400.0);
        given.number("sigma_s", sigma_s, 0.0..=3_600.0);
    }
}

impl TiersConfig {
    pub(super) fn check(self, check: &mut Check<'_>) {
        let StoppedConfig { start_s, price_ratio, restock_s, prepare_s, .. } = self.stopped;
        let stopped = &mut check.under("stopped");
        stopped.number("start_s", start_s, 0.0..=86_400.0);
        stopped.number("price_ratio", price_ratio, 0.0..=1.0);
        stopped.number("restock_s", restock_s, 0.0..=86_400.0);
        stopped.number("prepare_s", prepare_s, 0.0..=86_400.0);
    }
}
