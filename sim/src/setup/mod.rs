//! From a configuration to everything that a run is made of: names become numbers, defaults are
//! filled in, and what cannot be is refused.

mod fleets;
mod hosted;
mod records;
mod world;

pub(crate) use fleets::standard_hosted;
pub use records::Records;

use crate::catalogue::Catalogue;
use crate::config::{Config, GivenConfig, StoppedConfig, World};
use crate::lookahead::Given;
use crate::random::Streams;
use crate::run::{Plan, WorldPlan};
use crate::world::one_slot::StoppedTier;
use greenroom_scheduler::config::{KeepAlive, PolicyName};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Forecast, InstanceType, Settings};
use greenroom_scheduler::time::{Span, Time};
use std::sync::Arc;
use thiserror::Error;

/// A configuration that is well formed but cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// A key whose value the rest of the run does not allow.
    #[error("{key}: found {found}, expected {expected}")]
    Value {
        /// Which key.
        key: String,
        /// What stands there.
        found: String,
        /// What could.
        expected: String,
    },
    /// A file that the configuration names could not be read.
    #[error(transparent)]
    Read(#[from] crate::catalogue::ReadError),
}

/// Which randomness a run has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seed {
    /// What the user gave.
    pub seed: u64,
    /// Which of several runs of the same input, from 0.
    pub replication: u64,
}

/// Everything that a run is made of. `warmup` and `until` are points on the trace's time line.
///
/// # Errors
/// A name that the catalogue does not know, or a wish that no instance type can meet.
pub fn plan(
    config: &Config,
    seed: Seed,
    warmup: Option<Time>,
    until: Option<Time>,
) -> Result<Plan, SetupError> {
    let streams = Streams::new(seed.seed).replication(seed.replication);
    match config.world {
        World::OneSlot => Ok(one_slot(config, streams, warmup, until)),
        World::Eks => {
            let catalogue = Arc::new(catalogue(config)?);
            let world = world::eks(config, catalogue.clone(), streams)?;
            let types = world.types.clone();
            let (rules, images) = fleets::rules(config, &catalogue, &world)?;
            let settings = settings(config, types);
            let world = WorldPlan::Eks(Box::new(crate::world::eks::Plan { images, ..world }));
            Ok(Plan { settings, rules, world, given: None, warmup, until, foreknown: None })
        }
    }
}

fn catalogue(config: &Config) -> Result<Catalogue, SetupError> {
    let Some(file) = &config.ec2.catalogue else { return Ok(Catalogue::embedded()) };
    let opened = std::fs::File::open(file).map_err(|error| SetupError::Value {
        key: "ec2.catalogue".into(),
        found: format!("{file:?} ({error})"),
        expected: "a readable file of instance types".into(),
    })?;
    Ok(Catalogue::read(file, opened)?)
}

fn settings(config: &Config, types: Vec<InstanceType>) -> Settings {
    let weighs = config.policy.name == PolicyName::Greenroom;
    let zones = config.ec2.zones.len() as u32;
    Settings {
        policy: config
            .policy
            .resolved(config.tiers.hot.count.nodes(), config.tiers.stopped.count.nodes()),
        nodes_by: config.nodes.resolved(config.policy.name),
        types,
        reruns_max: config.reruns_max,
        intent_ttl: Span::from_secs_f64(config.intent_ttl_s),
        disruptions_max: config.disruptions_max,
        cancel_launches: config.policy.cancels_launches(),
        spot: config.spot.resolved(),
        schedule: config.policy.schedule(),
        forecast: forecast(config),
        // Where a node has one place there is nothing to pack.
        packing: (weighs && config.world == World::Eks)
            .then(|| config.policy.greenroom.packing.resolved()),
        dial: weighs.then(|| config.dial.resolved(config.wait_value_usd_per_hour, zones)),
    }
}

