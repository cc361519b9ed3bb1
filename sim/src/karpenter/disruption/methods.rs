//! The three methods, in the order in which they are tried.

use super::balanced::{PoolTotals, approves, can_pass, totals};
use super::candidate::{Candidate, budgets_left, sort_by_savings};
use super::replace::{Look, Move, Simulated};
use crate::karpenter::budget::Reason;
use crate::karpenter::constants::{MULTI_NODE_MAX, MULTI_NODE_TIMEOUT, SINGLE_NODE_TIMEOUT};
use crate::karpenter::round::Claim;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::Span;
use std::collections::BTreeSet;

/// A way of disruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Every node without pods goes.
    Emptiness,
    /// Several nodes go, one comes at most.
    MultiNode,
    /// One node goes, one cheaper comes at most.
    SingleNode,
}

impl Method {
    /// In the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Emptiness, Self::MultiNode, Self::SingleNode];

    /// What budgets call it.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Emptiness => Reason::Empty,
            Self::MultiNode | Self::SingleNode => Reason::Underutilized,
        }
    }
}

/// What a method proposes: it waits to be validated.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    pub(super) method: Method,
    pub(super) nodes: Vec<NodeId>,
    pub(super) replacement: Option<Claim>,
    pub(super) onto: Vec<NodeId>,
}

/// What came of a method.
pub(super) enum Found {
    Proposal(Box<Proposal>),
    Nothing {
        /// It need not be tried again until something changes.
        may_rest: bool,
    },
}

