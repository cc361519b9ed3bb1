//! Quota: who may have how many runners.
//!
//! A grant counts against team and pool from the moment it is given, also while its runner waits
//! for a place and while the outcome of its creation is unknown.

use crate::core::Core;
use crate::decision::Cause;
use crate::id::{PoolId, SetId, TeamId};
use crate::money::Money;
use crate::spec::{PolicySpec, Pool, RunnerSet, Team};
use crate::time::Span;
use crate::view::load::Load;
use crate::view::set::Limit;
use crate::view::{Limited, View};
use crate::wakes::Wake;
use alloc::collections::VecDeque;

/// A month of budgets: 365.25 days / 12.
const MONTH: Span = Span::from_secs(730 * 3600 + 1800);

impl Core {
    /// Grants up to `count` runners to a set; the rest is denied and waits for quota.
    pub(super) fn grant(&mut self, id: SetId, count: u32, policy: PolicySpec) {
        let Some(spec) = self.state.view.set(id).map(|set| set.spec) else { return };
        if let Some(cause) = self.stopped_by(id, policy) {
            if let Some(set) = self.state.view.set_mut(id) {
                (set.denied, set.denied_by) = (count, Some(cause));
            }
            self.leave_queue(id);
            return;
        }
        self.roll_month(id, spec.team);
        let (room, cause) = self.quota_room(&spec, policy);
        let granted = self.fair_step(id, &spec, room, policy).min(count);
        self.note_denied(id, granted, count - granted);
        let request = self.request_of(id);
        let view = &mut self.state.view;
        let Some(set) = view.set_mut(id) else { return };
        set.granted += granted;
        set.denied = count - granted;
        if granted > 0 {
            let joins_queue = !core::mem::replace(&mut set.queued, true);
            count_runners(view, &spec, |runners| runners + granted);
            if let Some(fleet) = view.fleet_mut(spec.fleet) {
                fleet.waiting.add(Load::of(request, granted));
                if joins_queue {
                    fleet.queue.push_back(id);
                }
            }
            self.touch_fleet(spec.fleet);
        }
        if count > granted {
            self.block(id, cause);
        } else {
            self.leave_queue(id);
        }
    }

    /// Takes grants back that no job wants any more.
    pub(crate) fn release_grants(&mut self, id: SetId, count: u32) {
        let request = self.request_of(id);
        let Some(set) = self.state.view.set_mut(id) else { return };
        let count = count.min(set.granted);
        set.granted -= count;
        set.denied = 0;
        let spec = set.spec;
        if let Some(fleet) = self.state.view.fleet_mut(spec.fleet) {
            fleet.waiting.sub(Load::of(request, count));
        }
        self.leave_queue(id);
        self.give_back_quota(&spec, count);
        self.touch_fleet(spec.fleet);
    }

    /// Takes back grants that quota allows no more: a limit was lowered, or the budget was spent,
    /// since they were given. Says whether there were any; the set is then planned anew.
    pub(super) fn take_back_excess(&mut self, id: SetId) -> bool {
        let view = &self.state.view;
        let Some(set) = view.set(id).filter(|set| set.granted > 0) else { return false };
        let over =
            |runners: u32, most: Option<u32>| runners.saturating_sub(most.unwrap_or(runners));
        let of_team = view.team(set.spec.team).map_or(0, |team| match team_room(team) {
            (_, Cause::Budget) => set.granted,
            _ => over(team.runners, team.spec.max),
        });
        let of_pool = view.pool(set.spec.pool).map_or(0, |pool| over(pool.runners, pool.spec.max));
        let policy = self.state.settings.as_ref().map(|settings| settings.policy);
        let is_hopeless = set.misfit && !policy.is_some_and(PolicySpec::creates_misfits);
        let of_size = if is_hopeless { set.granted } else { 0 };
        let excess = of_team.max(of_pool).max(of_size).min(set.granted);
        if excess > 0 {
            self.release_grants(id, excess);
            self.touch_set(id);
        }
        excess > 0
    }

    /// What stops a set before quota does: its runners fit on no machine, or one was refused a short
    /// while ago. It uses up nobody's quota meanwhile.
    fn stopped_by(&self, id: SetId, policy: PolicySpec) -> Option<Cause> {
        let set = self.state.view.set(id)?;
        if set.misfit && !policy.creates_misfits() {
            return Some(Cause::NoMachineFits);
        }
        let retry = set.retry.filter(|retry| self.state.now < retry.at)?;
        Some(retry.why.cause())
    }

    /// Runners of a set are gone: others of its team and pool may have theirs.
    pub(crate) fn give_back_quota(&mut self, spec: &RunnerSet, count: u32) {
        count_runners(&mut self.state.view, spec, |runners| runners.saturating_sub(count));
        for _ in 0..count {
            let view = &mut self.state.view;
            let of_team = view.team_mut(spec.team).and_then(|team| team.blocked.pop_front());
            if self.is_fair() {
                let is_called = self.call_fairest(spec.pool);
                if of_team.is_none() && !is_called {
                    break;
                }
                self.unblock(of_team.into_iter());
                continue;
            }
            let view = &mut self.state.view;
            let of_pool = view.pool_mut(spec.pool).and_then(|pool| pool.blocked.pop_front());
            if of_team.is_none() && of_pool.is_none() {
                break;
            }
            self.unblock(of_team.into_iter().chain(of_pool));
        }
    }

