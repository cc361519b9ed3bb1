//! Bounds of an input: the input is read once more, by whoever knows durations.

use crate::failure::Failure;
use crate::input::{InputArgs, Opened};
use crate::watch::{Watched, failed};
use greenroom_reports::compare::{Bound, Curve, Frontier};
use greenroom_reports::hindsight::{Hindsight, Least};
use greenroom_scheduler::config::PolicyName;
use greenroom_scheduler::time::Span;
use greenroom_sim::bound::{Bounds, Gather, LowerBound, Oracle};
use greenroom_sim::config::{Config, IdlePayer, World};
use greenroom_sim::ec2::PriceModel;
use greenroom_sim::engine::simulation::Arrivals as _;
use greenroom_sim::run::Plan;

/// What an hour of waiting is taken to be worth where nobody says: between a nightly job (0) and a
/// blocked developer (75 and more).
pub(crate) const WAIT_VALUE: f64 = 20.0;

/// Reads the input from its beginning.
pub(crate) fn gather(
    input: &InputArgs,
    config: &Config,
    plan: &Plan,
    opened: &mut Opened,
) -> Result<Bounds, Failure> {
    let feed = input.feed(opened, config)?;
    let mut watched = Watched::new(feed, indicatif::ProgressBar::hidden());
    let mut gather = Gather::new(plan);
    while watched.peek().map_err(failed)?.is_some() {
        let job = watched.take();
        gather.take(&job, watched.needs(), |name| watched.text(name));
    }
    Ok(gather.finish())
}

/// Lets the policy `oracle` know the input beforehand. Answers how much later than in the input
/// everything has to come; nothing for other policies.
pub(crate) fn foresee(
    input: &InputArgs,
    config: &Config,
    plan: &mut Plan,
    opened: &mut Opened,
) -> Result<Span, Failure> {
    if config.policy.name != PolicyName::Oracle {
        return Ok(Span::ZERO);
    }
    let feed = input.feed(opened, config)?;
    let mut watched = Watched::new(feed, indicatif::ProgressBar::hidden());
    let mut oracle = Oracle::new(plan);
    while watched.peek().map_err(failed)?.is_some() {
        let job = watched.take();
        oracle.take(&job, |name| watched.text(name));
    }
    let foreknown = oracle.finish();
    let later_by = foreknown.as_ref().map_or(Span::ZERO, |foreknown| foreknown.later_by);
    plan.foreknown = foreknown;
    Ok(later_by)
}

/// Whether the bounds hang on the seed: spot prices that are chance.
pub(crate) fn is_chance(config: &Config) -> bool {
    config.world == World::Eks && config.spot.market.price != PriceModel::Constant
}

/// Values of waiting whose bounds make a frontier, in USD an hour: close enough that the curve between
/// them is drawn no lower than by eye.
const FRONTIER: [f64; 16] = [
    0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 75.0, 150.0, 300.0, 1_000.0, 3_000.0,
    10_000.0,
];

/// What no side of a comparison can lie below; none where the bound is another one for each seed, or
/// is not known.
pub(crate) fn frontier(bounds: &Bounds, config: &Config) -> Option<Frontier> {
    if is_chance(config) {
        return None;
    }
    bounds.zero_wait_usd()?;
    let all = FRONTIER.map(|value| bounds.lower(value));
    let bounds: Vec<LowerBound> = all.into_iter().collect::<Option<_>>()?;
    let unavoidable_queue_s = bounds.first()?.unavoidable_s;
    let bounds = bounds.into_iter().map(|lower| Bound {
        wait_value_usd_per_hour: lower.wait_value,
        lower_bound_usd: lower.total_usd(),
    });
    Some(Frontier::new(Curve { unavoidable_queue_s, bounds: bounds.collect() }))
}

/// What is told of them beside a run; none for a world without priced nodes.
pub(crate) fn told(bounds: &Bounds, config: &Config) -> Option<Hindsight> {
    let value = config.wait_value_usd_per_hour.unwrap_or(WAIT_VALUE);
    let counts = bounds.counts();
    let all = least(bounds.zero_wait_usd()?, bounds.lower(value));
    let classes = bounds.by_class(value).into_iter();
    let classes = classes.map(|class| (class.name, least(class.zero_wait_usd, class.lower)));
    // Where the platform pays for idling, what a class pays is not what its nodes cost.
    let is_theirs = config.report.idle != IdlePayer::Platform;
    Some(Hindsight {
        all,
        classes: if is_theirs { classes.collect() } else { Vec::new() },
        wait_value_micro_usd_per_hour: (value * 1e6).round() as u64,
        jobs: counts.jobs,
        failed: counts.failed,
        cancelled: counts.cancelled,
    })
}

fn least(zero_wait_usd: f64, lower: Option<LowerBound>) -> Least {
    let nano = |usd: f64| (usd * 1e9).floor() as u64;
    Least {
        zero_wait_nano_usd: nano(zero_wait_usd),
        with_waiting_nano_usd: lower.map(|lower| nano(lower.total_usd())),
    }
}
