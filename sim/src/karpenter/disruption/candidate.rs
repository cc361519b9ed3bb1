//! Nodes that may be disrupted (core:…/disruption/types.go, helpers.go).

use super::view::{NodeView, PoolCount, PoolPolicy, View};
use crate::karpenter::budget::{Reason, allowed};
use crate::karpenter::config::Consolidation;
use crate::karpenter::constants::NODE_DISRUPTION_COST;
use crate::karpenter::universe::Universe;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::Time;

/// A node that may be disrupted.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Its place in the view.
    pub(super) place: usize,
    pub(super) pool: usize,
    /// The type's place in the catalogue.
    pub(super) instance_type: u32,
    pub(super) price: Rate,
    /// 1 for the node and what each of its pods costs.
    pub(super) cost: f64,
    /// Whether `consolidateAfter` has run out.
    consolidatable: bool,
    hosts_buffer: bool,
}

impl Candidate {
    /// Every node that may be disrupted now: ready, not promised, not protected by itself or by a
    /// pod. Pod disruption budgets are not modelled.
    pub(super) fn all(
        universe: &Universe,
        view: &View<'_>,
        policies: &[PoolPolicy],
        now: Time,
    ) -> Vec<Self> {
        let places = view.nodes.iter().enumerate();
        places.filter_map(|(place, node)| Self::new(universe, node, place, policies, now)).collect()
    }

    fn new(
        universe: &Universe,
        node: &NodeView,
        place: usize,
        policies: &[PoolPolicy],
        now: Time,
    ) -> Option<Self> {
        let pool = node.pool?;
        let initialized = node.initialized_at.is_some();
        if !initialized || node.deleting || node.do_not_disrupt || now < node.nominated_until {
            return None;
        }
        let policy = policies.get(pool)?;
        let mut cost = NODE_DISRUPTION_COST;
        for pod in &node.pods {
            if pod.is_protected(now) {
                return None;
            }
            if pod.is_reschedulable() {
                cost += pod.eviction_cost().max(0.0);
            }
        }
        let offering = &universe.offerings()[node.offering as usize];
        Some(Self {
            place,
            pool,
            instance_type: offering.of,
            price: offering.price,
            cost,
            consolidatable: policy
                .consolidate_after
                .is_some_and(|after| !node.is_under_consolidate_after(after, now)),
            hosts_buffer: node.hosts_buffer,
        })
    }

    /// No pod costs anything: also when all cost less than nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.cost <= NODE_DISRUPTION_COST
    }

    /// Whether Emptiness may take it.
    pub(super) fn suits_emptiness(&self) -> bool {
        self.is_empty() && self.consolidatable && !self.hosts_buffer
    }

    /// Whether consolidation may take it.
    pub(super) fn suits_consolidation(&self, policies: &[PoolPolicy]) -> bool {
        let policy = policies[self.pool].consolidation;
        !self.is_empty() && self.consolidatable && policy != Consolidation::WhenEmpty
    }

    /// What it costs an hour for each unit of disruption.
    fn savings_ratio(&self) -> f64 {
        self.price.as_usd_per_hour() / self.cost
    }
}

/// Most saving for its disruption first. The real sort leaves ties in the order of a map; here the
/// lower id comes first.
pub(super) fn sort_by_savings(candidates: &mut [Candidate], view: &View<'_>) {
    candidates.sort_by(|a, b| {
        let ids = (view.nodes[a.place].id, view.nodes[b.place].id);
        b.savings_ratio().total_cmp(&a.savings_ratio()).then(ids.0.cmp(&ids.1))
    });
}

/// Of each pool how many more nodes may go for this reason.
pub(super) fn budgets_left(
    view: &View<'_>,
    policies: &[PoolPolicy],
    reason: Reason,
    now: Time,
) -> Vec<u32> {
    let mut counts = view.left_out.to_vec();
    counts.resize(policies.len(), PoolCount::default());
    for node in view.nodes {
        let Some(pool) = node.pool.filter(|&pool| pool < policies.len()) else { continue };
        if node.initialized_at.is_none() || node.instance_ending {
            continue;
        }
        counts[pool].nodes += 1;
        counts[pool].going += u32::from(!node.ready || node.deleting);
    }
    policies
        .iter()
        .zip(counts)
        .map(|(policy, PoolCount { nodes, going })| {
            allowed(&policy.budgets, reason, nodes, now).saturating_sub(going)
        })
        .collect()
}
