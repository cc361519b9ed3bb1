//! Names of commands, and commands that nobody answered yet.

use crate::id::{CommandId, NodeId, RunnerId};
use crate::time::Time;
use alloc::collections::VecDeque;
use serde::{Deserialize, Serialize};

/// How often an unanswered command is sent again before its intent is given up.
pub const RETRIES_MAX: u8 = 3;

/// What a command is about, as its id says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Create the runner with this serial in this slot.
    CreateRunner(RunnerId),
    /// Remove it.
    RemoveRunner(RunnerId),
    /// Claim the node.
    ClaimNode(NodeId),
    /// Delete it; each new wish to delete it is a new intent.
    DeleteNode {
        /// Which.
        node: NodeId,
        /// The how manieth wish.
        wish: u32,
    },
    /// Run the job with this serial again.
    RerunJob {
        /// Serial of the job.
        serial: u32,
        /// The how manieth time.
        time: u32,
    },
    /// Start the node; each new wish is a new intent.
    StartNode {
        /// Which.
        node: NodeId,
        /// The how manieth wish.
        wish: u32,
    },
    /// Stop the node; each new wish is a new intent.
    StopNode {
        /// Which.
        node: NodeId,
        /// The how manieth wish.
        wish: u32,
    },
    /// Anything whose outcome changes nothing that the core remembers.
    Other(u32),
}

/// A [`CommandId`] holds, from the top: kind (3 bits), count (5 bits), slot (24 bits), serial (32
/// bits). 16 million runners at once are ten times the largest fleet known; a count beyond 31
/// wraps, by which time the first intent of that name is long over.
const KIND_SHIFT: u32 = 61;
const COUNT_SHIFT: u32 = 56;
const COUNT_MASK: u64 = 31;
const SLOT_SHIFT: u32 = 32;
const SLOT_MASK: u64 = (1 << 24) - 1;

impl Subject {
    /// The id of the command: the same subject always has the same one.
    pub fn id(self) -> CommandId {
        let pack = |kind: u64, count: u32, slot: u32, serial: u32| {
            CommandId(
                kind << KIND_SHIFT
                    | (u64::from(count) & COUNT_MASK) << COUNT_SHIFT
                    | (u64::from(slot) & SLOT_MASK) << SLOT_SHIFT
                    | u64::from(serial),
            )
        };
        match self {
            Self::CreateRunner(id) => pack(0, 0, id.slot, id.serial),
            Self::RemoveRunner(id) => pack(1, 0, id.slot, id.serial),
            Self::ClaimNode(id) => pack(2, 0, id.slot, id.serial),
            Self::DeleteNode { node, wish } => pack(3, wish, node.slot, node.serial),
            Self::RerunJob { serial, time } => pack(4, time, 0, serial),
            Self::StartNode { node, wish } => pack(6, wish, node.slot, node.serial),
            Self::StopNode { node, wish } => pack(7, wish, node.slot, node.serial),
            Self::Other(number) => pack(5, 0, 0, number),
        }
    }

    /// The how manieth wish a count is, as ids hold it.
    pub const fn wish(count: u32) -> u32 {
        count & COUNT_MASK as u32
    }

    /// What the command with this id is about.
    pub fn of(id: CommandId) -> Self {
        let serial = id.0 as u32;
        let slot = (id.0 >> SLOT_SHIFT & SLOT_MASK) as u32;
        let count = (id.0 >> COUNT_SHIFT & COUNT_MASK) as u32;
        match id.0 >> KIND_SHIFT {
            0 => Self::CreateRunner(RunnerId { serial, slot }),
            1 => Self::RemoveRunner(RunnerId { serial, slot }),
            2 => Self::ClaimNode(NodeId { serial, slot }),
            3 => Self::DeleteNode { node: NodeId { serial, slot }, wish: count },
            4 => Self::RerunJob { serial, time: count },
            6 => Self::StartNode { node: NodeId { serial, slot }, wish: count },
            7 => Self::StopNode { node: NodeId { serial, slot }, wish: count },
            _ => Self::Other(serial),
        }
    }
}

/// A command that nobody answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// When it is sent again, or given up.
    pub due_at: Time,
    /// What it is about.
    pub id: CommandId,
    /// How often it was sent again.
    pub retries: u8,
}

/// Unanswered commands in the order in which they are due: all wait equally long, so a queue
/// keeps them sorted. Answered ones are dropped when they come to the front.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intents {
    /// Oldest first.
    pub queue: VecDeque<Intent>,
    /// Numbers given to commands whose outcome changes nothing.
    pub others: u32,
    /// Whether a wake-up for the oldest is set.
    pub wake_set: bool,
}

impl Intents {
    /// Whether a command was sent more than once. A walk over the queue, for the rare answers that
    /// depend on it.
    pub fn was_repeated(&self, id: CommandId) -> bool {
        self.queue.iter().any(|intent| intent.id == id && intent.retries > 0)
    }
}
