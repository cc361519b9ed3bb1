//! Instruction sets.

use core::fmt;
use serde::{Deserialize, Serialize};

/// The instruction set of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Architecture {
    /// Intel and AMD. Kubernetes and Docker call it amd64, GitHub calls it X64.
    #[serde(rename = "x86-64", alias = "amd64", alias = "x64", alias = "X64", alias = "x86_64")]
    X86_64,
    /// Graviton.
    #[serde(rename = "arm64", alias = "ARM64", alias = "aarch64")]
    Arm64,
}

impl Architecture {
    /// The architecture of this name, in any of the spellings in use.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "x86-64" | "amd64" | "x64" | "X64" | "x86_64" => Some(Self::X86_64),
            "arm64" | "ARM64" | "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// The name in Greenroom's own files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86-64",
            Self::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Architecture {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Architecture".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // By hand, since the derived schema leaves out the other spellings.
        schemars::json_schema!({
            "description": "The instruction set of a machine, in any of the spellings in use.",
            "enum": [
                "x86-64", "amd64", "x64", "X64", "x86_64",
                "arm64", "ARM64", "aarch64"
            ]
        })
    }
}
