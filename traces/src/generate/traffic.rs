//! When pushes come: a Poisson process whose rate follows the week, and a timetable.

use super::catalogue::Catalogue;
use super::draw::{Draw, Stream, pair, sums};
use super::expect::JobsPerPush;
use super::preset::Preset;
use super::profile::{EPOCH_MS, HOUR_MS, WEEK_H};
use crate::arrival::Trigger;
use greenroom_scheduler::time::Time;

/// Something that sets off runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Push {
    pub(super) at: Time,
    /// What names its randomness.
    pub(super) key: u64,
    /// `None` where the push itself decides, by its own randomness.
    pub(super) fixed: Option<(Trigger, u32)>,
}

/// Pushes in order of time, without end.
pub(super) struct Traffic {
    seed: u64,
    /// Of pushes that people make, by hour of the week.
    pushes_per_hour: [f64; WEEK_H],
    gaps: Draw,
    /// Hours since the beginning, and the part of that hour that has passed.
    at: (u64, f64),
    count: u64,
    next: Option<Push>,
    /// Which kind a push of people is: growing sums in the order of [`KINDS`].
    kinds: Vec<f64>,
    timetable: Timetable,
}

/// The kinds of pushes that people make.
const KINDS: [Trigger; 4] =
    [Trigger::Push, Trigger::PullRequest, Trigger::MergeGroup, Trigger::Other];

impl Traffic {
    pub(super) fn new(preset: &Preset, catalogue: &Catalogue, seed: u64, rate_scale: f64) -> Self {
        let jobs = preset.profile.jobs_per_hour().map(|jobs| jobs * rate_scale);
        let (share, per) = (&preset.triggers, JobsPerPush::new(preset, catalogue));
        let pushes = [
            share.push / per.push,
            share.pull_request / per.pull_request,
            share.merge_group / per.merge_group,
            share.other / per.other,
        ];
        let pushes_per_job: f64 = pushes.iter().sum();
        let mut this = Self {
            seed,
            pushes_per_hour: jobs.map(|jobs| jobs * pushes_per_job),
            gaps: Draw::new(seed, Stream::Traffic, 0),
            at: (0, 0.0),
            count: 0,
            next: None,
            kinds: sums(pushes.into_iter()),
            timetable: Timetable::new(&jobs, share.schedule / per.schedule),
        };
        this.next = this.draw();
        this.timetable.fill(seed, &catalogue.popularity);
        this
    }

    /// When the next push comes; [`Time::MAX`] if none ever does.
    pub(super) fn next_at(&self) -> Time {
        let people = self.next.map_or(Time::MAX, |push| push.at);
        people.min(self.timetable.next_at())
    }

    /// The push at [`Traffic::next_at`].
    pub(super) fn take(&mut self, popularity: &[f64]) -> Option<Push> {
        if self.timetable.next_at() <= self.next.map_or(Time::MAX, |push| push.at) {
            let push = self.timetable.due.pop()?;
            if self.timetable.due.is_empty() {
                self.timetable.fill(self.seed, popularity);
            }
            return Some(push);
        }
        let push = self.next.take();
        self.next = self.draw();
        push
    }

    /// What sets off a push of people, by its own randomness.
    pub(super) fn kind(&self, draw: &mut Draw) -> Trigger {
        KINDS[draw.pick(&self.kinds)]
    }

    /// Exponential in units of the expected count: exact for a rate that is constant in each hour.
    fn draw(&mut self) -> Option<Push> {
        if self.pushes_per_hour.iter().all(|&rate| rate <= 0.0) {
            return None;
        }
        let mut left = self.gaps.exponential();
        let (mut hour, mut passed) = self.at;
        loop {
            let rate = self.pushes_per_hour[(hour % WEEK_H as u64) as usize];
            let rest = (1.0 - passed) * rate;
            if left < rest {
                passed += left / rate;
                break;
            }
            left -= rest;
            (hour, passed) = (hour + 1, 0.0);
        }
        self.at = (hour, passed);
        self.count += 1;
        let ms = EPOCH_MS + hour * HOUR_MS + (passed * HOUR_MS as f64) as u64;
        Some(Push { at: Time::from_ms(ms), key: self.count, fixed: None })
    }
}

/// Pushes that come at the same hour and minute of every week, as `schedule` events do. It follows
/// the profile as well, since the cited hourly figures count these jobs too.
struct Timetable {
    /// Entries of each hour of the week.
    entries: [u32; WEEK_H],
    hour: u64,
    /// Of the present hour, latest first.
    due: Vec<Push>,
}

/// Share of the entries at the full hour, GitHub's documented time of high load; the others stand
/// at multiples of five minutes. An assumption.
const FULL_HOUR: f64 = 0.6;
/// GitHub starts scheduled runs late; an assumption.
const LATE_MS: u64 = 60_000;

impl Timetable {
    fn new(jobs: &[f64; WEEK_H], pushes_per_job: f64) -> Self {
        let mut sum = 0.0;
        let entries = jobs.map(|jobs| {
            let before = libm::round(sum);
            sum += jobs * pushes_per_job;
            (libm::round(sum) - before) as u32
        });
        Self { entries, hour: 0, due: Vec::new() }
    }

    fn next_at(&self) -> Time {
        self.due.last().map_or(Time::MAX, |push| push.at)
    }

    /// Takes up the next hour that has entries.
    fn fill(&mut self, seed: u64, popularity: &[f64]) {
        for _ in 0..WEEK_H {
            let hour = self.hour;
            self.hour += 1;
            let of_week = hour % WEEK_H as u64;
            for nth in 0..self.entries[of_week as usize] {
                let entry = pair(of_week, u64::from(nth));
                let mut draw = Draw::new(seed, Stream::Timetable, entry);
                let repository = draw.pick(popularity) as u32;
                let minute = if draw.chance(FULL_HOUR) { 0 } else { 5 + 5 * draw.below(11) };
                let key = pair(hour, entry);
                let late_ms = Draw::new(seed, Stream::Timetable, key).below(LATE_MS);
                let ms = EPOCH_MS + hour * HOUR_MS + minute * 60_000 + late_ms;
                let fixed = Some((Trigger::Schedule, repository));
                self.due.push(Push { at: Time::from_ms(ms), key, fixed });
            }
            if !self.due.is_empty() {
                self.due.sort_by_key(|push| std::cmp::Reverse((push.at, push.key)));
                return;
            }
        }
    }
}
