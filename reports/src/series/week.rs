//! Demand and queue time by hour of the week.

use greenroom_scheduler::time::{Span, Time};

const HOUR_MS: u64 = 3_600_000;
const HOURS: usize = 7 * 24;

/// Hours from the Monday before it to the first instant of Unix time, a Thursday.
const EPOCH_HOUR: u64 = 3 * 24;

/// Jobs and their queue time by hour of the week, Monday 0:00 UTC first.
#[derive(Clone, Debug)]
pub struct Week {
    cells: Vec<Cell>,
    span: Option<(Time, Time)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    jobs: u64,
    waited_ms: u64,
}

impl Default for Week {
    fn default() -> Self {
        Self { cells: vec![Cell::default(); HOURS], span: None }
    }
}

impl Week {
    /// Counts a job in the hour in which it became ready.
    pub fn add(&mut self, ready: Time, waited: Span) {
        let cell = &mut self.cells[hour_of_week(ready)];
        cell.jobs += 1;
        cell.waited_ms = cell.waited_ms.saturating_add(waited.as_ms());
        let (first, last) = self.span.unwrap_or((ready, ready));
        self.span = Some((first.min(ready), last.max(ready)));
    }

    /// Mean number of jobs that became ready in each such hour, by day and hour; none for hours
    /// outside the span.
    pub fn jobs(&self) -> Vec<Option<f64>> {
        let hours = self.hours_seen();
        let mean =
            |(cell, hours): (&Cell, u64)| (hours > 0).then(|| cell.jobs as f64 / hours as f64);
        self.cells.iter().zip(hours).map(mean).collect()
    }

    /// Mean queue seconds of those jobs; none where there were none.
    pub fn queue_s(&self) -> Vec<Option<f64>> {
        let mean =
            |cell: &Cell| (cell.jobs > 0).then(|| cell.waited_ms as f64 / 1e3 / cell.jobs as f64);
        self.cells.iter().map(mean).collect()
    }

    /// How often each hour of the week lies, at least in part, between the first and last job.
    fn hours_seen(&self) -> Vec<u64> {
        let mut seen = vec![0; HOURS];
        if let Some((first, last)) = self.span {
            let (from, until) = (first.as_ms() / HOUR_MS, last.as_ms() / HOUR_MS);
            let whole = (until - from + 1) / HOURS as u64;
            seen.fill(whole);
            for hour in (from + whole * HOURS as u64)..=until {
                seen[((hour + EPOCH_HOUR) % HOURS as u64) as usize] += 1;
            }
        }
        seen
    }
}

fn hour_of_week(at: Time) -> usize {
    ((at.as_ms() / HOUR_MS + EPOCH_HOUR) % HOURS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monday_comes_first_and_hours_are_counted_as_often_as_they_were() {
        // Monday, 3 November 2025, 00:00 UTC, and the Tuesday of the week after, 01:00 to 02:59.
        let monday = 1_762_128_000_000;
        let mut week = Week::default();
        week.add(Time::from_ms(monday), Span::from_secs(10));
        week.add(Time::from_ms(monday + 8 * 24 * HOUR_MS + 2 * HOUR_MS), Span::from_secs(30));
        let jobs = week.jobs();
        assert_eq!(jobs[0], Some(0.5));
        assert_eq!(jobs[24 + 2], Some(0.5));
        assert_eq!(jobs[24 + 3], Some(0.0));
        assert_eq!(week.hours_seen()[24 + 3], 1);
        assert_eq!(week.queue_s()[0], Some(10.0));
        assert_eq!(week.queue_s()[1], None);
    }
}
