//! How often how many nodes are wanted at once: what the tiers of a fleet are sized by.
//!
//! Whenever a runner finds no place, and a node is launched or started for it, the fleet's demand
//! within one lead time (what it takes to have a node again) reaches one more level: that level has
//! a hit. A node that is kept as the k-th is of use as often as level k is hit. So it is kept if its
//! hits, per hour, are worth more than an hour of it costs: the newsvendor's rule.
//!
//! Hits per hour are the higher of two estimates: the recent rate, which forgets with a time
//! constant of `RECENT`, and what the same hours of earlier days had, each day counting
//! `DAY_KEPT` of the next. The profile is of the day and not of the week: a week has to be seen
//! twice before it tells anything, and the recent rate tells a Sunday within hours.

use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Highest level that is told apart: five times the busiest moment of any public CI trace.
pub const LEVEL_MAX: u32 = 10_000;

/// How long the recent rate remembers: a working half-day.
const RECENT: Span = Span::from_secs(4 * 3_600);

/// Half-hours of the day before the present one, and from it on, that tell of earlier days: what
/// comes daily does not come to the minute, and what is prepared has a while to be used.
const SLOTS_BEFORE: u64 = 3;
const SLOTS_AFTER: u64 = 8;

/// What a day counts for against the one after it: half after three days.
const DAY_KEPT: f64 = 0.8;

/// Half-hours of a day.
const SLOTS: u64 = 48;
const SLOT_MS: u64 = 1_800_000;
const SLOTS_PER_HOUR: f64 = 2.0;

/// Levels up to this are told apart one by one, further up in steps of a sixteenth: nobody can tell
/// whether a burst of 126 or one of 128 comes next.
const EXACT: u32 = 16;

/// The hits of each level, by how recent they are and by half-hour of the day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// Nodes that were wanted within the lead time, oldest first; [`LEVEL_MAX`] at most.
    wanted: VecDeque<Time>,
    /// By step: recent hits, as they were worth at a time.
    recent: Vec<(f64, Time)>,
    /// By half-hour of the day.
    slots: Vec<Slot>,
    /// When the first hit was.
    begun_at: Option<Time>,
}

/// Hits within one half-hour of the day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Slot {
    /// The day on which it was counted last.
    day: u64,
    /// Hits on that day, by step.
    today: Box<[f32]>,
    /// Hits on the days before it, as they are worth on that day.
    before: Box<[f32]>,
}

/// A level, and what speaks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// How many.
    pub nodes: u32,
    /// How often so many are wanted, per hour; of the first that is not kept, if none is.
    pub hits_per_hour: f64,
}

/// The step that a level belongs to, from 0.
fn step_of(level: u32) -> usize {
    let mut step = 0;
    while top_of(step) < level {
        step += 1;
    }
    step
}

/// The highest level of a step.
fn top_of(step: usize) -> u32 {
    let mut top = 0;
    for _ in 0..=step {
        top += width_after(top);
    }
    top
}

/// How many levels the step has that begins above `top`.
const fn width_after(top: u32) -> u32 {
    if top < EXACT { 1 } else { top / EXACT }
}

impl Slot {
    /// Moves on to `day`.
    fn turn(&mut self, day: u64) {
        if self.day == day {
            return;
        }
        let kept = kept_after(day.saturating_sub(self.day));
        for (before, today) in self.before.iter_mut().zip(&mut self.today) {
            // Yesterday counts in full.
            *before =
                (*before * DAY_KEPT as f32 + core::mem::take(today)) * (kept / DAY_KEPT) as f32;
        }
        self.day = day;
    }

    /// Hits on days before `day`, as they are worth on it.
    fn before(&self, step: usize, day: u64) -> f64 {
        let of = |steps: &[f32]| f64::from(steps.get(step).copied().unwrap_or(0.0));
        match day.saturating_sub(self.day) {
            0 => of(&self.before),
            days => (of(&self.before) * DAY_KEPT + of(&self.today)) * kept_after(days) / DAY_KEPT,
        }
    }
}

/// What is left of a day's worth after so many days.
fn kept_after(days: u64) -> f64 {
    libm::pow(DAY_KEPT, days as f64)
}

