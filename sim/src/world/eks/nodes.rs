//! Nodes: claimed, launched, booted, priced, taken back, terminated.

use super::Eks;
use super::timer::{ForKube, Own, Timer};
use crate::ec2::billing::{Purchase, Tariff, charge};
use crate::ec2::{Interruption, Lack, LaunchError, Order, Pool};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::kube::{Labels, NodeSpec, Step};
use crate::latency::BootTimes;
use crate::random::Purpose;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::{Event, Machine, NodeChange, NodeEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{CommandId, FleetId, NodeId, RunnerId, TypeId, ZoneId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use std::sync::Arc;

/// An instance hour.
const HOUR: Span = Span::from_secs(3600);

/// A node that was asked for, or exists.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    pub(super) fleet: FleetId,
    /// What was asked for, until EC2 answers.
    pub(super) claim: Option<Claim>,
    /// What EC2 gave.
    pub(super) machine: Option<Given>,
    pub(super) ready: bool,
    pub(super) cordoned: bool,
    pub(super) leaving: bool,
    /// Runners on it that wait for an image.
    pub(super) pulling: Vec<RunnerId>,
}

/// A claim that EC2 has not answered.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) by: Asker,
    pub(super) wish: Wish,
    pub(super) capacity: CapacityType,
}

/// Who is to hear EC2's answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    /// The core, which gave this command.
    Core(CommandId),
    /// Karpenter.
    Karpenter,
}

/// What will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Each of the types in each of the zones; no zone is every zone.
    Types(Arc<[TypeId]>, Box<[ZoneId]>),
    /// These types in these zones.
    Overrides(Arc<[(TypeId, ZoneId)]>),
}

/// A call of CreateFleet.
#[derive(Debug)]
pub(super) struct Call {
    at: Time,
    capacity: CapacityType,
    wish: Wish,
}

/// Equal requests that come within a second are one call (karpenter-provider-aws
/// `pkg/batcher/createfleet.go`: idle 35 ms, at most 1 s).
const CALL_OPEN: Span = Span::from_secs(1);

impl Call {
    /// Whether a claim is answered by this call too.
    fn is_joined_by(&self, now: Time, claim: &Claim) -> bool {
        now.since(self.at) <= CALL_OPEN
            && self.capacity == claim.capacity
            && self.wish == claim.wish
    }
}

/// A machine.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) machine: Machine,
    pub(super) pool: Pool,
    addresses: u32,
    launched_at: Time,
    interruption: Option<Interruption>,
    /// Price of each instance hour so far.
    hours: Vec<Rate>,
    boot: BootTimes,
}