fn one_slot(config: &Config, streams: Streams, warmup: Option<Time>, until: Option<Time>) -> Plan {
    let numbers = &config.one_slot;
    let rate = Rate::from_usd_per_hour(numbers.price_usd_per_hour);
    let parameters = crate::world::one_slot::Parameters {
        boot: numbers.boot(),
        streams,
        dispatch: Span::from_secs_f64(numbers.dispatch_s),
        duration_min: Span::from_secs_f64(numbers.duration_min_s),
        rate,
        stopped: stopped(config),
        tells_runs: learns_from_runs(config),
    };
    let machine = InstanceType {
        name: "one-slot".into(),
        allocatable: Resources::JOB_DEFAULT,
        pods_max: 1,
        on_demand: rate,
        spot: rate,
    };
    let keep_alive_s = config.policy.keep_alive_s();
    let boot = Span::from_secs_f64(parameters.boot.mean_s());
    let keep_alive = keep_alive_s.map_or(boot, Span::from_secs_f64);
    let settings = settings(config, vec![machine]);
    let GivenConfig { share, lead_s, sigma_s } = config.lookahead.given;
    let given = Given {
        share,
        lead: Span::from_secs_f64(lead_s),
        sigma: Span::from_secs_f64(sigma_s),
        streams,
    };
    Plan {
        given: (share > 0.0 && settings.policy.looks_ahead()).then_some(given),
        settings,
        rules: fleets::one_slot_rules(config, keep_alive, boot_beside(config, boot)),
        world: WorldPlan::OneSlot(parameters),
        warmup,
        until,
        foreknown: None,
    }
}

/// What a node takes to start, for the policy that needs to know it where its keep-alive is another.
pub(crate) fn boot_beside(config: &Config, boot: Span) -> Option<Span> {
    let is_other = config.policy.name == PolicyName::Greenroom;
    let is_set = config.policy.keep_alive_s().is_some() || config.world == World::Eks;
    (is_other && is_set).then_some(boot)
}

/// What the policy learns from the past, where it learns anything.
fn forecast(config: &Config) -> Option<Forecast> {
    if config.policy.name != PolicyName::Greenroom {
        return None;
    }
    let StoppedConfig { count, start_s, price_ratio, restock_s, prepare_s } = config.tiers.stopped;
    let wait_value = config.wait_value_usd_per_hour.unwrap_or(WAIT_VALUE_USD_PER_HOUR);
    let forecast = Forecast {
        wait_value_micro_usd_per_hour: (wait_value * 1e6).round() as u64,
        hot: config.tiers.hot.count.is_auto(),
        stopped: count.is_auto(),
        runs: config.lookahead.learned,
        keep_alive: config.policy.greenroom.keep_alive_s == Some(KeepAlive::Auto),
        tier: greenroom_scheduler::spec::StoppedTier {
            start: Span::from_secs_f64(start_s - config.one_slot.dispatch_s),
            restock: Span::from_secs_f64(restock_s),
            prepare: Span::from_secs_f64(prepare_s),
            price_ratio,
        },
    };
    (forecast.reckons() || forecast.runs).then_some(forecast)
}

/// Whether the policy is to be told of the jobs of runs.
fn learns_from_runs(config: &Config) -> bool {
    forecast(config).is_some_and(|forecast| forecast.runs)
}

/// What an hour of waiting is worth to a policy that weighs it, where nothing else was said: what
/// bounds are told at, too.
const WAIT_VALUE_USD_PER_HOUR: f64 = 20.0;

/// What the one-slot world does with stopped nodes.
fn stopped(config: &Config) -> Option<StoppedTier> {
    let StoppedConfig { count, start_s, price_ratio, restock_s, prepare_s } = config.tiers.stopped;
    let boot_s = config.one_slot.boot().mean_s();
    count.is_any().then_some(StoppedTier {
        start: Span::from_secs_f64(start_s - config.one_slot.dispatch_s),
        stop: Span::from_secs_f64((restock_s - boot_s).max(0.0)),
        prepare: Span::from_secs_f64(prepare_s),
        price_ratio,
    })
}