impl Levels {
    /// One more node is wanted, where it takes `lead` to have one again.
    pub fn want(&mut self, now: Time, lead: Span) {
        while self.wanted.front().is_some_and(|at| now.since(*at) >= lead)
            || self.wanted.len() >= LEVEL_MAX as usize
        {
            self.wanted.pop_front();
        }
        self.wanted.push_back(now);
        self.begun_at.get_or_insert(now);
        let step = step_of(self.wanted.len() as u32);
        if step >= self.recent.len() {
            self.recent.resize(step + 1, (0.0, now));
        }
        let (hits, at) = &mut self.recent[step];
        *hits = *hits * faded(now.since(*at)) + 1.0;
        *at = now;
        let (day, slot) = (now.as_ms() / SLOT_MS / SLOTS, now.as_ms() / SLOT_MS % SLOTS);
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); SLOTS as usize];
        }
        let counted = &mut self.slots[slot as usize];
        counted.turn(day);
        if step >= counted.today.len() {
            let grow = |steps: &mut Box<[f32]>| {
                let mut grown = core::mem::take(steps).into_vec();
                grown.resize(step + 1, 0.0);
                *steps = grown.into_boxed_slice();
            };
            grow(&mut counted.today);
            grow(&mut counted.before);
        }
        counted.today[step] += 1.0;
    }

    /// The highest level that is wanted so often, per hour.
    pub fn kept(&self, now: Time, pays_at_per_hour: f64) -> Level {
        let mut next = Level::default();
        // The number of steps is small, and each is looked at once.
        let tops: Vec<u32> = (0..self.recent.len())
            .scan(0, |top, _| {
                *top += width_after(*top);
                Some(*top)
            })
            .collect();
        let profile = self.profile(now);
        for step in (0..self.recent.len()).rev() {
            let below = if step == 0 { 0 } else { tops[step - 1] };
            let width = f64::from(tops[step] - below);
            let (hits, at) = self.recent[step];
            let recent = hits * faded(now.since(at)) / (RECENT.as_secs_f64() / 3_600.0);
            let daily = profile.as_ref().map_or(0.0, |profile| profile[step]);
            let hits_per_hour = recent.max(daily) / width;
            if hits_per_hour >= pays_at_per_hour {
                return Level { nodes: tops[step].min(LEVEL_MAX), hits_per_hour };
            }
            next.hits_per_hour = hits_per_hour;
        }
        next
    }

    /// By step: hits per hour in the same hours of earlier days.
    fn profile(&self, now: Time) -> Option<Vec<f64>> {
        let begun_at = self.begun_at?;
        let (day, slot) = (now.as_ms() / SLOT_MS / SLOTS, now.as_ms() / SLOT_MS % SLOTS);
        // So many days were seen, the first perhaps not whole.
        let days = now.since(begun_at).as_ms().div_ceil(SLOT_MS * SLOTS).max(1);
        let weight = (1.0 - kept_after(days)) / (1.0 - DAY_KEPT);
        let hours = (SLOTS_BEFORE + SLOTS_AFTER) as f64 / SLOTS_PER_HOUR;
        let mut profile = vec![0.0; self.recent.len()];
        for offset in 0..SLOTS_BEFORE + SLOTS_AFTER {
            let place = slot + SLOTS + offset - SLOTS_BEFORE;
            // What comes after midnight is tomorrow's, for which today is an earlier day.
            let Some(day) = (day + place / SLOTS).checked_sub(1) else { continue };
            let counted = self.slots.get((place % SLOTS) as usize)?;
            for (step, rate) in profile.iter_mut().enumerate() {
                *rate += counted.before(step, day) / weight / hours;
            }
        }
        Some(profile)
    }
}

/// What is left of a recent hit after so long.
fn faded(since: Span) -> f64 {
    libm::exp(-since.as_secs_f64() / RECENT.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn hours(hours: u64) -> Time {
        Time::from_ms(hours * 2 * SLOT_MS)
    }

    #[test]
    fn steps_are_exact_below_and_a_sixteenth_above() {
        let mut below = 0;
        for step in 0..140 {
            let top = top_of(step);
            assert!(top - below <= 1.max(top / EXACT));
            assert_eq!((step_of(below + 1), step_of(top)), (step, step));
            below = top;
        }
        assert!(below > LEVEL_MAX);
    }

    #[test]
    fn a_burst_hits_every_level_up_to_its_size_once() {
        let mut levels = Levels::default();
        for _ in 0..8 {
            levels.want(hours(1), Span::from_secs(180));
        }
        // One hit within a memory of four hours is a quarter an hour.
        assert_eq!(levels.kept(hours(1), 0.25), Level { nodes: 8, hits_per_hour: 0.25 });
        assert_eq!(levels.kept(hours(1), 0.26).nodes, 0);
        // Three lead times later the next is the first again.
        levels.want(hours(2), Span::from_secs(180));
        assert_eq!(levels.kept(hours(2), 0.26).nodes, 1);
    }

    #[test]
    fn what_was_wanted_is_forgotten_and_comes_back_at_its_time_of_day() {
        let mut levels = Levels::default();
        for _ in 0..5 {
            levels.want(hours(12), Span::from_secs(180));
        }
        let kept = |hour| levels.kept(hours(hour), 0.1).nodes;
        assert_eq!((kept(12), kept(15), kept(20)), (5, 5, 0));
        // From three and a half hours before until an hour and a half after, every day, though for less.
        let kept = |hour| levels.kept(hours(hour), 0.05).nodes;
        let came_back: Vec<u64> = (24..60).filter(|hour| kept(*hour) == 5).collect();
        assert_eq!(came_back, [33, 34, 35, 36, 37, 57, 58, 59]);
    }

    #[test]
    fn no_more_is_remembered_than_the_bound() {
        let mut levels = Levels::default();
        for _ in 0..3 * LEVEL_MAX {
            levels.want(hours(1), Span::from_secs(180));
        }
        assert_eq!(levels.wanted.len(), LEVEL_MAX as usize);
        assert!(levels.recent.len() < 150);
        assert_eq!(levels.kept(hours(1), 0.01).nodes, LEVEL_MAX);
    }
}
