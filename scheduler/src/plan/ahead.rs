//! Look-ahead: what is foreseen becomes reservations in time, and nodes for them.

use crate::core::Core;
use crate::decision::{Decision, Nonsense};
use crate::event::Foresight;
use crate::id::{FleetId, JobId, NodeId, SetId};
use crate::policy::greenroom::{self, PROBABILITY_MIN};
use crate::resources::Resources;
use crate::spec::PolicySpec;
use crate::view::ahead::Hint;
use crate::view::load::Load;
use crate::view::node::{Node, Purpose};
use crate::view::set::Set;
use crate::wakes::Wake;

impl Core {
    /// Jobs are foreseen.
    pub(crate) fn foreseen(&mut self, foresight: &Foresight) {
        let looks_ahead = self.state.settings.as_ref().is_some_and(|s| s.policy.looks_ahead());
        let id = foresight.set;
        let Some(set) = self.state.view.set(id) else { return self.ignore(Nonsense::UnknownSet) };
        if !looks_ahead || foresight.count == 0 {
            return;
        }
        let boot = self.boot(set.spec.fleet);
        let (reserve_at, count) = (greenroom::reserve_at(foresight, boot), foresight.count);
        let (expected_at, probability) = (foresight.expected_at, foresight.probability);
        let forget_at = greenroom::forget_at(foresight);
        let hint = Hint { reserve_at, forget_at, expected_at, count };
        let likely = probability >= PROBABILITY_MIN;
        let Some(set) = self.state.view.set_mut(id) else { return };
        if likely && set.ahead.add(hint) {
            let reserve_at = reserve_at.max(self.state.now);
            self.explain(Decision::Foresee { set: id, count, expected_at, reserve_at });
            self.touch_set(id);
        } else {
            let foreseen = set.ahead.foreseen();
            self.explain(Decision::Disregard { set: id, count, probability, foreseen });
        }
    }

    /// A job came that was foreseen.
    pub(crate) fn redeem(&mut self, id: SetId, job: JobId) {
        let looks_ahead = self.state.settings.as_ref().is_some_and(|s| s.policy.looks_ahead());
        if looks_ahead && self.change_reserved(id, |set| set.ahead.redeem(job)) {
            let foreseen = self.state.view.set(id).map_or(0, |set| set.ahead.foreseen());
            self.explain(Decision::Redeem { job, set: id, foreseen });
        }
    }

    /// A job that was foreseen will not come.
    pub(crate) fn unforesee(&mut self, id: SetId, job: JobId) {
        self.change_reserved(id, |set| {
            set.ahead.redeem(job);
            set.ahead.served(job);
        });
    }

    /// Reserves what is due, forgets what did not come, and asks to be woken for the rest.
    pub(super) fn look_ahead(&mut self, id: SetId) {
        let now = self.state.now;
        let mut forgotten = None;
        while self.change_reserved(id, |set| {
            forgotten = set.ahead.advance(now);
            forgotten.is_some()
        }) {
            let Some(Hint { count, expected_at, .. }) = forgotten else { break };
            let foreseen = self.state.view.set(id).map_or(0, |set| set.ahead.foreseen());
            self.explain(Decision::Forget { set: id, count, expected_at, foreseen });
        }
        let Some(set) = self.state.view.set_mut(id) else { return };
        if set.ahead.wake_at.is_some_and(|at| at <= now) {
            set.ahead.wake_at = None;
        }
        if let Some(next) = set.ahead.next_at()
            && set.ahead.wake_at.is_none_or(|at| next < at)
        {
            set.ahead.wake_at = Some(next);
            self.state.wakes.set(next, Wake::Set(id));
        }
    }

    /// Lets `change` change what is reserved for a set, and keeps its fleet's sum in step.
    fn change_reserved<T>(&mut self, id: SetId, change: impl FnOnce(&mut Set) -> T) -> T
    where
        T: Default,
    {
        let request = self.request_of(id);
        let Some(set) = self.state.view.set_mut(id) else { return T::default() };
        let before = set.ahead.reserved();
        let result = change(set);
        let (after, fleet) = (set.ahead.reserved(), set.spec.fleet);
        if before != after {
            if let Some(fleet) = self.state.view.fleet_mut(fleet) {
                fleet.reserved.sub(Load::of(request, before));
                fleet.reserved.add(Load::of(request, after));
            }
            self.touch_set(id);
            self.touch_fleet(fleet);
        }
        result
    }

