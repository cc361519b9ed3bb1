//! How Karpenter's nodes go: expired, interrupted, or given back; drained, then terminated.

use super::super::Eks;
use super::super::timer::{ForKube, Own, Timer};
use super::{Karpenter, claim_id};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::karpenter::batch::Trigger;
use crate::karpenter::config::KarpenterConfig;
use crate::karpenter::constants::POD_GRACE;
use crate::karpenter::disruption::Protection;
use crate::karpenter::interruption::Message;
use crate::karpenter::provisioner::Input;
use crate::karpenter::termination::{DrainGroup, DrainPod, Termination, TerminationOutput};
use crate::kube::Step;
use crate::random::Purpose;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::time::{Span, Time};
use greenroom_scheduler::verdict::Verdict;

/// The annotation that runner pods carry.
pub(super) fn protection(config: &KarpenterConfig) -> Protection {
    match (config.do_not_disrupt, config.do_not_disrupt_s) {
        (false, _) => Protection::None,
        (true, None) => Protection::Always,
        (true, Some(seconds)) => Protection::For(Span::from_secs(u64::from(seconds))),
    }
}

impl Karpenter {
    fn grace(&self) -> Option<Span> {
        self.config.termination_grace_s.map(|seconds| Span::from_secs(u64::from(seconds)))
    }

    /// The node is not planned with any more.
    pub(super) fn choose(&mut self, now: Time, id: NodeId) {
        let protection = protection(&self.config);
        let Some((model, known)) = self.with_fleet(id) else { return };
        if std::mem::replace(&mut known.is_chosen, true) {
            return;
        }
        if known.is_launched {
            model.discount(known);
        }
        model.relist(known);
        model.recount(known);
        model.disruption.changed(now);
        let moves = known.pods.iter().any(|pod| now >= protection.until(pod.started));
        if moves {
            known.is_crowded = true;
            model.crowded += 1;
            self.hear(now, Input::Pending(Trigger::Node(claim_id(id).0)));
        }
    }

    /// No pod of the node must move any more.
    fn uncrowd(&mut self, now: Time, id: NodeId) {
        let Some((model, known)) = self.with_fleet(id) else { return };
        if std::mem::take(&mut known.is_crowded) {
            model.crowded -= 1;
            self.hear(now, Input::Settled(Trigger::Node(claim_id(id).0)));
        }
    }

    /// The node stays after all.
    pub(super) fn spare(&mut self, now: Time, id: NodeId) {
        let Some((model, known)) = self.with_fleet(id) else { return };
        if known.leaving.is_some() || !std::mem::take(&mut known.is_chosen) {
            return;
        }
        model.count(known);
        model.relist(known);
        model.recount(known);
        model.disruption.changed(now);
        self.uncrowd(now, id);
    }
}

impl Eks {
    /// The claim will be deleted at its age, whatever runs on the node.
    pub(super) fn expire_later(&mut self, now: Time, id: NodeId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        if karpenter.config.expire_after_s == 0 {
            return;
        }
        let at = now + Span::from_secs(u64::from(karpenter.config.expire_after_s));
        karpenter.expiring.push_back((at, id));
        self.set_expiry();
    }

    /// Sets the timer for the first node that is still there.
    fn set_expiry(&mut self) {
        let Some(karpenter) = &mut self.karpenter else { return };
        while let Some(&(at, id)) = karpenter.expiring.front() {
            if karpenter.node_mut(id).is_some_and(|known| known.leaving.is_none()) {
                self.timers.set(at, Timer::Own(Own::Expire, 0));
                return;
            }
            karpenter.expiring.pop_front();
        }
        self.timers.cancel(Timer::Own(Own::Expire, 0));
    }

