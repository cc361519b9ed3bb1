//! Names of things. Every id is small, ordered and `Copy`.

use core::fmt;
use serde::{Deserialize, Serialize};

macro_rules! dense {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in a dense table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

dense!(
    /// A team, numbered in order of first sight.
    TeamId
);
dense!(
    /// A pool: one runner class, numbered in order of first sight.
    PoolId
);
dense!(
    /// A runner set: one team's runners of one pool at one GitHub instance. The protocol calls it
    /// a scale set.
    SetId
);
dense!(
    /// A fleet: the nodes that may carry each other's runners. Never shared by two GitHub
    /// instances, nor by an isolated team with anyone.
    FleetId
);
dense!(
    /// A workflow run.
    RunId
);
dense!(
    /// An instance type in the catalogue of the run.
    TypeId
);
dense!(
    /// An availability zone.
    ZoneId
);

macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        ///
        /// `serial` is unique in a run and never used again; `slot` is the place in a dense table
        /// and is used again once the thing is gone. Who keeps tables by slot compares serials.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $name {
            /// Unique in a run, in order of appearance.
            pub serial: u32,
            /// Place in a dense table.
            pub slot: u32,
        }

        impl $name {
            /// The place in a dense table.
            pub const fn index(self) -> usize {
                self.slot as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.serial)
            }
        }
    };
}

keyed!(
    /// A logical job; its serial is its place in the trace. Attempts are counted apart.
    JobId,
    "j"
);
keyed!(
    /// A runner: registers, runs one job, vanishes. Named by the core, so that a repeated create
    /// meets the same name.
    RunnerId,
    "r"
);
keyed!(
    /// A node. Named by whoever claims it: the core, or Karpenter.
    NodeId,
    "n"
);

/// Of a command: the same intent always has the same id, so a repeated one is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(pub u64);

/// Of a leader: a command of an older generation changes nothing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u32);
