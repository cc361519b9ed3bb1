//! The policy Balanced: a move must save its share (core:…/disruption/balanced.go).

use super::candidate::Candidate;
use super::view::{PoolPolicy, View};
use crate::karpenter::config::Consolidation;
use crate::karpenter::constants::{BALANCED_SCORE_MIN, NODE_DISRUPTION_COST};
use crate::karpenter::universe::Universe;

/// What a whole pool costs in money and in disruption.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PoolTotals {
    usd_per_hour: f64,
    disruption: f64,
}

/// The totals of every pool, all of its nodes counted.
pub(super) fn totals(
    universe: &Universe,
    view: &View<'_>,
    policies: &[PoolPolicy],
) -> Vec<PoolTotals> {
    let mut totals = vec![PoolTotals::default(); policies.len()];
    for node in view.nodes {
        let Some(total) = node.pool.and_then(|pool| totals.get_mut(pool)) else { continue };
        total.usd_per_hour += universe.offerings()[node.offering as usize].price.as_usd_per_hour();
        let pods = node.pods.iter().filter(|pod| !pod.daemon && !pod.ending);
        total.disruption +=
            NODE_DISRUPTION_COST + pods.map(|pod| pod.eviction_cost().max(0.0)).sum::<f64>();
    }
    totals
}

/// Whether every pool with the policy Balanced accepts a move that saves so much in all. What it
/// saves is split among pools by what their nodes cost.
pub(super) fn approves(
    candidates: &[&Candidate],
    savings_usd_per_hour: f64,
    policies: &[PoolPolicy],
    totals: &[PoolTotals],
) -> bool {
    let source: f64 = candidates.iter().map(|c| c.price.as_usd_per_hour()).sum();
    let mut pools: Vec<usize> = candidates.iter().map(|c| c.pool).collect();
    pools.sort_unstable();
    pools.dedup();
    pools.iter().filter(|&&pool| is_balanced(policies, pool)).all(|&pool| {
        let own = || candidates.iter().filter(|c| c.pool == pool);
        let price: f64 = own().map(|c| c.price.as_usd_per_hour()).sum();
        let share = if source > 0.0 && pools.len() > 1 { price / source } else { 1.0 };
        let disruption: f64 = own().map(|c| c.cost).sum();
        score(savings_usd_per_hour * share, disruption, &totals[pool]) >= BALANCED_SCORE_MIN
    })
}

/// Whether deleting the node without a replacement would be accepted: if not, nothing is.
pub(super) fn can_pass(
    candidate: &Candidate,
    policies: &[PoolPolicy],
    totals: &[PoolTotals],
) -> bool {
    let total = &totals[candidate.pool];
    !is_balanced(policies, candidate.pool)
        || total.usd_per_hour <= 0.0
        || score(candidate.price.as_usd_per_hour(), candidate.cost, total) >= BALANCED_SCORE_MIN
}

fn is_balanced(policies: &[PoolPolicy], pool: usize) -> bool {
    policies[pool].consolidation == Consolidation::Balanced
}

/// Saving to disruption, each as a share of the pool's.
fn score(savings_usd_per_hour: f64, disruption: f64, total: &PoolTotals) -> f64 {
    if total.usd_per_hour <= 0.0 || total.disruption <= 0.0 || savings_usd_per_hour <= 0.0 {
        return 0.0;
    }
    (savings_usd_per_hour / total.usd_per_hour) / (disruption / total.disruption)
}
