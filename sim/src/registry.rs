//! Who is who: gives numbers to teams, pools, fleets and runner sets as the trace names them, and
//! tells the core and the reports at first sight.

use crate::engine::outbox::Outbox;
use crate::rules::{PoolRule, Rules};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::{FleetId, PoolId, SetId, TeamId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Fleet, RunnerSet};
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
    /// Whether it was told before it came.
    pub announced: bool,
}

/// The numbers given so far.
#[derive(Debug)]
pub struct Registry {
    rules: Rules,
    // Looked up by key only, never walked, so their order cannot leak into a result.
    sets: HashMap<SetKey, SetId>,
    labels: HashMap<LabelKey, u32>,
    teams: HashMap<Name, TeamId>,
    pools: HashMap<(String, Option<Resources>), PoolId>,
    /// Classes that go to the same pool share its sets.
    by_pool: HashMap<(TeamId, PoolId, Forge), SetId>,
    fleets: HashMap<(String, Forge, Option<TeamId>), FleetId>,
    facts: Vec<SetFacts>,
    fleet_specs: Vec<Fleet>,
    recent_sets: Recent<SetKey, SetId>,
    recent_labels: Recent<LabelKey, u32>,
    /// By repository and workflow; told where a policy learns from them.
    workflows: Option<HashMap<(Name, Name), u32>>,
}

/// Answers given lately, each at a place that its key chooses: most jobs ask what another asked
/// shortly before, and comparing beats hashing.
#[derive(Debug)]
struct Recent<K, V>([Option<(K, V)>; RECENT]);

/// How many: the classes, teams and job names that come in turns.
const RECENT: usize = 64;

impl<K: Copy + PartialEq, V: Copy> Recent<K, V> {
    const fn new() -> Self {
        Self([None; RECENT])
    }

    fn get(&self, choice: u32, key: K) -> Option<V> {
        let (known, value) = self.0[choice as usize % RECENT]?;
        (known == key).then_some(value)
    }

    fn note(&mut self, choice: u32, key: K, value: V) {
        self.0[choice as usize % RECENT] = Some((key, value));
    }
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
            by_pool: HashMap::new(),
            fleets: HashMap::new(),
            facts: Vec::new(),
            fleet_specs: Vec::new(),
            recent_sets: Recent::new(),
            recent_labels: Recent::new(),
            workflows: None,
        }
    }

    /// The core is told which workflow each label belongs to.
    pub fn tell_workflows(&mut self) {
        self.workflows.get_or_insert_default();
    }

    /// The runner sets so far, by number.
    pub fn sets(&self) -> &[SetFacts] {
        &self.facts
    }

    /// The fleets so far, by number.
    pub fn fleets(&self) -> &[Fleet] {
        &self.fleet_specs
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
        let (class, team) = (job.class.0, job.team.0);
        let choice = class.wrapping_add(team.wrapping_mul(7)).wrapping_add(job.forge as u32 * 31);
        let set = self.recent_sets.get(choice, set_key).unwrap_or_else(|| {
            let set = match self.sets.get(&set_key) {
                Some(&set) => set,
                None => self.new_set(set_key, &text, out),
            };
            self.recent_sets.note(choice, set_key, set);
            set
        });
        let (workflow, name) = (job.workflow.0, job.job.0);
        let choice = job.repository.0.wrapping_add(workflow.wrapping_mul(7)).wrapping_add(name);
        let label = self.recent_labels.get(choice, label_key).unwrap_or_else(|| {
            let label = match self.labels.get(&label_key) {
                Some(&label) => label,
                None => self.new_label(label_key, &text, out),
            };
            self.recent_labels.note(choice, label_key, label);
            label
        });
        Place { set, label, announced: false }
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
        if let Some(workflows) = &mut self.workflows {
            let next = workflows.len() as u32;
            let workflow = *workflows.entry((key.0, key.1)).or_insert(next);
            out.tell(Event::LabelKnown { label, workflow });
        }
        label
    }

    fn new_set<'t, S: Sink>(
        &mut self,
        key: SetKey,
        text: &impl Fn(Name) -> &'t str,
        out: &mut Outbox<'_, S>,
    ) -> SetId {
        let (class, team_name, recorded, size) = key;
        let forge = self.rules.forge(text(team_name), recorded);
        let team = self.team(team_name, text, out);
        let rule = self.rules.pool(text(class), size);
        let pool = self.pool(&rule, size, out);
        if let Some(&set) = self.by_pool.get(&(team, pool, forge)) {
            self.sets.insert(key, set);
            return set;
        }
        let isolated = self.rules.team(text(team_name)).isolated;
        let owner = isolated.then(|| (team, text(team_name)));
        let fleet = self.fleet(&rule, forge, owner, out);
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
        self.by_pool.insert((team, pool, forge), set);
        set
    }

    fn pool<S: Sink>(
        &mut self,
        rule: &PoolRule,
        size: Option<Resources>,
        out: &mut Outbox<'_, S>,
    ) -> PoolId {
        // Sizes matter only where the configuration leaves the size to the trace.
        let key = (rule.spec.name.clone(), size.filter(|_| rule.size_from_trace));
        if let Some(&pool) = self.pools.get(&key) {
            return pool;
        }
        let mut spec = rule.spec.clone();
        if self.pools.keys().any(|(name, _)| *name == spec.name) {
            let Resources { cpu_milli, memory_mib, gpu } = spec.request;
            let cpu = f64::from(cpu_milli) / 1000.0;
            let gpu = if gpu > 0 { format!(", {gpu} GPU") } else { String::new() };
            spec.name = format!("{} ({cpu} vCPU, {memory_mib} MiB{gpu})", spec.name);
        }
        let pool = PoolId(self.pools.len() as u32);
        self.pools.insert(key, pool);
        let (name, hosted_per_minute) = (spec.name.clone(), rule.hosted_per_minute);
        let naming = Naming::Pool { pool, name, hosted_per_minute };
        out.fact(&Fact::Named(Box::new(naming)));
        out.tell(Event::PoolKnown(pool, Box::new(spec)));
        pool
    }

    fn fleet<S: Sink>(
        &mut self,
        rule: &PoolRule,
        forge: Forge,
        owner: Option<(TeamId, &str)>,
        out: &mut Outbox<'_, S>,
    ) -> FleetId {
        let key = (rule.fleet_name.clone(), forge, owner.map(|(team, _)| team));
        if let Some(&fleet) = self.fleets.get(&key) {
            return fleet;
        }
        let fleet = FleetId(self.fleets.len() as u32);
        let name = fleet_name(&key.0, forge, owner.map(|(_, name)| name));
        let spec = Fleet { forge, team: key.2, ..rule.fleet.clone() };
        self.fleets.insert(key, fleet);
        self.fleet_specs.push(spec.clone());
        out.fact(&Fact::Named(Box::new(Naming::Fleet(fleet, name))));
        out.tell(Event::FleetKnown(fleet, Box::new(spec)));
        fleet
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
