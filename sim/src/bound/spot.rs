//! Spot in hindsight: each job on whatever it could have had for least.

use crate::ec2::Availability;
use greenroom_scheduler::time::{Span, Time};

/// A pool of spot machines as it turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct SpotPool {
    /// When it had capacity and took nothing back: from, until; in order, apart.
    pub up: Vec<(Time, Time)>,
    /// Its price from each time on, in USD an hour, in order; the first holds before its time too.
    pub usd_per_hour: Vec<(Time, f64)>,
}

/// A job that may start between two times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotJob {
    /// The earliest start.
    pub ready: Time,
    /// How much later it may start.
    pub slack: Span,
    /// How long it runs.
    pub busy: Span,
}

/// The least that one job can cost, in USD: the cheapest feasible window of any pool, that is one
/// that lies wholly within a time that the pool was up, or on demand at `on_demand_usd_per_hour`
/// (the optimum of a single job, as spot schedulers are measured by). Without limits on capacity jobs
/// do not disturb each other, so their sum is a bound for all schedules that repeat no work.
pub fn cheapest_attempt(job: SpotJob, pools: &[SpotPool], on_demand_usd_per_hour: f64) -> f64 {
    let on_demand = on_demand_usd_per_hour * job.busy.as_secs_f64() / 3600.0;
    let windows = pools.iter().flat_map(|pool| pool.starts(job).map(|at| pool.cost(at, job.busy)));
    windows.fold(on_demand, f64::min)
}

/// EC2 fixes a spot price for an instance hour, from the launch on (EC2 User Guide; so does the
/// world, `ec2::charge`).
const HOUR_MS: u64 = 3_600_000;

impl SpotPool {
    /// A pool that was recorded, from `begin` on, at one price.
    pub fn recorded(recording: &Availability, begin: Time, usd_per_hour: f64) -> Self {
        let (mut since, mut up) = (recording.available_first.then_some(begin), Vec::new());
        for event in &recording.events {
            let at = begin + event.at;
            if let Some(from) = since.take() {
                up.push((from, at));
            }
            since = event.available.then_some(at);
        }
        up.extend(since.map(|from| (from, begin + recording.period)));
        Self { up, usd_per_hour: vec![(begin, usd_per_hour)] }
    }

    /// Starts at which the cost can be least. It only changes where the beginning of an instance
    /// hour meets a change of price, so that its least lies there, a millisecond before, or at an end
    /// of a feasible stretch.
    fn starts(&self, job: SpotJob) -> impl Iterator<Item = Time> {
        let latest = job.ready + job.slack;
        let hours = job.busy.as_ms().div_ceil(HOUR_MS).max(1);
        let mut starts = Vec::new();
        // The first stretch that ends after the job would, if it began at once.
        let first = self.up.partition_point(|(_, until)| *until < job.ready + job.busy);
        for &(from, until) in &self.up[first..] {
            if from > latest {
                break;
            }
            let last = Time::from_ms(until.as_ms().saturating_sub(job.busy.as_ms())).min(latest);
            let first = from.max(job.ready);
            if first > last {
                continue;
            }
            starts.extend([first, last]);
            for &(change, _) in &self.usd_per_hour {
                let meets =
                    (0..hours).filter_map(|hour| change.as_ms().checked_sub(hour * HOUR_MS));
                let beside = meets.flat_map(|at| [at.saturating_sub(1), at]).map(Time::from_ms);
                starts.extend(beside.filter(|start| (first..=last).contains(start)));
            }
        }
        starts.into_iter()
    }

    /// What a machine costs that is launched for the job and given back at its end. A pool without
    /// a price was never for sale.
    fn cost(&self, start: Time, busy: Span) -> f64 {
        let mut sum = if self.usd_per_hour.is_empty() { f64::INFINITY } else { 0.0 };
        let (mut at_ms, mut left_ms) = (start.as_ms(), busy.as_ms());
        while left_ms > 0 && sum.is_finite() {
            let after = self.usd_per_hour.partition_point(|(at, _)| at.as_ms() <= at_ms).max(1);
            let part_ms = left_ms.min(HOUR_MS);
            sum += self.usd_per_hour[after - 1].1 * part_ms as f64 / HOUR_MS as f64;
            (at_ms, left_ms) = (at_ms + HOUR_MS, left_ms - part_ms);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: f64) -> Time {
        Time::ZERO + Span::from_secs_f64(hours * 3600.0)
    }

    fn job(ready: f64, slack: f64, busy: f64) -> SpotJob {
        let span = |hours: f64| Span::from_secs_f64(hours * 3600.0);
        SpotJob { ready: at(ready), slack: span(slack), busy: span(busy) }
    }

    fn pool() -> SpotPool {
        SpotPool {
            up: vec![(at(0.0), at(2.0)), (at(3.0), at(8.0))],
            usd_per_hour: vec![(at(0.0), 0.4), (at(5.0), 0.1), (at(6.0), 0.3)],
        }
    }

    #[test]
    fn a_job_takes_the_cheapest_window_that_is_whole() {
        let least = |job| cheapest_attempt(job, &[pool()], 1.0);
        // At once.
        assert!((least(job(0.0, 0.0, 1.0)) - 0.4).abs() < 1e-9);
        // The pool goes away under it: on demand.
        assert!((least(job(1.5, 0.0, 1.0)) - 1.0).abs() < 1e-9);
        // It can wait for the pool to come back, and for the price to fall.
        assert!((least(job(1.5, 1.5, 1.0)) - 0.4).abs() < 1e-9);
        assert!((least(job(1.5, 9.0, 1.0)) - 0.1).abs() < 1e-9);
        // Longer than the cheap hour, whose price is fixed for an hour: the rest comes after.
        assert!((least(job(4.0, 9.0, 1.5)) - (0.1 + 0.15)).abs() < 1e-9);
        // Launched a moment before the price rises, it keeps the price for the hour.
        assert!((least(job(5.5, 9.0, 1.0)) - 0.1).abs() < 1e-9);
    }

    #[test]
    fn without_pools_all_is_on_demand() {
        assert!((cheapest_attempt(job(0.0, 0.0, 2.0), &[], 0.2) - 0.4).abs() < 1e-9);
    }
}
