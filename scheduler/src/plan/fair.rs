//! Fair shares: which of the sets that quota stopped has the next runner.
//!
//! Weighted max-min over sets: whoever has least for its weight is next, so that nobody can have more
//! but from one who has less. The weight is what an hour of the set's waiting is worth, and it grows
//! with the time that the set has waited, so that a set of low weight is slow and never forgotten.
//! Inside one set the order is GitHub's.

use crate::core::Core;
use crate::dial;
use crate::id::{PoolId, SetId};
use crate::spec::{PolicySpec, RunnerSet};
use crate::time::Span;
use crate::view::set::{Limit, Set};
use crate::view::{Limited, View};

/// A set that waited for so long counts as one of twice its weight.
const AGE: Span = Span::from_secs(300);

/// So many of those that wait for a pool are compared: more sets than any organisation has in one.
const COMPARED_MAX: usize = 4_096;

impl Core {
    /// Whether quota goes by fair shares.
    pub(super) fn is_fair(&self) -> bool {
        self.dial().is_some_and(|dial| dial.fair)
    }

    /// Of what a set may have, what it has before others are asked who wait for the same pool: one if
    /// it is the next, else none, and the one that is next is called.
    pub(super) fn fair_step(
        &mut self,
        id: SetId,
        spec: &RunnerSet,
        room: u32,
        policy: PolicySpec,
    ) -> u32 {
        if room == 0 || !self.is_fair() {
            return room;
        }
        let view = &self.state.view;
        let is_wanted = |pool: &Limited<_>| pool.blocked.iter().any(|other| *other != id);
        let Some(pool) = view.pool(spec.pool).filter(|pool| is_wanted(pool)) else { return room };
        let next = self.fairest_with_room(spec.pool, policy).map(|place| pool.blocked[place]);
        let key = |id: SetId| view.set(id).map(|set| (self.share_of(set), id));
        let is_before = match (next.and_then(key), key(id)) {
            (Some(next), Some(own)) => next.0.total_cmp(&own.0).then(next.1.cmp(&own.1)).is_lt(),
            _ => false,
        };
        match next.filter(|_| is_before) {
            Some(next) => {
                self.touch_set(next);
                0
            }
            None => room.min(1),
        }
    }

    /// A set wants nothing more of its pool, or cannot have it for another reason.
    pub(super) fn leave_queue(&mut self, id: SetId) {
        if !self.is_fair() {
            return;
        }
        let Some(set) = self.state.view.set_mut(id) else { return };
        if set.blocked != Some(Limit::Pool) {
            return;
        }
        set.blocked = None;
        let pool = set.spec.pool;
        if let Some(pool) = self.state.view.pool_mut(pool) {
            pool.blocked.retain(|other| *other != id);
        }
    }

    /// The place in a pool's queue of the set that is next, of those that `may` have more.
    pub(super) fn fairest(&self, id: PoolId, may: impl Fn(&Set) -> bool) -> Option<usize> {
        let view = &self.state.view;
        let blocked = view.pool(id)?.blocked.iter().enumerate().take(COMPARED_MAX);
        let known = blocked.filter_map(|(place, set)| Some((place, *set, view.set(*set)?)));
        let open = known.filter(|(_, _, set)| may(set));
        let scored = open.map(|(place, id, set)| (self.share_of(set), id, place));
        let least = scored.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        least.map(|(_, _, place)| place)
    }

    /// Calls the next of a pool's queue: the fairest, who stays in it until it has what it wants.
    pub(super) fn call_fairest(&mut self, id: PoolId) -> bool {
        let place = self.fairest(id, |_| true);
        let next = place.and_then(|place| self.state.view.pool(id)?.blocked.get(place).copied());
        if let Some(next) = next {
            self.touch_set(next);
        }
        next.is_some()
    }

    /// What a set has for its weight. Who has nothing comes before all others, the longest waiting
    /// first: so nobody waits for more runners to end than there are sets.
    fn share_of(&self, set: &Set) -> f64 {
        let waited = set.denied_since.map_or(Span::ZERO, |since| self.state.now.since(since));
        let age = 1.0 + waited.as_secs_f64() / AGE.as_secs_f64();
        let weight = weight_of(&self.state.view, set);
        match set.runners + set.granted {
            0 => -age,
            have => f64::from(have) / (weight * age),
        }
    }

    /// Notes since when quota has denied a set what it wants.
    pub(super) fn note_denied(&mut self, id: SetId, granted: u32, denied: u32) {
        let (now, is_fair) = (self.state.now, self.is_fair());
        if let Some(set) = self.state.view.set_mut(id).filter(|_| is_fair) {
            set.denied_since = match set.denied_since {
                _ if denied == 0 => None,
                Some(since) if granted == 0 => Some(since),
                _ => Some(now),
            };
        }
    }

    /// Who is asked next where the policy has room left, with the fair order.
    pub(super) fn fairest_with_room(&self, id: PoolId, policy: PolicySpec) -> Option<usize> {
        let view = &self.state.view;
        let pool = view.pool(id)?;
        let room = super::quota::pool_room(pool, policy);
        self.fairest(id, |set| view.room_beside_guarantees(pool, &set.spec, room).0 > 0)
    }
}

/// What an hour of a set's waiting is worth against a standard one.
fn weight_of(view: &View, set: &Set) -> f64 {
    let of_team = view.team(set.spec.team).and_then(|team| team.spec.service_class);
    of_team.map_or_else(|| set.mix.weight(), dial::weight)
}
