//! Concurrency groups: a newer run cancels what an older one has left.

use super::chain::{Chain, Links};
use super::draw::Draw;
use super::output::Output;
use super::service::GitHub;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::id::{JobId, RunId};
use greenroom_scheduler::time::Time;

const NONE: u32 = u32::MAX;

/// Which jobs that have not ended for good belong to the newest run of each group.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// A group is the number of a name: dense enough.
    by_number: Vec<Option<Group>>,
    links: Links,
    /// By slot of the job: its serial and its group.
    members: Vec<(u32, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    run: RunId,
    jobs: Chain,
}

impl Groups {
    fn add(&mut self, job: JobId, group: u32) {
        if job.index() >= self.members.len() {
            self.members.resize(job.index() + 1, (NONE, NONE));
        }
        // Whoever held the slot before may never have been settled.
        let (before, _) = self.members[job.index()];
        self.leave(JobId { serial: before, slot: job.slot });
        self.members[job.index()] = (job.serial, group);
        if let Some(of) = &mut self.by_number[group as usize] {
            self.links.push_back(&mut of.jobs, job.slot);
        }
    }

    /// A job ended for good.
    pub(super) fn leave(&mut self, job: JobId) {
        let Some(&(serial, group)) = self.members.get(job.index()) else { return };
        if serial != job.serial || serial == NONE {
            return;
        }
        self.members[job.index()] = (NONE, NONE);
        if let Some(of) = &mut self.by_number[group as usize] {
            self.links.remove(&mut of.jobs, job.slot);
        }
    }

    fn pop(&mut self, group: u32) -> Option<JobId> {
        let slot = self.links.pop_front(&mut self.by_number[group as usize].as_mut()?.jobs)?;
        let (serial, _) = std::mem::replace(&mut self.members[slot as usize], (NONE, NONE));
        Some(JobId { serial, slot })
    }
}

impl<D: Draw> GitHub<D> {
    /// A job of a run enters, and its run belongs to a concurrency group; before
    /// [`GitHub::hold`] or [`GitHub::job_ready`]. Newer runs have greater numbers. The first job of
    /// a newer run cancels all that is left of the older one. Does nothing unless
    /// [`Config::cancel_superseded`](super::Config::cancel_superseded) is set.
    ///
    /// Refused as `Forbidden` when the job's own run was superseded: it never queues.
    pub fn join_group(
        &mut self,
        now: Time,
        job: JobId,
        run: RunId,
        group: u32,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        if !self.config.cancel_superseded {
            return Outcome::Already;
        }
        let groups = &mut self.groups.by_number;
        if groups.len() <= group as usize {
            groups.resize(group as usize + 1, None);
        }
        let newest =
            groups[group as usize].get_or_insert_with(|| Group { run, jobs: Chain::default() });
        if newest.run > run {
            return Outcome::Refused(Refusal::Forbidden);
        }
        if newest.run < run {
            newest.run = run;
            while let Some(superseded) = self.groups.pop(group) {
                self.cancel_job(turn, superseded);
            }
        }
        self.groups.add(job, group);
        Outcome::Done
    }
}
