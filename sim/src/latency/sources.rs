//! The macro that ties each default to its source, and the list it makes.

use super::Distribution;
use serde::Serialize;

/// One latency of the world: its key, its value and where its default comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sourced {
    /// The key in a configuration, such as `latency.ec2.launch_call`.
    pub key: String,
    /// What it is.
    pub about: &'static str,
    /// The value in use.
    pub value: Distribution,
    /// Whether the value in use is the default.
    pub is_default: bool,
    /// Where the default comes from.
    pub source: &'static str,
}

/// Writes a group of latencies: the configuration type, its defaults, and the list of both with
/// their sources. A latency without a source does not compile.
macro_rules! latencies {
    (
        $(#[doc = $group_about:literal])*
        $group:ident {
            $($(#[doc = $about:literal])* $key:ident = $default:expr, from $source:literal;)*
        }
    ) => {
        $(#[doc = $group_about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $group {
            $(
                $(#[doc = $about])*
                #[doc = ""]
                #[doc = concat!("Default from: ", $source)]
                pub $key: Distribution,
            )*
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl $group {
            /// Every latency of this group with its source; `prefix` is the key of the group.
            pub fn sourced(&self, prefix: &str) -> Vec<Sourced> {
                let default = Self::default();
                vec![$(Sourced {
                    key: format!("{prefix}.{}", stringify!($key)),
                    about: concat!($($about,)*).trim(),
                    value: self.$key.clone(),
                    is_default: self.$key == default.$key,
                    source: $source,
                },)*]
            }
        }
    };
}

pub(super) use latencies;
