//! Disruption in the world: a loop for each fleet that looks when there may be something to see.

use super::super::Eks;
use super::super::timer::{ForKube, Own, Timer};
use super::fleet::Model;
use super::node::KarpenterNode;
use super::{Karpenter, claim_id, views};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::karpenter::config::Consolidation;
use crate::karpenter::disruption::{Method, NodeView, Output, PoolCount, View};
use crate::kube::Step;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, NodeId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::Time;
use greenroom_scheduler::verdict::Verdict;

impl Karpenter {
    /// Whether nothing but empty nodes can ever go for the sake of cost.
    fn only_empty_nodes_go(&self) -> bool {
        let always = self.config.do_not_disrupt && self.config.do_not_disrupt_s.is_none();
        always || self.config.consolidation == Consolidation::WhenEmpty
    }

    /// When the loop of a fleet looks next; never while there is nothing that it could find.
    fn disrupts_at(&mut self, now: Time, fleet: FleetId) -> Option<Time> {
        if self.config.consolidation == Consolidation::Off {
            return None;
        }
        let only_empty = self.only_empty_nodes_go();
        let model = self.fleets.get_mut(fleet.index())?.as_deref_mut()?;
        let may_find = if only_empty { !model.empty.is_empty() } else { model.nodes() > 0 };
        if model.disruption.is_idle() {
            if !may_find {
                return None;
            }
            model.disruption.skip_to(now);
        }
        Some(model.disruption.next_at())
    }

    /// What disruption is shown of a fleet: all of it, or where only empty nodes can go those.
    fn views(&self, now: Time, model: &Model) -> (Vec<NodeView>, Vec<PoolCount>) {
        if !self.only_empty_nodes_go() {
            let own = self.nodes.iter().flatten().filter(|n| n.is_launched && n.fleet == model.id);
            return (own.map(|node| views::node(&self.config, node, now)).collect(), Vec::new());
        }
        let mut left_out = model.counts.clone();
        let empty = model.empty.iter().filter_map(|&slot| self.nodes[slot as usize].as_deref());
        let shown = empty.map(|node| {
            left_out[node.pool].nodes -= u32::from(node.is_counted);
            views::node(&self.config, node, now)
        });
        (shown.collect(), left_out)
    }
}

impl Model {
    /// Brings what budgets count up to date with a node.
    pub(super) fn recount(&mut self, node: &mut KarpenterNode) {
        let there = node.initialized_at.is_some() && !node.is_instance_ending;
        let going = there && node.is_chosen;
        let count = &mut self.counts[node.pool];
        count.nodes -= u32::from(std::mem::replace(&mut node.is_counted, there));
        count.nodes += u32::from(there);
        count.going -= u32::from(std::mem::replace(&mut node.is_counted_going, going));
        count.going += u32::from(going);
    }

    /// A claim is gone: no list and no count knows it any more.
    pub(super) fn forget(&mut self, node: &mut KarpenterNode) {
        if node.is_active() {
            self.discount(node);
        }
        self.crowded -= u32::from(std::mem::take(&mut node.is_crowded));
        node.is_chosen = true;
        node.is_instance_ending = true;
        self.relist(node);
        self.recount(node);
    }
}

impl Eks {
    /// Sets or cancels the timer of a fleet's loop.
    pub(super) fn arm_disruption(&mut self, now: Time, fleet: FleetId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        let next = karpenter.disrupts_at(now, fleet);
        let Some(model) = karpenter.fleets.get_mut(fleet.index()).and_then(Option::as_deref_mut)
        else {
            return;
        };
        if std::mem::replace(&mut model.disrupt_at, next) == next {
            return;
        }
        match next {
            Some(at) => self.timers.set(at.max(now), Timer::Own(Own::Disrupt, fleet.0)),
            None => self.timers.cancel(Timer::Own(Own::Disrupt, fleet.0)),
        }
    }

