//! Numbers as people read them.

use greenroom_scheduler::event::{JobResult, NodeEnd};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Times before 1980 are no dates: the capture counts from its own start.
const DATES_FROM_MS: u64 = 315_532_800_000;

/// `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3`, `3.4`: a mean of counts.
pub(crate) fn decimal(mean: f64) -> String {
    if mean.fract() == 0.0 && mean >= 0.0 { count(mean as u64) } else { format!("{mean:.1}") }
}

/// `1 run`, `10 runs`.
pub(crate) fn runs(n: u64) -> String {
    if n == 1 { "1 run".to_owned() } else { format!("{} runs", count(n)) }
}

/// `$0.0042`, `$3.20`, `$12,345`: three digits are enough, and cents stay.
pub(crate) fn usd(usd: f64) -> String {
    let sign = if usd < 0.0 { "-" } else { "" };
    match usd.abs() {
        0.0 => "$0".to_owned(),
        small if small < 0.01 => format!("{sign}${small:.4}"),
        some if some < 1_000.0 => format!("{sign}${some:.2}"),
        much => format!("{sign}${}", count(much.round() as u64)),
    }
}

/// `4.2 %`.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value == 0.0 || value.abs() >= 99.95 {
        format!("{value:.0} %")
    } else {
        format!("{value:.1} %")
    }
}

/// `850ms`, `4.2s`, `9m12s`, `1h05m`, `3d04h`.
pub(crate) fn seconds(s: f64) -> String {
    match s {
        0.0 => "0s".to_owned(),
        s if s >= 2.0 * 86_400.0 => {
            let hours = (s / 3_600.0).round() as u64;
            format!("{}d{:02}h", hours / 24, hours % 24)
        }
        s => Span::from_secs_f64(s).to_string(),
    }
}

/// `12.3 h`, `4,200 h`: node time and job time.
pub(crate) fn hours(seconds: f64) -> String {
    let hours = seconds / 3_600.0;
    if hours >= 1_000.0 {
        format!("{} h", count(hours.round() as u64))
    } else if hours >= 10.0 {
        format!("{hours:.0} h")
    } else {
        format!("{hours:.2} h")
    }
}

/// `2026-03-01 14:05 UTC`, or `day 3, 14:05` where the capture has no dates.
pub(crate) fn instant(at: Time) -> String {
    if let Some(zoned) = zoned(at) {
        return zoned.strftime("%Y-%m-%d %H:%M UTC").to_string();
    }
    let minutes = at.as_ms() / 60_000;
    let (day, hour, minute) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    format!("day {}, {hour:02}:{minute:02}", day + 1)
}

/// The date and time in UTC; none where the capture has no dates.
pub(crate) fn zoned(at: Time) -> Option<jiff::Zoned> {
    let ms = i64::try_from(at.as_ms()).ok().filter(|_| at.as_ms() >= DATES_FROM_MS)?;
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(TimeZone::UTC))
}

/// How a job ended, in one word.
pub(crate) const fn result(result: Option<JobResult>) -> &'static str {
    match result {
        Some(JobResult::Succeeded) => "succeeded",
        Some(JobResult::Failed) => "failed",
        Some(JobResult::Cancelled) => "cancelled",
        Some(JobResult::Lost) => "lost",
        Some(JobResult::Expired) => "expired",
        None => "unfinished",
    }
}

/// Why a node is gone, in one word.
pub(crate) const fn node_end(end: Option<NodeEnd>) -> &'static str {
    match end {
        Some(NodeEnd::Deleted) => "deleted",
        Some(NodeEnd::Reclaimed) => "reclaimed",
        Some(NodeEnd::NeverReady) => "never-ready",
        Some(NodeEnd::Stopped) => "stopped",
        Some(NodeEnd::Closed) => "run-ended",
        None => "unfinished",
    }
}

/// How a node was bought.
pub(crate) const fn capacity(capacity: CapacityType) -> &'static str {
    match capacity {
        CapacityType::Spot => "spot",
        CapacityType::OnDemand => "on-demand",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(
            [usd(0.0), usd(0.0042), usd(3.2), usd(12_345.4)],
            ["$0", "$0.0042", "$3.20", "$12,345"]
        );
        assert_eq!([percent(0.0), percent(0.0423), percent(1.0)], ["0 %", "4.2 %", "100 %"]);
        assert_eq!([seconds(0.0), seconds(4.25), seconds(552.0)], ["0s", "4.2s", "9m12s"]);
        assert_eq!(seconds(3.0 * 86_400.0 + 4.0 * 3_600.0), "3d04h");
        assert_eq!([hours(3_600.0), hours(36_000_000.0)], ["1.00 h", "10,000 h"]);
        assert_eq!(instant(Time::from_ms(1_762_128_000_000)), "2025-11-03 00:00 UTC");
        assert_eq!(instant(Time::from_ms(90_000_000)), "day 2, 01:00");
    }
}