    /// Gives what is left of a set's quota to the next set that waits for it. Whoever was called
    /// for it may have had no more use for it, or may be stopped by its other limit.
    pub(super) fn pass_quota_on(&mut self, id: SetId, policy: PolicySpec) {
        let Some(spec) = self.state.view.set(id).map(|set| set.spec) else { return };
        let view = &mut self.state.view;
        let nobody_waits = view.team(spec.team).is_none_or(|team| team.blocked.is_empty())
            && view.pool(spec.pool).is_none_or(|pool| pool.blocked.is_empty());
        if nobody_waits {
            return;
        }
        let of_team = view
            .team_mut(spec.team)
            .filter(|team| !team.blocked.is_empty() && team_room(team).0 > 0)
            .and_then(|team| team.blocked.pop_front());
        if self.is_fair() {
            self.unblock(of_team.into_iter());
            if let Some(place) = self.fairest_with_room(spec.pool, policy)
                && let Some(next) = self.state.view.pool(spec.pool).map(|pool| pool.blocked[place])
            {
                self.touch_set(next);
            }
            return;
        }
        let next = self.next_with_room(spec.pool, policy);
        let of_pool = self
            .state
            .view
            .pool_mut(spec.pool)
            .and_then(|pool| next.and_then(|place| pool.blocked.remove(place)));
        self.unblock(of_team.into_iter().chain(of_pool));
    }

    /// The first in a pool's queue whom the pool has room for. Without guarantees it has room for
    /// all or for nobody; with them the walk is as long as the pool has sets.
    fn next_with_room(&self, id: PoolId, policy: PolicySpec) -> Option<usize> {
        let view = &self.state.view;
        let pool = view.pool(id).filter(|pool| !pool.blocked.is_empty())?;
        let room = pool_room(pool, policy);
        if room.0 == 0 {
            return None;
        }
        pool.blocked.iter().position(|set| {
            view.set(*set)
                .is_some_and(|set| view.room_beside_guarantees(pool, &set.spec, room).0 > 0)
        })
    }

    /// How many more runners the set may have, and what allows no more.
    fn quota_room(&self, spec: &RunnerSet, policy: PolicySpec) -> (u32, Cause) {
        let view = &self.state.view;
        let of_team = view.team(spec.team).map_or(NO_LIMIT, team_room);
        let of_pool = view.pool(spec.pool).map_or(NO_LIMIT, |pool| {
            view.room_beside_guarantees(pool, spec, pool_room(pool, policy))
        });
        if of_pool.0 < of_team.0 { of_pool } else { of_team }
    }

    /// Puts a set into the queue of the limit that stops it, and out of the other's: who waits in
    /// a queue that does not stop it would not be called when the one that does moves on.
    fn block(&mut self, id: SetId, cause: Cause) {
        let view = &mut self.state.view;
        let Some(set) = view.sets.get_mut(id.index()).and_then(Option::as_mut) else { return };
        set.denied_by = Some(cause);
        let limit = match cause {
            Cause::TeamMax | Cause::Budget => Limit::Team,
            _ => Limit::Pool,
        };
        let spec = set.spec;
        let before = set.blocked.replace(limit);
        if before == Some(limit) {
            return;
        }
        let queue_of =
            |view: &mut View, limit, change: &mut dyn FnMut(&mut VecDeque<SetId>)| match limit {
                Limit::Team => view.team_mut(spec.team).map(|team| change(&mut team.blocked)),
                Limit::Pool => view.pool_mut(spec.pool).map(|pool| change(&mut pool.blocked)),
            };
        if let Some(before) = before {
            queue_of(view, before, &mut |queue| queue.retain(|other| *other != id));
        }
        queue_of(view, limit, &mut |queue| queue.push_back(id));
    }

    /// Begins a new month of the team's budget when the old one is over.
    fn roll_month(&mut self, id: SetId, team: TeamId) {
        let now = self.state.now;
        let Some(team) = self.state.view.team_mut(team) else { return };
        if team.spec.budget_per_month.is_none() {
            return;
        }
        while now.since(team.month_from) >= MONTH {
            team.month_from += MONTH;
            team.spent_micros = 0;
        }
        if team.spec.budget_per_month.is_some_and(|most| team.spent_micros >= most.as_micros()) {
            let at = team.month_from + MONTH;
            self.state.wakes.set(at, Wake::Set(id));
        }
    }
}

/// Nothing limits.
const NO_LIMIT: (u32, Cause) = (u32::MAX, Cause::AllBusy);

/// How many more runners a team may have, and what allows no more.
fn team_room(team: &Limited<Team>) -> (u32, Cause) {
    let spent = Money::from_micros(team.spent_micros);
    if team.spec.budget_per_month.is_some_and(|budget| spent >= budget) {
        return (0, Cause::Budget);
    }
    team.spec.max.map_or(NO_LIMIT, |max| (max.saturating_sub(team.runners), Cause::TeamMax))
}

/// How many more runners a pool may have, and what allows no more.
pub(super) fn pool_room(pool: &Limited<Pool>, policy: PolicySpec) -> (u32, Cause) {
    let by_policy = match policy.pool_max() {
        u32::MAX => NO_LIMIT,
        most => (most.saturating_sub(pool.runners), Cause::AllBusy),
    };
    match pool.spec.max.map(|max| max.saturating_sub(pool.runners)) {
        Some(room) if room <= by_policy.0 => (room, Cause::PoolMax),
        _ => by_policy,
    }
}

/// Changes the runner counts of a set's team and pool alike.
fn count_runners(view: &mut View, spec: &RunnerSet, change: impl Fn(u32) -> u32) {
    if let Some(team) = view.team_mut(spec.team) {
        team.runners = change(team.runners);
    }
    if let Some(pool) = view.pool_mut(spec.pool) {
        pool.runners = change(pool.runners);
    }
}
