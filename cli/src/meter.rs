//! What the program's own run costs: processor time, memory, elapsed time.

use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// Processor time of all threads of this process so far, user and system, in nanoseconds.
pub(crate) fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    (time.tv_sec as u64).saturating_mul(1_000_000_000) + time.tv_nsec as u64
}

/// The largest resident memory so far, in bytes, where the system tells it.
pub(crate) fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// What the bounds took: they are no part of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LeftOut {
    cpu_ns: u64,
    peak_before_bytes: Option<u64>,
}

impl LeftOut {
    /// What this takes.
    pub(crate) fn measure<T>(&mut self, what: impl FnOnce() -> T) -> T {
        self.peak_before_bytes = peak_rss_bytes();
        let before_ns = cpu_ns();
        let made = what();
        self.cpu_ns += cpu_ns() - before_ns;
        made
    }
}

/// Marks of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    started: Instant,
    cpu_at_open_ns: u64,
    cpu_read_ns: u64,
    cpu_left_out_ns: u64,
    /// The largest resident memory before what does not count.
    peak_before_bytes: Option<u64>,
}

impl Meter {
    /// The trace is about to be opened.
    pub(crate) fn at_open() -> Self {
        Self {
            started: Instant::now(),
            cpu_at_open_ns: cpu_ns(),
            cpu_read_ns: 0,
            cpu_left_out_ns: 0,
            peak_before_bytes: None,
        }
    }

    /// The trace was opened; of a held one all of it was read.
    pub(crate) fn was_read(&mut self) {
        self.cpu_read_ns = cpu_ns() - self.cpu_at_open_ns;
    }

    fn cpu_spent_ns(self) -> u64 {
        cpu_ns().saturating_sub(self.cpu_at_open_ns + self.cpu_left_out_ns)
    }

    /// What does not count took so much.
    pub(crate) fn leave_out(&mut self, taken: LeftOut) {
        self.cpu_left_out_ns += taken.cpu_ns;
        self.peak_before_bytes = taken.peak_before_bytes;
    }

    /// Puts the figures of so many replications into the summary of one.
    pub(crate) fn fill(self, summary: &mut greenroom_reports::summary::Summary, replications: u64) {
        let runs = (summary.jobs.arrived * replications).max(1) as f64;
        summary.wall_s = Some(self.started.elapsed().as_secs_f64());
        summary.ns_per_job = Some(self.cpu_spent_ns() as f64 / runs);
        summary.parse_ns_per_job = Some(self.cpu_read_ns as f64 / runs);
        summary.startup_ms = Some(self.cpu_at_open_ns as f64 / 1e6);
        let one_run = self.peak_before_bytes.filter(|_| replications == 1);
        summary.peak_rss_bytes = one_run.or_else(peak_rss_bytes);
    }
}
