//! Scales and their ticks.

use crate::words;
use greenroom_scheduler::time::Time;

/// From values to pixels, in proportion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) first: f64,
    pub(super) last: f64,
}

impl Scale {
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        self.first + share * (self.last - self.first)
    }
}

/// Round steps at most `most` of which reach from 0 to `max`; the last tick is at or above it.
pub(super) fn ticks(max: f64, most: usize) -> Vec<f64> {
    let max = if max > 0.0 { max } else { 1.0 };
    let rough = max / most as f64;
    let magnitude = libm::pow(10.0, libm::log10(rough).floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * magnitude)
        .find(|step| step * most as f64 >= max * 0.999_999)
        .unwrap_or(10.0 * magnitude);
    let count = (max / step - 1e-6).ceil().max(1.0) as usize;
    (0..=count).map(|tick| tick as f64 * step).collect()
}

/// A tick of a count, with as many digits as its step needs.
pub(super) fn tick_text(value: f64, step: f64) -> String {
    let digits = (-libm::log10(step).floor()).max(0.0) as usize;
    if digits == 0 { words::count(value.round() as u64) } else { format!("{value:.digits$}") }
}

/// Times that people count in, in seconds, with their names.
const HUMAN: [(f64, &str); 17] = [
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (1.0, "1 s"),
    (3.0, "3 s"),
    (10.0, "10 s"),
    (30.0, "30 s"),
    (60.0, "1 min"),
    (180.0, "3 min"),
    (600.0, "10 min"),
    (1_800.0, "30 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (36_000.0, "10 h"),
    (86_400.0, "1 d"),
    (259_200.0, "3 d"),
    (864_000.0, "10 d"),
    (8_640_000.0, "100 d"),
];

/// Ticks of a logarithmic time axis from one number of seconds to another.
pub(super) fn human_ticks(from: f64, to: f64) -> impl Iterator<Item = (f64, &'static str)> {
    HUMAN.into_iter().filter(move |&(s, _)| s >= from * 0.999 && s <= to * 1.001)
}

/// Steps of a calendar axis in minutes.
const STEPS_MIN: [u64; 17] =
    [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 40_320, 120_960];

const DAY_MIN: u64 = 1_440;

/// Ticks of a calendar axis, about `most` of them, with their names. Days are UTC.
pub(super) fn calendar_ticks(from: Time, to: Time, most: u64) -> Vec<(Time, String)> {
    let span_min = to.since(from).as_ms() / 60_000;
    let fits = |step: &u64| span_min / step <= most;
    let last = STEPS_MIN[STEPS_MIN.len() - 1];
    let step =
        STEPS_MIN.into_iter().find(fits).unwrap_or_else(|| last * (span_min / last / most + 1));
    // Weeks begin on Mondays; the first instant of Unix time was a Thursday.
    let offset = if step % (7 * DAY_MIN) == 0 { 4 * DAY_MIN } else { 0 };
    let first =
        (from.as_ms().div_ceil(60_000)).saturating_sub(offset).div_ceil(step) * step + offset;
    (0..=most + 1)
        .map(|tick| Time::from_ms((first + tick * step).saturating_mul(60_000)))
        .take_while(|&at| at <= to)
        .map(|at| (at, calendar_text(at, step)))
        .collect()
}

fn calendar_text(at: Time, step_min: u64) -> String {
    let minutes = at.as_ms() / 60_000;
    let midnight = minutes.is_multiple_of(DAY_MIN);
    match words::zoned(at) {
        Some(at) if step_min >= 7 * DAY_MIN => at.strftime("%-d %b %Y").to_string(),
        Some(at) if step_min >= DAY_MIN => at.strftime("%a %-d %b").to_string(),
        Some(at) if midnight => at.strftime("%a %-d %b").to_string(),
        Some(at) => at.strftime("%H:%M").to_string(),
        None if step_min >= DAY_MIN || midnight => format!("day {}", minutes / DAY_MIN + 1),
        None => format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_top() {
        assert_eq!(ticks(7.0, 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(0.0, 4).last(), Some(&1.0));
        assert_eq!(ticks(1_815.0, 4), [0.0, 500.0, 1_000.0, 1_500.0, 2_000.0]);
        assert_eq!([tick_text(0.5, 0.5), tick_text(1_500.0, 500.0)], ["0.5", "1,500"]);
    }

    #[test]
    fn calendar_ticks_are_midnights_and_hours() {
        let at = Time::from_ms;
        let monday = 1_762_128_000_000;
        let names = |from, to| {
            calendar_ticks(at(from), at(to), 8).into_iter().map(|tick| tick.1).collect::<Vec<_>>()
        };
        let week = names(monday, monday + 7 * 86_400_000);
        assert_eq!(week[..2], ["Mon 3 Nov", "Tue 4 Nov"]);
        let hours = names(monday, monday + 6 * 3_600_000);
        assert_eq!(hours[..2], ["Mon 3 Nov", "01:00"]);
        assert_eq!(names(0, 3 * 86_400_000)[0], "day 1");
    }
}
