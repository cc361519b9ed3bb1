//! Pods as Karpenter sees them: waiting for room, or on its nodes.

use super::super::Eks;
use super::Karpenter;
use super::fleet::{Model, Wish};
use super::node::{KarpenterNode, NOWHERE, Passenger};
use crate::engine::outbox::Outbox;
use crate::karpenter::batch::Trigger;
use crate::karpenter::disruption::pod_event;
use crate::karpenter::provisioner::Input;
use crate::karpenter::round::PendingPod;
use crate::kube::Constraint;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::Time;
use std::collections::BTreeSet;

impl Eks {
    /// kube-scheduler wrote on a pod that no node can take it.
    pub(in super::super) fn pod_waits<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        out: &mut Outbox<'_, S>,
    ) {
        let Some((fleet, wish)) = self.wish_of(id) else { return };
        let Some(karpenter) = &mut self.karpenter else { return };
        if fleet.index() >= karpenter.fleets.len() {
            karpenter.fleets.resize_with(fleet.index() + 1, || None);
        }
        let (plan, market) = (&self.plan, self.account.market());
        let config = &karpenter.config;
        let model = karpenter.fleets[fleet.index()].get_or_insert_with(|| {
            let spec = self.fleets[fleet.index()].clone();
            Box::new(Model::new(plan, config, fleet, spec, market, now))
        });
        let before = model.shapes_count();
        let shape = model.shape(plan, wish);
        let is_new = model.shapes_count() > before;
        let pod = PendingPod {
            shape,
            created_s: Some((now.as_ms() / 1_000) as i64),
            uid: u64::from(id.serial),
            is_candidate: false,
        };
        if id.index() >= karpenter.pending_at.len() {
            karpenter.pending_at.resize(id.index() + 1, NOWHERE);
        }
        karpenter.pending_at[id.index()] = model.pending.len() as u32;
        model.pending.push(pod);
        model.pending_slots.push(id.slot);
        if is_new {
            karpenter.relist_all(fleet);
        }
        self.tell_karpenter(now, Input::Pending(Trigger::Pod(u64::from(id.serial))), out);
    }

    /// The fleet of a runner, and what its pod asks for.
    fn wish_of(&self, id: RunnerId) -> Option<(FleetId, Wish)> {
        let runner = self.runners.get(id.index())?.as_ref().filter(|runner| runner.id == id)?;
        let set = &self.sets[runner.set.index()];
        let capacity = match runner.wish {
            Constraint::Fleet { capacity, .. } => capacity,
            Constraint::Node(_) => None,
        };
        Some((set.spec.fleet, (set.request, capacity)))
    }

    /// A pod is on a node.
    pub(in super::super) fn pod_boards<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        node: NodeId,
        out: &mut Outbox<'_, S>,
    ) {
        self.pod_settles(now, id, out);
        let Some((_, wish)) = self.wish_of(id) else { return };
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some((model, known)) = karpenter.with_fleet(node) else { return };
        let before = model.shapes_count();
        let shape = model.shape(&self.plan, wish);
        let is_new = model.shapes_count() > before;
        known.pods.push(Passenger { runner: id, shape, started: None });
        known.used = known.used.plus(wish.0);
        known.last_pod_event = pod_event(known.last_pod_event, now);
        model.relist(known);
        model.disruption.changed(now);
        let fleet = known.fleet;
        if is_new {
            karpenter.relist_all(fleet);
        }
        self.arm_disruption(now, fleet);
    }

    /// A pod runs; protection for a time counts from now.
    pub(in super::super) fn pod_runs(&mut self, now: Time, id: RunnerId, node: NodeId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        if karpenter.config.do_not_disrupt_s.is_none() {
            return;
        }
        let Some(known) = karpenter.node_mut(node) else { return };
        if let Some(pod) = known.pods.iter_mut().find(|pod| pod.runner == id) {
            pod.started = Some(now);
        }
    }

    /// A pod is over, wherever it was.
    pub(in super::super) fn pod_leaves<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        node: Option<NodeId>,
        out: &mut Outbox<'_, S>,
    ) {
        self.pod_settles(now, id, out);
        let (Some(node), Some(runner)) = (node, self.runner_mut(id)) else { return };
        let set = runner.set;
        let request = self.sets[set.index()].request;
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some((model, known)) = karpenter.with_fleet(node) else { return };
        let Some(at) = known.pods.iter().position(|pod| pod.runner == id) else { return };
        known.pods.swap_remove(at);
        known.used = known.used.minus(request);
        known.last_pod_event = pod_event(known.last_pod_event, now);
        model.relist(known);
        model.disruption.changed(now);
        let fleet = known.fleet;
        self.arm_disruption(now, fleet);
    }

    /// A pod waits no more.
    fn pod_settles<S: Sink>(&mut self, now: Time, id: RunnerId, out: &mut Outbox<'_, S>) {
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some(place) = karpenter.pending_at.get_mut(id.index()) else { return };
        let at = std::mem::replace(place, NOWHERE);
        if at == NOWHERE {
            return;
        }
        let Some(set) = self.runners[id.index()].as_ref().map(|runner| runner.set) else { return };
        let fleet = self.sets[set.index()].spec.fleet;
        if let Some(model) = karpenter.fleets[fleet.index()].as_deref_mut() {
            model.pending.swap_remove(at as usize);
            model.pending_slots.swap_remove(at as usize);
            if let Some(&moved) = model.pending_slots.get(at as usize) {
                karpenter.pending_at[moved as usize] = at;
            }
        }
        self.tell_karpenter(now, Input::Settled(Trigger::Pod(u64::from(id.serial))), out);
    }
}

impl Karpenter {
    /// With a smaller pod than all before, more nodes have room.
    fn relist_all(&mut self, fleet: FleetId) {
        let Some(model) = self.fleets[fleet.index()].as_deref_mut() else { return };
        for node in self.nodes.iter_mut().flatten().filter(|node| node.fleet == fleet) {
            model.relist(node);
        }
    }
}

impl Model {
    /// Brings the lists of nodes up to date with one of them.
    pub(super) fn relist(&mut self, node: &mut KarpenterNode) {
        let roomy = node.is_active() && self.has_room(node);
        list(&mut self.roomy, &mut node.is_roomy, node.id.slot, roomy);
        let empty = node.is_active() && node.initialized_at.is_some() && node.pods.is_empty();
        list(&mut self.empty, &mut node.is_empty, node.id.slot, empty);
    }
}

/// Puts a node on a list or takes it off, where that changes anything.
fn list(list: &mut BTreeSet<u32>, is_there: &mut bool, slot: u32, belongs: bool) {
    if std::mem::replace(is_there, belongs) != belongs {
        if belongs {
            list.insert(slot);
        } else {
            list.remove(&slot);
        }
    }
}
