//! Claims: which nodes to launch for runners that find no place.

use crate::command::Action;
use crate::core::Core;
use crate::decision::{CapacityChoice, Decision};
use crate::id::{FleetId, NodeId, TypeId, ZoneId};
use crate::intent::Subject;
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::spec::PolicySpec;
use crate::view::load::Load;
use crate::view::node::Purpose;
use crate::wakes::Wake;
use alloc::boxed::Box;

/// Most nodes that one plan claims for one fleet. More would only meet EC2's request limits; the
/// rest is claimed by the plans that follow, since the runners still wait.
const CLAIMS_PER_PLAN_MAX: u32 = 1_000;

impl Core {
    /// Launches nodes until those on their way hold everyone who waits; with look-ahead, also those
    /// that are foreseen.
    pub(super) fn claim_for_waiting(&mut self, id: FleetId, policy: PolicySpec) {
        if policy.looks_ahead() {
            let hot = self.hot_nodes(id, policy);
            return self.claim_ahead(id, hot, policy);
        }
        let waits = self.state.view.fleet(id).is_some_and(|fleet| !fleet.queue.is_empty());
        if waits && policy.claims_for_waiting() {
            self.claim_until_enough(id, None);
        }
    }

    /// Launches nodes until those on their way hold the waiting runners, or, with `warm`, until
    /// all nodes together hold so many runners of each of its pools.
    pub(super) fn claim_until_enough(&mut self, id: FleetId, warm: Option<u32>) {
        self.claim_while(id, |core| {
            let (request, missing, coming) = core.missing_places(id, warm)?;
            let waiting = core.state.view.fleet(id).map_or(0, |fleet| fleet.waiting.pods as u32);
            let tell = move |node, instance_type, places, why| Decision::Claim {
                node,
                fleet: id,
                waiting,
                coming,
                places,
                instance_type,
                why,
            };
            let purpose = if warm.is_some() { Purpose::Level } else { Purpose::Queue };
            (missing > 0).then_some((request, missing, purpose, tell))
        });
    }

    /// Claims nodes, for as long as `next` names what the next is for: what one of its runners asks
    /// for, how many of them miss a place, why, and how it is explained.
    pub(super) fn claim_while<T>(
        &mut self,
        id: FleetId,
        mut next: impl FnMut(&mut Self) -> Option<(Resources, u32, Purpose, T)>,
    ) where
        T: FnOnce(NodeId, TypeId, u32, CapacityChoice) -> Decision,
    {
        for _ in 0..CLAIMS_PER_PLAN_MAX {
            let Some((request, missing, purpose, tell)) = next(self) else { return };
            if !self.may_claim(id) {
                return;
            }
            let (capacity, why) = match purpose {
                Purpose::Stock => {
                    let Some(capacity) = self.stock_capacity(id) else { return };
                    (capacity, CapacityChoice::Only(capacity))
                }
                Purpose::Queue | Purpose::Level => self.choose_capacity(id, request),
            };
            let room_for =
                if purpose == Purpose::Queue { missing + self.headroom(id) } else { missing };
            let Some(shape) = self.shape(id, request, room_for, capacity) else { return };
            let (size, pods_max, places) = (shape.size, shape.pods_max, shape.places.min(missing));
            let (mut types, mut zones) = (shape.types.clone(), Box::default());
            if capacity == CapacityType::Spot
                && let Some(pools) = self.spot_pools(id, request, room_for)
            {
                (types, zones) = (pools.types, pools.zones);
            }
            let asked = zones.iter().fold(0, |bits, zone: &ZoneId| bits | 1 << zone.0.min(31));
            let instance_type = types[0];
            let node = self.state.view.node_names.give();
            let action = Action::ClaimNode { node, fleet: id, types, zones, capacity };
            let command = Subject::ClaimNode(node).id();
            self.explain(tell(node, instance_type, places, why));
            if !self.send(command, action) {
                self.state.view.node_names.take_back(node);
                return;
            }
            self.node_asked(node, id, capacity, (size, request), pods_max, purpose);
            if purpose == Purpose::Queue {
                self.note_want(id);
            }
            if let Some(node) = self.state.view.nodes.get_mut(node).filter(|_| asked != 0) {
                node.zones_asked = asked;
            }
            self.await_outcome(command);
        }
        // The bound was met: go on at the next wake-up, which is now.
        self.state.wakes.set(self.state.now, Wake::Fleet(id));
    }

    /// Room that a new node may have beside those who wait.
    pub(super) fn headroom(&self, id: FleetId) -> u32 {
        let packing = self.state.settings.as_ref().and_then(|settings| settings.packing);
        let permille = packing.map_or(0, |packing| packing.headroom_permille);
        let running = self.state.view.fleet(id).map_or(0, |fleet| fleet.pods);
        (u64::from(running) * u64::from(permille) / 1_000) as u32
    }

    /// What the runners ask for that miss a place, how many miss one, and how many have one: on
    /// nodes that are coming, or with `warm` on any.
    fn missing_places(&self, id: FleetId, warm: Option<u32>) -> Option<(Resources, u32, u32)> {
        let fleet = self.state.view.fleet(id)?;
        let Some(places) = warm else {
            let request = self.request_of(*fleet.queue.front()?);
            let missing = fleet.waiting.pods_above(fleet.coming, request);
            return Some((request, missing, fleet.waiting.pods as u32 - missing));
        };
        let (largest, each) = self.largest_request(id);
        let wanted = each.times(places);
        let missing = wanted.pods_above(fleet.offered, largest);
        Some((largest, missing, wanted.pods as u32 - missing))
    }

    /// What the largest runner of a fleet's pools asks for, and one of each pool together.
    pub(super) fn largest_request(&self, id: FleetId) -> (Resources, Load) {
        let mut wanted = Load::default();
        let mut largest = Resources::default();
        let pools = self.state.view.fleet(id).map_or(&[][..], |fleet| &fleet.pools);
        for pool in pools.iter().filter_map(|pool| self.state.view.pool(*pool)) {
            let request = pool.spec.request;
            wanted.add(Load::of(request, 1));
            let size = |r: Resources| (r.gpu, r.cpu_milli, r.memory_mib);
            largest = if size(request) > size(largest) { request } else { largest };
        }
        (largest, wanted)
    }

    /// Whether something was refused a short while ago.
    pub(super) fn is_paused(&self, id: FleetId) -> bool {
        let retry = self.state.view.fleet(id).and_then(|fleet| fleet.retry);
        retry.is_some_and(|retry| self.state.now < retry.at)
    }

    /// Whether the fleet has as many nodes as it may; those that are stopped do not count.
    pub(super) fn is_at_most(&self, id: FleetId) -> bool {
        let Some(fleet) = self.state.view.fleet(id) else { return true };
        fleet.spec.nodes_max.is_some_and(|max| fleet.nodes - fleet.stock >= max)
    }

    /// Whether the fleet may have one more node, now.
    pub(super) fn may_claim(&self, id: FleetId) -> bool {
        !self.is_paused(id) && !self.is_at_most(id)
    }
}
