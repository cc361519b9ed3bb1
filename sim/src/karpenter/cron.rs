//! Cron schedules as Karpenter's budgets use them: five fields in UTC, or a name such as `@daily`.
//!
//! The question asked is not when the next hit comes but whether one came within a duration, so
//! days are walked backwards and no minute is visited one by one. No crate in use answers that.

use greenroom_scheduler::time::{Span, Time};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    /// One bit a minute, hour, day of month, month, day of week (Sunday is 0).
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// A star in either day field: both must agree. Otherwise one is enough, as cron has it.
    both_days: bool,
}

const NAMED: [(&str, &str); 7] = [
    ("@annually", "0 0 1 1 *"),
    ("@yearly", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spelled = NAMED.iter().find(|(name, _)| *name == text).map_or(text, |(_, s)| s);
        let fields: Vec<&str> = spelled.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(format!(
                "found schedule {text:?}, expected five fields (minute hour day month weekday) or \
                 a name such as @daily"
            ));
        };
        let field = |what: &str, field: &str, first: u32, last: u32, names: &[&str]| {
            bits(field, first, last, names).ok_or_else(|| {
                format!(
                    "found {what} {field:?} in schedule {text:?}, expected numbers from {first} \
                     to {last}, such as \"*\", \"1,15\", \"1-5\" or \"*/10\""
                )
            })
        };
        Ok(Self {
            text: text.to_owned(),
            minutes: field("minute", minutes, 0, 59, &[])?,
            hours: field("hour", hours, 0, 23, &[])?,
            days: field("day of month", days, 1, 31, &[])?,
            months: field("month", months, 1, 12, &MONTHS)?,
            weekdays: field("day of week", weekdays, 0, 6, &WEEKDAYS)?,
            both_days: is_star(days) || is_star(weekdays),
        })
    }
}

/// A star without a step greater than one leaves the other day field to decide.
fn is_star(field: &str) -> bool {
    field.split(',').any(|part| matches!(part, "*" | "?" | "*/1" | "?/1"))
}

/// One field as bits: lists of numbers, names, ranges and stars, each with an optional step.
fn bits(field: &str, first: u32, last: u32, names: &[&str]) -> Option<u64> {
    let number = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let named = names.iter().position(|name| *name == lower).map(|at| at as u32 + first);
        named.or_else(|| text.parse().ok()).filter(|n| (first..=last).contains(n))
    };
    let mut all = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse().ok().filter(|s: &u32| *s > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (first, last),
            Some((from, to)) => (number(from)?, number(to)?),
            // A single number with a step runs to the end, as in 5/15.
            None if step.is_some() => (number(range)?, last),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return None;
        }
        for n in (from..=to).step_by(step.unwrap_or(1) as usize) {
            all |= 1 << n;
        }
    }
    Some(all)
}

impl Cron {
    /// Whether a hit came within the `span` that ends now: after its beginning, now included.
    pub fn began_within(&self, now: Time, span: Span) -> bool {
        let since = Time::from_ms(now.as_ms().saturating_sub(span.as_ms()));
        // Not compared with `since`: the span can reach back beyond the beginning of time.
        self.last_hit(now, since).is_some_and(|hit| now.since(hit) < span)
    }

    /// The last hit not after `now`, where days before that of `since` are not looked at.
    fn last_hit(&self, now: Time, since: Time) -> Option<Time> {
        let now = civil(now)?;
        let oldest = civil(since)?.date();
        let mut day = now.date();
        // The minute of the day up to which hits count; afterwards whole days.
        let mut minute_max = i32::from(now.hour()) * 60 + i32::from(now.minute());
        while day >= oldest {
            if self.has_day(day)
                && let Some(minute) = self.last_minute(minute_max)
            {
                let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
                let ms = midnight.as_millisecond() + i64::from(minute) * 60_000;
                return Some(Time::from_ms(u64::try_from(ms).ok()?));
            }
            day = day.yesterday().ok()?;
            minute_max = 24 * 60 - 1;
        }
        None
    }

    fn has_day(&self, day: Date) -> bool {
        let month = self.months >> day.month() & 1 == 1;
        let in_month = self.days >> day.day() & 1 == 1;
        let in_week = self.weekdays >> day.weekday().to_sunday_zero_offset() & 1 == 1;
        month && if self.both_days { in_month && in_week } else { in_month || in_week }
    }

    fn last_minute(&self, minute_max: i32) -> Option<i32> {
        (0..=minute_max / 60).rev().filter(|hour| self.hours >> hour & 1 == 1).find_map(|hour| {
            let last = if hour == minute_max / 60 { minute_max % 60 } else { 59 };
            let minute = (0..=last).rev().find(|minute| self.minutes >> minute & 1 == 1)?;
            Some(hour * 60 + minute)
        })
    }
}

fn civil(time: Time) -> Option<DateTime> {
    let ms = i64::try_from(time.as_ms()).ok()?;
    Some(Offset::UTC.to_datetime(Timestamp::from_millisecond(ms).ok()?))
}

impl TryFrom<String> for Cron {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}
