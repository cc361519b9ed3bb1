//! Nodes and pods as the machines of [`crate::karpenter`] look at them.

use super::claim_id;
use super::leave::protection;
use super::node::KarpenterNode;
use crate::karpenter::config::KarpenterConfig;
use crate::karpenter::disruption::{NodeView, PodView};
use crate::karpenter::round::PendingPod;
use greenroom_scheduler::time::{Span, Time};

/// A node as disruption sees it.
pub(super) fn node(config: &KarpenterConfig, node: &KarpenterNode, now: Time) -> NodeView {
    let protection = protection(config);
    // Pods of a node that drains were told to end, but for protected ones.
    let ending = |started| node.leaving.is_some() && now >= protection.until(started);
    let pods = node.pods.iter().map(|pod| PodView {
        uid: u64::from(pod.runner.serial),
        shape: pod.shape,
        created_s: None,
        started: pod.started,
        daemon: false,
        ending: ending(pod.started),
        protection,
        priority: 0,
        deletion_cost: 0,
    });
    NodeView {
        id: node.id,
        kind: node.kind,
        name: claim_id(node.id).0,
        pool: Some(node.pool),
        offering: node.offering,
        initialized_at: node.initialized_at,
        ready: node.initialized_at.is_some(),
        deleting: node.is_chosen,
        instance_ending: node.is_instance_ending,
        nominated_until: node.nominated_until,
        do_not_disrupt: false,
        hosts_buffer: false,
        last_pod_event: node.last_pod_event,
        pods: pods.collect(),
    }
}

impl KarpenterNode {
    /// Pods for which other room is needed, since the node was chosen to go and does not keep them
    /// until they end. Those of a node that drains already were told to end, and a controller
    /// makes others in their place.
    pub(super) fn pods_to_move(
        &self,
        config: &KarpenterConfig,
        now: Time,
    ) -> impl Iterator<Item = PendingPod> + use<'_> {
        let protection = protection(config);
        let moves = self.is_chosen && self.leaving.is_none();
        let pods =
            self.pods.iter().filter(move |pod| moves && now >= protection.until(pod.started));
        pods.map(|pod| PendingPod {
            shape: pod.shape,
            created_s: None,
            uid: u64::from(pod.runner.serial),
            is_candidate: false,
        })
    }

    /// Whether `consolidateAfter` has not run out since the last pod came or went.
    pub(super) fn is_under_consolidate_after(&self, after: Span, now: Time) -> bool {
        let since = self.last_pod_event.or(self.initialized_at);
        !after.is_zero() && since.is_some_and(|since| now < since + after)
    }
}
