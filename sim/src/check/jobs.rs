//! Every job that arrives ends once, or is still open: counted, and as an order-free sum of
//! hashes, so that one job twice and another never is noticed too.

use super::Broken;
use super::table::Table;
use greenroom_scheduler::id::JobId;
use greenroom_scheduler::time::{Span, Time};

/// A job that has not ended.
#[derive(Debug)]
enum Job {
    /// It waits since then.
    Waiting(Time),
    /// It runs.
    Running,
}

#[derive(Debug)]
pub(super) struct Jobs {
    live: Table<(u32, Job)>,
    arrived: u64,
    ended: u64,
    /// Sum of hashes of all that arrived less those that ended.
    balance: u64,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { live: Table::new("job"), arrived: 0, ended: 0, balance: 0 }
    }
}

/// Spreads serials over 64 bits (the finaliser of `SplitMix64`, Steele et al. 2014), so that sums
/// of different sets of jobs differ.
const fn hash(serial: u32) -> u64 {
    let mut x = (serial as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Jobs {
    #[inline]
    pub(super) fn ready(&mut self, now: Time, id: JobId) -> Result<(), Broken> {
        self.arrived += 1;
        self.balance = self.balance.wrapping_add(hash(id.serial));
        self.live.begin(id.serial, id.slot, (id.serial, Job::Waiting(now)))
    }

    /// How long it waited.
    #[inline]
    pub(super) fn started(&mut self, now: Time, id: JobId) -> Result<Span, Broken> {
        let (_, job) = self.live.get(id.serial, id.slot)?;
        match std::mem::replace(job, Job::Running) {
            Job::Waiting(since) if since <= now => Ok(now.since(since)),
            _ => Err(Broken::JobStartedWrongly(id)),
        }
    }

    /// Its attempt is lost: it waits again.
    pub(super) fn lost(&mut self, now: Time, id: JobId) -> Result<(), Broken> {
        let (_, job) = self.live.get(id.serial, id.slot)?;
        match std::mem::replace(job, Job::Waiting(now)) {
            Job::Running => Ok(()),
            Job::Waiting(_) => Err(Broken::JobStartedWrongly(id)),
        }
    }

    /// How long it had waited, if it ended waiting.
    #[inline]
    pub(super) fn ended(&mut self, now: Time, id: JobId) -> Result<Option<Span>, Broken> {
        let (_, job) = self.live.end(id.serial, id.slot)?;
        self.ended += 1;
        self.balance = self.balance.wrapping_sub(hash(id.serial));
        Ok(match job {
            Job::Waiting(since) => Some(now.since(since)),
            Job::Running => None,
        })
    }

    pub(super) fn conserved(&self) -> Result<(), Broken> {
        let open_hashes =
            self.live.iter().fold(0_u64, |sum, (serial, _)| sum.wrapping_add(hash(*serial)));
        if self.arrived == self.ended + self.live.len() && self.balance == open_hashes {
            return Ok(());
        }
        let (arrived, ended, open) = (self.arrived, self.ended, self.live.len());
        Err(Broken::JobsLost { arrived, ended, open })
    }

    pub(super) const fn open(&self) -> u64 {
        self.live.len()
    }

    /// Since when those wait that still wait.
    pub(super) fn waiting_since(&self) -> impl Iterator<Item = Time> {
        self.live.iter().filter_map(|(_, job)| match job {
            Job::Waiting(since) => Some(*since),
            Job::Running => None,
        })
    }
}
