//! Where the entries contradict each other.

use greenroom_scheduler::id::{JobId, NodeId};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::Time;
use std::fmt;

/// Most breaches that are told in full: one is a fault, and a thousand are the same fault.
const TOLD_MAX: usize = 16;

/// One contradiction. Each is a fault of the program that wrote the entries, or of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// The world's charge for a node is not the ledger's.
    Node {
        /// Which.
        node: NodeId,
        /// What the world charges.
        world: Money,
        /// What the ledger makes of its launch, prices and end.
        ledger: Money,
    },
    /// The world's charge for a job on a GitHub-hosted runner is not the ledger's.
    Hosted {
        /// Which.
        job: JobId,
        /// What the world charges.
        world: Money,
        /// What the ledger makes of its started minutes.
        ledger: Money,
    },
    /// A node ended and the world never charged for it.
    NotCharged {
        /// Which.
        node: NodeId,
        /// What the ledger makes of it.
        ledger: Money,
    },
    /// An entry speaks of something that no entry before it announced.
    Stray {
        /// What the entry says.
        entry: &'static str,
        /// Of what.
        of: String,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usd = |money: Money| format!("{:.6} USD", money.as_usd());
        match self {
            Self::Node { node, world, ledger } => {
                write!(f, "{node}: the world charges {}, the ledger {}", usd(*world), usd(*ledger))
            }
            Self::Hosted { job, world, ledger } => write!(
                f,
                "{job} on a GitHub-hosted runner: the world charges {}, the ledger {}",
                usd(*world),
                usd(*ledger)
            ),
            Self::NotCharged { node, ledger } => {
                write!(f, "{node}: the world never charged for it, the ledger {}", usd(*ledger))
            }
            Self::Stray { entry, of } => {
                write!(f, "`{entry}` speaks of {of}, which no entry before it announced")
            }
        }
    }
}

/// The first breaches, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaches {
    /// The first 16, each with its time, in order.
    pub told: Vec<(Time, Breach)>,
    /// How many there are in all.
    pub count: u64,
}

impl Breaches {
    #[cold]
    pub(crate) fn tell(&mut self, at: Time, breach: Breach) {
        self.count += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push((at, breach));
        }
    }

    /// Whether the entries agree with each other.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }
}
