//! `reactive`: a runner for each assigned job, on the most recently used node that has room; an
//! empty node is kept for as long as a new one takes to boot, the break-even of renting and
//! buying (ski rental; Lu and Chen 2013 prove it 2-competitive without look-ahead).

use crate::decision::Scaling;
use crate::policy::Demand;
use crate::view::set::Set;

/// Jobs without a runner, plus the runners that are known to have one. Counting this way, rather
/// than `assigned` alone, keeps a runner that ended before its end was reported from being
/// replaced.
pub(super) fn demand(set: &Set) -> Demand {
    let assigned = set.waiting() + set.busy;
    Demand { runners: assigned, why: Scaling::Assigned { assigned: set.counts.assigned } }
}
