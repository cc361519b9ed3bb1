//! What Kubernetes, Karpenter and EC2 do: nodes come and go, pods are bound.

use super::truth::{Node, World};
use greenroom_scheduler::event::{Event, Machine, NodeChange, NodeEnd, RunnerChange, RunnerEnd};
use greenroom_scheduler::id::{NodeId, RunnerId, ZoneId};
use greenroom_scheduler::model::{CapacityType, NodesBy};
use greenroom_scheduler::snapshot::Stopped;
use greenroom_scheduler::time::Time;

/// Karpenter's nodes have names that the core never gives.
const OF_KARPENTER: u32 = 1_000_000;

impl World {
    fn tell_node(&mut self, node: NodeId, change: NodeChange) {
        let fleet = self.nodes[&node].fleet;
        self.news.push_back(Event::NodeChanged { node, fleet, change });
    }

    /// The node comes a step further: launched, ready.
    pub(crate) fn advance_node(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        if node.stock.is_some() {
            if node.stock.replace(Stopped::Now) == Some(Stopped::Soon) {
                self.tell_node(id, NodeChange::Stopped);
            }
        } else if node.machine.is_none() {
            let machine = machine_for(&self.town.settings.types, *node);
            node.machine = Some(machine);
            self.tell_node(id, NodeChange::Launched(machine));
        } else if !node.ready {
            node.ready = true;
            self.tell_node(id, NodeChange::Ready);
        }
    }

    /// EC2 says that it takes the node back.
    pub(crate) fn notice(&mut self, id: NodeId, reclaim_at: Time) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        if node.machine.is_some() {
            node.reclaim_at.get_or_insert(reclaim_at);
            self.tell_node(id, NodeChange::Notice { reclaim_at });
        }
    }

    /// EC2 takes back what it said it would.
    pub(crate) fn reclaim(&mut self, now: Time) {
        let due = |node: &Node| node.reclaim_at.is_some_and(|at| at <= now);
        let due: Vec<NodeId> =
            self.nodes.iter().filter(|(_, node)| due(node)).map(|(id, _)| *id).collect();
        for node in due {
            self.drop_node(node, NodeEnd::Reclaimed);
        }
    }

    /// The node is gone, and everything on it.
    pub(crate) fn drop_node(&mut self, id: NodeId, end: NodeEnd) {
        let on_it = |(runner, known): (&RunnerId, &super::truth::Runner)| {
            (known.node == Some(id)).then_some(*runner)
        };
        let runners: Vec<RunnerId> = self.runners.iter().filter_map(on_it).collect();
        for runner in runners {
            self.drop_runner(runner, RunnerEnd::NodeLost);
        }
        self.tell_node(id, NodeChange::Gone(end));
        self.nodes.remove(&id);
        self.past_nodes.insert(id);
    }

    /// The pod of a runner is bound: to the node that it names, or to one of Karpenter's.
    pub(crate) fn bind(&mut self, id: RunnerId) {
        let Some(runner) = self.runners.get_mut(&id) else { return };
        let node = match runner.node {
            Some(node) => node,
            None if self.town.settings.nodes_by == NodesBy::Karpenter => {
                self.by_karpenter += 1;
                let serial = OF_KARPENTER + self.by_karpenter;
                NodeId { serial, slot: serial }
            }
            None => return,
        };
        runner.node = Some(node);
        runner.bound = true;
        self.news.push_back(Event::RunnerChanged { runner: id, change: RunnerChange::Bound(node) });
    }
}

fn machine_for(types: &[greenroom_scheduler::spec::InstanceType], node: Node) -> Machine {
    let known = &types[node.first_type.index()];
    let rate = match node.capacity {
        CapacityType::Spot => known.spot,
        CapacityType::OnDemand => known.on_demand,
    };
    Machine { instance_type: node.first_type, zone: ZoneId(0), capacity: node.capacity, rate }
}
