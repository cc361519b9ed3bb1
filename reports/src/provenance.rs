//! Where the figures come from: what was read, what was mended, what was set.

use crate::hindsight::Hindsight;
use serde::{Deserialize, Serialize};

/// Where the figures of a report come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provenance {
    /// Version of the program that made the run.
    pub program: String,
    /// What was read.
    pub sources: Vec<Source>,
    /// What was mended in it, by rule.
    pub repairs: Vec<Repair>,
    /// What the run was set to where it differs from the defaults, and everything that the
    /// figures hang on.
    pub settings: Vec<Setting>,
    /// What the figures do not cover, one sentence each.
    pub limits: Vec<String>,
    /// Hints of jobs that GitHub left out of its messages because too many waited to be told.
    pub hints_left_out: u64,
    /// Predecessors that jobs named and nobody knew, so that the jobs did not wait for them.
    pub predecessors_unknown: u64,
    /// Best in hindsight for what was run, where it was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hindsight: Option<Hindsight>,
}

/// One thing that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// File or preset.
    pub name: String,
    /// Format it was read as.
    pub format: String,
    /// Its size; none for a preset, and for what is no file.
    pub bytes: Option<u64>,
    /// Rows read.
    pub rows: u64,
    /// Rows that could not be read and were left out.
    pub rows_skipped: u64,
    /// First and last time in it, as text.
    pub span: Option<(String, String)>,
    /// XXH3 of its bytes, 128 bits as hexadecimal digits: what `xxh128sum FILE` prints. None for a
    /// preset, and for what is no file.
    pub hash: Option<String>,
}

/// A named rule that mended rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Repair {
    /// The rule's name.
    pub rule: String,
    /// What it does, one sentence.
    pub meaning: String,
    /// Rows that it mended.
    pub rows: u64,
    /// The same by day (`2026-03-01`), in order.
    pub by_day: Vec<(String, u64)>,
}

/// A setting and where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setting {
    /// Its key, as `--set` takes it.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it was set: a file, the command line, or the default.
    pub origin: String,
}
