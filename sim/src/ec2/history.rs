//! Recorded spot prices, and the process that looks like them.

use crate::catalogue::{Catalogue, ReadError, broken, shown};
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use std::collections::BTreeMap;
use std::io::Read;

/// The most price changes that are held: 32 million, half a gigabyte; a year of the whole of
/// us-east-1 has about a million.
const RECORDS_MAX: usize = 32_000_000;

/// Records that concern nothing in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Of instance types that the catalogue lacks.
    pub unknown_type: u64,
    /// Of zones that the run lacks.
    pub unknown_zone: u64,
}

/// Recorded spot prices by pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pools: BTreeMap<(TypeId, ZoneId), Vec<(u64, Rate)>>,
    skipped: Skipped,
}

impl History {
    /// Reads CSV with the columns `instance_type`, `az`, `timestamp_s` and `usd_per_hour`, in any
    /// order of columns and of time: what DescribeSpotPriceHistory gives, newest or oldest first.
    /// A record says that the price is another from its time on. Of two records of one pool and
    /// time the later one counts, as the file's order of time has it. `file` is the name in errors.
    pub fn read(
        file: &str,
        reader: impl Read,
        catalogue: &Catalogue,
        zones: &[String],
    ) -> Result<Self, ReadError> {
        let mut csv = csv::Reader::from_reader(reader);
        let header = csv.headers().map_err(|error| broken(file, &error))?.clone();
        let place = |name: &str| {
            header.iter().position(|column| column.trim() == name).ok_or_else(|| ReadError {
                file: file.to_owned(),
                line: 1,
                field: "header".to_owned(),
                found: shown(&header.iter().collect::<Vec<_>>().join(",")),
                expected: format!("the column {name}"),
            })
        };
        let (kind, az) = (place("instance_type")?, place("az")?);
        let (time, price) = (place("timestamp_s")?, place("usd_per_hour")?);
        let mut history = Self::default();
        let mut count = 0;
        let mut record = csv::StringRecord::new();
        while csv.read_record(&mut record).map_err(|error| broken(file, &error))? {
            let line = record.position().map_or(0, csv::Position::line);
            let field = |place: usize| record.get(place).unwrap_or("").trim();
            let fail = |name: &str, place: usize, expected: &str| ReadError {
                file: file.to_owned(),
                line,
                field: name.to_owned(),
                found: shown(field(place)),
                expected: expected.to_owned(),
            };
            let at: u64 = field(time)
                .parse()
                .map_err(|_| fail("timestamp_s", time, "whole seconds since 1970"))?;
            let usd = field(price).parse::<f64>().ok().filter(|usd| (0.0..=4_000.0).contains(usd));
            let usd =
                usd.ok_or_else(|| fail("usd_per_hour", price, "dollars an hour, 0 to 4000"))?;
            let Ok(kind) = catalogue.find(field(kind)) else {
                history.skipped.unknown_type += 1;
                continue;
            };
            let Some(zone) = zones.iter().position(|zone| zone == field(az)) else {
                history.skipped.unknown_zone += 1;
                continue;
            };
            count += 1;
            if count > RECORDS_MAX {
                let expected = format!("at most {RECORDS_MAX} records of this run's pools");
                return Err(fail("file", time, &expected));
            }
            let pool = (kind, ZoneId(zone as u32));
            history.pools.entry(pool).or_default().push((at, Rate::from_usd_per_hour(usd)));
        }
        for records in history.pools.values_mut() {
            ascend(records);
        }
        Ok(history)
    }

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
fn ascend(records: &mut Vec<(u64, Rate)>) {
    if records.first().map(|first| first.0) > records.last().map(|last| last.0) {
        records.reverse();
    }
    records.sort_by_key(|(at, _)| *at);
    records.reverse();
    records.dedup_by_key(|(at, _)| *at);
    records.reverse();
}

/// A mean-reverting process of a logarithm (Ornstein-Uhlenbeck, sampled at equal steps).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogProcess {
    /// Deviation of the logarithm in the steady state.
    pub deviation: f64,
    /// Time after which half of a deviation is gone.
    pub half_life: Span,
    /// Time between two changes.
    pub step: Span,
}

impl LogProcess {
    /// What is left of a deviation after one step: 2^(-step / half-life).
    pub fn keep(&self) -> f64 {
        let halvings = self.step.as_ms() as f64 / (self.half_life.as_ms() as f64).max(1.0);
        libm::exp2(-halvings)
    }

    /// The process of these logarithms, one a step: their deviation, and the half-life that their
    /// correlation at one step gives, at most a thousand steps. `None` for fewer than ten.
    pub fn fit(logs: &[f64], step: Span) -> Option<Self> {
        const STEPS_MAX: f64 = 1_000.0;
        if logs.len() < 10 {
            return None;
        }
        let count = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / count;
        let variance = logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let together =
            logs.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>() / (count - 1.0);
        // A price that never moved, or jumps at random, forgets within a step.
        let keep = if variance > 1e-18 { (together / variance).clamp(1e-9, 1.0) } else { 1e-9 };
        let steps = (libm::log(0.5) / libm::log(keep)).min(STEPS_MAX);
        let steps = if steps.is_finite() { steps } else { STEPS_MAX };
        let half_life = Span::from_ms((step.as_ms() as f64 * steps).max(1.0) as u64);
        Some(Self { deviation: libm::sqrt(variance), half_life, step })
    }
}
