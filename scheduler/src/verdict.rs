//! What Karpenter decided about nodes, and why. It decides in the world: the core never sees it,
//! reports do.

use crate::command::Refusal;
use crate::decision::Cause;
use crate::id::FleetId;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// Why a node was opened, or is to go, or was not had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A round of provisioning opened it.
    Opened {
        /// Runners that the round put on it.
        runners: u32,
        /// Runners that waited when the round began.
        waiting: u32,
        /// Instance types that it may become.
        types: u32,
    },
    /// It is to do the work of nodes that go.
    Replaces {
        /// How many.
        nodes: u32,
    },
    /// It was not launched, and the claim is deleted.
    NotLaunched {
        /// What EC2 said.
        why: Refusal,
    },
    /// Its machine did not join in time.
    NeverJoined,
    /// It goes: nothing is on it.
    Empty,
    /// It goes: its runners have room elsewhere.
    Underutilized {
        /// Nodes that go together, this one included.
        nodes: u32,
        /// Whether a cheaper one comes instead.
        replaced: bool,
    },
    /// It goes: it has reached the age at which nodes are replaced.
    Expired {
        /// That age.
        age: Span,
    },
    /// It goes: EC2 takes its machine back.
    Interrupted,
    /// It was to go, and stays: what was to replace it did not come.
    Spared,
}

/// What came of a round of provisioning, in one fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Whose nodes.
    pub fleet: FleetId,
    /// Runners that waited for room when it began.
    pub waiting: u32,
    /// Of those, runners promised to nodes that were there or on their way.
    pub promised: u32,
    /// Nodes that it opened.
    pub opened: u32,
    /// Runners that it found no room for.
    pub left: u32,
    /// What they wait for.
    pub cause: Option<Cause>,
}
