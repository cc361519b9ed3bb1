//! Parameters of the policy `greenroom`, beside `tiers` and `lookahead`.

use super::Check;
use crate::spec::Packing;
use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Parameters of `greenroom`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { keep_alive_s, packing }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GreenroomConfig {
    /// How long an empty node is kept, in seconds, 0 to 86,400; `"auto"`: as long as would have been
    /// cheapest so far. Default: what a node takes to start, twice that
    /// in the world `eks`.
    pub keep_alive_s: Option<KeepAlive>,
    /// How runners are packed onto nodes; under `nodes.by = "core"`.
    pub packing: PackingConfig,
}

/// How runners are packed onto nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table { share, mixed, ends, slots, headroom, cpu_max }"
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackingConfig {
    /// Whether pools that ask for the same nodes and name none share them. Default: true.
    pub share: bool,
    /// Whether runners of different sizes that wait are packed together, at the least price, rather
    /// than each size by itself. It matters where pools share nodes. Default: true.
    pub mixed: bool,
    /// Whether those packed together are to end together, as far as lengths were seen. Default: true.
    pub ends: bool,
    /// Whether no node is launched for who will most likely have a place that frees before it would be
    /// ready. Default: true.
    pub slots: bool,
    /// Room that a new node may have beside those who wait, as a share of the runners that its fleet
    /// has, 0 to 10: where many run, more come. Default: 0.2.
    pub headroom: f64,
    /// The largest node in vCPU where neither its pool's `cpu_max` nor `node.cpu_max` says another
    /// than its default, 1 to 448. Default: 32: a node of 16 holds three jobs of the usual 4 vCPU, since
    /// daemons take their share, one of 32 holds seven.
    pub cpu_max: u32,
}

impl Default for PackingConfig {
    fn default() -> Self {
        Self { share: true, mixed: true, ends: true, slots: true, headroom: 0.2, cpu_max: 32 }
    }
}

impl PackingConfig {
    /// What the core is told of it.
    pub fn resolved(&self) -> Packing {
        let headroom_permille = (self.headroom * 1_000.0) as u32;
        let Self { mixed, ends, slots, .. } = *self;
        Packing { mixed, ends, slots, headroom_permille }
    }

    /// Everything that makes no sense.
    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.number("headroom", self.headroom, 0.0..=10.0);
        check.count("cpu_max", self.cpu_max, 1..=448);
    }
}

/// How long an empty node is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeepAlive {
    /// So many seconds.
    Seconds(f64),
    /// As long as would have been cheapest so far.
    Auto,
}

/// The word for [`KeepAlive::Auto`].
const AUTO: &str = "auto";

impl Serialize for KeepAlive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Seconds(seconds) => serializer.serialize_f64(*seconds),
            Self::Auto => serializer.serialize_str(AUTO),
        }
    }
}

impl<'de> Deserialize<'de> for KeepAlive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeepAliveVisitor;
        impl Visitor<'_> for KeepAliveVisitor {
            type Value = KeepAlive;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a number from 0 to 86400, or \"auto\"")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<KeepAlive, E> {
                Ok(KeepAlive::Seconds(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<KeepAlive, E> {
                Ok(KeepAlive::Seconds(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<KeepAlive, E> {
                Ok(KeepAlive::Seconds(value as f64))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<KeepAlive, E> {
                match value {
                    AUTO => Ok(KeepAlive::Auto),
                    _ => Err(E::invalid_value(Unexpected::Str(value), &self)),
                }
            }
        }
        deserializer.deserialize_any(KeepAliveVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for KeepAlive {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "KeepAlive".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 86_400 },
                { "const": AUTO }
            ]
        })
    }
}
