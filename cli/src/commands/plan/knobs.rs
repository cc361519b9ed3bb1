//! What the search turns: one table, a line a key.

use super::survey::{Nodes, Survey};
use crate::commands::compare::split;
use crate::failure::{Exit, Failure};
use crate::input::configuration;
use greenroom_reports::plan::{Axis, Point, Space, Value};
use greenroom_scheduler::config::PolicyName;
use greenroom_scheduler::model::{CapacityType, NodesBy};
use greenroom_sim::config::{Config, Layer, World, keys};

/// A key, the values that are tried beside today's, and when it has an effect. `*` stands for the
/// pools on the same nodes. What the configuration refuses is left out, so that a value may stand
/// here before every world takes it; whole numbers above the most jobs that ever run at once are
/// left out too.
const KNOBS: &[Knob] = &[
    knob(POLICY, &["greenroom", "reactive"], |_| true),
    knob("wait_value_usd_per_hour", &["0", "5", "20", "75"], is_greenroom),
    knob("tiers.hot.count", &["auto", "0", "1", "2", "5", "10", "20", "50", "100"], by_core),
    knob("tiers.stopped.count", &["auto", "0", "5", "10", "20", "50", "100", "200"], is_greenroom),
    knob("lookahead.learned", &["false"], is_greenroom),
    knob("policy.greenroom.keep_alive_s", &["auto", "0", "60", "300", "900"], is_greenroom),
    knob("policy.greenroom.packing.slots", &["false"], by_core),
    knob("policy.greenroom.packing.headroom", &["0.1", "0.5"], by_core),
    knob("dial.spot_share_max", &["0.1", "1.0"], is_dialled),
    knob("dial.spot_by_job", &["false"], is_dialled),
    knob("policy.reactive.keep_alive_s", &["0", "60", "300", "900", "3600"], is_reactive),
    knob("policy.arc.min_runners", &["0", "1", "2", "5", "10", "20", "50"], is_arc),
    knob("policy.fixed.runners", &["5", "10", "20", "50", "100", "200"], is_fixed),
    knob("pool.*.capacity", &["[\"spot\", \"on-demand\"]", "[\"on-demand\"]"], is_eks),
    knob("pool.*.families", &[GENERAL, COMPUTE, GENERAL_ARM], is_eks),
    knob("node.cpu_max", &["8", "16", "32", "64"], is_eks),
    knob("spot.hazard_per_hour_max", &["0.02", "0.1", "0.5"], buys_spot),
];

/// Machines of 4 GiB a vCPU, where 16 GiB beside 4 vCPU waste nothing.
const GENERAL: &str = "[\"m5\", \"m6a\", \"m6i\", \"m7a\", \"m7i\"]";
/// Machines of 2 GiB a vCPU.
const COMPUTE: &str = "[\"c5\", \"c6a\", \"c6i\", \"c7a\", \"c7i\"]";
/// Graviton.
const GENERAL_ARM: &str = "[\"m6g\", \"m7g\", \"m8g\"]";

/// Nodes that are turned each by itself; beyond, all at once.
const NODES_MAX: usize = 3;

struct Knob {
    key: &'static str,
    values: &'static [&'static str],
    /// Whether a configuration looks at it.
    when: fn(&Config) -> bool,
}

const fn knob(
    key: &'static str,
    values: &'static [&'static str],
    when: fn(&Config) -> bool,
) -> Knob {
    Knob { key, values, when }
}

fn is_greenroom(config: &Config) -> bool {
    config.policy.name == PolicyName::Greenroom
}

fn by_core(config: &Config) -> bool {
    is_greenroom(config) && config.nodes.resolved(config.policy.name) == NodesBy::Core
}

fn is_dialled(config: &Config) -> bool {
    is_greenroom(config) && buys_spot(config)
}

fn is_reactive(config: &Config) -> bool {
    config.policy.name == PolicyName::Reactive
}

fn is_arc(config: &Config) -> bool {
    config.policy.name == PolicyName::Arc
}

fn is_fixed(config: &Config) -> bool {
    config.policy.name == PolicyName::Fixed
}

fn buys_spot(config: &Config) -> bool {
    let buys =
        |capacity: &[CapacityType]| capacity.is_empty() || capacity.contains(&CapacityType::Spot);
    let pools = &config.pool;
    is_eks(config) && (pools.is_empty() || pools.values().any(|pool| buys(&pool.capacity)))
}

fn is_eks(config: &Config) -> bool {
    config.world == World::Eks
}

/// What one axis of the space does to a configuration.
pub(super) struct Turn {
    /// The keys that get the value.
    keys: Vec<String>,
    /// What is said beside it.
    beside: Vec<String>,
    /// Whether a configuration looks at it.
    pub(super) when: fn(&Config) -> bool,
}

impl Turn {
    /// The layers that say a value.
    pub(super) fn layers(&self, value: &str) -> Vec<Layer> {
        let own = self.keys.iter().map(|key| format!("{key}={value}"));
        own.chain(self.beside.iter().cloned()).map(|set| Layer::set(&set)).collect()
    }
}

