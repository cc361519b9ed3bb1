//! Hours of the week, as schedules name them.

use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};

const HOUR: Span = Span::from_secs(3_600);
const HOURS_PER_DAY: u64 = 24;
const HOURS_PER_WEEK: u64 = 7 * HOURS_PER_DAY;

/// The first day of the time line, 1 January 1970, was a Thursday (Sunday is 0).
const FIRST_WEEKDAY: u64 = 4;

/// A set of whole hours of the week, in UTC. It is a bit an hour, so that asking costs nothing and
/// nobody but the reader of a configuration has to know how schedules are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours([u32; 7]);

impl Hours {
    /// These hours (one bit each, midnight first) on these days (one bit each, Sunday first).
    pub fn of(hours: u32, weekdays: u8) -> Self {
        let mut week = [0; 7];
        for (day, of_day) in week.iter_mut().enumerate() {
            if weekdays >> day & 1 == 1 {
                *of_day = hours & 0xFF_FFFF;
            }
        }
        Self(week)
    }

    /// Whether `now` lies in them.
    pub fn contains(&self, now: Time) -> bool {
        self.has(now.as_ms() / HOUR.as_ms())
    }

    /// When they next begin or end after `now`; never if they are all hours or none.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let hour = now.as_ms() / HOUR.as_ms();
        let differs = |later: &u64| self.has(*later) != self.has(hour);
        let change = (hour + 1..=hour + HOURS_PER_WEEK).find(differs)?;
        Some(Time::from_ms(change * HOUR.as_ms()))
    }

    fn has(&self, hour: u64) -> bool {
        let day = (hour / HOURS_PER_DAY + FIRST_WEEKDAY) % 7;
        self.0[day as usize] >> (hour % HOURS_PER_DAY) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 5 January 1970, at this hour.
    fn monday(hour: u64) -> Time {
        Time::from_ms((4 * HOURS_PER_DAY + hour) * HOUR.as_ms())
    }

    #[test]
    fn office_hours_begin_at_nine_and_end_at_seventeen() {
        let office = Hours::of(0x1_FE00, 0b011_1110);
        assert!(!office.contains(monday(8)));
        assert!(office.contains(monday(9)));
        assert!(office.contains(monday(16)));
        assert!(!office.contains(monday(17)));
        assert_eq!(office.next_change(monday(8)), Some(monday(9)));
        assert_eq!(office.next_change(monday(9)), Some(monday(17)));
        // Friday evening to Monday morning.
        assert_eq!(office.next_change(monday(4 * 24 + 17)), Some(monday(7 * 24 + 9)));
    }

    #[test]
    fn hours_that_are_all_or_none_never_change() {
        assert_eq!(Hours::default().next_change(monday(3)), None);
        assert_eq!(Hours::of(u32::MAX, u8::MAX).next_change(monday(3)), None);
    }
}
