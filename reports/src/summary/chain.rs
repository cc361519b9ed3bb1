//! Queue time on the chain of predecessors that ended last.

/// How many ended jobs and how many runs are remembered: 2^20 each, 32 MB, allotted as a trace
/// with runs goes on. A job is released soon after its predecessor ended, and a run's jobs stand
/// near each other in the trace; what is a million jobs further on is another matter.
const REMEMBERED: usize = 1 << 20;

/// The fold over chains. Places are the low bits of serials, so a newer job simply takes the
/// place of one that is a million jobs older: no hashing, no search, no growth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chains {
    /// Serial of the job (plus one, so that 0 is nobody) and queue milliseconds of its chain.
    jobs: Vec<(u32, u64)>,
    /// The same by run: the chain of its job that ended last.
    runs: Vec<(u32, u64)>,
    total_ms: u64,
}

impl Chains {
    /// Queue milliseconds on the chain of a job that ended; zero when it is not remembered.
    #[inline]
    pub(crate) fn of(&self, serial: u32) -> u64 {
        match self.jobs.get(serial as usize % REMEMBERED) {
            Some(&(of, ms)) if of == serial.wrapping_add(1) => ms,
            _ => 0,
        }
    }

    /// A job without a run ended: it is its own run.
    #[inline]
    pub(crate) const fn ended_alone(&mut self, queue_ms: u64) {
        self.total_ms = self.total_ms.saturating_add(queue_ms);
    }

    /// A job of a run ended.
    #[inline]
    pub(crate) fn ended(&mut self, serial: u32, run: u32, chain_ms: u64) {
        *place(&mut self.jobs, serial) = (serial.wrapping_add(1), chain_ms);
        let place = place(&mut self.runs, run);
        if place.0 == run.wrapping_add(1) {
            self.total_ms = self.total_ms.saturating_sub(place.1);
        }
        self.total_ms = self.total_ms.saturating_add(chain_ms);
        *place = (run.wrapping_add(1), chain_ms);
    }

    /// Sum over runs, in seconds.
    pub(crate) const fn total_s(&self) -> f64 {
        self.total_ms as f64 / 1e3
    }
}

/// The place of a serial, in a table that grows until it has them all.
#[inline]
fn place(table: &mut Vec<(u32, u64)>, serial: u32) -> &mut (u32, u64) {
    let index = serial as usize % REMEMBERED;
    if index >= table.len() {
        table.resize(index + 1, (0, 0));
    }
    &mut table[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_the_chain_of_the_job_that_ended_last() {
        let mut chains = Chains::default();
        chains.ended(0, 9, 5_000);
        chains.ended(1, 9, 7_000);
        // Released by job 1, waited 2 s more, ended last.
        let chain = chains.of(1) + 2_000;
        chains.ended(2, 9, chain);
        chains.ended_alone(1_000);
        assert_eq!(chains.total_s(), 10.0);
    }

    #[test]
    fn a_stranger_in_the_place_is_not_taken_for_the_job() {
        let mut chains = Chains::default();
        chains.ended(3, 0, 5_000);
        assert_eq!(chains.of(3 + REMEMBERED as u32), 0);
        assert_eq!(chains.of(4), 0);
    }
}
