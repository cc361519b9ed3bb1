//! A runner as the core sees it.

use crate::id::{JobId, NodeId, RunnerId, SetId};
use crate::slab::Slab;
use crate::time::Time;
use crate::view::list::{Link, Links};
use serde::{Deserialize, Serialize};

/// A runner that exists or was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runner {
    /// Whose.
    pub set: SetId,
    /// Where its pod is pinned or bound.
    pub node: Option<NodeId>,
    /// The job it holds.
    pub job: Option<JobId>,
    /// How far its request has come.
    pub phase: Phase,
    /// Whether anything was ever seen of it: an answer, an event, a place in a listing.
    pub seen: bool,
    /// When it was asked for: its place is paid from then on.
    pub since: Time,
    /// When its job was said to have started, until its length is counted.
    pub working_since: Option<Time>,
    /// Place among the runners without a job of its set.
    pub link: Link,
}

/// How far the request for a runner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Asked for; no answer yet.
    Asked,
    /// It exists.
    There,
    /// Its removal was asked for.
    Leaving,
}

impl Runner {
    /// It took a job. If it was to be removed, that is void: a busy one stays.
    pub const fn take(&mut self) {
        self.seen = true;
        self.phase = Phase::There;
    }

    /// It exists.
    pub fn confirm(&mut self) {
        self.seen = true;
        if self.phase == Phase::Asked {
            self.phase = Phase::There;
        }
    }
}

impl Links for Slab<RunnerId, Runner> {
    fn link(&mut self, slot: u32) -> &mut Link {
        &mut self.at_mut(slot).expect("members of a list exist").link
    }
}
