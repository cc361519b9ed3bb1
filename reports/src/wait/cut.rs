//! Cuts one wait into pieces.

use super::holds::Holds;
use super::story::Piece;
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::fact::Stage;
use greenroom_scheduler::time::Time;

/// How far the start of a runner had come, and when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Milestones {
    pub(super) created: Time,
    pub(super) claimed: Option<Time>,
    pub(super) launched: Option<Time>,
    pub(super) node_ready: Option<Time>,
    pub(super) bound: Option<Time>,
    /// Until when Karpenter could not serve it, and why.
    pub(super) held: Option<(Time, Cause)>,
    /// By [`Stage`].
    pub(super) stages: [Option<Time>; 4],
}

/// What a stage that ends with its milestone is called while one waits for it.
const STAGE_CAUSES: [(Stage, Cause); 4] = [
    (Stage::ImagePulled, Cause::ImagePull),
    (Stage::PodStarted, Cause::PodStart),
    (Stage::CredentialsIssued, Cause::Identity),
    (Stage::Registered, Cause::Registration),
];

/// A cursor that moves from the start of a wait to its end and leaves pieces behind it.
pub(super) struct Cutter<'a> {
    cursor: Time,
    end: Time,
    holds: &'a Holds,
    pieces: &'a mut Vec<Piece>,
}

impl<'a> Cutter<'a> {
    pub(super) const fn new(
        from: Time,
        end: Time,
        holds: &'a Holds,
        pieces: &'a mut Vec<Piece>,
    ) -> Self {
        Self { cursor: from, end, holds, pieces }
    }

    /// Everything up to `until` was for `cause`.
    fn cut(&mut self, until: Time, cause: Cause) {
        let until = until.min(self.end);
        if until <= self.cursor {
            return;
        }
        let from = std::mem::replace(&mut self.cursor, until);
        match self.pieces.last_mut() {
            Some(last) if last.cause == cause && last.until == from => last.until = until,
            _ => self.pieces.push(Piece { from, until, cause }),
        }
    }

    /// Everything up to `until` was for what held the set, and for `otherwise` while nothing did.
    fn cut_held(&mut self, until: Time, otherwise: Cause) {
        let until = until.min(self.end);
        let holds = self.holds;
        if until > self.cursor {
            holds.between(self.cursor, until, |at, cause| self.cut(at, cause.unwrap_or(otherwise)));
        }
    }

    /// A wait that ended on a runner of ours.
    pub(super) fn on_runner(mut self, heard: Option<Time>, again: bool, way: &Milestones) {
        self.before_runner(way.created, heard, again);
        if let Some(bound) = way.bound {
            let ready = way.node_ready.unwrap_or(bound);
            if let Some((until, cause)) = way.held {
                self.cut(until.min(bound), cause);
            }
            if ready > way.created {
                // The runner waited for a node that was not there yet. Until EC2 gave it, what
                // held the set is the better answer than that a node starts.
                self.cut_held(way.launched.unwrap_or(ready), Cause::NodeStartup);
                self.cut(ready, Cause::NodeStartup);
                self.cut(bound, Cause::Scheduling);
            } else {
                self.cut_held(bound, Cause::Scheduling);
            }
        }
        // In the order of time: worlds differ in whether a runner registers before it has its
        // credentials. Where a stage is not told, its time is the next one's.
        let mut reached = STAGE_CAUSES.map(|(stage, cause)| (way.stages[stage as usize], cause));
        reached.sort_by_key(|&(at, _)| at);
        for (at, cause) in reached {
            if let Some(at) = at {
                self.cut(at, cause);
            }
        }
        self.cut(self.end, Cause::Assignment);
    }

    /// A wait that ended on a runner that GitHub hosts: all of it is GitHub's.
    pub(super) fn on_hosted(mut self) {
        self.cut(self.end, Cause::Assignment);
    }

    /// A wait that ended without a runner.
    pub(super) fn given_up(mut self, heard: Option<Time>, again: bool) {
        let end = self.end;
        self.before_runner(end, heard, again);
    }

    fn before_runner(&mut self, created: Time, heard: Option<Time>, again: bool) {
        let otherwise = if again { Cause::Interruption } else { Cause::Delivery };
        if let Some(heard) = heard.filter(|_| !again) {
            self.cut(heard.min(created), Cause::Delivery);
        }
        // The core heard, and created no runner: it says why, or its picture is not up to date.
        self.cut_held(created, otherwise);
    }
}
