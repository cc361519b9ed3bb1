//! What the configuration says of pools and teams, with defaults filled in.

use crate::setup::standard_hosted;
use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Fleet, Pool, Team};
use greenroom_scheduler::time::Span;
use std::collections::BTreeMap;

/// The name of the team of jobs whose trace names none.
pub const NO_TEAM: &str = "(no team)";

/// The name of the pool of jobs whose trace names no class, also in configurations.
pub const NO_CLASS: &str = "default";

/// What a pool is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRule {
    /// As the core sees it.
    pub spec: Pool,
    /// Whether `spec.request` is only a default that the trace's sizes replace.
    pub size_from_trace: bool,
    /// Set for GitHub-hosted classes: price of a minute.
    pub hosted_per_minute: Option<Money>,
    /// Pools of the same fleet name share nodes.
    pub fleet_name: String,
    /// Its fleet; instance and owner are filled in for each.
    pub fleet: Fleet,
    /// The image of its runners, by its place in the world's list.
    pub image: u32,
}

/// What a pool may be that the configuration does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherPool {
    /// The rule.
    pub rule: PoolRule,
    /// Whether its nodes are arm64.
    pub arm: bool,
    /// What nodes of each of its types offer.
    pub rooms: Vec<Resources>,
}

/// Whether a class says that its runners are arm64, as the label that runners give themselves
/// does.
fn names_arm(class: &str) -> bool {
    let words = class.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| {
        ["arm", "arm64", "aarch64", "graviton"].iter().any(|arm| word.eq_ignore_ascii_case(arm))
    })
}

/// What the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Pools by name.
    pub pools: BTreeMap<String, PoolRule>,
    /// Labels that pools answer to, and their names.
    pub labels: Vec<(Vec<String>, String)>,
    /// What any other pool may be, which gets its own name, and a fleet of that name unless it has one: the first
    /// that its name does not contradict and that its runners fit on.
    pub other_pools: Vec<OtherPool>,
    /// Whether GitHub hosts runners under its own labels; else every job takes a node.
    pub has_hosted: bool,
    /// Teams by name.
    pub teams: BTreeMap<String, Team>,
    /// Teams whose jobs are at this GitHub instance, whatever the trace says.
    pub forges: BTreeMap<String, Forge>,
}

impl Rules {
    /// What the pool of a class is: the one of its name, else the first one that has all its
    /// labels, else GitHub's own if the label is one of those, else one like any other.
    pub fn pool(&self, class: &str, size: Option<Resources>) -> PoolRule {
        let named = if class.is_empty() { NO_CLASS } else { class };
        let mut rule = if let Some(rule) = self.pools.get(named) {
            rule.clone()
        } else if let Some(rule) = self.by_labels(class) {
            rule.clone()
        } else if let Some(rule) = standard_hosted(class).filter(|_| self.has_hosted) {
            rule
        } else {
            let mut rule = self.other_pool(class, size).clone();
            rule.spec.name = named.into();
            if rule.fleet_name.is_empty() {
                rule.fleet_name.clone_from(&rule.spec.name);
            }
            rule
        };
        if rule.size_from_trace
            && let Some(size) = size
        {
            rule.spec.request = size;
        }
        rule
    }

    fn other_pool(&self, class: &str, size: Option<Resources>) -> &PoolRule {
        let arm = names_arm(class);
        let fits = |other: &&OtherPool| {
            other.arm == arm
                && size.is_none_or(|size| other.rooms.iter().any(|room| size.fits(*room)))
        };
        let plain = self.other_pools.first().expect("there is a plain one at least");
        &self.other_pools.iter().find(fits).unwrap_or(plain).rule
    }

    fn by_labels(&self, class: &str) -> Option<&PoolRule> {
        let has =
            |labels: &[String]| class.split('+').all(|label| labels.iter().any(|l| l == label));
        let (_, name) = self.labels.iter().find(|(labels, _)| has(labels))?;
        self.pools.get(name)
    }

    /// Where the jobs of the team of this name are; `recorded` is what the trace says.
    pub fn forge(&self, team: &str, recorded: Forge) -> Forge {
        self.forges.get(team).copied().unwrap_or(recorded)
    }

    /// What the team of this name is.
    pub fn team(&self, name: &str) -> Team {
        self.teams.get(name).cloned().unwrap_or_else(|| Team {
            name: if name.is_empty() { NO_TEAM.into() } else { name.into() },
            max: None,
            guaranteed: 0,
            budget_per_month: None,
            isolated: false,
            service_class: None,
        })
    }
}

/// A pool rule for nodes that are all alike, as the one-slot world has them.
pub fn plain_pool(keep_alive: Span, boot: Option<Span>) -> PoolRule {
    PoolRule {
        spec: Pool {
            name: String::new(),
            request: Resources::JOB_DEFAULT,
            max: None,
            hosted: false,
        },
        size_from_trace: false,
        hosted_per_minute: None,
        fleet_name: String::new(),
        fleet: Fleet {
            forge: Forge::Cloud,
            team: None,
            types: vec![greenroom_scheduler::id::TypeId(0)],
            capacity: vec![CapacityType::OnDemand],
            pods_per_node_max: None,
            nodes_max: None,
            keep_alive,
            boot,
            cpu_milli_max: u32::MAX,
        },
        image: 0,
    }
}
