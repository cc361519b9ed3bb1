//! Recordings of spot capacity.

use crate::catalogue::ReadError;
use crate::catalogue::shown;
use greenroom_scheduler::time::Span;
use serde::Deserialize;

/// Something that a recording saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, from the beginning of the recording.
    pub at: Span,
    /// Whether there is capacity from now on.
    pub available: bool,
    /// The share of the nodes that is taken back.
    pub lost_share: f64,
}

/// A recording of one pool, in ascending order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Availability {
    /// Whether there is capacity at the beginning.
    pub available_first: bool,
    /// What happened then.
    pub events: Vec<Event>,
    /// How long was recorded.
    pub period: Span,
}

/// The longest recording that is read: a year at one sample a second. It keeps a wrong file from
/// filling memory.
const SAMPLES_MAX: usize = 366 * 86_400;

/// A file of 0 and 1 at equal distances.
#[derive(Deserialize)]
struct Sampled {
    metadata: Metadata,
    data: Vec<serde_json::Number>,
}

#[derive(Deserialize)]
struct Metadata {
    gap_seconds: f64,
}

impl Availability {
    /// Reads a recording of either form:
    ///
    /// * JSON, `{"metadata": {"gap_seconds": 34}, "data": [0, 1, ...]}`: whether there was capacity
    ///   at each of equally distant samples (the form of skypilot-org/spot-traces). When it vanishes,
    ///   every node of the pool is lost, since what was sampled was a node.
    /// * CSV without a header, `hours,nodes` or `milliseconds,add|remove,name`: the size of a fleet
    ///   after each change (the forms of uclasystem/bamboo). When it falls by a share, that share
    ///   of the nodes is lost together, and there is no capacity until it grows again.
    pub fn read(file: &str, text: &str) -> Result<Self, ReadError> {
        if text.trim_start().starts_with('{') { sampled(file, text) } else { fleet(file, text) }
    }

    /// The share of the recorded time with capacity.
    pub fn available_share(&self) -> f64 {
        let mut up = Span::ZERO;
        let (mut since, mut available) = (Span::ZERO, self.available_first);
        let end = Event { at: self.period, available: false, lost_share: 0.0 };
        for event in self.events.iter().chain([&end]) {
            if available {
                up += event.at.saturating_sub(since);
            }
            (since, available) = (event.at, event.available);
        }
        up.as_ms() as f64 / (self.period.as_ms() as f64).max(1.0)
    }
}

fn fail(file: &str, line: u64, field: &str, found: String, expected: &str) -> ReadError {
    ReadError {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        found,
        expected: expected.to_owned(),
    }
}

fn sampled(file: &str, text: &str) -> Result<Availability, ReadError> {
    let recorded: Sampled = serde_json::from_str(text).map_err(|error| {
        let line = error.line() as u64;
        let expected = "{\"metadata\": {\"gap_seconds\": ...}, \"data\": [0, 1, ...]}";
        fail(file, line, "file", error.to_string(), expected)
    })?;
    let gap_s = recorded.metadata.gap_seconds;
    if !(0.001..=86_400.0).contains(&gap_s) {
        let expected = "0.001 to 86400 seconds";
        return Err(fail(file, 1, "metadata.gap_seconds", gap_s.to_string(), expected));
    }
    if recorded.data.is_empty() || recorded.data.len() > SAMPLES_MAX {
        let found = format!("{} samples", recorded.data.len());
        return Err(fail(file, 1, "data", found, &format!("1 to {SAMPLES_MAX} samples")));
    }
    let mut events = Vec::new();
    let mut before = None;
    for (place, sample) in recorded.data.iter().enumerate() {
        let available = match sample.as_u64() {
            Some(0) => false,
            Some(1) => true,
            _ => {
                return Err(fail(file, 1, &format!("data[{place}]"), sample.to_string(), "0 or 1"));
            }
        };
        if before.is_some_and(|before| before != available) {
            let at = Span::from_secs_f64(gap_s * place as f64);
            events.push(Event { at, available, lost_share: if available { 0.0 } else { 1.0 } });
        }
        before = Some(available);
    }
    Ok(Availability {
        available_first: recorded.data[0].as_u64() == Some(1),
        events,
        period: Span::from_secs_f64(gap_s * recorded.data.len() as f64),
    })
}

fn fleet(file: &str, text: &str) -> Result<Availability, ReadError> {
    let mut sizes: Vec<(Span, u64)> = Vec::new();
    let mut size = 0_u64;
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let fields: Vec<&str> = row.split(',').map(str::trim).collect();
        let number = |place: usize, name: &str, max: f64| {
            let parsed = fields[place].parse::<f64>().ok().filter(|n| (0.0..=max).contains(n));
            let expected = format!("a number of 0 to {max}");
            parsed.ok_or_else(|| fail(file, line, name, shown(fields[place]), &expected))
        };
        // A year in either unit.
        let at = match fields.len() {
            2 => {
                size = number(1, "nodes", 1e6)? as u64;
                Span::from_secs_f64(number(0, "hours", 8_784.0)? * 3600.0)
            }
            3 => {
                size = match fields[1] {
                    "add" => size + 1,
                    "remove" => size.checked_sub(1).ok_or_else(|| {
                        let found = "remove from an empty fleet".to_owned();
                        fail(file, line, "event", found, "no more removals than additions")
                    })?,
                    other => {
                        return Err(fail(file, line, "event", shown(other), "add or remove"));
                    }
                };
                Span::from_ms(number(0, "milliseconds", 8_784.0 * 3.6e6)? as u64)
            }
            other => {
                let expected = "hours,nodes or milliseconds,add|remove,name";
                return Err(fail(file, line, "row", format!("{other} fields"), expected));
            }
        };
        let count = sizes.len();
        match sizes.last_mut() {
            Some((before, _)) if *before > at => {
                let found = format!("{} ms", at.as_ms());
                let expected = format!("at least {} ms, as in the row before", before.as_ms());
                return Err(fail(file, line, "time", found, &expected));
            }
            // What happens at one instant is one event.
            Some((before, last)) if *before == at => *last = size,
            _ if count < SAMPLES_MAX => sizes.push((at, size)),
            _ => {
                let expected = format!("at most {SAMPLES_MAX} instants");
                return Err(fail(file, line, "file", "one more".to_owned(), &expected));
            }
        }
    }
    let Some((period, _)) = sizes.last().copied() else {
        return Err(fail(file, 1, "file", "no row".to_owned(), "at least one change of a fleet"));
    };
    let mut events = Vec::new();
    for pair in sizes.windows(2) {
        let ((_, before), (at, after)) = (pair[0], pair[1]);
        let available = after > before;
        if after != before {
            let lost_share = before.saturating_sub(after) as f64 / before.max(1) as f64;
            events.push(Event { at, available, lost_share });
        }
    }
    Ok(Availability { available_first: true, events, period })
}
