//! A round of provisioning: Solve, and what its findings become.

use super::super::Eks;
use super::{Karpenter, node_of};
use crate::ec2::Market;
use crate::engine::outbox::Outbox;
use crate::karpenter::bits::Bits;
use crate::karpenter::constants::SOLVE_TIMEOUT;
use crate::karpenter::disruption::nominated_until;
use crate::karpenter::provisioner::ClaimId;
use crate::karpenter::round::{Claim, PendingPod, Refusal, ReservedMode, Round, Solution};
use crate::karpenter::solve::solve;
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, NodeId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::{Span, Time};
use greenroom_scheduler::verdict::{self, Verdict};

/// What a Solve found, until it is used.
#[derive(Debug, Default)]
pub(super) struct Solved {
    claims: Vec<(FleetId, Claim)>,
    /// Nodes that pods were put on.
    promised: Vec<NodeId>,
    /// What came of it, by fleet; `opened` is not known before the claims are created.
    rounds: Vec<verdict::Round>,
}

/// Nanoseconds after which Solve stops.
const WORK_NS_MAX: u64 = SOLVE_TIMEOUT.as_ms() * 1_000_000;

impl Karpenter {
    /// Runs Solve on what there is now, and says how long the real one would take.
    ///
    /// While a claim has no instance, Karpenter's picture of the cluster counts as incomplete and
    /// the round is dropped: its pods ask again within ten seconds
    /// (core:pkg/controllers/state/cluster.go, Synced).
    pub(super) fn solve(&mut self, now: Time, market: &mut Market) -> Span {
        self.solved.claims.clear();
        self.solved.promised.clear();
        self.solved.rounds.clear();
        if self.unanswered > 0 {
            return Span::ZERO;
        }
        let lacking = self.provisioner.unavailable(now);
        let nothing = Bits::new();
        let mut took_ns = 0;
        for model in self.fleets.iter_mut().flatten() {
            if model.pending.is_empty() && model.crowded == 0 {
                continue;
            }
            model.reprice(market, now);
            let nodes = &mut self.round_nodes;
            nodes.clear();
            let roomy = model.roomy.iter().filter_map(|&slot| self.nodes[slot as usize].as_deref());
            nodes.extend(roomy.map(|node| {
                let since = model.disruption.policies()[node.pool].consolidate_after;
                let is_new = since.is_some_and(|after| node.is_under_consolidate_after(after, now));
                model.round_node(node, is_new)
            }));
            let mut all: Vec<PendingPod> = Vec::new();
            if model.crowded > 0 {
                all.extend_from_slice(&model.pending);
                let own = self.nodes.iter().flatten().filter(|node| node.fleet == model.id);
                all.extend(own.flat_map(|node| node.pods_to_move(&self.config, now)));
            }
            let round = Round {
                pods: if model.crowded > 0 { &all } else { &model.pending },
                nodes,
                without: &nothing,
                used: &model.used,
                unavailable: &model.lacking(lacking),
                reserved: ReservedMode::Strict,
                work_ns_max: WORK_NS_MAX.saturating_sub(took_ns),
            };
            let mut solution = solve(&model.universe, &round, &mut model.scratch);
            // Full nodes were left out; the real code tries them too, for each pod.
            let left_out = u64::from(model.nodes()).saturating_sub(nodes.len() as u64);
            solution.work.nodes += solution.work.pods * left_out;
            took_ns += solution.work.total_ns();
            let lacks = !round.unavailable.is_empty();
            self.solved.rounds.push(account(model.id, round.pods.len(), lacks, &solution));
            let promised = solution.placed.iter().map(|&(node, _)| nodes[node as usize].name);
            self.solved.promised.extend(promised.map(|name| node_of(ClaimId(name))));
            self.solved.claims.extend(solution.claims.into_iter().map(|claim| (model.id, claim)));
        }
        Span::from_ms(took_ns.div_ceil(1_000_000))
    }

    /// Promises nodes to the pods that were put there.
    fn promise(&mut self, now: Time, nodes: impl IntoIterator<Item = NodeId>) {
        let until = nominated_until(now, self.batch_max());
        for id in nodes {
            if let Some(node) = self.node_mut(id) {
                node.nominated_until = until;
            }
        }
    }

    const fn batch_max(&self) -> Span {
        Span::from_ms(self.config.batch_max_ms as u64)
    }
}

impl Eks {
    /// What Solve found is used: claims within the limits of their pools are created.
    pub(super) fn commit<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        let Some(karpenter) = &mut self.karpenter else { return };
        let promised = std::mem::take(&mut karpenter.solved.promised);
        karpenter.promise(now, promised.iter().copied());
        let mut claims = std::mem::take(&mut karpenter.solved.claims);
        claims.retain(|(fleet, claim)| {
            karpenter.fleets[fleet.index()].as_deref().is_some_and(|model| {
                let used = &model.used[claim.pool];
                !model.universe.exceeds_limits(claim.pool, &used.capacity, used.nodes)
            })
        });
        for round in &mut karpenter.solved.rounds {
            let own = claims.iter().filter(|(fleet, _)| *fleet == round.fleet);
            round.opened = own.count() as u32;
            out.fact(&Fact::Provisioned(*round));
        }
        let rounds = std::mem::take(&mut karpenter.solved.rounds);
        for (fleet, claim) in claims.drain(..) {
            let waiting = rounds.iter().find(|round| round.fleet == fleet).map_or(0, |r| r.waiting);
            let verdict = Verdict::Opened {
                runners: claim.pods.len() as u32,
                waiting,
                types: claim.types.len() as u32,
            };
            self.create_claim(now, fleet, claim, verdict, out);
        }
        if let Some(karpenter) = &mut self.karpenter {
            karpenter.solved = Solved { claims, promised, rounds };
            karpenter.solved.promised.clear();
        }
    }

    /// Nodes are promised to pods that move there.
    pub(super) fn promise_nodes(&mut self, now: Time, nodes: &[NodeId]) {
        if let Some(karpenter) = &mut self.karpenter {
            karpenter.promise(now, nodes.iter().copied());
        }
    }
}

/// What came of a fleet's part of a round.
fn account(fleet: FleetId, waiting: usize, lacks: bool, solution: &Solution) -> verdict::Round {
    let left = solution.unschedulable.len() + solution.unreached.len();
    let refusals = || solution.unschedulable.iter().flat_map(|(_, refusals)| refusals);
    let limited = |refusal: &Refusal| matches!(refusal, Refusal::NodeLimit | Refusal::Limits);
    // Limits are told as such only where they leave no type at all. Where they leave some, and EC2
    // lacks none, those are too small, so that the limits are the reason all the same.
    let cause = if lacks && !refusals().any(limited) {
        Cause::InsufficientCapacity
    } else {
        Cause::AllBusy
    };
    verdict::Round {
        fleet,
        waiting: waiting as u32,
        promised: solution.placed.len() as u32,
        opened: 0,
        left: left as u32,
        cause: (left > 0).then_some(cause),
    }
}
