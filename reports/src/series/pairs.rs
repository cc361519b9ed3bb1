//! Recorded against simulated queue time, job by job.

use greenroom_scheduler::time::Span;

/// Bins on each side.
pub(crate) const SIDE: usize = 50;

/// Bins in a decade: 1 s to 10^5 s, about a day.
pub(crate) const PER_DECADE: f64 = 10.0;

/// Counts of jobs by recorded and simulated queue time, both on logarithmic scales from 1 s;
/// shorter ones count in the first bin, longer ones in the last.
#[derive(Clone, Debug)]
pub struct Pairs {
    counts: Vec<u64>,
    total: u64,
    longer: u64,
    shorter: u64,
}

impl Default for Pairs {
    fn default() -> Self {
        Self { counts: vec![0; SIDE * SIDE], total: 0, longer: 0, shorter: 0 }
    }
}

impl Pairs {
    /// Counts a job.
    pub fn add(&mut self, recorded: Span, simulated: Span) {
        self.counts[bin(simulated) * SIDE + bin(recorded)] += 1;
        self.total += 1;
        self.longer += u64::from(simulated > recorded);
        self.shorter += u64::from(simulated < recorded);
    }

    /// How many jobs there are.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Shares of jobs that waited longer and shorter in the simulation than in the record.
    pub fn shares(&self) -> (f64, f64) {
        let of = self.total.max(1) as f64;
        (self.longer as f64 / of, self.shorter as f64 / of)
    }

    /// Bins with jobs in them: recorded, simulated, count.
    pub fn bins(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        let all = self.counts.iter().enumerate().filter(|&(_, &count)| count > 0);
        all.map(|(place, &count)| (place % SIDE, place / SIDE, count))
    }
}

fn bin(span: Span) -> usize {
    let s = span.as_secs_f64().max(1.0);
    ((libm::log10(s) * PER_DECADE) as usize).min(SIDE - 1)
}
