//! Numbers and the names behind them, gathered from the entry stream.

use crate::dense::cell;
use crate::wait::Misfit;
use greenroom_scheduler::decision::Decision;
use greenroom_scheduler::fact::Naming;
use greenroom_scheduler::id::{FleetId, NodeId, PoolId, SetId, TeamId, TypeId, ZoneId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Time;

/// What of no team or class is shown under: cost that the platform bears.
pub const PLATFORM: &str = "platform";

/// Everything that got a name so far.
#[derive(Clone, Debug, Default)]
pub struct Names {
    teams: Vec<String>,
    pools: Vec<Pool>,
    sets: Vec<Option<Set>>,
    fleets: Vec<String>,
    types: Vec<Option<Type>>,
    zones: Vec<String>,
    labels: Vec<Option<Label>>,
    misfits: Vec<(SetId, Misfit)>,
    warmup: Time,
}

/// A pool's name and, where GitHub hosts it, its price.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Name, empty until given.
    pub name: String,
    /// Price of a started minute on GitHub's machines; none on own ones.
    pub hosted_per_minute: Option<Money>,
}

/// What a runner set is made of.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// Whose.
    pub team: TeamId,
    /// Of which pool.
    pub pool: PoolId,
    /// At which GitHub instance.
    pub forge: Forge,
    /// On which nodes.
    pub fleet: FleetId,
    /// What one runner occupies.
    pub request: Resources,
}

/// An instance type.
#[derive(Clone, Debug)]
pub struct Type {
    /// EC2's name.
    pub name: String,
    /// What runners can use of a node.
    pub allocatable: Resources,
}

/// Where a job comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// `owner/name`.
    pub repository: String,
    /// Workflow.
    pub workflow: String,
    /// Job name.
    pub job: String,
}

impl Names {
    /// Learns which runner sets fit on no machine; decisions tell, once or more.
    pub fn learn_misfit(&mut self, decision: &Decision) {
        if let Decision::Misfit { set, request, largest } = *decision
            && self.misfits.iter().all(|(known, _)| *known != set)
        {
            self.misfits.push((set, Misfit { request, largest }));
        }
    }

    /// Runner sets whose jobs no instance type of their class can hold.
    pub fn misfits(&self) -> &[(SetId, Misfit)] {
        &self.misfits
    }

    /// Learns a name. A number out of all proportion to those before it is forgotten: what it
    /// names is then shown by its number.
    pub fn learn(&mut self, naming: &Naming) {
        match naming {
            Naming::Team(team, name) => put(&mut self.teams, team.index(), name.clone()),
            Naming::Pool { pool, name, hosted_per_minute } => {
                let known = Pool { name: name.clone(), hosted_per_minute: *hosted_per_minute };
                put(&mut self.pools, pool.index(), known);
            }
            Naming::Set { set, team, pool, forge, fleet, request } => {
                let known = Set {
                    team: *team,
                    pool: *pool,
                    forge: *forge,
                    fleet: *fleet,
                    request: *request,
                };
                put(&mut self.sets, set.index(), Some(known));
            }
            Naming::Fleet(fleet, name) => put(&mut self.fleets, fleet.index(), name.clone()),
            Naming::Type { instance_type, name, allocatable } => {
                let known = Type { name: name.clone(), allocatable: *allocatable };
                put(&mut self.types, instance_type.index(), Some(known));
            }
            Naming::Zone(zone, name) => put(&mut self.zones, zone.index(), name.clone()),
            Naming::Label { label, repository, workflow, job } => {
                let known = Label {
                    repository: repository.clone(),
                    workflow: workflow.clone(),
                    job: job.clone(),
                };
                put(&mut self.labels, *label as usize, Some(known));
            }
            Naming::Warmup(end) => self.warmup = *end,
        }
    }

    /// The end of warm-up; the first instant when there is none.
    pub const fn warmup(&self) -> Time {
        self.warmup
    }

    /// How many teams have a number.
    pub fn teams(&self) -> usize {
        self.teams.len()
    }

    /// How many pools have a number.
    pub fn pools(&self) -> usize {
        self.pools.len()
    }

    /// How many runner sets have a number.
    pub fn sets(&self) -> usize {
        self.sets.len()
    }

    /// A team's name.
    pub fn team(&self, team: TeamId) -> String {
        named(&self.teams, team.index(), "team")
    }

    /// A pool's name, which is its class.
    pub fn pool(&self, pool: PoolId) -> String {
        let name = self.pools.get(pool.index()).map(|known| known.name.as_str());
        name.filter(|name| !name.is_empty())
            .map_or_else(|| format!("class {pool}"), ToOwned::to_owned)
    }

    /// Price of a started minute where GitHub hosts the pool of this set.
    pub fn hosted_per_minute(&self, set: usize) -> Option<Money> {
        let pool = self.set(set)?.pool;
        self.pools.get(pool.index())?.hosted_per_minute
    }

    /// A runner set by its number.
    pub fn set(&self, set: usize) -> Option<&Set> {
        self.sets.get(set)?.as_ref()
    }

    /// A runner set as people call it: `team / class`.
    pub fn set_name(&self, set: SetId) -> String {
        self.set(set.index()).map_or_else(
            || format!("runner set {set}"),
            |known| format!("{} / {}", self.team(known.team), self.pool(known.pool)),
        )
    }

    /// A fleet's name.
    pub fn fleet(&self, fleet: FleetId) -> String {
        named(&self.fleets, fleet.index(), "fleet")
    }

    /// An instance type, if it has a name.
    pub fn instance_type(&self, instance_type: TypeId) -> Option<&Type> {
        self.types.get(instance_type.index())?.as_ref()
    }

    /// An instance type's name.
    pub fn type_name(&self, instance_type: TypeId) -> String {
        self.instance_type(instance_type)
            .map_or_else(|| format!("type {instance_type}"), |known| known.name.clone())
    }

    /// A zone's name.
    pub fn zone(&self, zone: ZoneId) -> String {
        named(&self.zones, zone.index(), "zone")
    }

    /// Where jobs with this number come from.
    pub fn label(&self, label: u32) -> Option<&Label> {
        self.labels.get(label as usize)?.as_ref()
    }

    /// A node as people see it in tables.
    pub fn node(&self, node: NodeId) -> String {
        format!("node {}", node.serial)
    }
}

fn put<T: Default>(table: &mut Vec<T>, index: usize, value: T) {
    if let Some(place) = cell(table, index) {
        *place = value;
    }
}

fn named(table: &[String], index: usize, kind: &str) -> String {
    table
        .get(index)
        .filter(|name| !name.is_empty())
        .map_or_else(|| format!("{kind} {index}"), Clone::clone)
}