    pub(in super::super) fn nodes_expire<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        while let Some(karpenter) = &mut self.karpenter
            && let Some(&(at, id)) = karpenter.expiring.front()
            && at <= now
        {
            karpenter.expiring.pop_front();
            let age = Span::from_secs(u64::from(karpenter.config.expire_after_s));
            if karpenter.node_mut(id).is_some_and(|known| known.leaving.is_none()) {
                out.fact(&Fact::NodeJudged { node: id, verdict: Verdict::Expired { age } });
                self.node_leaves(now, id);
            }
        }
        self.set_expiry();
    }

    /// EC2's notice reaches Karpenter's queue, if it has one.
    pub(in super::super) fn karpenter_noticed<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        out: &mut Outbox<'_, S>,
    ) {
        let zones = self.plan.ec2.zones.len();
        let Some(karpenter) = &mut self.karpenter else { return };
        if !karpenter.config.interruption_queue {
            return;
        }
        let reaction = Message::SpotInterruption.reaction();
        let Some((model, known)) = karpenter.with_fleet(id) else { return };
        let pool = model.pool_of(known.offering);
        if reaction.mark_unavailable {
            karpenter.lacks(now, zones, [pool]);
        }
        if reaction.delete {
            out.fact(&Fact::NodeJudged { node: id, verdict: Verdict::Interrupted });
            self.node_leaves(now, id);
        }
    }

    /// The claim is deleted: the node drains, then its instance ends.
    pub(super) fn node_leaves(&mut self, now: Time, id: NodeId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        karpenter.choose(now, id);
        let grace = karpenter.grace();
        let Some(known) = karpenter.node_mut(id) else { return };
        if known.leaving.is_some() {
            return;
        }
        let fleet = known.fleet;
        known.leaving = Some(Termination::new(now, grace));
        karpenter.uncrowd(now, id);
        if let Some(node) = self.node_mut(id) {
            node.leaving = true;
        }
        if self.kube.node(id).is_some() {
            let timers = &mut ForKube(&mut self.timers);
            self.kube.cordon(&mut Step { now, timers, out: &mut self.kube_says }, id);
            self.look_at_leaving(now, id.slot);
        } else {
            // Nothing has joined that could be drained.
            self.timers.cancel(Timer::Own(Own::NodeRegistered, id.slot));
            self.timers.cancel(Timer::Own(Own::NodeReady, id.slot));
            self.end_instance(now, id);
        }
        self.arm_disruption(now, fleet);
    }

    /// Kubernetes says that no pod is left on a node.
    pub(in super::super) fn karpenter_drained(&mut self, now: Time, id: NodeId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some(leaving) = karpenter.node_mut(id).and_then(|known| known.leaving.as_mut()) else {
            return;
        };
        leaving.changed(now);
        if let Some(at) = leaving.next_at() {
            self.timers.set(at.max(now), Timer::Own(Own::NodeLeaves, id.slot));
        }
    }

    /// A node that is going is looked at.
    pub(in super::super) fn look_at_leaving(&mut self, now: Time, slot: u32) {
        let pods = self.pods_to_drain(slot);
        let Some(karpenter) = &mut self.karpenter else { return };
        let Some(known) = karpenter.nodes[slot as usize].as_deref_mut() else { return };
        let id = known.id;
        let Some(leaving) = &mut known.leaving else { return };
        let mut wants = Vec::new();
        leaving.step(now, &pods, true, &mut wants);
        if let Some(at) = leaving.next_at() {
            self.timers.set(at, Timer::Own(Own::NodeLeaves, slot));
        }
        let mut ends = false;
        for want in wants {
            match want {
                TerminationOutput::Evict(pod) | TerminationOutput::Delete(pod, _) => {
                    self.kube.protect_pod(super::runner_of(pod), false);
                }
                TerminationOutput::EndInstance => ends = true,
                TerminationOutput::Gone => {}
            }
        }
        if ends {
            self.end_instance(now, id);
        } else if !pods.is_empty() {
            // Evicts all that are not protected, and says when the last is gone.
            let timers = &mut ForKube(&mut self.timers);
            let step = &mut Step { now, timers, out: &mut self.kube_says };
            self.kube.drain(step, id, None);
        }
    }

    /// What is on a node, as termination sees it.
    fn pods_to_drain(&self, slot: u32) -> Vec<DrainPod> {
        let Some(karpenter) = &self.karpenter else { return Vec::new() };
        let Some(known) = karpenter.nodes[slot as usize].as_deref() else { return Vec::new() };
        let protection = protection(&karpenter.config);
        let on_it = self.kube.pods_on(known.id);
        let pods = on_it.map(|(runner, is_ending)| {
            let started =
                known.pods.iter().find(|pod| pod.runner == runner).and_then(|p| p.started);
            DrainPod {
                pod: super::number_of(runner),
                group: DrainGroup::Ordinary,
                grace: POD_GRACE,
                protected_until: protection.until(started),
                ends_at: is_ending.then_some(Time::ZERO),
            }
        });
        pods.collect()
    }

    /// The instance is told to end; its bill runs until EC2 has heard.
    fn end_instance(&mut self, now: Time, id: NodeId) {
        if let Some(karpenter) = &mut self.karpenter
            && let Some((model, known)) = karpenter.with_fleet(id)
        {
            known.is_instance_ending = true;
            model.recount(known);
        }
        let call = &mut self.draws.streams.stream(Purpose::Termination, u64::from(id.serial));
        let after = self.draws.latency.ec2.terminate_call.sample(call);
        self.timers.set(now + after, Timer::Own(Own::Terminate, id.slot));
    }
}
