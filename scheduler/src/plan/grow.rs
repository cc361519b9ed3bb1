//! Growth: how many machines policies launch that count machines.

use crate::core::Core;
use crate::decision::Decision;
use crate::id::FleetId;
use crate::model::CapacityType;
use crate::policy::growth::{Seen, Wish, next_round};
use crate::spec::PolicySpec;
use crate::time::{Span, Time};
use crate::view::fleet::Fleet;
use crate::view::node::Purpose;
use crate::wakes::Wake;

/// How often a rule is asked in one plan. Once for those who wait and once for a pool is enough for
/// all of them; more would mean that a rule does not see what it just launched.
const WISHES_PER_PLAN_MAX: u32 = 3;

/// Most groups of equally old runners that a queue is remembered by; beyond it the youngest group
/// takes the new ones, too.
const AGES_MAX: usize = 1_024;

impl Core {
    /// Launches what a policy wishes that counts machines, or sets a wake-up for its next round.
    pub(super) fn grow(&mut self, id: FleetId, policy: PolicySpec) {
        if !policy.counts_machines() {
            return;
        }
        let now = self.state.now;
        if policy.uses_schedule()
            && let Some(settings) = self.state.settings.as_ref()
            && let Some(change) = settings.schedule.next_change(now)
        {
            self.state.wakes.set(change, Wake::Fleet(id));
        }
        if let Some(overdue) = policy.shards() {
            self.note_ages(id, overdue);
        }
        for _ in 0..WISHES_PER_PLAN_MAX {
            let seen = self.seen(id, policy);
            let Some(wish) = policy.wish(&seen).filter(|wish| wish.places > 0) else { return };
            let due = next_round(now + wish.pause, wish.every);
            if due > now {
                self.state.wakes.set(due, Wake::Fleet(id));
                return;
            }
            if !self.launch(id, wish, &seen) {
                return;
            }
        }
    }

    /// A fleet, counted.
    pub(super) fn seen(&self, id: FleetId, policy: PolicySpec) -> Seen {
        let Some(fleet) = self.state.view.fleet(id) else { return Seen::default() };
        let now = self.state.now;
        let is_last = matches!(policy, PolicySpec::Gitlab(_));
        let schedule = self.state.settings.as_ref().map(|settings| &settings.schedule);
        Seen {
            waiting: fleet.waiting.pods as u32,
            in_use: fleet.pods,
            free: fleet.places.free,
            coming: fleet.places.coming,
            going: fleet.places.going,
            pool: schedule.and_then(|schedule| schedule.pool_at(now)),
            idle: schedule.and_then(|schedule| schedule.idle_at(now, is_last)),
            grown_ago: fleet.grown_at.map(|at| now.since(at)),
            overdue: policy.shards().map_or(0, |age| overdue(fleet, now, age)),
        }
    }

    /// Launches machines for a wish; says whether all of it could be launched.
    fn launch(&mut self, id: FleetId, wish: Wish, seen: &Seen) -> bool {
        let queue = self.state.view.fleet(id).and_then(|fleet| fleet.queue.front());
        let (request, purpose) = match queue {
            Some(set) => (self.request_of(*set), Purpose::Queue),
            None => (self.largest_request(id).0, Purpose::Level),
        };
        let is_possible = self.shape(id, request, 1, CapacityType::OnDemand).is_some();
        if !is_possible || !self.may_claim(id) {
            return false;
        }
        self.explain(Decision::Grow { fleet: id, places: wish.places, why: wish.why });
        let (mut before, mut missing) = (seen.coming, wish.places);
        self.claim_while(id, |core| {
            let now = core.state.now;
            let fleet = core.state.view.fleet_mut(id)?;
            // What the last claim brought; more than was missing where machines are large.
            missing = missing.saturating_sub(fleet.places.coming - before);
            fleet.grown_at = (fleet.places.coming > seen.coming).then_some(now).or(fleet.grown_at);
            before = fleet.places.coming;
            let (waiting, coming) = (seen.waiting, before);
            let tell = move |node, instance_type, places, why| Decision::Claim {
                node,
                fleet: id,
                waiting,
                coming,
                places,
                instance_type,
                why,
            };
            (missing > 0).then_some((request, missing, purpose, tell))
        });
        missing == 0
    }

    /// Keeps count of since when how many have waited, and looks again when the oldest are overdue.
    fn note_ages(&mut self, id: FleetId, age: Span) {
        let now = self.state.now;
        let Some(fleet) = self.state.view.fleet_mut(id) else { return };
        let mut known: u32 = fleet.ages.iter().map(|(_, count)| count).sum();
        let waiting = fleet.waiting.pods as u32;
        while known > waiting
            && let Some((_, oldest)) = fleet.ages.front_mut()
        {
            let served = (known - waiting).min(*oldest);
            *oldest -= served;
            known -= served;
            if *oldest == 0 {
                fleet.ages.pop_front();
            }
        }
        if waiting > known {
            let full = fleet.ages.len() >= AGES_MAX;
            match fleet.ages.back_mut() {
                Some((since, count)) if full || *since == now => *count += waiting - known,
                _ => fleet.ages.push_back((now, waiting - known)),
            }
        }
        let next = fleet.ages.iter().map(|(since, _)| *since + age).find(|at| *at > now);
        if let Some(at) = next {
            self.state.wakes.set(at, Wake::Fleet(id));
        }
    }
}

/// How many have waited for so long.
fn overdue(fleet: &Fleet, now: Time, age: Span) -> u32 {
    let old = fleet.ages.iter().take_while(|(since, _)| now.since(*since) >= age);
    old.map(|(_, count)| count).sum()
}
