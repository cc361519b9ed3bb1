//! Who is who: gives numbers to teams, pools, fleets and runner sets as the trace names them, and
//! tells the core and the reports at first sight.

use crate::engine::outbox::Outbox;
use crate::rules::Rules;
use greenroom_scheduler::event::Event;
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::{FleetId, PoolId, SetId, TeamId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::RunnerSet;
use greenroom_traces::arrival::{Arrival, Name};
use std::collections::HashMap;

/// What decides the runner set of a job.
type SetKey = (Name, Name, Forge, Option<Resources>);

/// What decides the label of a job: repository, workflow, job name.
type LabelKey = (Name, Name, Name);

/// A runner set as the world needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetFacts {
    /// Whose runners, of which pool, where.
    pub spec: RunnerSet,
    /// What one runner asks for.
    pub request: Resources,
    /// Set for GitHub-hosted classes: price of a minute.
    pub hosted_per_minute: Option<Money>,
    /// Most runners of its pool.
    pub pool_max: Option<u32>,
    /// The image of its runners, by its place in the world's list.
    pub image: u32,
}

/// Where a job belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its runner set.
    pub set: SetId,
    /// The number of its repository, workflow and job name together.
    pub label: u32,
}

/// The numbers given so far.
#[derive(Debug)]
pub struct Registry {
    rules: Rules,
    // Looked up by key only, never walked, so their order cannot leak into a result.
    sets: HashMap<SetKey, SetId>,
    labels: HashMap<LabelKey, u32>,
    teams: HashMap<Name, TeamId>,
    pools: HashMap<(Name, Option<Resources>), PoolId>,
    fleets: HashMap<(String, Forge, Option<TeamId>), FleetId>,
    facts: Vec<SetFacts>,
    /// The keys of the job before: most jobs share them, and comparing beats looking up.
    last: Option<(SetKey, LabelKey, Place)>,
}

impl Registry {
    /// Nobody is known yet.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            sets: HashMap::new(),
            labels: HashMap::new(),
            teams: HashMap::new(),
            pools: HashMap::new(),
            fleets: HashMap::new(),
            facts: Vec::new(),
            last: None,
        }
    }

    /// The runner sets so far, by number.
    pub fn sets(&self) -> &[SetFacts] {
        &self.facts
    }

    /// Where a job belongs. `text` gives the names behind the numbers.
    pub fn place<'t, S: Sink>(
        &mut self,
        job: &Arrival,
        text: impl Fn(Name) -> &'t str,
        out: &mut Outbox<'_, S>,
    ) -> Place {
        let set_key = (job.class, job.team, job.forge, job.size);
        let label_key = (job.repository, job.workflow, job.job);
        if let Some((last_set, last_label, place)) = self.last
            && last_set == set_key
            && last_label == label_key
        {
            return place;
        }
        let set = match self.sets.get(&set_key) {
            Some(&set) => set,
            None => self.new_set(set_key, &text, out),
        };
        let label = match self.labels.get(&label_key) {
            Some(&label) => label,
            None => self.new_label(label_key, &text, out),
        };
        let place = Place { set, label };
        self.last = Some((set_key, label_key, place));
        place
    }

    fn new_label<'t, S: Sink>(
        &mut self,
        key: LabelKey,
        text: &impl Fn(Name) -> &'t str,
        out: &mut Outbox<'_, S>,
    ) -> u32 {
        let label = self.labels.len() as u32;
        self.labels.insert(key, label);
        let (repository, workflow, job) =
            (text(key.0).into(), text(key.1).into(), text(key.2).into());
        let naming = Naming::Label { label, repository, workflow, job };
        out.fact(&Fact::Named(Box::new(naming)));
        label
    }

    fn new_set<'t, S: Sink>(
        &mut self,
        key: SetKey,
        text: &impl Fn(Name) -> &'t str,
        out: &mut Outbox<'_, S>,
    ) -> SetId {
        let (class, team_name, forge, size) = key;
        let team = self.team(team_name, text, out);
        let rule = self.rules.pool(text(class), size);
        // Sizes matter only where the configuration leaves the size to the trace.
        let pool_key = (class, size.filter(|_| rule.size_from_trace));
        let pool = match self.pools.get(&pool_key) {
            Some(&pool) => pool,
            None => {
                let pool = PoolId(self.pools.len() as u32);
                self.pools.insert(pool_key, pool);
                let name = rule.spec.name.clone();
                let hosted_per_minute = rule.hosted_per_minute;
                let naming = Naming::Pool { pool, name, hosted_per_minute };
                out.fact(&Fact::Named(Box::new(naming)));
                out.tell(Event::PoolKnown(pool, Box::new(rule.spec.clone())));
                pool
            }
        };
        let owner = self.rules.team(text(team_name)).isolated.then_some(team);
        let fleet_key = (rule.fleet_name.clone(), forge, owner);
        let fleet = match self.fleets.get(&fleet_key) {
            Some(&fleet) => fleet,
            None => {
                let fleet = FleetId(self.fleets.len() as u32);
                let name = fleet_name(&fleet_key.0, forge, owner.map(|_| text(team_name)));
                self.fleets.insert(fleet_key, fleet);
                out.fact(&Fact::Named(Box::new(Naming::Fleet(fleet, name))));
                let mut spec = rule.fleet.clone();
                (spec.forge, spec.team) = (forge, owner);
                out.tell(Event::FleetKnown(fleet, Box::new(spec)));
                fleet
            }
        };
        let set = SetId(self.facts.len() as u32);
        let spec = RunnerSet { team, pool, forge, fleet };
        let request = rule.spec.request;
        let naming = Naming::Set { set, team, pool, forge, fleet, request };
        out.fact(&Fact::Named(Box::new(naming)));
        out.tell(Event::SetKnown(set, spec));
        let (hosted_per_minute, image) = (rule.hosted_per_minute, rule.image);
        let pool_max = rule.spec.max;
        self.facts.push(SetFacts { spec, request, hosted_per_minute, pool_max, image });
        self.sets.insert(key, set);
        set
    }

    fn team<'t, S: Sink>(
        &mut self,
        name: Name,
        text: &impl Fn(Name) -> &'t str,
        out: &mut Outbox<'_, S>,
    ) -> TeamId {
        if let Some(&team) = self.teams.get(&name) {
            return team;
        }
        let team = TeamId(self.teams.len() as u32);
        self.teams.insert(name, team);
        let spec = self.rules.team(text(name));
        out.fact(&Fact::Named(Box::new(Naming::Team(team, spec.name.clone()))));
        out.tell(Event::TeamKnown(team, Box::new(spec)));
        team
    }
}

/// What people read for a fleet.
fn fleet_name(name: &str, forge: Forge, owner: Option<&str>) -> String {
    let forge = match forge {
        Forge::Cloud => "",
        Forge::Enterprise => "enterprise/",
    };
    let owner = owner.map(|team| format!("{team}/")).unwrap_or_default();
    format!("{forge}{owner}{name}")
}
