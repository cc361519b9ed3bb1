//! Demand: how many runners each touched set should have.

use super::expire::IDLE_POLL;
use crate::command::Action;
use crate::core::Core;
use crate::decision::Decision;
use crate::id::SetId;
use crate::intent::Subject;
use crate::model::Forge;
use crate::policy::Demand;
use crate::spec::PolicySpec;

impl Core {
    /// Brings a set's runners in line with its demand, as far as quota allows.
    pub(super) fn plan_set(&mut self, id: SetId, policy: PolicySpec) {
        let view = &self.state.view;
        let Some(set) = view.set(id) else { return };
        let Some(pool) = view.pool(set.spec.pool).filter(|pool| !pool.spec.hosted) else { return };
        let fleet = view.fleet(set.spec.fleet);
        let alone = pool.sets == 1 && fleet.is_some_and(|fleet| fleet.sets == 1);
        let demand = policy.demand(set, alone);
        let (has_grants, has_offers) = (set.granted > 0, !set.offers.is_empty());
        let advertised = set.advertised;
        let room = self.real_room(id, policy).unwrap_or_else(|| policy.set_max());
        if has_grants {
            self.take_back_excess(id);
        }
        if advertised != Some(room) {
            self.advertise(id, room);
        }
        if has_offers {
            self.acquire_offers(id, policy);
        }
        match policy {
            PolicySpec::Arc { min_runners, .. } => {
                self.patch_replicas(id, demand, policy, min_runners);
            }
            _ => self.follow_demand(id, demand, policy),
        }
    }

    /// Asks for what is missing; what is too much is left to the surplus rule.
    fn follow_demand(&mut self, id: SetId, demand: Demand, policy: PolicySpec) {
        let Some(set) = self.state.view.set(id) else { return };
        let (have, granted) = (set.runners, set.granted);
        let missing = demand.runners.saturating_sub(have);
        if missing < granted {
            self.release_grants(id, granted - missing);
        } else if missing > granted || set.denied > 0 {
            self.grant(id, missing - granted, policy);
            let now_granted = self.state.view.set(id).map_or(0, |set| set.granted);
            if now_granted > granted {
                let (from, to) = (have + granted, have + now_granted);
                self.explain(Decision::Scale { set: id, from, to, why: demand.why });
            }
        }
        self.watch_surplus(id, demand.runners, policy);
    }

    /// One step of ARC: a patch for each answer of GitHub; only a forced one removes runners.
    fn patch_replicas(&mut self, id: SetId, demand: Demand, policy: PolicySpec, min: u32) {
        let now = self.state.now;
        let Some(set) = self.state.view.set_mut(id) else { return };
        let polled = set.surplus_since.is_some_and(|since| now.since(since) >= IDLE_POLL);
        if !set.patch.take_due() && !polled {
            // Runners that end are replaced by Kubernetes' side, which knows the last patch.
            if let Some(target) = set.patch.target() {
                self.create_missing(id, Demand { runners: target, ..demand }, policy);
            }
            return;
        }
        let step = set.patch.step(demand.runners, min);
        let have = set.runners + set.granted;
        set.surplus_since = None;
        self.create_missing(id, demand, policy);
        if step.target < have {
            if step.patch_id == 0 {
                self.retire_spare(id, step.target);
            } else {
                self.poll_again(id);
            }
        }
    }

    /// Asks for the runners that a set misses of so many.
    fn create_missing(&mut self, id: SetId, demand: Demand, policy: PolicySpec) {
        let Some(set) = self.state.view.set_mut(id) else { return };
        let have = set.runners + set.granted;
        if demand.runners <= have {
            set.denied = 0;
            return;
        }
        self.grant(id, demand.runners - have, policy);
        let to = self.state.view.set(id).map_or(have, |set| set.runners + set.granted);
        if to > have {
            self.explain(Decision::Scale { set: id, from: have, to, why: demand.why });
        }
    }

    /// Tells GitHub how many jobs the set can hold, when that changed.
    fn advertise(&mut self, id: SetId, jobs: u32) {
        let Some(set) = self.state.view.set_mut(id) else { return };
        set.advertised = Some(jobs);
        let number = self.other_number();
        let action = Action::AdvertiseCapacity { set: id, jobs };
        self.send(Subject::Other(number).id(), action);
    }

    /// Enterprise: takes what is offered, up to what the policy lets the set hold.
    fn acquire_offers(&mut self, id: SetId, policy: PolicySpec) {
        let Some(set) = self.state.view.set_mut(id) else { return };
        if set.spec.forge != Forge::Enterprise {
            return;
        }
        let held = set.counts.assigned.saturating_add(set.acquiring);
        let room = policy.set_max().saturating_sub(held) as usize;
        let jobs = set.offers.drain(..set.offers.len().min(room)).collect::<alloc::vec::Vec<_>>();
        set.acquiring += jobs.len() as u32;
        if !jobs.is_empty() {
            let number = self.other_number();
            self.send(Subject::Other(number).id(), Action::AcquireJobs { set: id, jobs });
        }
    }
}
