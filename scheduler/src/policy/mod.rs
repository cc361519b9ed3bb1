//! What differs between policies: how many runners a set should have, whether nodes are claimed
//! for those that wait, how many places are kept warm, and when empty nodes are given back.
//! Quota, isolation, pending intents, expiry and the checker are common to all.

pub mod arc;
pub mod fixed;
pub mod greenroom;
pub mod oracle;
pub mod reactive;

use crate::decision::Scaling;
use crate::spec::PolicySpec;
use crate::view::set::Set;

/// How many runners a set should have, and the rule that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Runners, those with a job included.
    pub runners: u32,
    /// The rule and its numbers.
    pub why: Scaling,
}

impl PolicySpec {
    /// The name that people type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::Arc { .. } => "arc",
            Self::Reactive => "reactive",
            Self::Greenroom { .. } => "greenroom",
            Self::Oracle => "oracle",
        }
    }

    /// How many runners this set should have. `alone`: no other set shares its pool
    /// or its nodes.
    pub fn demand(self, set: &Set, alone: bool) -> Demand {
        match self {
            Self::Fixed { runners } => fixed::demand(runners, set, alone),
            Self::Arc { min_runners, max_runners } => arc::demand(min_runners, max_runners, set),
            // Where places are is the timetable's; who needs one is not.
            Self::Reactive | Self::Oracle | Self::Greenroom { .. } => reactive::demand(set),
        }
    }

    /// Whether a node is claimed when a runner finds no place.
    pub const fn claims_for_waiting(self) -> bool {
        matches!(self, Self::Reactive | Self::Greenroom { .. })
    }

    /// Whether it acts on jobs that are foreseen.
    pub const fn looks_ahead(self) -> bool {
        matches!(self, Self::Greenroom { .. })
    }

    /// Empty nodes that each fleet keeps ready.
    pub const fn hot_nodes(self) -> u32 {
        match self {
            Self::Greenroom { hot, .. } => hot,
            Self::Fixed { .. } | Self::Arc { .. } | Self::Reactive | Self::Oracle => 0,
        }
    }

    /// Stopped nodes that each fleet keeps.
    pub const fn stopped_nodes(self) -> u32 {
        match self {
            Self::Greenroom { stopped, .. } => stopped,
            Self::Fixed { .. } | Self::Arc { .. } | Self::Reactive | Self::Oracle => 0,
        }
    }

    /// Whether it asks for runners also where no machine can hold them: ARC does not look.
    pub const fn creates_misfits(self) -> bool {
        matches!(self, Self::Arc { .. })
    }

    /// Places for runners of one pool that a fleet always has.
    pub const fn warm_places(self) -> u32 {
        match self {
            Self::Fixed { runners } => runners,
            Self::Arc { .. } | Self::Reactive | Self::Oracle | Self::Greenroom { .. } => 0,
        }
    }

    /// Whether it keeps runners or nodes also when there is nothing to do, for ever.
    pub const fn keeps_capacity(self) -> bool {
        match self {
            Self::Fixed { .. } => true,
            Self::Arc { min_runners, .. } => min_runners > 0,
            Self::Reactive | Self::Oracle => false,
            Self::Greenroom { hot, stopped } => hot > 0 || stopped > 0,
        }
    }

    /// Whether empty nodes are given back after the fleet's keep-alive.
    pub const fn releases_empty_nodes(self) -> bool {
        matches!(self, Self::Reactive | Self::Greenroom { .. })
    }

    /// Most runners of a pool that the policy itself allows.
    pub const fn pool_max(self) -> u32 {
        match self {
            Self::Fixed { runners } => runners,
            Self::Arc { .. } | Self::Reactive | Self::Oracle | Self::Greenroom { .. } => u32::MAX,
        }
    }

    /// Most jobs that GitHub may assign to a set.
    pub const fn set_max(self) -> u32 {
        match self {
            Self::Arc { max_runners, .. } => max_runners,
            Self::Fixed { .. } | Self::Reactive | Self::Oracle | Self::Greenroom { .. } => u32::MAX,
        }
    }

    /// Whether runners that lost their job are removed by the common rule (after a grace).
    pub const fn removes_surplus(self) -> bool {
        matches!(self, Self::Reactive | Self::Oracle | Self::Fixed { .. } | Self::Greenroom { .. })
    }
}
