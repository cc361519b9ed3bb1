//! What an onlooker can see.

use super::cluster::Cluster;
use super::config::Config;
use super::image::ImageId;
use super::node::Standing;
use super::pod::Phase;
use greenroom_scheduler::id::{NodeId, RunnerId};
use greenroom_scheduler::resources::Resources;

/// What a node holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// What pods and daemons request on it.
    pub used: Resources,
    /// Pods and daemons on it.
    pub pods: u32,
    /// Pods that were promised room on it, which placeholders are still leaving.
    pub promised: u32,
    /// Whether kube-scheduler may put pods on it.
    pub open: bool,
}

impl Cluster {
    /// The configuration that it runs by.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// How far a pod has come; `None` when it is over or was never created.
    pub fn phase(&self, runner: RunnerId) -> Option<Phase> {
        self.pod_slot(runner).map(|slot| self.pods[slot as usize].phase)
    }

    /// The node that a pod is on, once it is bound.
    pub fn node_of(&self, runner: RunnerId) -> Option<NodeId> {
        let pod = &self.pods[self.pod_slot(runner)? as usize];
        pod.bound.then(|| self.nodes[pod.node as usize].id(pod.node))
    }

    /// The pods on a node, bound or being bound, in order of assignment, and whether each was told
    /// to exit.
    pub fn pods_on(&self, node: NodeId) -> impl Iterator<Item = (RunnerId, bool)> {
        let first = self.node_slot(node).and_then(|slot| self.nodes[slot as usize].pods.first());
        std::iter::successors(first, |&slot| self.pods[slot as usize].next_on_node()).map(|slot| {
            let pod = &self.pods[slot as usize];
            (pod.id(slot), pod.phase == Phase::Exiting)
        })
    }

    /// What a node holds; `None` when it is not registered.
    pub fn node(&self, node: NodeId) -> Option<NodeView> {
        let node = &self.nodes[self.node_slot(node)? as usize];
        let Standing { used, pods, .. } = node.standing;
        let pods = pods - node.promised;
        Some(NodeView { used, pods, promised: node.promised, open: node.open() })
    }

    /// Whether an image is complete on a node.
    pub fn has_image(&self, node: NodeId, image: ImageId) -> bool {
        self.image(image).baked
            || self
                .node_slot(node)
                .is_some_and(|slot| self.nodes[slot as usize].cache.contains(image))
    }
}
