//! What the input is: read once before anything is run.

use crate::failure::{Exit, Failure};
use crate::input::{InputArgs, Opened};
use crate::watch::{Watched, failed};
use greenroom_reports::plan::{Key, Members, Select, Slo};
use greenroom_scheduler::config::{PoolKind, fleet_of};
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Time;
use greenroom_sim::config::{Config, quoted};
use greenroom_sim::engine::simulation::Arrivals as _;
use greenroom_sim::run::Plan;
use greenroom_traces::arrival::Trigger;
use greenroom_traces::{Arrival, Name};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

/// Most values of a key that an error names.
const TOLD_MAX: usize = 12;

/// What the input is.
pub(super) struct Survey {
    pub(super) jobs: u64,
    /// When the first job was ready.
    pub(super) begin: Time,
    /// When the last one was.
    pub(super) end: Time,
    pub(super) members: Arc<Members>,
    /// Most jobs that ran at once in the record.
    pub(super) peak: u64,
    /// Nodes in the account that pools of the input run on, as far as they can be turned.
    pub(super) nodes: Vec<Nodes>,
}

/// Pools on the same nodes.
pub(super) struct Nodes {
    pub(super) name: String,
    /// Their names as parts of keys.
    pub(super) pools: BTreeSet<String>,
    /// Their instruction set where no pool says it: a pool that is named would get the default.
    pub(super) arch: Option<&'static str>,
}

/// Reads the input from its beginning.
pub(super) fn survey(
    input: &InputArgs,
    config: &Config,
    plan: &Plan,
    opened: &mut Opened,
    slo: &Slo,
) -> Result<Survey, Failure> {
    let feed = input.feed(opened, config)?;
    let mut watched = Watched::new(feed, indicatif::ProgressBar::hidden());
    let mut taking = Taking {
        config,
        plan,
        slo,
        members: Members::new(slo.objectives.len()),
        seen: BTreeMap::new(),
        numbers: HashMap::new(),
        classes: Vec::new(),
        ends: BinaryHeap::new(),
        peak: 0,
        jobs: 0,
        ready: None,
    };
    while watched.peek().map_err(failed)?.is_some() {
        let job = watched.take();
        taking.take(&job, |name| watched.text(name));
    }
    taking.finish()
}

struct Taking<'a> {
    config: &'a Config,
    plan: &'a Plan,
    slo: &'a Slo,
    members: Members,
    /// Values of keys that objectives ask for, for errors.
    seen: BTreeMap<&'static str, BTreeSet<String>>,
    /// Places in `classes`.
    numbers: HashMap<(Name, Option<Resources>), usize>,
    classes: Vec<Class>,
    ends: BinaryHeap<Reverse<Time>>,
    peak: usize,
    jobs: u64,
    ready: Option<(Time, Time)>,
}

