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
use crate::view::set::Set;
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

    /// Of what a set may have, what it has before others are asked who wait for the same pool.
    pub(super) fn fair_step(&self, id: SetId, spec: &RunnerSet, room: u32) -> u32 {
        let is_wanted = |pool: &Limited<_>| pool.blocked.iter().any(|other| *other != id);
        let pool = self.state.view.pool(spec.pool);
        let shares = self.is_fair() && pool.is_some_and(is_wanted);
        if shares { room.min(1) } else { room }
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

    /// The next in a pool's queue, taken out of it: the fairest, or whoever came first.
    pub(super) fn take_blocked(&mut self, id: PoolId) -> Option<SetId> {
        let place = if self.is_fair() { self.fairest(id, |_| true)? } else { 0 };
        self.state.view.pool_mut(id)?.blocked.remove(place)
    }

    /// What a set has for its weight; below zero where it has nothing, the longest waiting first.
    fn share_of(&self, set: &Set) -> f64 {
        let waited = set.denied_since.map_or(Span::ZERO, |since| self.state.now.since(since));
        let age = 1.0 + waited.as_secs_f64() / AGE.as_secs_f64();
        let weight = weight_of(&self.state.view, set) * age;
        match set.runners + set.granted {
            0 => -weight,
            have => f64::from(have) / weight,
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
