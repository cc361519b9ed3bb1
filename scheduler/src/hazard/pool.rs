//! One spot pool: the nodes that run in it, by age, and when it gave trouble last.

use super::tally::Tally;
use crate::id::{TypeId, ZoneId};
use crate::time::{Span, Time};
use alloc::collections::VecDeque;
use serde::{Deserialize, Serialize};

/// Ages at which a node passes from one band to the next: young nodes are taken more often
/// (r5.16xlarge in us-east-1d: 0.71, 0.23, 0.17 an hour below ten minutes, below an hour, above;
/// skypilot-org/spot-traces).
pub(super) const BAND_ENDS: [Span; 2] = [Span::from_secs(600), Span::from_secs(3_600)];

/// How many bands there are.
pub(super) const BANDS: usize = BAND_ENDS.len() + 1;

/// A type in a zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pool {
    pub(super) instance_type: TypeId,
    pub(super) zone: ZoneId,
    pub(super) tally: Tally,
    /// Nodes of each band that run.
    pub(super) running: [u32; BANDS],
    /// Launches of the nodes in each band but the last, oldest first.
    launches: [VecDeque<Time>; BANDS - 1],
    /// Up to when exposure is counted.
    counted_to: Time,
    /// When it took a node back or refused one last.
    pub(super) troubled_at: Option<Time>,
}

impl Pool {
    pub(super) const fn new(instance_type: TypeId, zone: ZoneId, now: Time) -> Self {
        Self {
            instance_type,
            zone,
            tally: Tally::halved_after(super::WEATHER),
            running: [0; BANDS],
            launches: [VecDeque::new(), VecDeque::new()],
            counted_to: now,
            troubled_at: None,
        }
    }

    /// All nodes that run.
    pub(super) fn nodes(&self) -> u32 {
        self.running.iter().sum()
    }

    /// Node hours of each band since it was last asked. Each node costs one step a band.
    pub(super) fn exposure_until(&mut self, now: Time) -> [f64; BANDS] {
        let mut hours = [0.0; BANDS];
        while self.counted_to < now {
            let crossing = |band: usize| Some(*self.launches[band].front()? + BAND_ENDS[band]);
            let next = (0..BANDS - 1).filter_map(|band| Some((crossing(band)?, band))).min();
            let until = next.map_or(now, |(at, _)| at.clamp(self.counted_to, now));
            let step = until.since(self.counted_to).as_secs_f64() / 3600.0;
            for (sum, count) in hours.iter_mut().zip(self.running) {
                *sum += f64::from(count) * step;
            }
            self.counted_to = until;
            if let Some((at, band)) = next
                && at <= now
                && let Some(launch) = self.launches[band].pop_front()
            {
                self.running[band] -= 1;
                self.running[band + 1] += 1;
                if band + 1 < BANDS - 1 {
                    self.launches[band + 1].push_back(launch);
                }
            }
        }
        hours
    }

    /// A node runs from `launch` on; counted up to now before.
    pub(super) fn begin(&mut self, launch: Time) {
        let band = band_of(self.counted_to.since(launch));
        self.running[band] += 1;
        if let Some(queue) = self.launches.get_mut(band) {
            let place = queue.partition_point(|other| *other <= launch);
            queue.insert(place, launch);
        }
    }

    /// A node that was launched then is gone; counted up to now before.
    pub(super) fn end(&mut self, launch: Time) {
        let band = band_of(self.counted_to.since(launch));
        if let Some(queue) = self.launches.get_mut(band) {
            let place = queue.partition_point(|other| *other < launch);
            if queue.get(place) != Some(&launch) {
                return;
            }
            queue.remove(place);
        }
        self.running[band] = self.running[band].saturating_sub(1);
    }

    /// Nothing is known to run any more.
    pub(super) fn empty(&mut self) {
        self.running = [0; BANDS];
        self.launches.iter_mut().for_each(VecDeque::clear);
    }
}

/// The band of an age.
pub(super) fn band_of(age: Span) -> usize {
    BAND_ENDS.iter().take_while(|end| age >= **end).count()
}
