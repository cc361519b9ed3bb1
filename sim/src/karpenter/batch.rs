//! When a round of provisioning starts (core:…/provisioning/batcher.go, controller.go).

use super::constants::{RETRIGGER, SOLVE_TIMEOUT};
use greenroom_scheduler::time::{Span, Time};
use std::collections::{BTreeSet, VecDeque};

/// What asks for a round: a pod that cannot be scheduled, or a node that is being disrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A pod, by a number that is never used again.
    Pod(u64),
    /// A node, by a number that is never used again.
    Node(u64),
}

/// What the batcher is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchInput {
    /// It cannot be scheduled, or it is being disrupted, from now on.
    Pending(Trigger),
    /// It no longer is.
    Settled(Trigger),
    /// Solve, for which [`BatchOutput::Solve`] asked, takes this long. What it found is to be used
    /// when [`BatchOutput::Commit`] says so.
    Solving(Span),
    /// Time has passed.
    Tick,
}

/// What the batcher wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchOutput {
    /// Look at nodes and pods now, run Solve and answer with [`BatchInput::Solving`] at once.
    Solve,
    /// Use what the last Solve found.
    Commit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Window { opened: Time, last_new: Time },
    AskedToSolve,
    Solving { done: Time },
}

/// The batching window, and the clock that lets pending pods ask again.
///
/// The first trigger opens a window; each new one extends it; it closes after `idle` without a new
/// one or `max` after it opened. Who asked in a window does not extend it by asking again. While
/// Solve runs, triggers wait, and the next window opens when Solve is done.
#[derive(Clone, Debug)]
pub struct Batcher {
    idle: Span,
    max: Span,
    phase: Phase,
    /// Asked since the last window closed.
    asked: BTreeSet<Trigger>,
    /// A trigger came that no window has taken up.
    armed: bool,
    pending: BTreeSet<Trigger>,
    /// When each asks again, in order: all wait equally long. What was settled since is skipped;
    /// no longer than the number of triggers of the last [`RETRIGGER`].
    again: VecDeque<(Time, Trigger)>,
}

impl Batcher {
    /// A batcher that closes its windows after `idle` of quiet and after `max` in any case.
    pub const fn new(idle: Span, max: Span) -> Self {
        Self {
            idle,
            max,
            phase: Phase::Waiting,
            asked: BTreeSet::new(),
            armed: false,
            pending: BTreeSet::new(),
            again: VecDeque::new(),
        }
    }

    /// Takes an input and says what is to be done.
    pub fn handle(&mut self, now: Time, input: BatchInput, outputs: &mut Vec<BatchOutput>) {
        self.advance(now, outputs);
        match input {
            BatchInput::Pending(trigger) => {
                if self.pending.insert(trigger) {
                    self.ask(now, trigger);
                }
            }
            BatchInput::Settled(trigger) => {
                self.pending.remove(&trigger);
            }
            BatchInput::Solving(took) => {
                if self.phase == Phase::AskedToSolve {
                    self.phase = Phase::Solving { done: now + took.min(SOLVE_TIMEOUT) };
                }
            }
            BatchInput::Tick => {}
        }
        self.advance(now, outputs);
    }

    /// When something happens without an input.
    pub fn next_at(&self) -> Option<Time> {
        let own = match self.phase {
            Phase::Waiting | Phase::AskedToSolve => None,
            Phase::Window { .. } => self.closes_at(),
            Phase::Solving { done } => Some(done),
        };
        let again = self.again.front().map(|&(at, _)| at);
        own.into_iter().chain(again).min()
    }

    /// Pods and nodes that ask for rounds.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    fn closes_at(&self) -> Option<Time> {
        match self.phase {
            Phase::Window { opened, last_new } => {
                Some((opened + self.max).min(last_new + self.idle))
            }
            _ => None,
        }
    }

    /// Lets happen what is due, in the order of time.
    fn advance(&mut self, now: Time, outputs: &mut Vec<BatchOutput>) {
        while let Some(at) = self.next_at().filter(|&at| at <= now) {
            if self.closes_at().is_some_and(|closes| closes <= at) {
                self.asked.clear();
                self.phase = Phase::AskedToSolve;
                outputs.push(BatchOutput::Solve);
            } else if let Phase::Solving { done } = self.phase
                && done <= at
            {
                outputs.push(BatchOutput::Commit);
                self.phase = Phase::Waiting;
                if core::mem::take(&mut self.armed) {
                    self.phase = Phase::Window { opened: at, last_new: at };
                }
            } else if let Some((at, trigger)) = self.again.pop_front()
                && self.pending.contains(&trigger)
            {
                self.ask(at, trigger);
            }
        }
    }

    fn ask(&mut self, at: Time, trigger: Trigger) {
        self.again.push_back((at + RETRIGGER, trigger));
        if !self.asked.insert(trigger) {
            return;
        }
        match &mut self.phase {
            Phase::Waiting => self.phase = Phase::Window { opened: at, last_new: at },
            Phase::Window { last_new, .. } => *last_new = at,
            Phase::AskedToSolve | Phase::Solving { .. } => self.armed = true,
        }
    }
}
