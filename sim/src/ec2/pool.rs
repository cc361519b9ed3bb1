//! A pool of capacity: one instance type in one zone, bought one way.

use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;

/// One instance type in one zone, bought one way: what EC2 has or lacks as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pool {
    /// The instance type.
    pub instance_type: TypeId,
    /// The zone.
    pub zone: ZoneId,
    /// Spot or on-demand.
    pub capacity: CapacityType,
}
