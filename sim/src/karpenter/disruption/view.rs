//! What disruption sees of nodes and pods. The world keeps it up to date.

use crate::karpenter::amounts::Amounts;
use crate::karpenter::bits::Bits;
use crate::karpenter::budget::Budget;
use crate::karpenter::config::{Consolidation, KarpenterConfig};
use crate::karpenter::constants::{
    BATCH_MAX, DELETION_COST_UNIT, EVICTION_COST_MAX, NOMINATION_MIN, POD_EVENT_DEDUPE,
    PRIORITY_UNIT,
};
use crate::karpenter::round::{PendingPod, RoundNode};
use crate::karpenter::universe::{NodeKindId, ShapeId, Universe};
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::{Span, Time};

/// The annotation `karpenter.sh/do-not-disrupt` of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// It is not there.
    #[default]
    None,
    /// It says `"true"`.
    Always,
    /// It says a duration, counted from the pod's start.
    For(Span),
}

impl Protection {
    /// Until when the pod is protected; [`Time::MAX`] for ever. A pod that has not started is.
    pub fn until(self, started: Option<Time>) -> Time {
        match (self, started) {
            (Self::None, _) => Time::ZERO,
            (Self::Always, _) | (Self::For(_), None) => Time::MAX,
            (Self::For(span), Some(started)) => started + span,
        }
    }
}

/// A pod that is bound to a node and has not ended.
#[derive(Clone, Debug)]
pub struct PodView {
    /// Orders pods created in the same second.
    pub uid: u64,
    /// What it asks for.
    pub shape: ShapeId,
    /// When it was created, in whole seconds.
    pub created_s: Option<i64>,
    /// When it started.
    pub started: Option<Time>,
    /// Whether it belongs to a DaemonSet.
    pub daemon: bool,
    /// Whether it has been told to end.
    pub ending: bool,
    /// Whether it may be evicted.
    pub protection: Protection,
    /// Its priority.
    pub priority: i32,
    /// The annotation `controller.kubernetes.io/pod-deletion-cost`; 0 when it is not there.
    pub deletion_cost: i32,
}

impl PodView {
    /// Whether disruption would move it: it runs, and is no daemon.
    pub const fn is_reschedulable(&self) -> bool {
        !self.daemon && !self.ending
    }

    /// Whether it keeps its node from being disrupted.
    pub fn is_protected(&self, now: Time) -> bool {
        !self.ending && now < self.protection.until(self.started)
    }

    /// What evicting it costs (core:pkg/utils/disruption/disruption.go, EvictionCost): 1 for a
    /// plain pod.
    pub fn eviction_cost(&self) -> f64 {
        let cost = 1.0
            + f64::from(self.deletion_cost) / DELETION_COST_UNIT
            + f64::from(self.priority) / PRIORITY_UNIT;
        cost.clamp(-EVICTION_COST_MAX, EVICTION_COST_MAX)
    }

    fn as_pending(&self, is_candidate: bool) -> PendingPod {
        PendingPod { shape: self.shape, created_s: self.created_s, uid: self.uid, is_candidate }
    }
}

/// A node, or a claim with an instance.
#[derive(Clone, Debug)]
pub struct NodeView {
    /// Its name in the world.
    pub id: NodeId,
    /// What is the same for all of its kind.
    pub kind: NodeKindId,
    /// Orders nodes, as the text of a name does.
    pub name: u64,
    /// The pool it belongs to; nothing for nodes that are not Karpenter's.
    pub pool: Option<usize>,
    /// What it was launched as: a place in the universe's offerings.
    pub offering: u32,
    /// When it became ready for pods.
    pub initialized_at: Option<Time>,
    /// Whether the kubelet says that it is ready.
    pub ready: bool,
    /// Whether it is being deleted, or was chosen to be.
    pub deleting: bool,
    /// Whether its instance has been told to end.
    pub instance_ending: bool,
    /// Until when pods are promised to it.
    pub nominated_until: Time,
    /// Whether the node says `karpenter.sh/do-not-disrupt: "true"`.
    pub do_not_disrupt: bool,
    /// Whether virtual pods of a buffer were placed on it in the last round.
    pub hosts_buffer: bool,
    /// When a pod last came or went, as far as written down: see [`pod_event`].
    pub last_pod_event: Option<Time>,
    /// Its pods.
    pub pods: Vec<PodView>,
}