/// What is searched.
#[derive(Default)]
pub(super) struct Table {
    pub(super) space: Space,
    /// What each axis does.
    pub(super) turns: Vec<Turn>,
    /// Where the search begins beside today's: each policy makes other keys mean something.
    pub(super) starts: Vec<Point>,
}

/// The key that decides which others mean something.
const POLICY: &str = "policy.name";

/// What the table of keys makes of this configuration.
pub(super) fn of_table(base: &[Layer], config: &Config, survey: &Survey) -> Table {
    let mut table = Table::default();
    let policies = KNOBS.iter().filter(|knob| knob.key == POLICY);
    let others = policies.flat_map(|knob| knob.values).filter_map(|name| {
        configuration(&[base, &[Layer::set(&format!("{POLICY}={name}"))]].concat()).ok()
    });
    let reached: Vec<Config> = [config.clone()].into_iter().chain(others).collect();
    for Knob { key, values, when } in KNOBS {
        if !reached.iter().any(when) {
            continue;
        }
        for (title, turn) in turns_of(key, *when, survey) {
            let is_sane = |value: &str| {
                let amount = value.parse::<u64>().ok();
                let is_count = key.ends_with("count") || key.ends_with("runners");
                !(is_count && amount.is_some_and(|amount| amount > survey.peak))
                    && configuration(&[base, &turn.layers(value)].concat()).is_ok()
            };
            let values: Vec<&str> = values.iter().copied().filter(|value| is_sane(value)).collect();
            table.add((title, &values), turn, config);
        }
    }
    table
}

/// The same of keys that somebody names, and of no others.
pub(super) fn of_grid(base: &[Layer], config: &Config, grid: &[String]) -> Result<Table, Failure> {
    let mut table = Table::default();
    for axis in grid {
        let parts = axis.split_once('=').map(|(key, values)| (key.trim(), split(values)));
        let Some((key, values)) = parts.filter(|(key, all)| !key.is_empty() && !all.is_empty())
        else {
            let message = format!("--grid: found {axis:?}, expected KEY=A,B,...");
            return Err(Failure::told(Exit::Usage, message));
        };
        let when = KNOBS
            .iter()
            .find(|knob| knob.key == key)
            .map_or(always as fn(&Config) -> bool, |knob| knob.when);
        let turn = Turn { keys: vec![key.to_owned()], beside: Vec::new(), when };
        for value in &values {
            // Not whether it fits to all the rest, which another key may change.
            let alone = turn.layers(value);
            if let Err(error) = configuration(&[base, &alone].concat()) {
                // A key that exists and a value that it can have somewhere.
                let is_refused_by_world = configuration(&alone).is_ok();
                if !is_refused_by_world {
                    return Err(error);
                }
            }
        }
        table.add((key.to_owned(), &values), turn, config);
    }
    Ok(table)
}

fn always(_: &Config) -> bool {
    true
}

impl Table {
    /// Adds an axis with today's value before the others, unless there is nothing to turn.
    fn add(&mut self, (title, values): (String, &[&str]), turn: Turn, config: &Config) {
        let today = keys(config).get(&turn.keys[0]).cloned();
        let amount = |text: &str| text.parse().ok();
        let plain = |text: &str| text.trim_matches('"').replace(' ', "");
        let own = today.as_deref().map(plain);
        let mut all = vec![Value {
            amount: today.as_deref().and_then(amount),
            text: today.unwrap_or_else(|| "unset".to_owned()),
        }];
        for value in values.iter().filter(|value| Some(plain(value)) != own) {
            all.push(Value { text: (*value).to_owned(), amount: amount(value) });
        }
        if all.len() == 1 {
            return;
        }
        self.starts.iter_mut().for_each(|start| start.push(0));
        if title == POLICY {
            let before = vec![0; self.turns.len()];
            self.starts.extend((1..all.len()).map(|place| [&before[..], &[place]].concat()));
        }
        self.space.axes.push(Axis { key: title, values: all });
        self.turns.push(turn);
    }
}

/// The axes of a key: one, or one for each kind of nodes.
fn turns_of(key: &str, when: fn(&Config) -> bool, survey: &Survey) -> Vec<(String, Turn)> {
    let Some(of_pool) = key.strip_prefix("pool.*.") else {
        let turn = Turn { keys: vec![key.to_owned()], beside: Vec::new(), when };
        return vec![(key.to_owned(), turn)];
    };
    let turn = |nodes: &[&Nodes]| {
        let pools = || nodes.iter().flat_map(|nodes| &nodes.pools);
        let beside = nodes.iter().flat_map(|nodes| {
            let arch = nodes.arch.iter();
            arch.flat_map(|arch| {
                nodes.pools.iter().map(move |pool| format!("pool.{pool}.arch={arch}"))
            })
        });
        Turn {
            keys: pools().map(|pool| format!("pool.{pool}.{of_pool}")).collect(),
            beside: beside.collect(),
            when,
        }
    };
    let all: Vec<&Nodes> = survey.nodes.iter().collect();
    match all.len() {
        0 => Vec::new(),
        1..=NODES_MAX => all
            .iter()
            .map(|nodes| (format!("pool.{}.{of_pool}", nodes.name), turn(&[*nodes])))
            .collect(),
        _ => vec![(key.to_owned(), turn(&all))],
    }
}