/// What becomes of a class of the trace.
struct Class {
    pool: String,
    nodes: Option<(String, Option<&'static str>)>,
}

impl Taking<'_> {
    fn take<'t>(&mut self, job: &Arrival, text: impl Fn(Name) -> &'t str + Copy) {
        let key = (job.class, job.size);
        let number = self.numbers.get(&key).copied().unwrap_or_else(|| {
            let class = self.class(text(job.class), job.size);
            self.classes.push(class);
            self.numbers.insert(key, self.classes.len() - 1);
            self.classes.len() - 1
        });
        let class = &self.classes[number];
        let holds = |select: &Select| {
            let value = select.value.as_str();
            match select.key {
                Key::Event => event(job.trigger) == value,
                Key::Class => text(job.class) == value || class.pool == value,
                Key::Team => text(job.team) == value,
                Key::Repository => text(job.repository) == value,
                Key::Workflow => text(job.workflow) == value,
                Key::Job => text(job.job) == value,
            }
        };
        let objectives = self.slo.objectives.iter().enumerate();
        let own = objectives.filter(|(_, objective)| objective.selector.iter().all(holds));
        self.members.push(own.map(|(place, _)| place));
        for select in self.slo.objectives.iter().flat_map(|objective| &objective.selector) {
            let value = match select.key {
                Key::Event => event(job.trigger),
                Key::Class => class.pool.as_str(),
                Key::Team => text(job.team),
                Key::Repository => text(job.repository),
                Key::Workflow => text(job.workflow),
                Key::Job => text(job.job),
            };
            let seen = self.seen.entry(select.key.word()).or_default();
            if seen.len() <= TOLD_MAX && !seen.contains(value) {
                seen.insert(value.to_owned());
            }
        }
        self.jobs += 1;
        let (begin, end) = self.ready.unwrap_or((job.ready, job.ready));
        self.ready = Some((begin.min(job.ready), end.max(job.ready)));
        while self.ends.peek().is_some_and(|Reverse(end)| *end <= job.ready) {
            self.ends.pop();
        }
        self.ends.push(Reverse(job.ready + job.duration));
        self.peak = self.peak.max(self.ends.len());
    }

    fn class(&self, class: &str, size: Option<Resources>) -> Class {
        let rules = &self.plan.rules;
        let rule = rules.pool(class, size);
        let pool = rule.spec.name.clone();
        let nodes = match self.config.pool.get(&pool) {
            Some(own) if own.kind == PoolKind::Aws => {
                let arch = own.arch.is_none().then_some("x86_64");
                Some((fleet_of(&pool, own).to_owned(), arch))
            }
            Some(_) => None,
            None if rule.spec.hosted => None,
            // Only what a pool would be as well that is named and says nothing else.
            None => [false, true].into_iter().find_map(|arm| {
                let plain = rules.other_pools.iter().find(|other| other.arm == arm)?;
                let arch = if arm { "arm64" } else { "x86_64" };
                (plain.rule.fleet.types == rule.fleet.types).then(|| (pool.clone(), Some(arch)))
            }),
        };
        Class { pool, nodes }
    }

    fn finish(self) -> Result<Survey, Failure> {
        let Some((begin, end)) = self.ready else {
            return Err(Failure::told(Exit::Input, "found no job, expected one at least"));
        };
        for (place, objective) in self.slo.objectives.iter().enumerate() {
            if self.members.count(place) > 0 {
                continue;
            }
            let of_key = |select: &Select| {
                let seen = self.seen.get(select.key.word()).into_iter().flatten();
                let named: Vec<String> = seen
                    .take(TOLD_MAX)
                    .map(|value| if value.is_empty() { "(none)".into() } else { value.clone() })
                    .collect();
                format!("{}: {}", select.key.word(), named.join(", "))
            };
            let has: Vec<String> = objective.selector.iter().map(of_key).collect();
            let message = format!(
                "--slo: found no job with {}, expected one at least; the input has {}",
                objective.whose(),
                has.join("; ")
            );
            return Err(Failure::told(Exit::Input, message));
        }
        let mut nodes: BTreeMap<String, Nodes> = BTreeMap::new();
        for (name, arch) in self.classes.iter().filter_map(|class| class.nodes.clone()) {
            let entry = nodes.entry(name.clone());
            entry.or_insert_with(|| Nodes { name: quoted(&name), pools: BTreeSet::new(), arch });
        }
        for class in &self.classes {
            let own = class.nodes.as_ref().and_then(|(name, _)| nodes.get_mut(name));
            if let Some(own) = own {
                own.pools.insert(quoted(&class.pool));
            }
        }
        Ok(Survey {
            jobs: self.jobs,
            begin,
            end,
            members: Arc::new(self.members),
            peak: self.peak as u64,
            nodes: nodes.into_values().collect(),
        })
    }
}

/// As people type it.
const fn event(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Push => "push",
        Trigger::PullRequest => "pull_request",
        Trigger::MergeGroup => "merge_group",
        Trigger::Schedule => "schedule",
        Trigger::Other => "other",
    }
}