    pub(in super::super) fn disrupt<S: Sink>(
        &mut self,
        now: Time,
        fleet: u32,
        out: &mut Outbox<'_, S>,
    ) {
        let fleet = FleetId(fleet);
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some(mut model) = karpenter.fleets[fleet.index()].take() else { return };
        model.disrupt_at = None;
        let mut wants = Vec::new();
        if model.disruption.rests(now) {
            model.disruption.skip_to(now + crate::karpenter::constants::DISRUPTION_POLL);
        } else {
            model.reprice(self.account.market(), now);
            let (nodes, left_out) = karpenter.views(now, &model);
            let unavailable = model.lacking(karpenter.provisioner.unavailable(now));
            let Model { disruption, universe, scratch, pending, .. } = &mut *model;
            let view =
                View { nodes: &nodes, left_out: &left_out, pending, unavailable: &unavailable };
            disruption.step(now, universe, &view, scratch, &mut wants);
        }
        karpenter.fleets[fleet.index()] = Some(model);
        for want in wants {
            self.carry_disruption_out(now, fleet, want, out);
        }
        self.heed_karpenter(now, out);
        self.arm_disruption(now, fleet);
    }

    fn carry_disruption_out<S: Sink>(
        &mut self,
        now: Time,
        fleet: FleetId,
        want: Output,
        out: &mut Outbox<'_, S>,
    ) {
        match want {
            Output::Start { command, method, nodes, replacement, onto } => {
                let count = nodes.len() as u32;
                let verdict = match method {
                    Method::Emptiness => Verdict::Empty,
                    Method::MultiNode | Method::SingleNode => {
                        Verdict::Underutilized { nodes: count, replaced: replacement.is_some() }
                    }
                };
                for id in nodes {
                    out.fact(&Fact::NodeJudged { node: id, verdict });
                    let timers = &mut ForKube(&mut self.timers);
                    self.kube.cordon(&mut Step { now, timers, out: &mut self.kube_says }, id);
                    if let Some(karpenter) = &mut self.karpenter {
                        karpenter.choose(now, id);
                    }
                }
                self.promise_nodes(now, &onto);
                let Some(claim) = replacement else { return };
                let verdict = Verdict::Replaces { nodes: count };
                let replacement = self.create_claim(now, fleet, *claim, verdict, out);
                if let Some(id) = replacement
                    && let Some(karpenter) = &mut self.karpenter
                    && let Some(model) = karpenter.fleets[fleet.index()].as_deref_mut()
                {
                    model.disruption.replaced_by(command, claim_id(id));
                }
            }
            Output::Delete { nodes, .. } => {
                for id in nodes {
                    self.node_leaves(now, id);
                }
            }
            Output::RollBack { nodes, .. } => {
                for id in nodes {
                    self.spare_node(now, id, out);
                }
            }
        }
    }

    /// A node that was to go stays, unless something else has it go.
    fn spare_node<S: Sink>(&mut self, now: Time, id: NodeId, out: &mut Outbox<'_, S>) {
        let Some(karpenter) = &mut self.karpenter else { return };
        if karpenter.node_mut(id).is_none_or(|known| known.leaving.is_some()) {
            return;
        }
        karpenter.spare(now, id);
        out.fact(&Fact::NodeJudged { node: id, verdict: Verdict::Spared });
        let timers = &mut ForKube(&mut self.timers);
        self.kube.uncordon(&mut Step { now, timers, out: &mut self.kube_says }, id);
    }

    /// A claim's node has joined.
    pub(in super::super) fn karpenter_registered<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        out: &mut Outbox<'_, S>,
    ) {
        use crate::karpenter::lifecycle::ClaimInput;
        use crate::karpenter::provisioner::Input;
        self.tell_karpenter(now, Input::Claim(claim_id(id), ClaimInput::Registered), out);
    }

    /// A claim's node is ready for pods.
    pub(in super::super) fn karpenter_ready<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        out: &mut Outbox<'_, S>,
    ) {
        use crate::karpenter::lifecycle::ClaimInput;
        use crate::karpenter::provisioner::Input;
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some((model, known)) = karpenter.with_fleet(id) else { return };
        let fleet = known.fleet;
        known.initialized_at = Some(now);
        model.relist(known);
        model.recount(known);
        model.disruption.changed(now);
        model.disruption.claim_initialized(now, claim_id(id));
        self.tell_karpenter(now, Input::Claim(claim_id(id), ClaimInput::Initialized), out);
        self.arm_disruption(now, fleet);
    }
}
