//! Hours of the week as cron writes them.

use crate::hours::Hours;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Hours of the week in UTC, written as the five fields of cron. Minute, day and month must be `*`:
/// the policies that use it say what holds *during* an hour, not what happens at a minute of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub struct CronHours {
    text: String,
    hours: Hours,
}

impl CronHours {
    /// The hours that it names.
    pub const fn hours(&self) -> Hours {
        self.hours
    }
}

impl FromStr for CronHours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = |what: &str| {
            format!(
                "found {text:?}, expected {what}, such as \"* 9-17 * * mon-fri\" (hours in UTC)"
            )
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let ["*", hours, "*", "*", weekdays] = fields[..] else {
            return Err(expected("five fields of cron with * for minute, day and month"));
        };
        let hours = bits(hours, 24, &[]).ok_or_else(|| expected("hours from 0 to 23"))?;
        let weekdays = bits(weekdays, 7, &WEEKDAYS)
            .ok_or_else(|| expected("days of the week from 0 (sun) to 6 (sat)"))?;
        Ok(Self { text: text.to_owned(), hours: Hours::of(hours, weekdays as u8) })
    }
}

/// Lists of numbers, names, ranges and stars, each with an optional step, as bits.
fn bits(field: &str, count: u32, names: &[&str]) -> Option<u32> {
    let number = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let named = names.iter().position(|name| *name == lower).map(|at| at as u32);
        named.or_else(|| text.parse().ok()).filter(|number| *number < count)
    };
    let mut all = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step: &usize| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (0, count - 1),
            Some((from, to)) => (number(from)?, number(to)?),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return None;
        }
        for bit in (from..=to).step_by(step) {
            all |= 1 << bit;
        }
    }
    Some(all)
}

impl TryFrom<String> for CronHours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<CronHours> for String {
    fn from(cron: CronHours) -> Self {
        cron.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Result<Hours, String> {
        text.parse::<CronHours>().map(|cron| cron.hours())
    }

    #[test]
    fn fields_become_bits() {
        assert_eq!(hours("* 9-17 * * mon-fri"), Ok(Hours::of(0x3_FE00, 0b011_1110)));
        assert_eq!(hours("* * * * *"), Ok(Hours::of(u32::MAX, u8::MAX)));
        assert_eq!(hours("* */12,1 * * 0,SAT"), Ok(Hours::of(0b1_0000_0000_0011, 0b100_0001)));
    }

    #[test]
    fn what_is_no_hour_of_a_week_is_told() {
        for text in
            ["", "* 9 * *", "0 9 * * *", "* 9 1 * *", "* 24 * * *", "* 9-7 * * *", "* 9 * * mo"]
        {
            let fault = hours(text).unwrap_err();
            assert!(fault.starts_with(&format!("found {text:?}, expected ")), "{fault}");
        }
    }
}
