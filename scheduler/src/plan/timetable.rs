//! The timetable: places come and go when it says.

use crate::core::Core;
use crate::decision::Decision;
use crate::id::FleetId;
use crate::spec::PolicySpec;
use crate::wakes::Wake;

impl Core {
    /// Launches and gives back nodes until the fleet has the places of its timetable. Of empty nodes
    /// the longest empty goes first; a node with a runner stays.
    pub(super) fn follow_timetable(&mut self, id: FleetId, policy: PolicySpec) {
        if policy != PolicySpec::Oracle {
            return;
        }
        let now = self.state.now;
        let (places, changes_at) = self.state.timetables.places(id, now);
        if let Some(at) = changes_at {
            self.state.wakes.set(at, Wake::Fleet(id));
        }
        // Before its first set nobody knows how large the places are to be.
        if self.state.view.fleet(id).is_none_or(|fleet| fleet.pools.is_empty()) {
            return;
        }
        if places > 0 {
            self.claim_until_enough(id, Some(places));
        }
        while let Some(fleet) = self.state.view.fleet(id) {
            let Some(node) = fleet.empty.back().and_then(|s| self.state.view.nodes.id_at(s)) else {
                return;
            };
            let Some(known) = self.state.view.nodes.get(node) else { return };
            // Nodes that leave still count as offering, each as much as this one.
            let each = known.offered().pods;
            let staying = fleet.offered.pods.saturating_sub(u64::from(fleet.leaving) * each);
            let pools = fleet.pools.len() as u64;
            if staying.saturating_sub(each) < u64::from(places) * pools {
                return;
            }
            let idle = now.since(known.since);
            self.explain(Decision::GiveBack { node, idle, places });
            self.delete_node(id, node);
        }
    }
}
