//! What nodes and jobs tell of spot's weather and of lengths, kept by a policy that weighs them.

use super::Core;
use crate::id::{FleetId, JobId, NodeId, RunnerId, SetId};
use crate::model::{CapacityType, ServiceClass};
use crate::time::{Span, Time};
use crate::view::node::Node;
use crate::wakes::Wake;

/// Of the types that a refused claim listed, so many are remembered as having had no capacity.
const REFUSED_TYPES_MAX: usize = 16;

/// For how long spot is left after the first refusal; doubled with each in a row up to the rule's.
const DRY: Span = Span::from_secs(60);

/// So often it is doubled at most.
const DRY_DOUBLINGS_MAX: u32 = 6;

impl Core {
    /// EC2 gave a spot machine.
    pub(super) fn spot_launched(&mut self, node: &Node, launched_at: Time) {
        if let Some((of_type, zone)) = spot_pool(node)
            && self.spot_dial().is_some()
        {
            self.state.weather.launched(self.state.now, of_type, zone, launched_at);
        }
    }

    /// EC2 takes a spot node back.
    pub(super) fn spot_interrupted(&mut self, node: &Node) {
        if let Some((of_type, zone)) = spot_pool(node)
            && self.spot_dial().is_some()
        {
            self.state.weather.interrupted(self.state.now, of_type, zone, node.launched_at);
        }
    }

    /// A spot node is gone.
    pub(super) fn spot_ended(&mut self, node: &Node) {
        if let Some((of_type, zone)) = spot_pool(node)
            && self.spot_dial().is_some()
        {
            self.state.weather.ended(self.state.now, of_type, zone, node.launched_at);
        }
    }

    /// EC2 had no spot machine for a claim. Says whether that is dealt with here: other pools are
    /// asked at once, or on-demand is taken for a while.
    pub(super) fn spot_refused(&mut self, node: &Node) -> bool {
        if node.capacity != CapacityType::Spot || self.spot_dial().is_none() {
            return false;
        }
        let (now, id) = (self.state.now, node.fleet);
        let zones = self.dial().map_or(1, |dial| dial.zones).min(32);
        let shape = self.shape(id, node.claimed_for, 1, CapacityType::Spot);
        let types = shape.map(|shape| shape.types.clone());
        for &of_type in types.iter().flat_map(|types| types.iter()).take(REFUSED_TYPES_MAX) {
            for zone in 0..zones {
                if node.zones_asked == 0 || node.zones_asked >> zone & 1 == 1 {
                    self.state.weather.refused(now, of_type, crate::id::ZoneId(zone));
                }
            }
        }
        let rule = self.state.settings.as_ref().map(|settings| settings.spot);
        let (Some(rule), Some(fleet)) = (rule, self.state.view.fleet_mut(id)) else { return false };
        if !fleet.spec.capacity.contains(&CapacityType::OnDemand) {
            return false;
        }
        let since = *fleet.spot.refused_since.get_or_insert(now);
        let deadline = fleet.spot.deadline.unwrap_or(rule.deadline);
        if now.since(since) >= deadline {
            let pause = Span::from_ms(DRY.as_ms() << fleet.spot.dry.min(DRY_DOUBLINGS_MAX));
            fleet.spot.dry += 1;
            fleet.spot.left_until = Some(now + pause.min(rule.recovery));
        } else if node.zones_asked == 0 {
            // Nobody else is left to ask: once more when the time is up.
            self.state.wakes.set(since + deadline, Wake::Fleet(id));
            fleet.retry = Some(crate::view::fleet::Retry {
                at: since + deadline,
                why: crate::command::Refusal::InsufficientCapacity,
                refusals: 1,
                refused_at: now,
            });
        }
        true
    }

    /// A job came, of this class.
    pub(super) fn job_classed(&mut self, set: SetId, class: ServiceClass) {
        if self.dial().is_none() {
            return;
        }
        let view = &mut self.state.view;
        let Some(known) = view.sets.get_mut(set.index()).and_then(Option::as_mut) else { return };
        known.mix.saw(class);
        let fleet = known.spec.fleet;
        if let Some(fleet) = view.fleet_mut(fleet) {
            fleet.mix.saw(class);
        }
    }

    /// A runner's job ended by itself: so long do jobs of its set run.
    pub(super) fn job_measured(&mut self, runner: RunnerId, job: Option<JobId>) {
        if self.dial().is_none() {
            return;
        }
        let now = self.state.now;
        let view = &mut self.state.view;
        let Some(known) = view.runners.get_mut(runner) else { return };
        if known.job.is_none() || job.is_some_and(|job| known.job != Some(job)) {
            return;
        }
        let Some(since) = known.working_since.take() else { return };
        let Some(set) = view.sets.get_mut(known.set.index()).and_then(Option::as_mut) else {
            return;
        };
        let length = now.since(since);
        set.lengths.saw(length);
        let fleet = set.spec.fleet;
        if let Some(fleet) = view.fleet_mut(fleet) {
            fleet.lengths.saw(length);
        }
    }

    /// What is known to run is told anew.
    pub(super) fn weather_observed(&mut self) {
        if self.spot_dial().is_none() {
            return;
        }
        let now = self.state.now;
        self.state.weather.nothing_runs(now);
        let nodes = self.state.view.nodes.iter();
        let spot = nodes.filter_map(|(_, node)| Some((spot_pool(node)?, node.launched_at)));
        for ((of_type, zone), launched_at) in spot {
            self.state.weather.launched(now, of_type, zone, launched_at);
        }
    }

    /// Whether half of the jobs of some set on this fleet run for longer than this.
    pub(super) fn runs_long(&self, id: FleetId, limit: Span) -> bool {
        let fleet = self.state.view.fleet(id);
        fleet.and_then(|fleet| fleet.lengths.quantile(0.5)).is_some_and(|median| median > limit)
    }

    /// The runners on a node, each with its job.
    pub(super) fn runners_on(&self, node: NodeId) -> alloc::vec::Vec<(RunnerId, Option<JobId>)> {
        let runners = self.state.view.runners.iter();
        let on_it = runners.filter(|(_, runner)| runner.node == Some(node));
        on_it.map(|(id, runner)| (id, runner.job)).collect()
    }
}

/// The pool of a spot machine.
fn spot_pool(node: &Node) -> Option<(crate::id::TypeId, crate::id::ZoneId)> {
    let machine = node.machine.filter(|machine| machine.capacity == CapacityType::Spot)?;
    Some((machine.instance_type, machine.zone))
}
