//! `fixed`: a number of always-on runners in each pool.
//!
//! The nodes for them are claimed at the start and never given back. A set that has the pool for
//! itself keeps all runners registered. Sets that share a pool cannot share a registered runner
//! (it belongs to one set), so there a runner is created for each assigned job, on the nodes that
//! are always there. Where Karpenter claims the nodes, nodes without runners are its business: there
//! only the sets of the first kind have runners that are always on.

use crate::decision::Scaling;
use crate::policy::Demand;
use crate::view::set::Set;

pub(super) fn demand(runners: u32, set: &Set, alone: bool) -> Demand {
    let wanted = if alone { runners } else { set.waiting() + set.busy };
    Demand { runners: wanted.min(runners), why: Scaling::Fixed { runners } }
}
