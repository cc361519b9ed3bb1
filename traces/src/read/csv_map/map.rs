//! The map file.
//!
//! ```toml
//! delimiter = ";"                     # a comma where absent
//! ignore = ["notes"]                  # columns not worth a remark
//!
//! [columns]                           # column of the file = field of the schema
//! id = "job_id"
//! created = "queued_ms"               # ISO 8601, or whole milliseconds
//! began = { field = "started_ms", format = "%d.%m.%Y %H:%M:%S" }   # UTC unless it has a zone
//! seconds = { field = "duration_ms", unit = "s" }                  # ns, us, ms, s, min, h
//! cores = { field = "cpu_milli", scale = 1000 }
//!
//! [constants]                         # fields that no column has
//! team = "web"
//!
//! [values.conclusion]                 # words of the file = words of the schema
//! passed = "success"
//! ```

use crate::error::{Place, TraceError, shown};
use crate::read::time;
use crate::schema::{self, COLUMNS, Slot, TIME_MS_MAX};
use crate::source::Input;
use jiff::civil;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;

/// A map, checked.
pub(super) struct Map {
    pub(super) delimiter: u8,
    /// By column of the file: field of the schema, and how to read it.
    pub(super) columns: BTreeMap<String, (usize, Kind)>,
    pub(super) constants: Vec<(usize, String)>,
    pub(super) values: BTreeMap<usize, BTreeMap<String, String>>,
    pub(super) ignore: Vec<String>,
}

/// How a value is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it stands.
    Text,
    /// ISO 8601 or whole milliseconds.
    Instant,
    /// By a pattern of strptime.
    Pattern(String),
    /// A decimal number of units of so many nanoseconds.
    Unit(i128),
    /// A decimal number, times this.
    Scale(i128),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    delimiter: Option<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<String>,
    columns: BTreeMap<String, Spanned<Column>>,
    #[serde(default)]
    constants: BTreeMap<String, Spanned<Constant>>,
    #[serde(default)]
    values: BTreeMap<String, Spanned<BTreeMap<String, String>>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a field, or { field, unit | format | scale }")]
