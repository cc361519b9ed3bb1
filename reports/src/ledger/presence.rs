//! How many nodes there were, and whose jobs they ran.

use super::node::{Node, User};
use crate::dense::cell;
use crate::names::Names;
use greenroom_scheduler::event::NodeEnd;
use greenroom_scheduler::time::Time;

/// Counts of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Nodes that EC2 gave.
    pub launched: u64,
    /// Of those, the ones that never ran a job.
    pub never_used: u64,
    /// Of those, the ones that EC2 took back.
    pub interrupted: u64,
    /// Most at once.
    pub peak: u64,
    now: u64,
}

impl Presence {
    #[inline]
    fn comes(&mut self, counts: bool) {
        self.now += 1;
        if counts {
            self.peak = self.peak.max(self.now);
        }
    }

    #[inline]
    fn goes(&mut self, counts: bool) {
        if counts {
            self.peak = self.peak.max(self.now);
        }
        self.now = self.now.saturating_sub(1);
    }

    fn ended(&mut self, used: bool, interrupted: bool) {
        self.launched += 1;
        self.never_used += u64::from(!used);
        self.interrupted += u64::from(interrupted);
    }
}

/// Presence in all, by team and by pool. A node that several teams share counts once for each.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    whole: Presence,
    teams: Vec<Presence>,
    pools: Vec<Presence>,
    /// By fleet: nodes that never ran a job, and of those the ones that EC2 took back apart.
    unused: Vec<[u64; 2]>,
}

impl Crowd {
    pub(super) fn launched(&mut self, names: &Names, at: Time) {
        self.whole.comes(at >= names.warmup());
    }

    pub(super) fn gone(&mut self, names: &Names, at: Time) {
        self.whole.goes(at >= names.warmup());
    }

    /// The first runner of a set came onto a node.
    #[inline]
    pub(super) fn arrives(&mut self, names: &Names, at: Time, users: &[User], set: u32) {
        let counts = at >= names.warmup();
        let (team, pool) = alone(names, users, set);
        if let Some(team) = team.and_then(|team| cell(&mut self.teams, team)) {
            team.comes(counts);
        }
        if let Some(pool) = pool.and_then(|pool| cell(&mut self.pools, pool)) {
            pool.comes(counts);
        }
    }

    /// The last runner of a set left a node.
    #[inline]
    pub(super) fn leaves(&mut self, names: &Names, at: Time, users: &[User], set: u32) {
        let counts = at >= names.warmup();
        let (team, pool) = alone(names, users, set);
        if let Some(team) = team.and_then(|team| cell(&mut self.teams, team)) {
            team.goes(counts);
        }
        if let Some(pool) = pool.and_then(|pool| cell(&mut self.pools, pool)) {
            pool.goes(counts);
        }
    }

    /// A node ended (or the run did), after warm-up.
    pub(super) fn ended(&mut self, names: &Names, node: &Node) {
        let interrupted = matches!(node.gone, Some((_, NodeEnd::Reclaimed)));
        let used = node.users.iter().any(|user| user.work() > 0);
        // It was prepared for the stock: its next life is the one that is to be of use.
        if !used && matches!(node.gone, Some((_, NodeEnd::Stopped))) {
            return;
        }
        self.whole.ended(used, interrupted);
        if !used {
            if let Some(unused) = cell(&mut self.unused, node.fleet as usize) {
                unused[usize::from(interrupted)] += 1;
            }
            return;
        }
        for (place, user) in node.users.iter().enumerate().filter(|(_, user)| user.work() > 0) {
            let Some(set) = names.set(user.payer as usize) else { continue };
            let earlier = || {
                let before = node.users[..place].iter().filter(|user| user.work() > 0);
                before.filter_map(|user| names.set(user.payer as usize))
            };
            if !earlier().any(|other| other.team == set.team)
                && let Some(team) = cell(&mut self.teams, set.team.index())
            {
                team.ended(true, interrupted);
            }
            if !earlier().any(|other| other.pool == set.pool)
                && let Some(pool) = cell(&mut self.pools, set.pool.index())
            {
                pool.ended(true, interrupted);
            }
        }
    }

    /// The run is over: nodes that never ran a job belong to the one team and the one pool that
    /// their fleet serves, where there is one.
    pub(super) fn finish(&mut self, names: &Names) {
        for (fleet, counts) in std::mem::take(&mut self.unused).into_iter().enumerate() {
            let (team, pool) = owners(names, fleet as u32);
            let team = team.and_then(|team| cell(&mut self.teams, team));
            let pool = pool.and_then(|pool| cell(&mut self.pools, pool));
            for owner in [team, pool].into_iter().flatten() {
                owner.launched += counts[0] + counts[1];
                owner.never_used += counts[0] + counts[1];
                owner.interrupted += counts[1];
            }
        }
    }

    pub(super) const fn whole(&self) -> Presence {
        self.whole
    }

    pub(super) fn team(&self, team: usize) -> Presence {
        self.teams.get(team).copied().unwrap_or_default()
    }

    pub(super) fn pool(&self, pool: usize) -> Presence {
        self.pools.get(pool).copied().unwrap_or_default()
    }
}

/// Team and pool of a set, each only if no other set of the same has a runner here.
#[inline]
fn alone(names: &Names, users: &[User], set: u32) -> (Option<usize>, Option<usize>) {
    let Some(own) = names.set(set as usize) else { return (None, None) };
    let (mut team, mut pool) = (Some(own.team.index()), Some(own.pool.index()));
    if users.len() > 1 {
        let others = users.iter().filter(|user| user.payer != set && user.here > 0);
        for other in others.filter_map(|user| names.set(user.payer as usize)) {
            team = team.filter(|_| other.team != own.team);
            pool = pool.filter(|_| other.pool != own.pool);
        }
    }
    (team, pool)
}

/// The one team and the one pool that a fleet serves; none where it serves several.
fn owners(names: &Names, fleet: u32) -> (Option<usize>, Option<usize>) {
    let mut sets =
        (0..names.sets()).filter_map(|set| names.set(set)).filter(|set| set.fleet.0 == fleet);
    let Some(first) = sets.next() else { return (None, None) };
    let (mut team, mut pool) = (Some(first.team.index()), Some(first.pool.index()));
    for set in sets {
        team = team.filter(|&team| team == set.team.index());
        pool = pool.filter(|&pool| pool == set.pool.index());
    }
    (team, pool)
}
