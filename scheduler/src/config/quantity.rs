//! Amounts as people write them in pod templates.

use alloc::format;
use alloc::string::String;
use core::fmt;
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most vCPU that may be asked for, in thousandths. The largest EC2 type has 1,920 vCPU.
const CPU_MILLI_MAX: u32 = 4_000_000;

/// The most memory that may be asked for, in MiB. The largest EC2 type has 32 TiB.
const MEMORY_MIB_MAX: u64 = 64 << 20;

const CPU_EXPECTED: &str =
    "vCPUs from 0.001 to 4000, such as 4, 0.5, \"4\" or \"3500m\" (thousandths)";
const MEMORY_EXPECTED: &str = "memory with its unit (MiB, GiB, TiB, MB, GB, TB) from \"1MiB\" to \"64TiB\", such as \"16GiB\"";

/// An amount of vCPU in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu {
    /// Thousandths of a vCPU.
    pub milli: u32,
}

impl Cpu {
    /// `4`, `0.5` or `3500m`; a fraction of a thousandth counts as a whole one, as in Kubernetes.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('m') {
            Some(milli) => Self::of_milli(decimal(milli)?),
            None => Self::of_milli(decimal(text)? * 1000.0),
        }
    }

    fn of_milli(milli: f64) -> Option<Self> {
        let milli = libm::ceil(milli);
        (milli >= 1.0 && milli <= f64::from(CPU_MILLI_MAX)).then_some(Self { milli: milli as u32 })
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.milli % 1000 {
            0 => write!(f, "{}", self.milli / 1000),
            _ => write!(f, "{}m", self.milli),
        }
    }
}

/// An amount of memory in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory {
    /// Mebibytes.
    pub mib: u32,
}

impl Memory {
    /// A number with its unit: `16GiB` or `16Gi` (binary), `16GB` or `16G` (decimal), and so with
    /// M and T. Part of a MiB counts as a whole one. A number alone could be anything.
    pub fn parse(text: &str) -> Option<Self> {
        const UNITS: [(&str, f64); 12] = [
            ("MiB", 1_048_576.0),
            ("GiB", 1_073_741_824.0),
            ("TiB", 1_099_511_627_776.0),
            ("Mi", 1_048_576.0),
            ("Gi", 1_073_741_824.0),
            ("Ti", 1_099_511_627_776.0),
            ("MB", 1e6),
            ("GB", 1e9),
            ("TB", 1e12),
            ("M", 1e6),
            ("G", 1e9),
            ("T", 1e12),
        ];
        let (number, bytes) = UNITS
            .iter()
            .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?.trim_end(), *bytes)))?;
        let mib = libm::ceil(decimal(number)? * bytes / 1_048_576.0);
        (mib >= 1.0 && mib <= MEMORY_MIB_MAX as f64).then_some(Self { mib: mib as u32 })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mib % 1024 {
            0 => write!(f, "{}GiB", self.mib / 1024),
            _ => write!(f, "{}MiB", self.mib),
        }
    }
}

/// Digits, perhaps with a point among them: no sign, no exponent, no word.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| text.parse().ok()).flatten()
}

struct CpuVisitor;

impl Visitor<'_> for CpuVisitor {
    type Value = Cpu;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CPU_EXPECTED)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Cpu, E> {
        Cpu::of_milli(value as f64 * 1000.0)
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Cpu, E> {
        Cpu::of_milli(value as f64 * 1000.0)
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Cpu, E> {
        Cpu::of_milli(value * 1000.0)
            .ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Cpu, E> {
        Cpu::parse(value).ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
    }
}

struct MemoryVisitor;

impl Visitor<'_> for MemoryVisitor {
    type Value = Memory;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MEMORY_EXPECTED)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Memory, E> {
        Memory::parse(value).ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
    }
}

impl<'de> Deserialize<'de> for Cpu {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CpuVisitor)
    }
}

impl<'de> Deserialize<'de> for Memory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MemoryVisitor)
    }
}

impl Serialize for Cpu {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Memory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "schema")]
mod schema {
    use super::{Cpu, Memory, String, format};
    use alloc::borrow::Cow;
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    impl JsonSchema for Cpu {
        fn schema_name() -> Cow<'static, str> {
            "Cpu".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "vCPUs: 4, 0.5, \"4\", or \"3500m\" for thousandths; 0.001 to 4000.",
                "anyOf": [
                    { "type": "number", "exclusiveMinimum": 0, "maximum": 4000 },
                    { "type": "string", "pattern": "^[0-9][0-9.]*m?$" }
                ]
            })
        }
    }

    impl JsonSchema for Memory {
        fn schema_name() -> Cow<'static, str> {
            "Memory".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            let pattern: String = format!("^[0-9][0-9.]* *({})$", "[MGT]i?B?");
            json_schema!({
                "description": "Memory with its unit: \"16GiB\", \"16384MiB\", \"64GB\"; up to 64 TiB.",
                "type": "string",
                "pattern": pattern
            })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Cpu, Memory};
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn memory_says_its_unit() {
        let mib = |text| Memory::parse(text).map(|memory| memory.mib);
        assert_eq!(mib("16GiB"), Some(16_384));
        assert_eq!(mib("16Gi"), Some(16_384));
        assert_eq!(mib("16384Mi"), Some(16_384));
        assert_eq!(mib("1.5 GiB"), Some(1_536));
        assert_eq!(mib("16GB"), Some(15_259)); // 15,258.8 MiB, rounded up
        assert_eq!(mib("64TiB"), Some(64 << 20));
        for wrong in ["16", "16KiB", "-1GiB", "1e3GiB", "GiB", "", "0GiB", "65TiB", "1.2.3GiB"] {
            assert_eq!(mib(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cpu_is_whole_or_thousandths() {
        let milli = |text| Cpu::parse(text).map(|cpu| cpu.milli);
        assert_eq!(milli("4"), Some(4_000));
        assert_eq!(milli("0.5"), Some(500));
        assert_eq!(milli("3500m"), Some(3_500));
        assert_eq!(milli("0.0001"), Some(1));
        for wrong in ["0", "-4", "4x", "inf", "NaN", "4001", "m", "", "1e3"] {
            assert_eq!(milli(wrong), None, "{wrong}");
        }
    }

    proptest! {
        /// What is shown can be read again, and means the same.
        #[test]
        fn shown_amounts_are_read_back(milli in 1..=4_000_000_u32, mib in 1..=(64_u32 << 20)) {
            prop_assert_eq!(Cpu::parse(&Cpu { milli }.to_string()), Some(Cpu { milli }));
            prop_assert_eq!(Memory::parse(&Memory { mib }.to_string()), Some(Memory { mib }));
        }

        /// No text makes either of them panic.
        #[test]
        fn any_text_is_answered(text in "\\PC{0,12}") {
            let _ = (Cpu::parse(&text), Memory::parse(&text));
        }
    }
}
