//! No team and no pool ever has more runners than it may.

use super::Broken;
use greenroom_scheduler::id::{FleetId, PoolId, SetId, TeamId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Pool, Team};

/// Runners of a team or pool, and the most it may have.
#[derive(Clone, Copy, Debug)]
struct Use {
    runners: u32,
    max: u32,
}

impl Default for Use {
    fn default() -> Self {
        Self { runners: 0, max: u32::MAX }
    }
}

/// What a set is.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetFacts {
    pub(super) team: TeamId,
    pool: PoolId,
    pub(super) forge: Forge,
    pub(super) request: Resources,
}

#[derive(Debug, Default)]
pub(super) struct Quota {
    sets: Vec<Option<SetFacts>>,
    teams: Vec<(Use, bool)>,
    pools: Vec<Use>,
}

/// The place of an index in a table, made if need be.
pub(super) fn grown<T: Clone + Default>(table: &mut Vec<T>, index: usize) -> &mut T {
    if index >= table.len() {
        table.resize(index + 1, T::default());
    }
    &mut table[index]
}

impl Quota {
    pub(super) fn set_known(
        &mut self,
        set: SetId,
        team: TeamId,
        pool: PoolId,
        forge: Forge,
        _fleet: FleetId,
        request: Resources,
    ) {
        grown(&mut self.teams, team.index());
        grown(&mut self.pools, pool.index());
        *grown(&mut self.sets, set.index()) = Some(SetFacts { team, pool, forge, request });
    }

    pub(super) fn team_known(&mut self, id: TeamId, team: &Team) {
        let known = grown(&mut self.teams, id.index());
        known.0.max = team.max.unwrap_or(u32::MAX);
        known.1 = team.isolated;
    }

    pub(super) fn pool_known(&mut self, id: PoolId, pool: &Pool) {
        grown(&mut self.pools, id.index()).max = pool.max.unwrap_or(u32::MAX);
    }

    #[inline]
    pub(super) fn set(&self, id: SetId) -> Option<SetFacts> {
        self.sets.get(id.index()).copied().flatten()
    }

    #[inline]
    pub(super) fn is_isolated(&self, team: TeamId) -> bool {
        self.teams.get(team.index()).is_some_and(|team| team.1)
    }

    #[inline]
    pub(super) fn created(&mut self, id: SetId) -> Result<(), Broken> {
        let Some(set) = self.set(id) else { return Err(Broken::NotAlive("set", id.0)) };
        let team = &mut self.teams[set.team.index()].0;
        let pool = &mut self.pools[set.pool.index()];
        team.runners += 1;
        pool.runners += 1;
        if team.runners > team.max || pool.runners > pool.max {
            return Err(Broken::QuotaPassed(id));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn gone(&mut self, id: SetId) {
        if let Some(set) = self.set(id) {
            self.teams[set.team.index()].0.runners -= 1;
            self.pools[set.pool.index()].runners -= 1;
        }
    }
}
