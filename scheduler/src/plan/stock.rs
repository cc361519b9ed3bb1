//! The stock of stopped nodes: given out to runners that wait, and filled again.

use crate::core::Core;
use crate::decision::Decision;
use crate::id::{FleetId, NodeId};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::spec::PolicySpec;
use crate::view::node::Purpose;

impl Core {
    /// Starts the node that was stopped last for runners that wait, if there is one and it is large
    /// enough.
    pub(super) fn start_one(&mut self, id: FleetId, request: Resources) -> bool {
        let view = &self.state.view;
        let Some(fleet) = view.fleet(id).filter(|fleet| fleet.waiting.pods > 0) else {
            return false;
        };
        let Some(node) = fleet.stopped.front().and_then(|slot| view.nodes.id_at(slot)) else {
            return false;
        };
        if !view.nodes.get(node).is_some_and(|node| request.fits(node.size)) {
            return false;
        }
        let (waiting, left) = (fleet.waiting.pods as u32, fleet.stock - 1);
        self.explain(Decision::Start { node, fleet: id, waiting, left });
        self.start_node(node);
        self.note_want(id);
        true
    }

    /// Stops what is prepared, and prepares as many nodes as the stock misses.
    pub(super) fn keep_stock(&mut self, id: FleetId, policy: PolicySpec) {
        let want = self.stopped_nodes(id, policy);
        if want == 0 && !self.forecast().is_some_and(|forecast| forecast.stopped) {
            return;
        }
        while let Some((node, have)) = self.next_prepared(id) {
            self.explain(Decision::Stop { node, have, want });
            self.stop_node(node);
        }
        let (request, _) = self.largest_request(id);
        self.claim_while(id, |core| {
            let fleet = core.state.view.fleet(id)?;
            let have = fleet.stock + fleet.preparing;
            if have >= want || fleet.pools.is_empty() {
                return None;
            }
            let tell = move |node: NodeId, instance_type, _, why| Decision::Prepare {
                node,
                fleet: id,
                have,
                want,
                instance_type,
                why,
            };
            Some((request, 1, Purpose::Stock, tell))
        });
        self.thin_stock(id, want);
    }

    /// Gives back stopped nodes that a level no longer wants, the one stopped last first.
    fn thin_stock(&mut self, id: FleetId, want: u32) {
        if !self.forecast().is_some_and(|forecast| forecast.stopped) {
            return;
        }
        let budget = self.state.settings.as_ref().and_then(|s| s.disruptions_max);
        while let Some(fleet) = self.state.view.fleet(id)
            && let have = fleet.stock + fleet.preparing
            && have > want
            && budget.is_none_or(|most| fleet.leaving < most)
            && let Some(node) = fleet.stopped.front().and_then(|s| self.state.view.nodes.id_at(s))
        {
            self.explain(Decision::Thin { node, have, want });
            self.delete_node(id, node);
        }
    }

    /// Whether a node that is given back is to go into the stock instead.
    pub(super) fn stock_wants(&self, id: FleetId, policy: PolicySpec) -> Option<(u32, u32)> {
        if !self.forecast()?.stopped {
            return None;
        }
        let fleet = self.state.view.fleet(id)?;
        let (have, want) = (fleet.stock + fleet.preparing, self.stopped_nodes(id, policy));
        (have < want).then_some((have + 1, want))
    }

    /// A node that is ready to be stopped, and how many the stock has with it.
    fn next_prepared(&self, id: FleetId) -> Option<(NodeId, u32)> {
        let view = &self.state.view;
        let fleet = view.fleet(id)?;
        let node = fleet.prepared.front().and_then(|slot| view.nodes.id_at(slot))?;
        Some((node, fleet.stock + fleet.preparing))
    }

    /// How the stock is bought: what is stopped cannot be a spot machine that EC2 may end.
    pub(super) fn stock_capacity(&self, id: FleetId) -> Option<CapacityType> {
        let fleet = self.state.view.fleet(id)?;
        let on_demand = fleet.spec.capacity.contains(&CapacityType::OnDemand);
        Some(if on_demand { CapacityType::OnDemand } else { *fleet.spec.capacity.first()? })
    }
}
