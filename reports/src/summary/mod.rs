//! The figures of a run: the fold behind `summary.json`.
//!
//! The fold stands on the path that every simulated job takes. It keeps dense tables by slot and
//! by runner set, allots nothing per job, and makes floats only at the end.

mod chain;
mod figures;
mod fold;
pub mod foresight;
mod model;
mod sample;

pub use fold::{Fold, Options};
pub use model::{
    Bound, Cost, Distribution, Group, Jobs, NodeSeconds, Nodes, Quantiles, StartShare, Summary,
};
pub(crate) use sample::Sample;

use crate::ledger::IdleRule;
use greenroom_scheduler::model::NodesBy;
use serde::{Deserialize, Serialize};

/// What a run was: the part of a summary that entries do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Seed of everything random.
    pub seed: u64,
    /// Policy that decided.
    pub policy: String,
    /// World that it was decided for.
    pub world: String,
    /// Who claimed nodes.
    pub nodes_by: NodesBy,
    /// What was run: the names of trace files or of a preset.
    pub trace: String,
    /// Who pays for idle capacity.
    pub idle_rule: IdleRule,
}
