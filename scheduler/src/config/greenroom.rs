//! Parameters of the policy `greenroom`, beside `tiers` and `lookahead`.

use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Parameters of `greenroom`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table { keep_alive_s }")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GreenroomConfig {
    /// How long an empty node is kept, in seconds, 0 to 86,400; `"auto"`: as long as would have been
    /// cheapest so far. Default: what a node takes to start.
    pub keep_alive_s: Option<KeepAlive>,
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
