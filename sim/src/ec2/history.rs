//! Recorded spot prices.

use super::log_process::LogProcess;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use std::collections::BTreeMap;

/// Records that concern nothing in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Of instance types that the catalogue lacks.
    pub unknown_type: u64,
    /// Of zones that the run lacks.
    pub unknown_zone: u64,
    /// Of other systems than plain Linux.
    pub other_system: u64,
}

/// Recorded spot prices by pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub(super) pools: BTreeMap<(TypeId, ZoneId), Vec<(u64, Rate)>>,
    pub(super) skipped: Skipped,
}

impl History {
    /// What was left out.
    pub const fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// The time of the earliest record, in seconds since 1970.
    pub fn earliest_s(&self) -> Option<u64> {
        self.pools.values().filter_map(|records| records.first()).map(|(at, _)| *at).min()
    }

    /// The pools that have records.
    pub fn pools(&self) -> impl Iterator<Item = (TypeId, ZoneId)> {
        self.pools.keys().copied()
    }

    /// The prices of a pool with the file's second `start_s` moved to `origin`. Records from before
    /// keep one price: the one in force at `origin`.
    pub fn prices(
        &self,
        pool: (TypeId, ZoneId),
        start_s: u64,
        origin: Time,
    ) -> Option<Vec<(Time, Rate)>> {
        let records = self.pools.get(&pool)?;
        let before = records.partition_point(|(at, _)| *at <= start_s).max(1) - 1;
        let moved = |at: u64| origin + Span::from_secs(at.saturating_sub(start_s));
        Some(records[before..].iter().map(|(at, rate)| (moved(*at), *rate)).collect())
    }

    /// The process that looks like the records of a pool over their whole span, sampled at steps of
    /// `step`; `None` with fewer than ten steps, which say nothing of a spread.
    pub fn fit(&self, pool: (TypeId, ZoneId), step: Span) -> Option<LogProcess> {
        let records = self.pools.get(&pool)?;
        let (first, last) = (records.first()?.0, records.last()?.0);
        let step_s = (step.as_ms() / 1000).max(1);
        let logs: Vec<f64> = (first..=last)
            .step_by(usize::try_from(step_s).ok()?)
            .map(|at| {
                let after = records.partition_point(|(time, _)| *time <= at).max(1);
                libm::log(records[after - 1].1.as_usd_per_hour().max(1e-6))
            })
            .collect();
        LogProcess::fit(&logs, step)
    }
}

/// Sorts by time, stably, so that of equal times the newer record comes last, and keeps that one.
pub(super) fn ascend(records: &mut Vec<(u64, Rate)>) {
    if records.first().map(|first| first.0) > records.last().map(|last| last.0) {
        records.reverse();
    }
    records.sort_by_key(|(at, _)| *at);
    records.reverse();
    records.dedup_by_key(|(at, _)| *at);
    records.reverse();
}
