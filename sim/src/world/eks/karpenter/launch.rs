//! From a claim to a machine: the filters of the provider, CreateFleet, and what its answer means.

use super::super::Eks;
use super::super::nodes::{Asker, Claim, Given, Wish, refusal};
use super::super::timer::{Own, Timer};
use super::{Karpenter, catalogue, claim_id};
use crate::ec2::{LaunchError, Pool};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::karpenter::batch::Trigger;
use crate::karpenter::input::CapacityType;
use crate::karpenter::launch::launch;
use crate::karpenter::lifecycle::{ClaimInput, Ended, Stage};
use crate::karpenter::provisioner::Input;
use greenroom_scheduler::command::Refusal;
use greenroom_scheduler::event::NodeEnd;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model;
use greenroom_scheduler::time::Time;
use greenroom_scheduler::verdict::Verdict;

impl Karpenter {
    /// The number of an offering among those of all types.
    const fn number(zones: usize, pool: Pool) -> u32 {
        let in_zone = pool.instance_type.index() * zones + pool.zone.index();
        (in_zone * catalogue::BOUGHT_COUNT + catalogue::place_of(pool.capacity)) as u32
    }

    /// EC2 had none of these, or took one back.
    pub(super) fn lacks(&mut self, now: Time, zones: usize, pools: impl IntoIterator<Item = Pool>) {
        for pool in pools {
            let number = Self::number(zones, pool);
            self.hear(now, Input::Refused(number));
        }
    }
}

impl Eks {
    /// The claim goes to EC2, unless the provider's filters leave nothing to ask for.
    pub(super) fn begin_launch(&mut self, now: Time, id: NodeId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        let lacking = karpenter.provisioner.unavailable(now).clone();
        let Some((model, known)) = karpenter.with_fleet(id) else { return };
        let unavailable = model.lacking(&lacking);
        let asked = launch(&model.universe, &known.claim, &unavailable, &mut model.scratch);
        let Ok(asked) = asked else {
            karpenter.hear(now, Input::Claim(claim_id(id), ClaimInput::InsufficientCapacity));
            return;
        };
        let overrides = model.overrides(&asked);
        let capacity = match asked.capacity_type {
            CapacityType::Spot => model::CapacityType::Spot,
            CapacityType::OnDemand | CapacityType::Reserved => model::CapacityType::OnDemand,
        };
        let claim = Claim { by: Asker::Karpenter, wish: Wish::Overrides(overrides), capacity };
        self.ask_for_node(now, id, claim);
    }

    /// EC2 gave a machine.
    pub(in super::super) fn karpenter_launched<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        given: &Given,
        tried: Vec<Pool>,
        out: &mut Outbox<'_, S>,
    ) {
        let zones = self.plan.ec2.zones.len();
        let Some(karpenter) = &mut self.karpenter else { return };
        karpenter.lacks(now, zones, tried);
        karpenter.unanswered -= 1;
        let of_type = given.machine.instance_type;
        if let Some((model, known)) = karpenter.with_fleet(id) {
            known.is_launched = true;
            known.offering = model.offering_of(given.pool);
            known.kind = model.kind(known.pool, known.offering);
            known.size = self.plan.allocatable(of_type);
            let fleet = &self.fleets[known.fleet.index()];
            known.pods_max = catalogue::pods_max(&self.plan, fleet, of_type);
            model.count(known);
            model.relist(known);
            model.disruption.changed(now);
        }
        self.tell_karpenter(now, Input::Claim(claim_id(id), ClaimInput::Launched), out);
    }

    /// EC2 gave none. What it has not got is remembered; calls that it throttled are made again.
    pub(in super::super) fn karpenter_refused<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        error: LaunchError,
        out: &mut Outbox<'_, S>,
    ) {
        let zones = self.plan.ec2.zones.len();
        let Some(karpenter) = &mut self.karpenter else { return };
        if let Some(known) = karpenter.node_mut(id) {
            known.refused = Some(refusal(&error));
        }
        let input = match error {
            LaunchError::Throttled(_) => ClaimInput::LaunchFailed,
            LaunchError::None(none) => {
                karpenter.lacks(now, zones, none.lacks.into_iter().map(|(pool, _)| pool));
                ClaimInput::InsufficientCapacity
            }
        };
        self.tell_karpenter(now, Input::Claim(claim_id(id), input), out);
    }

    /// A claim is deleted that has not become a ready node.
    pub(super) fn give_claim_up<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        why: Ended,
        out: &mut Outbox<'_, S>,
    ) {
        let known = self.karpenter.as_mut().and_then(|karpenter| karpenter.node_mut(id));
        let Some(known) = known else { return };
        let verdict = match why {
            Ended::RegistrationTimeout => Verdict::NeverJoined,
            // The provider's filters left nothing to ask for: the same as if EC2 had said it.
            Ended::InsufficientCapacity | Ended::LaunchTimeout => {
                Verdict::NotLaunched { why: known.refused.unwrap_or(Refusal::InsufficientCapacity) }
            }
        };
        out.fact(&Fact::NodeJudged { node: id, verdict });
        if known.is_launched {
            return self.node_leaves(now, id);
        }
        self.timers.cancel(Timer::Own(Own::ClaimAnswered, id.slot));
        self.nodes[id.index()] = None;
        self.open_nodes -= 1;
        out.fact(&Fact::NodeGone { node: id, end: NodeEnd::NeverReady });
        if let Some(karpenter) = &mut self.karpenter {
            karpenter.unanswered -= 1;
        }
        self.forget_claim(now, id);
    }

    /// A claim is gone for good.
    pub(in super::super) fn forget_claim(&mut self, now: Time, id: NodeId) {
        let Some(karpenter) = &mut self.karpenter else { return };
        let was_ready = karpenter.provisioner.stage(claim_id(id)) == Some(Stage::Initialized);
        let Some((model, known)) = karpenter.with_fleet(id) else { return };
        let fleet = known.fleet;
        model.forget(known);
        model.disruption.changed(now);
        if !was_ready {
            model.disruption.claim_lost(now, claim_id(id));
        }
        karpenter.nodes[id.index()] = None;
        karpenter.names.take_back(id);
        karpenter.hear(now, Input::Gone(claim_id(id)));
        karpenter.hear(now, Input::Settled(Trigger::Node(claim_id(id).0)));
        karpenter.set_timer(&mut self.timers);
        self.arm_disruption(now, fleet);
    }
}