impl Look<'_> {
    pub(super) fn run(&mut self, method: Method, unseen: &mut BTreeSet<usize>) -> Found {
        let candidates = self.suiting(method);
        if candidates.is_empty() {
            return Found::Nothing { may_rest: false };
        }
        let budgets = budgets_left(self.view, self.policies, method.reason(), self.now);
        match method {
            Method::Emptiness => self.emptiness(candidates, budgets),
            Method::MultiNode => self.multi_node(candidates, budgets),
            Method::SingleNode => self.single_node(candidates, &budgets, unseen),
        }
    }

    /// The nodes that a method may take, most saving for its disruption first.
    fn suiting(&self, method: Method) -> Vec<Candidate> {
        let suits = |candidate: &&Candidate| match method {
            Method::Emptiness => candidate.suits_emptiness(),
            Method::MultiNode | Method::SingleNode => candidate.suits_consolidation(self.policies),
        };
        let mut suiting: Vec<Candidate> = self.candidates.iter().filter(suits).cloned().collect();
        sort_by_savings(&mut suiting, self.view);
        suiting
    }

    fn emptiness(&self, candidates: Vec<Candidate>, mut budgets: Vec<u32>) -> Found {
        let taken = within(candidates, &mut budgets);
        if taken.is_empty() {
            // All are held back by budgets, which may allow more without any other change.
            return Found::Nothing { may_rest: false };
        }
        self.proposal(Method::Emptiness, &taken.iter().collect::<Vec<_>>(), None, Vec::new())
    }

    fn multi_node(&mut self, candidates: Vec<Candidate>, mut budgets: Vec<u32>) -> Found {
        let found = candidates.len();
        let taken = within(candidates, &mut budgets);
        let constrained = taken.len() < found;
        match self.longest_prefix(&taken) {
            Some((count, found)) => {
                let nodes: Vec<&Candidate> = taken[..count].iter().collect();
                self.proposal(Method::MultiNode, &nodes, found.replacement, found.onto)
            }
            None => Found::Nothing { may_rest: !constrained },
        }
    }

    /// The longest run of first candidates that can go together, found by halving, and how. The
    /// search takes for granted that what a longer run can do a shorter one can too.
    fn longest_prefix(&mut self, taken: &[Candidate]) -> Option<(usize, Move)> {
        if taken.len() < 2 {
            return None;
        }
        let totals = totals(self.universe, self.view, self.policies);
        let deadline = self.took + MULTI_NODE_TIMEOUT;
        let (mut low, mut high) = (1, MULTI_NODE_MAX.min(taken.len() - 1));
        let mut best = None;
        while low <= high {
            let middle = usize::midpoint(low, high);
            let candidates: Vec<&Candidate> = taken[..=middle].iter().collect();
            let (found, timed_out) =
                self.consolidate(&candidates, deadline.saturating_sub(self.took));
            if timed_out {
                return best;
            }
            let valid = found
                .and_then(|found| self.without_same_type(&candidates, found))
                .filter(|found| self.is_approved(&candidates, found, &totals));
            if let Some(found) = valid {
                best = Some((middle + 1, found));
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        best
    }

    fn single_node(
        &mut self,
        candidates: Vec<Candidate>,
        budgets: &[u32],
        unseen: &mut BTreeSet<usize>,
    ) -> Found {
        let totals = totals(self.universe, self.view, self.policies);
        let deadline = self.took + SINGLE_NODE_TIMEOUT;
        let mut still_unseen: BTreeSet<usize> = candidates.iter().map(|c| c.pool).collect();
        let mut constrained = false;
        for candidate in interleaved(candidates, unseen) {
            if self.took > deadline {
                *unseen = still_unseen;
                return Found::Nothing { may_rest: false };
            }
            still_unseen.remove(&candidate.pool);
            if budgets[candidate.pool] == 0 {
                constrained = true;
                continue;
            }
            if !can_pass(&candidate, self.policies, &totals) {
                continue;
            }
            let candidates = [&candidate];
            let (found, _) = self.consolidate(&candidates, Span::MAX);
            if let Some(found) = found.filter(|f| self.is_approved(&candidates, f, &totals)) {
                return self.proposal(
                    Method::SingleNode,
                    &candidates,
                    found.replacement,
                    found.onto,
                );
            }
        }
        *unseen = still_unseen;
        Found::Nothing { may_rest: !constrained }
    }

    fn is_approved(&self, candidates: &[&Candidate], found: &Move, totals: &[PoolTotals]) -> bool {
        let source: f64 = candidates.iter().map(|c| c.price.as_usd_per_hour()).sum();
        approves(candidates, source - found.replacement_usd_per_hour, self.policies, totals)
    }

    fn proposal(
        &self,
        method: Method,
        candidates: &[&Candidate],
        replacement: Option<Claim>,
        onto: Vec<NodeId>,
    ) -> Found {
        let nodes = candidates.iter().map(|c| self.view.nodes[c.place].id).collect();
        Found::Proposal(Box::new(Proposal { method, nodes, replacement, onto }))
    }

    /// Whether a proposal still holds (core:…/disruption/validation.go). Of empty nodes those that
    /// still are may go; of others all must still be candidates within their budgets, and Solve
    /// must still say the same.
    pub(super) fn validate(&mut self, mut proposal: Box<Proposal>) -> Option<Box<Proposal>> {
        let mut candidates = self.suiting(proposal.method);
        candidates.retain(|c| proposal.nodes.contains(&self.view.nodes[c.place].id));
        let found = candidates.len();
        let mut budgets =
            budgets_left(self.view, self.policies, proposal.method.reason(), self.now);
        let taken = within(candidates, &mut budgets);
        if proposal.method == Method::Emptiness {
            proposal.nodes = taken.iter().map(|c| self.view.nodes[c.place].id).collect();
            return (!taken.is_empty()).then_some(proposal);
        }
        if found != proposal.nodes.len() || taken.len() != found {
            return None;
        }
        let taken: Vec<&Candidate> = taken.iter().collect();
        let Simulated::Placed { claims, .. } = self.simulate(&taken, Span::MAX) else {
            return None;
        };
        let same = match (&proposal.replacement, claims.as_slice()) {
            (None, []) => true,
            (Some(wanted), [claim]) => wanted.types.iter().all(|t| claim.types.contains(t)),
            _ => false,
        };
        same.then_some(proposal)
    }
}

/// The candidates whose pools let them go, in their order.
fn within(candidates: Vec<Candidate>, budgets: &mut [u32]) -> Vec<Candidate> {
    let mut taken = candidates;
    taken.retain(|candidate| {
        let left = &mut budgets[candidate.pool];
        let may_go = *left > 0;
        *left = left.saturating_sub(1);
        may_go
    });
    taken
}

/// One of each pool in turn; pools that were not reached the last time come first, then by number
/// (the real order among pools is that of a map).
fn interleaved(candidates: Vec<Candidate>, unseen: &BTreeSet<usize>) -> Vec<Candidate> {
    let mut rank: Vec<(usize, bool, usize, Candidate)> = Vec::with_capacity(candidates.len());
    let mut counts: Vec<usize> = Vec::new();
    for candidate in candidates {
        let pool = candidate.pool;
        if counts.len() <= pool {
            counts.resize(pool + 1, 0);
        }
        rank.push((counts[pool], !unseen.contains(&pool), pool, candidate));
        counts[pool] += 1;
    }
    rank.sort_by_key(|(turn, seen, pool, _)| (*turn, *seen, *pool));
    rank.into_iter().map(|(_, _, _, candidate)| candidate).collect()
}
