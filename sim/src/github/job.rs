//! Jobs that GitHub knows, by slot.

use super::chain::{Chain, Links};
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::time::Time;

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// GitHub knows no job in this slot.
    Absent,
    /// Waits for its predecessors, or for the gap after them.
    Held,
    /// Waits its turn in the fan-out of its run.
    Paced,
    /// No set has its labels.
    Unmatched,
    /// Waits for room in its set.
    Queued,
    /// Offered to its set (Enterprise).
    Offered,
    /// Assigned to its set; waits for a runner.
    Assigned,
    /// Given to a runner that has not confirmed it.
    Taken,
    /// Runs on a runner.
    Running,
    /// Its runner vanished, and GitHub has not noticed.
    Orphaned,
    /// Waits for its GitHub-hosted runner to start.
    HostedStarting,
    /// Runs on a GitHub-hosted runner.
    HostedRunning,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) serial: u32,
    pub(super) phase: Phase,
    /// Meaningless while held or unmatched.
    pub(super) set: SetId,
    /// The runner that has it, from `Taken` to `Orphaned`.
    pub(super) runner: RunnerId,
    /// How often its assignment was repeated.
    pub(super) reassigned: u32,
    /// Cancelled while on a runner.
    pub(super) stopping: bool,
    /// Place in the order in which jobs queued.
    pub(super) place: u64,
    /// When it queued.
    pub(super) queued_at: Time,
    /// When it entered its phase.
    pub(super) since: Time,
}

const NO_RUNNER: RunnerId = RunnerId { serial: u32::MAX, slot: u32::MAX };

const ABSENT: Job = Job {
    serial: u32::MAX,
    phase: Phase::Absent,
    set: SetId(u32::MAX),
    runner: NO_RUNNER,
    reassigned: 0,
    stopping: false,
    place: 0,
    queued_at: Time::ZERO,
    since: Time::ZERO,
};

/// All jobs, and the links of the queue that each is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    table: Vec<Job>,
    pub(super) links: Links,
}

impl Jobs {
    /// The job of this name, if GitHub knows it.
    pub(super) fn get(&self, job: JobId) -> Option<&Job> {
        self.table
            .get(job.index())
            .filter(|found| found.serial == job.serial && found.phase != Phase::Absent)
    }

    /// Whoever is in this slot, if anybody.
    pub(super) fn holder(&self, slot: u32) -> Option<&Job> {
        self.table.get(slot as usize).filter(|found| found.phase != Phase::Absent)
    }

    /// A job that is known to be there.
    pub(super) fn at(&self, slot: u32) -> &Job {
        &self.table[slot as usize]
    }

    pub(super) fn at_mut(&mut self, slot: u32) -> &mut Job {
        &mut self.table[slot as usize]
    }

    pub(super) fn id(&self, slot: u32) -> JobId {
        JobId { serial: self.at(slot).serial, slot }
    }

    /// Puts a new job into its slot.
    pub(super) fn insert(&mut self, job: JobId, phase: Phase, now: Time) -> &mut Job {
        if job.index() >= self.table.len() {
            self.table.resize(job.index() + 1, ABSENT);
        }
        let entry = &mut self.table[job.index()];
        *entry = Job { serial: job.serial, phase, queued_at: now, since: now, ..ABSENT };
        entry
    }

    /// Puts a job into a queue by its place. Nearly always it is the youngest.
    pub(super) fn insert_by_age(&mut self, chain: &mut Chain, slot: u32) {
        let Self { table, links } = self;
        let place = table[slot as usize].place;
        if chain.last().is_none_or(|last| table[last as usize].place < place) {
            links.push_back(chain, slot);
        } else {
            links.insert_sorted(chain, slot, |other| table[other as usize].place > place);
        }
    }

    pub(super) fn forget(&mut self, slot: u32) {
        self.table[slot as usize] = ABSENT;
    }
}