impl NodeView {
    /// Whether `consolidateAfter` has not run out since the last pod came or went, or since the
    /// node became ready.
    pub fn is_under_consolidate_after(&self, after: Span, now: Time) -> bool {
        let Some(initialized_at) = self.initialized_at else { return false };
        let since = self.last_pod_event.unwrap_or(initialized_at);
        !after.is_zero() && now < since + after
    }

    /// The node as Solve takes it.
    pub fn as_round_node(
        &self,
        universe: &Universe,
        policies: &[PoolPolicy],
        now: Time,
    ) -> RoundNode {
        let (mut used, mut used_by_daemons) = (Amounts::ZERO, Amounts::ZERO);
        let mut ports = Vec::new();
        for pod in &self.pods {
            let requests = universe.shape_requests(pod.shape);
            used = used.plus(requests);
            if pod.daemon {
                used_by_daemons = used_by_daemons.plus(requests);
            }
            ports.extend_from_slice(universe.shape_ports(pod.shape));
        }
        let after = self.pool.and_then(|pool| policies.get(pool)?.consolidate_after);
        RoundNode {
            kind: self.kind,
            name: self.name,
            initialized: self.pool.is_none() || self.initialized_at.is_some(),
            used,
            used_by_daemons,
            ports,
            under_consolidate_after: after
                .is_some_and(|after| self.is_under_consolidate_after(after, now)),
        }
    }

    /// Pods for which other room is needed once this node goes: not those that are protected, which
    /// stay until they end.
    pub fn pods_to_move(&self, now: Time, is_candidate: bool) -> impl Iterator<Item = PendingPod> {
        self.pods
            .iter()
            .filter(move |pod| pod.is_reschedulable() && !pod.is_protected(now))
            .map(move |pod| pod.as_pending(is_candidate))
    }
}

/// A pool's rules of disruption.
#[derive(Clone, Debug)]
pub struct PoolPolicy {
    /// When its nodes go again.
    pub consolidation: Consolidation,
    /// How long a node must be quiet; nothing: consolidation is off.
    pub consolidate_after: Option<Span>,
    /// How many may go at once.
    pub budgets: Vec<Budget>,
}

impl From<&KarpenterConfig> for PoolPolicy {
    fn from(config: &KarpenterConfig) -> Self {
        let is_on = config.consolidation != Consolidation::Off;
        Self {
            consolidation: config.consolidation,
            consolidate_after: is_on
                .then(|| Span::from_secs(u64::from(config.consolidate_after_s))),
            budgets: config.budgets.clone(),
        }
    }
}

/// Nodes of a pool, as budgets count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolCount {
    /// Those that were ready for pods once and whose instance has not been told to end.
    pub nodes: u32,
    /// Those of them that are being deleted, were chosen to be, or are not ready.
    pub going: u32,
}

/// What disruption looks at.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    /// Every node, those being deleted too. Where only empty nodes can be disrupted, others may be
    /// left out.
    pub nodes: &'v [NodeView],
    /// What budgets count of the nodes that are left out, by pool; may be shorter.
    pub left_out: &'v [PoolCount],
    /// Pods that wait for room, virtual ones of buffers too.
    pub pending: &'v [PendingPod],
    /// Offerings that ran out of capacity lately.
    pub unavailable: &'v Bits,
}

/// What is written down as the last pod event when a pod is bound, ends or is told to end: events
/// within ten seconds of the last are not.
pub fn pod_event(last: Option<Time>, now: Time) -> Option<Time> {
    match last {
        Some(last) if now < last + POD_EVENT_DEDUPE => Some(last),
        _ => Some(now),
    }
}

/// Until when a node is promised to pods that Solve put there.
pub fn nominated_until(now: Time, batch_max: Span) -> Time {
    now + (batch_max + batch_max).max(NOMINATION_MIN)
}

/// The same with the default batching window.
pub fn nominated_until_by_default(now: Time) -> Time {
    nominated_until(now, BATCH_MAX)
}