enum Column {
    Field(String),
    Full(Full),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    field: String,
    unit: Option<String>,
    format: Option<String>,
    scale: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a whole number")]
enum Constant {
    Text(String),
    Number(i64),
}

/// Maps are written by hand; a megabyte is a mistake.
const MAP_BYTES_MAX: u64 = 1 << 20;

/// Reads and checks a map.
pub(super) fn read(path: &Path) -> Result<Map, TraceError> {
    let input = Input::open(path)?;
    let file = Arc::clone(&input.file);
    let mut text = String::new();
    input
        .content
        .take(MAP_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|source| TraceError::Unreadable { place: Place::whole(&file), source })?;
    let at = |offset: usize| {
        let before = text.get(..offset).unwrap_or_default();
        let line = before.bytes().filter(|&byte| byte == b'\n').count() as u64 + 1;
        Place { file: Arc::clone(&file), line }
    };
    let parsed: File = toml::from_str(&text).map_err(|error| TraceError::Field {
        place: at(error.span().map_or(0, |span| span.start)),
        field: "map".to_owned(),
        found: error.message().trim().replace('\n', ", "),
        expected: "[columns] with `column = \"field\"`, and [constants], [values.FIELD], \
                       delimiter, ignore"
            .to_owned(),
    })?;
    let wrong = |offset: usize, field: String, found: &str, expected: &str| TraceError::Field {
        place: at(offset),
        field,
        found: shown(found.as_bytes()),
        expected: expected.to_owned(),
    };
    let field_of = |offset: usize, key: String, name: &str| {
        schema::column(name).ok_or_else(|| {
            let names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
            wrong(offset, key, name, &format!("one of {}", names.join(", ")))
        })
    };
    let offset = parsed.delimiter.as_ref().map_or(0, |delimiter| delimiter.span().start);
    let delimiter = match parsed.delimiter.as_ref().map(|text| text.get_ref().as_bytes()) {
        None => b',',
        Some(&[byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => byte,
        Some(other) => {
            let found = String::from_utf8_lossy(other);
            return Err(wrong(offset, "delimiter".to_owned(), &found, "one ASCII character"));
        }
    };
    let mut columns: BTreeMap<String, (usize, Kind)> = BTreeMap::new();
    for (name, column) in parsed.columns {
        let key = format!("columns.{name}");
        let offset = column.span().start;
        let full = match column.into_inner() {
            Column::Full(full) => full,
            Column::Field(field) => Full { field, unit: None, format: None, scale: None },
        };
        let field = field_of(offset, key.clone(), &full.field)?;
        if let Some((other, _)) = columns.iter().find(|(_, (known, _))| *known == field) {
            let found = format!("{} again, after columns.{other}", full.field);
            return Err(wrong(offset, key, &found, "each field from one column"));
        }
        let kind = kind_of(field, &full).ok_or_else(|| {
            let given = [
                full.unit.as_ref().map(|unit| format!("unit {unit}")),
                full.format.as_ref().map(|format| format!("format {format}")),
                full.scale.map(|scale| format!("scale {scale}")),
            ];
            let found: Vec<_> = given.into_iter().flatten().collect();
            wrong(offset, key, &found.join(", "), expected_of(field))
        })?;
        columns.insert(name, (field, kind));
    }
    let mut constants = Vec::new();
    for (name, constant) in parsed.constants {
        let key = format!("constants.{name}");
        let offset = constant.span().start;
        let field = field_of(offset, key.clone(), &name)?;
        let value = match constant.into_inner() {
            Constant::Text(text) => text,
            Constant::Number(number) => number.to_string(),
        };
        let fits = match COLUMNS[field].slot {
            Slot::Text(..) => name != "forge" || value == "cloud" || value == "enterprise",
            Slot::Millis(..) => value.parse().is_ok_and(|ms: i64| (0..=TIME_MS_MAX).contains(&ms)),
            Slot::Count(..) => value.parse::<u32>().is_ok(),
        };
        if !fits {
            return Err(wrong(offset, key, &value, "a value of that field"));
        }
        constants.push((field, value));
    }
    let mut values = BTreeMap::new();
    for (name, words) in parsed.values {
        let field = field_of(words.span().start, format!("values.{name}"), &name)?;
        values.insert(field, words.into_inner());
    }
    Ok(Map { delimiter, columns, constants, values, ignore: parsed.ignore })
}

/// How a column is read; `None` if the settings do not fit the field.
fn kind_of(field: usize, column: &Full) -> Option<Kind> {
    let is_length = COLUMNS[field].name == "duration_ms";
    match (COLUMNS[field].slot, &column.unit, &column.format, column.scale) {
        (Slot::Text(..), None, None, None) => Some(Kind::Text),
        (Slot::Millis(..), None, None, None) if is_length => Some(Kind::Unit(1_000_000)),
        (Slot::Millis(..), None, None, None) => Some(Kind::Instant),
        (Slot::Millis(..), None, Some(format), None) if !is_length => {
            Some(Kind::Pattern(format.clone()))
        }
        (Slot::Millis(..), Some(unit), None, None) => {
            let nanos = match unit.as_str() {
                "ns" => 1,
                "us" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "min" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                _ => return None,
            };
            Some(Kind::Unit(nanos))
        }
        (Slot::Count(..), None, None, scale) => Some(Kind::Scale(scale.unwrap_or(1).into())),
        _ => None,
    }
}

fn expected_of(field: usize) -> &'static str {
    match COLUMNS[field].slot {
        Slot::Text(..) => "no unit, format or scale for a text",
        Slot::Millis(..) if COLUMNS[field].name == "duration_ms" => {
            "a unit: ns, us, ms, s, min or h"
        }
        Slot::Millis(..) => "a unit (ns, us, ms, s, min or h) or a format",
        Slot::Count(..) => "at most a scale",
    }
}

impl Kind {
    /// The number that a value stands for.
    pub(super) fn parse(&self, value: &[u8]) -> Option<i64> {
        let text = std::str::from_utf8(value).ok()?;
        let ms = match self {
            Self::Text => None,
            Self::Instant => time::parse(text).or_else(|| text.parse().ok()),
            Self::Pattern(pattern) => by_pattern(pattern, text),
            Self::Unit(nanos) => decimal(text, *nanos).map(|nanos| (nanos / 1_000_000) as i64),
            Self::Scale(scale) => {
                let number = decimal(text, *scale)?;
                return u32::try_from(number).ok().map(i64::from);
            }
        };
        ms.filter(|ms| (0..=TIME_MS_MAX).contains(ms))
    }

    /// What a value should be, for messages.
    pub(super) fn expected(&self, count: &'static str) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Instant => "a time such as 2025-09-04T10:00:00Z, or whole milliseconds",
            Self::Pattern(_) => "a time in the format that the map gives",
            Self::Unit(_) => "a number in the unit that the map gives, not negative",
            Self::Scale(_) => count,
        }
    }
}

/// UTC where the pattern has no zone.
fn by_pattern(pattern: &str, text: &str) -> Option<i64> {
    let broken = strtime::parse(pattern, text).ok()?;
    if let Ok(at) = broken.to_timestamp() {
        return Some(at.as_millisecond());
    }
    let local: civil::DateTime = broken.to_datetime().ok()?;
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// A decimal number times `scale`, exactly, cut to a whole; not negative.
fn decimal(text: &str, scale: i128) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    // 18 digits each: enough for nanoseconds since 1970, and no overflow below.
    let fits =
        whole.len() <= 19 && fraction.len() <= 18 && !(whole.is_empty() && fraction.is_empty());
    if !fits || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let places = 10_i128.pow(fraction.len() as u32);
    Some(whole.checked_mul(scale)? + part.checked_mul(scale)? / places)
}
