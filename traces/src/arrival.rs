//! A job as the simulator meets it: small, `Copy`, with names replaced by numbers.

use greenroom_scheduler::id::RunId;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};

/// The number of a name in the [`Names`](crate::names::Names) of its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub u32);

impl Name {
    /// The empty text: the trace does not say.
    pub const NONE: Self = Self(0);
}

/// One logical job of a trace. Rows come ordered by `(enter, row)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// Place in the order of delivery, from 0, without holes: the serial of the job in the whole
    /// run. Predecessors have smaller ones.
    pub row: u32,
    /// When the row must be known: its own ready time, or for a job with predecessors the latest
    /// `enter` of those, since their simulated end may come earlier than the recorded one.
    pub enter: Time,
    /// When the job became ready to run in the record (after `needs` and approvals).
    pub ready: Time,
    /// When its first step ran in the record.
    pub recorded_start: Option<Time>,
    /// How long it runs. For a job that was cancelled while it queued: zero, see `patience`.
    pub duration: Span,
    /// Set for a job that was cancelled while it queued: how long after `ready` it gave up.
    pub patience: Option<Span>,
    /// Recorded time between the end of its last predecessor and `ready`; zero without any.
    pub gap: Span,
    /// The workflow run it belongs to. A job without one is its own run.
    pub run: Option<RunId>,
    /// How many rows its predecessors are; the trace holds which
    /// ([`Trace::predecessors`](crate::Trace)).
    pub predecessors: u16,
    /// Whether a later row names this one as predecessor.
    pub has_successors: bool,
    /// How it ended in the record.
    pub conclusion: Conclusion,
    /// Which GitHub it belongs to.
    pub forge: Forge,
    /// What set it off.
    pub trigger: Trigger,
    /// Its runner class: what becomes its pool.
    pub class: Name,
    /// The team that owns it.
    pub team: Name,
    /// The repository, as `owner/name`.
    pub repository: Name,
    /// The workflow's name or path.
    pub workflow: Name,
    /// The job's name.
    pub job: Name,
    /// Repository, workflow and branch as one: a newer run of the same group may supersede it. A
    /// number of its own, without a text in [`Names`](crate::names::Names); [`Name::NONE`] where
    /// the branch is unknown.
    pub group: Name,
    /// What it asks for, where the trace says.
    pub size: Option<Resources>,
}

/// How a job ended in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conclusion {
    /// It did its work.
    Success,
    /// It ran and failed (also: timed out, startup failure).
    Failure,
    /// Somebody or a newer run stopped it.
    Cancelled,
    /// The record does not say.
    Unknown,
}

/// Which GitHub a job belongs to. The two never share compute.
pub use greenroom_scheduler::model::Forge;

/// What set a run off, as far as policies treat it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// `push`
    Push,
    /// `pull_request`, `pull_request_target`
    PullRequest,
    /// `merge_group`
    MergeGroup,
    /// `schedule`
    Schedule,
    /// Any other event, or none recorded.
    Other,
}
