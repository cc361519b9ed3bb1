//! All that is known of a job once it has ended.

use greenroom_scheduler::decision::{CapacityChoice, Cause, Placement};
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, NodeId, RunId, RunnerId, SetId, TypeId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::policy::growth::Growth;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use greenroom_scheduler::verdict::Verdict;

/// A job's life.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Which job.
    pub job: JobId,
    /// Where it queued.
    pub set: SetId,
    /// Number of the text that says where it comes from.
    pub label: u32,
    /// The run it belongs to.
    pub run: Option<RunId>,
    /// When it became ready.
    pub ready: Time,
    /// The predecessor that ended last, if it waited for one.
    pub released_by: Option<u32>,
    /// Queue time in the record.
    pub recorded: Option<Span>,
    /// When the first step of its last attempt ran; none if it never did.
    pub started: Option<Time>,
    /// When it ended; none where the run was cut first.
    pub ended: Option<Time>,
    /// How it ended.
    pub result: Option<JobResult>,
    /// Attempts that started.
    pub attempts: u32,
    /// Queue time: the sum of its pieces.
    pub waited: Span,
    /// What it waited for, in order, without gaps but those in which an attempt ran.
    pub pieces: Vec<Piece>,
    /// Running time of its last attempt.
    pub ran: Span,
    /// Running time of its lost attempts.
    pub interrupted: Span,
    /// Why Karpenter took the node of the attempt that was lost last.
    pub lost_to: Option<Verdict>,
    /// What its runner asks for, and the largest instance type of its runner class with what that
    /// offers, where no type is large enough.
    pub misfit: Option<Misfit>,
    /// What its last attempt ran on; none on GitHub-hosted runners or if it never ran.
    pub host: Option<Host>,
}

/// A stretch of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Start.
    pub from: Time,
    /// End.
    pub until: Time,
    /// What for.
    pub cause: Cause,
}

impl Piece {
    /// How long.
    pub const fn span(&self) -> Span {
        self.until.since(self.from)
    }
}

/// A runner that fits on no machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What it asks for.
    pub request: Resources,
    /// The largest type that is allowed, and what it offers; none if none is allowed.
    pub largest: Option<(TypeId, Resources)>,
}

/// What an attempt ran on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Host {
    /// Runner.
    pub runner: RunnerId,
    /// Node, where its binding was told.
    pub node: Option<NodeId>,
    /// What EC2 gave for the node.
    pub machine: Option<(TypeId, CapacityType)>,
    /// Why the core put the runner there.
    pub placement: Option<Placement>,
    /// Why the core bought the node as it did.
    pub capacity: Option<CapacityChoice>,
    /// Why the core launched so many machines, under a policy that counts them.
    pub growth: Option<Growth>,
    /// Why Karpenter opened the node.
    pub opened: Option<Verdict>,
}

impl Default for Story {
    fn default() -> Self {
        Self {
            job: JobId { serial: 0, slot: 0 },
            set: SetId(0),
            label: 0,
            run: None,
            ready: Time::ZERO,
            released_by: None,
            recorded: None,
            started: None,
            ended: None,
            result: None,
            attempts: 0,
            waited: Span::ZERO,
            pieces: Vec::new(),
            ran: Span::ZERO,
            interrupted: Span::ZERO,
            lost_to: None,
            misfit: None,
            host: None,
        }
    }
}

impl Story {
    /// How long it waited for one cause.
    pub fn waited_for(&self, cause: Cause) -> Span {
        self.pieces
            .iter()
            .filter(|piece| piece.cause == cause)
            .fold(Span::ZERO, |sum, piece| sum + piece.span())
    }
}