impl Eks {
    pub(super) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        let node = self.nodes.get_mut(id.index())?.as_mut()?;
        (node.id == id).then_some(node)
    }

    fn at(&mut self, slot: u32) -> Option<&mut Node> {
        self.nodes.get_mut(slot as usize)?.as_mut()
    }

    /// A node is wanted.
    pub(super) fn add_node<S: Sink>(
        &mut self,
        id: NodeId,
        fleet: FleetId,
        out: &mut Outbox<'_, S>,
    ) {
        if id.index() >= self.nodes.len() {
            self.nodes.resize_with(id.index() + 1, || None);
        }
        self.nodes[id.index()] = Some(Node {
            id,
            fleet,
            claim: None,
            machine: None,
            ready: false,
            cordoned: false,
            leaving: false,
            pulling: Vec::new(),
        });
        self.open_nodes += 1;
        out.fact(&Fact::NodeClaimed { node: id, fleet });
    }

    /// A claim goes to EC2.
    pub(super) fn ask_for_node(&mut self, now: Time, id: NodeId, claim: Claim) {
        let Some(node) = self.node_mut(id) else { return };
        node.claim = Some(claim);
        let stream = &mut self.draws.streams.stream(Purpose::Call, u64::from(id.serial));
        let call = self.draws.latency.ec2.launch_call.sample(stream);
        self.timers.set(now + call, Timer::Own(Own::ClaimAnswered, id.slot));
    }

    /// EC2 gives a machine, or says why not.
    pub(super) fn claim_answered<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(node) = self.at(slot) else { return };
        let (id, fleet) = (node.id, node.fleet);
        let Some(claim) = node.claim.take() else { return };
        let overrides = match &claim.wish {
            Wish::Overrides(overrides) => overrides,
            Wish::Types(types, zones) => {
                let every = 0..self.plan.ec2.zones.len() as u32;
                self.overrides.clear();
                for &of_type in types.iter() {
                    if zones.is_empty() {
                        self.overrides.extend(every.clone().map(|zone| (of_type, ZoneId(zone))));
                    } else {
                        self.overrides.extend(zones.iter().map(|&zone| (of_type, zone)));
                    }
                }
                &self.overrides[..]
            }
        };
        let order = Order { capacity: claim.capacity, overrides, pods: None };
        let answer = if self.call.as_ref().is_some_and(|call| call.is_joined_by(now, &claim)) {
            self.account.create_fleet_node(now, order).map_err(LaunchError::from)
        } else {
            self.call = Some(Call { at: now, capacity: claim.capacity, wish: claim.wish.clone() });
            self.account.create_fleet(now, order)
        };
        match answer {
            Ok(launched) => {
                let machine = Machine {
                    instance_type: launched.pool.instance_type,
                    zone: launched.pool.zone,
                    capacity: claim.capacity,
                    rate: launched.price,
                };
                let boot = self.boot_times(machine.instance_type, launched.boot);
                let given = Given {
                    machine,
                    pool: launched.pool,
                    addresses: launched.addresses,
                    launched_at: now,
                    interruption: launched.interruption,
                    hours: vec![launched.price],
                    boot,
                };
                if matches!(claim.by, Asker::Karpenter) {
                    self.karpenter_launched(now, id, &given, launched.tried, out);
                }
                self.node_launched(now, id, fleet, given, out);
                if let Asker::Core(command) = claim.by {
                    out.tell(Event::Finished { command, outcome: Outcome::Done });
                }
            }
            Err(error) => {
                let Asker::Core(command) = claim.by else {
                    return self.karpenter_refused(now, id, error, out);
                };
                self.nodes[slot as usize] = None;
                self.open_nodes -= 1;
                // It may have been cancelled meanwhile: its place is another's soon.
                self.timers.cancel(Timer::Own(Own::Terminate, slot));
                let outcome = Outcome::Refused(refusal(&error));
                out.fact(&Fact::NodeGone { node: id, end: NodeEnd::NeverReady });
                out.tell(Event::Finished { command, outcome });
            }
        }
    }

    fn boot_times(&mut self, of_type: TypeId, boot: u64) -> BootTimes {
        let stream = &mut self.draws.streams.stream(Purpose::Boot, boot);
        if self.boots[of_type.index()].is_none() {
            let kind = self.plan.catalogue.get(of_type).expect("EC2 gives what there is");
            let parts = self.plan.latency.boot(&self.plan.node_image, kind, self.plan.nvme_raid);
            self.boots[of_type.index()] = parts.ok();
        }
        self.boots[of_type.index()].as_ref().map_or_else(
            || BootTimes { running: Span::ZERO, registered: Span::ZERO, ready: Span::ZERO },
            |parts| parts.sample(stream),
        )
    }

    fn node_launched<S: Sink>(
        &mut self,
        now: Time,
        id: NodeId,
        fleet: FleetId,
        given: Given,
        out: &mut Outbox<'_, S>,
    ) {
        let machine = given.machine;
        out.fact(&Fact::NodeLaunched { node: id, fleet, machine });
        out.tell(Event::NodeChanged { node: id, fleet, change: NodeChange::Launched(machine) });
        self.timers.set(now + given.boot.registered, Timer::Own(Own::NodeRegistered, id.slot));
        self.timers.set(now + given.boot.ready, Timer::Own(Own::NodeReady, id.slot));
        if machine.capacity == CapacityType::Spot {
            self.timers.set(now + HOUR, Timer::Own(Own::InstanceHour, id.slot));
        }
        if let Some(end) = given.interruption {
            self.timers.set(end.rebalance_at.max(now), Timer::Own(Own::Rebalance, id.slot));
            let stream = &mut self.draws.streams.stream(Purpose::Drain, u64::from(id.serial));
            let heard = self.draws.latency.node.notice.sample(stream);
            let heard_at = (end.notice_at + heard).min(end.reclaim_at);
            self.timers.set(heard_at, Timer::Own(Own::Notice, id.slot));
            self.timers.set(end.reclaim_at, Timer::Own(Own::Reclaim, id.slot));
        }
        if let Some(node) = self.node_mut(id) {
            node.machine = Some(given);
        }
    }

    pub(super) fn node_registered<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(node) = self.at(slot) else { return };
        let (id, fleet) = (node.id, node.fleet);
        let Some(machine) = node.machine.as_ref().map(|given| given.machine) else { return };
        let Some(kind) = self.plan.catalogue.get(machine.instance_type) else { return };
        let spec = NodeSpec {
            allocatable: self.plan.allocatable(machine.instance_type),
            pods_max: self.pods_max(fleet, machine.instance_type),
            daemons: greenroom_scheduler::resources::Resources::default(),
            daemon_pods: 0,
            fleet,
            capacity: machine.capacity,
            labels: Labels::default(),
            network_mb_per_s: (kind.network_mbps / 8).max(1),
            disk_mb_per_s: self.plan.disk_mb_per_s,
            image_disk_mb: self.plan.image_disk_mb,
        };
        self.kube.node_registered(id, &spec);
        self.karpenter_registered(now, id, out);
    }

    /// Most runner pods on a node of a fleet.
    fn pods_max(&self, fleet: FleetId, of_type: TypeId) -> u32 {
        let of_fleet = self.fleets.get(fleet.index()).and_then(|spec| spec.pods_per_node_max);
        self.plan.pods_max(of_type).min(of_fleet.unwrap_or(u32::MAX))
    }

    pub(super) fn node_ready<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let Some(node) = self.at(slot) else { return };
        node.ready = true;
        let (id, fleet) = (node.id, node.fleet);
        out.fact(&Fact::NodeReady { node: id });
        out.tell(Event::NodeChanged { node: id, fleet, change: NodeChange::Ready });
        let timers = &mut ForKube(&mut self.timers);
        self.kube.node_ready(&mut Step { now, timers, out: &mut self.kube_says }, id);
        self.karpenter_ready(now, id, out);
    }

    /// A spot node's next instance hour costs what spot costs now.
    pub(super) fn instance_hour<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let Some(node) = self.nodes.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        let Some(given) = &mut node.machine else { return };
        let rate = self.account.market().price(given.pool, now);
        let before = *given.hours.last().expect("the first hour has a price");
        given.hours.push(rate);
        if rate != before {
            out.fact(&Fact::NodePriced { node: node.id, rate });
        }
        self.timers.set(now + HOUR, Timer::Own(Own::InstanceHour, slot));
    }

    pub(super) fn node_rebalance<S: Sink>(&mut self, slot: u32, out: &mut Outbox<'_, S>) {
        if let Some(node) = self.at(slot) {
            let (id, fleet) = (node.id, node.fleet);
            out.tell(Event::NodeChanged { node: id, fleet, change: NodeChange::Rebalance });
        }
    }

    pub(super) fn node_noticed<S: Sink>(&mut self, now: Time, slot: u32, out: &mut Outbox<'_, S>) {
        let Some(node) = self.at(slot) else { return };
        let (id, fleet) = (node.id, node.fleet);
        let end = node.machine.as_ref().and_then(|given| given.interruption);
        if let Some(end) = end {
            let change = NodeChange::Notice { reclaim_at: end.reclaim_at };
            out.tell(Event::NodeChanged { node: id, fleet, change });
            self.karpenter_noticed(now, id, out);
        }
    }

    /// EC2 takes the machine, with everything on it.
    pub(super) fn node_reclaimed<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        out: &mut Outbox<'_, S>,
    ) {
        self.node_over(now, slot, NodeEnd::Reclaimed, out);
    }

    /// A drained node is terminated.
    pub(super) fn node_terminated<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        out: &mut Outbox<'_, S>,
    ) {
        self.node_over(now, slot, NodeEnd::Deleted, out);
    }

    /// Kubernetes says that nothing runs on a node that is to go.
    pub(super) fn node_drained(&mut self, now: Time, id: NodeId) {
        if self.node_mut(id).is_none() {
            return;
        }
        let serial = u64::from(id.serial);
        let drain = &mut self.draws.streams.stream(Purpose::Drain, serial);
        let call = &mut self.draws.streams.stream(Purpose::Termination, serial);
        let latency = &self.draws.latency;
        let after = latency.node.drain.sample(drain) + latency.ec2.terminate_call.sample(call);
        self.timers.set(now + after, Timer::Own(Own::Terminate, id.slot));
    }

    fn node_over<S: Sink>(&mut self, now: Time, slot: u32, end: NodeEnd, out: &mut Outbox<'_, S>) {
        let Some(node) = self.at(slot) else { return };
        let (id, fleet) = (node.id, node.fleet);
        let timers = &mut ForKube(&mut self.timers);
        self.kube.node_gone(&mut Step { now, timers, out: &mut self.kube_says }, id);
        // The runners on it end before it does, so that nothing runs on nothing.
        self.pass_on(now, out);
        self.settle_node(now, slot, end, out);
        out.tell(Event::NodeChanged { node: id, fleet, change: NodeChange::Gone(end) });
    }

    /// A node's bill is made, and what it held is free.
    pub(super) fn settle_node<S: Sink>(
        &mut self,
        now: Time,
        slot: u32,
        end: NodeEnd,
        out: &mut Outbox<'_, S>,
    ) {
        let Some(node) = self.nodes.get_mut(slot as usize).and_then(Option::take) else { return };
        for own in [
            Own::ClaimAnswered,
            Own::NodeRegistered,
            Own::NodeReady,
            Own::InstanceHour,
            Own::Rebalance,
            Own::Notice,
            Own::Reclaim,
            Own::Terminate,
            Own::NodeLeaves,
        ] {
            self.timers.cancel(Timer::Own(own, slot));
        }
        self.open_nodes -= 1;
        out.fact(&Fact::NodeGone { node: node.id, end });
        self.forget_claim(now, node.id);
        let Some(given) = node.machine else { return };
        self.account.terminated(given.pool, given.addresses);
        let purchase = match given.machine.capacity {
            CapacityType::OnDemand => Purchase::OnDemand(given.machine.rate),
            CapacityType::Spot => Purchase::Spot { interrupted: end == NodeEnd::Reclaimed },
        };
        let launched = given.launched_at;
        let price_at = |at: Time| {
            let hour = (at.since(launched).as_ms() / HOUR.as_ms()) as usize;
            given.hours[hour.min(given.hours.len() - 1)]
        };
        let charge = charge(Tariff::EC2, purchase, launched, now, price_at);
        self.bill.add(charge);
        out.fact(&Fact::NodeBilled { node: node.id, charge });
        self.bill.node(now.since(launched), out);
    }
}

/// What the core is told when EC2 gives nothing.
pub(super) fn refusal(error: &LaunchError) -> Refusal {
    match error {
        LaunchError::Throttled(_) => Refusal::Throttled,
        LaunchError::None(none) => match none.reason() {
            Some(Lack::Quota(_)) => Refusal::AccountQuota,
            Some(Lack::Addresses(_)) => Refusal::NoAddresses,
            Some(Lack::Capacity) | None => Refusal::InsufficientCapacity,
        },
    }
}
