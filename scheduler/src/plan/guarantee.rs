//! Guarantees: what a team can have however many others want.
//!
//! Others may borrow what a team does not use, but in a pool with a limit so much is kept free that
//! each team which has jobs for the pool can still claim its own. Nothing is taken from a job that
//! runs: a guarantee that was lent before its team was known is given back as those jobs end.

use crate::core::Core;
use crate::decision::Cause;
use crate::id::{FleetId, SetId};
use crate::spec::{Pool, RunnerSet};
use crate::time::Span;
use crate::view::{Limited, View};

impl Core {
    /// Notes whether a set's team is guaranteed runners in its pool.
    pub(crate) fn note_guarantee(&mut self, id: SetId) {
        let view = &mut self.state.view;
        let Some(spec) = view.set(id).map(|set| set.spec) else { return };
        let wanted = view.team(spec.team).is_some_and(|team| team.spec.guaranteed > 0);
        let Some(pool) = view.pool_mut(spec.pool) else { return };
        let entry = (spec.team, id);
        match (pool.guaranteed.binary_search(&entry), wanted) {
            (Err(place), true) => pool.guaranteed.insert(place, entry),
            (Ok(place), false) => drop(pool.guaranteed.remove(place)),
            (Ok(_), true) | (Err(_), false) => return,
        }
        // What is kept changed, so those who wait may have more.
        let blocked = core::mem::take(&mut pool.blocked);
        self.unblock(blocked.into_iter());
    }
}

impl View {
    /// Of so much room in a pool, what a set may take and what allows no more: its team's own
    /// guarantee, and whatever is not kept for others.
    pub(super) fn room_beside_guarantees(
        &self,
        pool: &Limited<Pool>,
        spec: &RunnerSet,
        (room, cause): (u32, Cause),
    ) -> (u32, Cause) {
        if pool.guaranteed.is_empty() || room == u32::MAX {
            return (room, cause);
        }
        let (mut own, mut kept) = (0, 0_u32);
        for sets in pool.guaranteed.chunk_by(|one, next| one.0 == next.0) {
            let team = sets[0].0;
            let of_set =
                |&(_, set): &(_, SetId)| self.set(set).map_or(0, |set| set.runners + set.granted);
            let has: u32 = sets.iter().map(of_set).sum();
            let guaranteed = self.team(team).map_or(0, |team| team.spec.guaranteed);
            let unused = guaranteed.saturating_sub(has);
            if team == spec.team {
                own = unused;
            } else {
                kept = kept.saturating_add(unused);
            }
        }
        // Where more is guaranteed than there is, whoever comes first has it.
        let left = room.saturating_sub(kept).max(room.min(own));
        (left, if left < room { Cause::Guaranteed } else { cause })
    }
}

/// How long an empty node is kept where a team is guaranteed runners: whoever has short jobs all the
/// time meets warm nodes, and ten minutes after its last one nothing is spent on it any more.
const GUARANTEED_KEPT: Span = Span::from_secs(600);

impl Core {
    /// How long an empty node of a fleet is kept at least, which holds so many runners, where its
    /// teams are guaranteed any, under fair shares: so many nodes as hold those are kept longer.
    pub(super) fn guaranteed_kept(&self, id: FleetId, places: u32) -> Option<Span> {
        let view = &self.state.view;
        let fleet = view.fleet(id).filter(|_| self.is_fair())?;
        let mut guaranteed = 0_u32;
        for pool in fleet.pools.iter().filter_map(|pool| view.pool(*pool)) {
            let here = |entry: &(_, SetId)| view.set(entry.1).is_some_and(|s| s.spec.fleet == id);
            for sets in pool.guaranteed.chunk_by(|one, next| one.0 == next.0) {
                if sets.iter().any(here) {
                    let of_team = view.team(sets[0].0).map_or(0, |team| team.spec.guaranteed);
                    guaranteed = guaranteed.saturating_add(of_team);
                }
            }
        }
        let kept = guaranteed.div_ceil(places.max(1));
        let span = if fleet.empties <= kept { GUARANTEED_KEPT } else { Span::ZERO };
        (guaranteed > 0).then_some(span)
    }
}
