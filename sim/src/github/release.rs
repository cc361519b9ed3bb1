//! `needs:` and approvals: a job queues when its predecessors have ended and a gap has passed.

use super::draw::Draw;
use super::job::Phase;
use super::output::Output;
use super::service::{GitHub, Turn};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::id::JobId;
use greenroom_scheduler::time::{Span, Time};
use std::collections::{BTreeMap, VecDeque};

/// Most ended predecessors that are remembered for successors still to come: 16 MB. Successors
/// belong to the same run, so they come soon; one whose predecessor was forgotten counts it as
/// ended long ago, and is counted.
const ENDED_MAX: usize = 1 << 18;

/// For how long an ended predecessor is remembered: a run lives 35 days at most (docs.github.com,
/// usage limits for self-hosted runners).
const ENDED_KEPT: Span = Span::from_secs(35 * 24 * 3600);

const NONE: u32 = u32::MAX;

/// Jobs that wait for others, by slot, and those others, by serial.
#[derive(Clone, Debug, Default)]
pub(super) struct Release {
    held: Vec<Held>,
    predecessors: BTreeMap<u32, Predecessor>,
    /// One for each (predecessor, successor) that waits; free ones are chained from `free`.
    edges: Vec<Edge>,
    free: Option<u32>,
    ended: VecDeque<(Time, u32)>,
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    serial: u32,
    /// Predecessors that have not ended.
    missing: u32,
    gap: Span,
    /// The predecessor that ended last, and when.
    last: Option<(Time, u32)>,
}

const NOT_HELD: Held = Held { serial: NONE, missing: 0, gap: Span::ZERO, last: None };

#[derive(Clone, Copy, Debug)]
enum Predecessor {
    /// Has not ended; its successors from the first to the last edge.
    Live {
        first: u32,
        last: u32,
    },
    Ended(Time),
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    successor: JobId,
    next: u32,
}

impl Release {
    fn expect(&mut self, serial: u32) {
        self.predecessors.entry(serial).or_insert(Predecessor::Live { first: NONE, last: NONE });
    }

    fn hold(&mut self, job: JobId, needs: &[u32], gap: Span) {
        let mut held = Held { serial: job.serial, gap, ..NOT_HELD };
        for (nth, &serial) in needs.iter().enumerate() {
            if needs[..nth].contains(&serial) {
                continue;
            }
            match self.predecessors.get(&serial).copied() {
                Some(Predecessor::Live { first, last }) => {
                    let edge = self.add_edge(job);
                    if last != NONE {
                        self.edges[last as usize].next = edge;
                    }
                    let first = if first == NONE { edge } else { first };
                    self.predecessors.insert(serial, Predecessor::Live { first, last: edge });
                    held.missing += 1;
                }
                Some(Predecessor::Ended(at)) => held.last = held.last.max(Some((at, serial))),
                None => self.forgotten += 1,
            }
        }
        if job.index() >= self.held.len() {
            self.held.resize(job.index() + 1, NOT_HELD);
        }
        self.held[job.index()] = held;
    }

    fn add_edge(&mut self, successor: JobId) -> u32 {
        let edge = Edge { successor, next: NONE };
        if let Some(free) = self.free {
            let next = std::mem::replace(&mut self.edges[free as usize], edge).next;
            self.free = (next != NONE).then_some(next);
            free
        } else {
            self.edges.push(edge);
            self.edges.len() as u32 - 1
        }
    }

    /// A predecessor ended: answers its first edge, to be walked with [`Release::next_edge`].
    fn end(&mut self, now: Time, serial: u32) -> u32 {
        match self.predecessors.get_mut(&serial) {
            Some(entry @ &mut Predecessor::Live { first, .. }) => {
                *entry = Predecessor::Ended(now);
                self.ended.push_back((now, serial));
                self.forget_old(now);
                first
            }
            _ => NONE,
        }
    }

    fn forget_old(&mut self, now: Time) {
        while let Some(&(at, serial)) = self.ended.front() {
            if self.ended.len() <= ENDED_MAX && now.since(at) <= ENDED_KEPT {
                return;
            }
            self.ended.pop_front();
            self.predecessors.remove(&serial);
        }
    }

    /// Frees an edge and answers its successor and the edge after it.
    fn next_edge(&mut self, edge: u32) -> (JobId, u32) {
        let Edge { successor, next } = self.edges[edge as usize];
        self.edges[edge as usize].next = self.free.unwrap_or(NONE);
        self.free = Some(edge);
        (successor, next)
    }

    fn get_mut(&mut self, job: JobId) -> Option<&mut Held> {
        self.held.get_mut(job.index()).filter(|held| held.serial == job.serial)
    }

    /// A held job is no longer waited for; its edges go when its predecessors end.
    pub(super) fn forget(&mut self, job: JobId) {
        if let Some(held) = self.get_mut(job) {
            *held = NOT_HELD;
        }
    }
}

impl<D: Draw> GitHub<D> {
    /// A job that others will wait for has entered the run.
    pub fn expect_successors(&mut self, serial: u32) {
        self.release.expect(serial);
    }

    /// Holds a job until all its predecessors have ended, for good and in whatever way, and `gap`
    /// has passed since; then [`Output::Ready`] says that it may queue. Predecessors are serials
    /// of jobs for which [`GitHub::expect_successors`] was called; those that ended already count
    /// from their end, repeated ones once, unknown ones as ended long ago.
    ///
    /// Refused as `Busy` while another job holds the slot.
    pub fn hold(
        &mut self,
        now: Time,
        job: JobId,
        needs: &[u32],
        gap: Span,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        match self.jobs.holder(job.slot) {
            Some(holder) if holder.serial != job.serial => return Outcome::Refused(Refusal::Busy),
            Some(_) => return Outcome::Already,
            None => {}
        }
        self.jobs.insert(job, Phase::Held, now);
        self.release.hold(job, needs, gap);
        self.release_if_free(turn, job);
        Outcome::Done
    }

    /// A logical job ended for good: done, or lost without a re-run. Its successors go on as they
    /// did in the record, however it ended.
    pub fn settle(
        &mut self,
        now: Time,
        job: JobId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) {
        let turn = &mut self.turn(now, timers, out);
        self.groups.leave(job);
        let mut edge = self.release.end(now, job.serial);
        while edge != NONE {
            let (successor, next) = self.release.next_edge(edge);
            if let Some(held) = self.release.get_mut(successor) {
                held.missing = held.missing.saturating_sub(1);
                held.last = Some((now, job.serial));
                self.release_if_free(turn, successor);
            }
            edge = next;
        }
    }

    /// How many predecessors were named that nobody knew or remembered.
    pub fn predecessors_unknown(&self) -> u64 {
        self.release.forgotten
    }

    fn release_if_free<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, job: JobId) {
        let Some(held) = self.release.get_mut(job) else { return };
        if held.missing > 0 {
            return;
        }
        let ready_at = held.last.map_or(turn.now, |(ended, _)| ended + held.gap);
        if ready_at > turn.now {
            turn.timers.set(ready_at, Timer::Release(job.slot));
        } else {
            self.ring_release(turn, job.slot);
        }
    }

    pub(super) fn ring_release<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, slot: u32) {
        if self.jobs.holder(slot).is_none_or(|job| job.phase != Phase::Held) {
            return;
        }
        let job = self.jobs.id(slot);
        let by = self.release.get_mut(job).and_then(|held| held.last).map(|(_, serial)| serial);
        self.release.forget(job);
        self.jobs.forget(slot);
        turn.out.push(Output::Ready { job, by });
    }
}
