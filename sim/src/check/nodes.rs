//! A node carries no more than it can, only whom its fleet may carry, and is not deleted by choice
//! under a runner.

use super::Broken;
use super::quota::{Quota, grown};
use super::table::Table;
use greenroom_scheduler::event::NodeEnd;
use greenroom_scheduler::id::{FleetId, NodeId, SetId, TeamId, TypeId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::Fleet;

#[derive(Debug)]
struct Node {
    fleet: FleetId,
    room: Resources,
    runners: u32,
    /// The isolated team that is on it.
    isolated: Option<TeamId>,
    /// Runners on it of teams that are not isolated.
    others: u32,
}

/// What a fleet may carry.
#[derive(Clone, Copy, Debug, Default)]
struct Carries {
    forge: Forge,
    team: Option<TeamId>,
}

#[derive(Debug)]
pub(super) struct Nodes {
    live: Table<Node>,
    types: Vec<Resources>,
    fleets: Vec<Carries>,
}

impl Default for Nodes {
    fn default() -> Self {
        Self { live: Table::new("node"), types: Vec::new(), fleets: Vec::new() }
    }
}

impl Nodes {
    pub(super) fn type_known(&mut self, id: TypeId, allocatable: Resources) {
        *grown(&mut self.types, id.index()) = allocatable;
    }

    pub(super) fn fleet_known(&mut self, id: FleetId, fleet: &Fleet) {
        *grown(&mut self.fleets, id.index()) = Carries { forge: fleet.forge, team: fleet.team };
    }

    #[inline]
    pub(super) fn launched(
        &mut self,
        id: NodeId,
        fleet: FleetId,
        of_type: TypeId,
    ) -> Result<(), Broken> {
        let room = self.types.get(of_type.index()).copied().unwrap_or_default();
        let node = Node { fleet, room, runners: 0, isolated: None, others: 0 };
        self.live.begin(id.serial, id.slot, node)
    }

    #[inline]
    pub(super) fn takes(&mut self, id: NodeId, set: SetId, quota: &Quota) -> Result<(), Broken> {
        let node = self.live.get(id.serial, id.slot)?;
        let Some(set) = quota.set(set) else { return Err(Broken::NotAlive("set", set.0)) };
        let carries = self.fleets.get(node.fleet.index()).copied().unwrap_or_default();
        let isolated = quota.is_isolated(set.team);
        let alone = match node.isolated {
            Some(team) => team == set.team,
            None => !isolated || node.others == 0,
        };
        if isolated {
            node.isolated = Some(set.team);
        } else {
            node.others += 1;
        }
        node.runners += 1;
        let fits = set.request.fits(node.room);
        node.room = node.room.minus(set.request);
        if carries.forge != set.forge || carries.team.is_some_and(|team| team != set.team) || !alone
        {
            return Err(Broken::IsolationBroken(id));
        }
        if fits { Ok(()) } else { Err(Broken::NodeOverfull(id)) }
    }

    #[inline]
    pub(super) fn loses(&mut self, id: NodeId, set: SetId, quota: &Quota) {
        // A node may go before its runners do: those are lost with it.
        let Ok(node) = self.live.get(id.serial, id.slot) else { return };
        let Some(set) = quota.set(set) else { return };
        node.runners -= 1;
        node.room = node.room.plus(set.request);
        if !quota.is_isolated(set.team) {
            node.others -= 1;
        }
        if node.runners == 0 {
            node.isolated = None;
        }
    }

    #[inline]
    pub(super) fn gone(&mut self, id: NodeId, end: NodeEnd) -> Result<(), Broken> {
        let node = match (self.live.end(id.serial, id.slot), end) {
            // A claim that EC2 refused ends without ever having been a machine.
            (Err(_), NodeEnd::NeverReady) => return Ok(()),
            (node, _) => node?,
        };
        if end == NodeEnd::Deleted && node.runners > 0 {
            return Err(Broken::BusyNodeDeleted(id));
        }
        Ok(())
    }

    pub(super) const fn open(&self) -> u64 {
        self.live.len()
    }
}
