//! Times as people's files write them.

use jiff::Timestamp;
use jiff::civil;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;

/// Epoch milliseconds of an ISO 8601 text: `Z`, an offset or no zone at all (UTC), a blank instead
/// of `T`, fractions of a second cut to the millisecond, or only a date (midnight). `None` when it
/// is none of these.
pub(crate) fn parse(text: &str) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let text = text.trim();
    // A bare number or a bare time of day must not pass as a date.
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let local: civil::DateTime = PARSER.parse_datetime(text).ok()?;
    let zoned = local.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}