    /// Nodes for who waits, for what is foreseen and for the hot level, those that are empty or on
    /// their way counted: out of the stock for who waits, while there is one, else new ones.
    pub(super) fn claim_ahead(&mut self, id: FleetId, hot: u32, policy: PolicySpec) {
        let packing = self.packs_mixed(id, policy);
        if let Some(packing) = packing {
            self.claim_packed(id, packing);
        }
        let slots = if packing.is_some() { 0 } else { self.await_slots(id) };
        self.claim_while(id, |core| {
            loop {
                let beside = packing.is_some().then(|| core.places_beside(id));
                let need = core.need(id, hot, slots, beside)?;
                if need.for_queue && core.may_claim(id) && core.start_one(id, need.request) {
                    continue;
                }
                let Need { request, missing, waiting, reserved, wanted, for_queue } = need;
                let purpose = if for_queue { Purpose::Queue } else { Purpose::Level };
                let tell = move |node, instance_type, places, why| {
                    if for_queue {
                        let coming = waiting.saturating_sub(missing);
                        let fleet = id;
                        Decision::Claim { node, fleet, waiting, coming, places, instance_type, why }
                    } else {
                        let (fleet, covered) = (id, wanted - missing);
                        Decision::Launch { node, fleet, reserved, hot, covered, instance_type, why }
                    }
                };
                return Some((request, missing, purpose, tell));
            }
        });
    }

    /// What a fleet misses; none if nothing. So many of those who wait are left to `slots` that free,
    /// and all of them to a plan of their own where there are places `beside` counted for it.
    fn need(&self, id: FleetId, hot: u32, slots: u32, beside: Option<u32>) -> Option<Need> {
        let packed = beside.is_some();
        let view = &self.state.view;
        let fleet = view.fleet(id)?;
        if fleet.waiting.pods + fleet.reserved.pods == 0 && hot == 0 || fleet.pools.is_empty() {
            return None;
        }
        let (largest, _) = self.largest_request(id);
        let spare = greenroom::spare(fleet.reserved.pods as u32);
        // Where sizes differ, a node for what is foreseen is not one for the largest there is.
        let usual = if packed { fleet.reserved.each().unwrap_or(largest) } else { largest };
        let mut level = fleet.reserved;
        level.add(Load::of(largest, hot));
        level.add(Load::of(usual, spare));
        let wanted = level.pods + fleet.waiting.pods;
        // Empty nodes are there for the level alone: whoever waits has found that none is for it. All
        // are taken to be like the one that was used last: most fleets have one kind.
        if let Some(first) = fleet.empty.front().and_then(|slot| view.nodes.id_at(slot)) {
            let offered = view.nodes.get(first).map_or_else(Load::default, Node::offered);
            level.sub(offered.times(fleet.empties));
        }
        // So are places beside others: but for who waits there is none of them.
        let counted = || fleet.places.free.saturating_sub(self.places_on_empty(id));
        let beside = beside.unwrap_or_else(counted);
        if beside > 0 {
            level.sub(Load::of(usual, beside));
        }
        let waiting = fleet.waiting.pods as u32;
        if packed {
            let missing = self.missing_level(id, level, usual);
            let (reserved, wanted) = (fleet.reserved.pods as u32, wanted as u32);
            let need =
                Need { request: usual, missing, waiting, reserved, wanted, for_queue: false };
            return (missing > 0).then_some(need);
        }
        let for_queue = waiting > fleet.coming_for_queue || level.pods == 0;
        let first = fleet.queue.front().filter(|_| for_queue);
        let request = first.map_or(largest, |set| self.request_of(*set));
        let mut missing = level;
        missing.add(fleet.waiting);
        missing.sub(Load::of(request, slots));
        let missing = missing.pods_above(fleet.coming, request);
        (missing > 0).then_some(Need {
            request,
            missing,
            waiting,
            reserved: fleet.reserved.pods as u32,
            wanted: wanted as u32,
            for_queue,
        })
    }

    /// Places on the empty nodes of a fleet, all taken to be like the one that was used last.
    fn places_on_empty(&self, id: FleetId) -> u32 {
        let view = &self.state.view;
        let Some(fleet) = view.fleet(id) else { return 0 };
        let first = fleet.empty.front().and_then(|slot| view.nodes.id_at(slot));
        let each = first.and_then(|node| view.nodes.get(node)).map_or(0, |node| node.places.free);
        each * fleet.empties
    }

    /// Whether an empty node may go to a runner for which nothing was reserved, or be given back:
    /// one that other empty nodes suffice without.
    pub(super) fn is_spare(&self, id: FleetId, node: NodeId, hot: u32) -> bool {
        let view = &self.state.view;
        let Some(fleet) = view.fleet(id) else { return true };
        let reserved = fleet.reserved.pods;
        if reserved == 0 && hot == 0 {
            return true;
        }
        let places = view.nodes.get(node).map_or(1, |node| node.places().max(1));
        let kept = reserved.div_ceil(u64::from(places)) + u64::from(hot);
        u64::from(fleet.empties) > kept
    }
}

/// Places that a fleet misses.
struct Need {
    /// What one of the runners asks for.
    request: Resources,
    /// Places that are missing.
    missing: u32,
    /// Runners that wait.
    waiting: u32,
    /// Jobs that are foreseen and that a node is kept for.
    reserved: u32,
    /// Places that there are to be in all.
    wanted: u32,
    /// Whether the next is for a runner that waits.
    for_queue: bool,
}
