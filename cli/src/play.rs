//! One run of an input: made ready, played, and held to the laws.

use crate::failure::{Exit, Failure, OrExit};
use crate::hindsight;
use crate::input::{Again, InputArgs, Opened, refused};
use crate::watch::{Watched, failed};
use greenroom_reports::hindsight::Hindsight;
use greenroom_reports::ledger::{Breaches, IdleRule};
use greenroom_reports::summary::{Run, Summary};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::bound::Bounds;
use greenroom_sim::check::Laws;
use greenroom_sim::config::{Config, IdlePayer, Layer};
use greenroom_sim::engine::simulation::Arrivals as _;
use greenroom_sim::run::{Outcome, Plan, run};
use greenroom_sim::setup::{Seed, plan};
use indicatif::ProgressBar;
use std::fmt::Write as _;

/// A run that can begin.
pub(crate) struct Ready {
    /// What it is, for the summary.
    pub(crate) who: Run,
    /// Its jobs.
    pub(crate) watched: Watched,
    plan: Plan,
    again: Again,
}

/// Makes a run ready. `layers` are what `config` was made of: they give a fault its place.
pub(crate) fn ready(
    input: &InputArgs,
    (config, layers): (&Config, &[Layer]),
    opened: &mut Opened,
    replication: u64,
    bar: ProgressBar,
) -> Result<Ready, Failure> {
    let again = opened.again();
    let mut feed = input.feed(opened, config)?;
    let begin = feed.peek().or_exit(Exit::Input)?.unwrap_or_default();
    let warmup_s = config.run.warmup_s;
    let warmup = (warmup_s > 0.0).then(|| begin + Span::from_secs_f64(warmup_s));
    let seed = Seed { seed: input.seed, replication };
    let mut plan = plan(config, seed, warmup, until(config, begin)?)
        .map_err(|error| refused(layers, &error))?;
    let later_by = hindsight::foresee(input, config, &mut plan, &mut again.opened())?;
    let who = Run {
        seed: input.seed,
        policy: plan.settings.policy.name().to_owned(),
        world: config.world.name().to_owned(),
        nodes_by: plan.settings.nodes_by,
        trace: input.name(),
        idle_rule: match config.report.idle {
            IdlePayer::ByUse => IdleRule::ByUse,
            IdlePayer::ByLastUser => IdleRule::ByLastUser,
            IdlePayer::Platform => IdleRule::Platform,
        },
    };
    Ok(Ready { who, watched: Watched::new(feed.later_by(later_by), bar), plan, again })
}

impl Ready {
    /// Plays it to its end.
    pub(crate) fn play<S: Sink>(&mut self, sink: S) -> Result<Outcome, Failure> {
        run(&self.plan, &mut self.watched, sink).map_err(failed)
    }

    /// What was played with hindsight; none of a run that is cut, or of which a part is left out:
    /// of those bounds say nothing.
    pub(crate) fn bounds(
        &self,
        input: &InputArgs,
        config: &Config,
    ) -> Result<Option<Bounds>, Failure> {
        let is_whole = self.plan.warmup.is_none() && self.plan.until.is_none();
        if !(is_whole && config.report.bound) {
            return Ok(None);
        }
        hindsight::gather(input, config, &self.plan, &mut self.again.opened()).map(Some)
    }

    /// The same as what is told beside a run.
    pub(crate) fn hindsight(
        &self,
        input: &InputArgs,
        config: &Config,
    ) -> Result<Option<Hindsight>, Failure> {
        let bounds = self.bounds(input, config)?;
        Ok(bounds.and_then(|bounds| hindsight::told(&bounds, config)))
    }

    /// The world's bill and the reports' ledger share no code and must be the same sum. With a
    /// warm-up, which figures leave out and the bill does not, they are compared node by node only,
    /// by the ledger.
    pub(crate) fn agree(&self, summary: &Summary, outcome: &Outcome) -> Result<(), Failure> {
        if self.plan.warmup.is_some() {
            return Ok(());
        }
        let ledger = Money::from_usd(summary.cost_usd.total);
        if ledger == outcome.bill {
            return Ok(());
        }
        let message = format!(
            "the world charges {:.6} USD in all, the ledger {:.6}\n{REPORT_IT}",
            outcome.bill.as_usd(),
            ledger.as_usd()
        );
        Err(Failure::told(Exit::Law, message))
    }
}

/// When the run is cut, on the trace's time line.
pub(crate) fn until(config: &Config, begin: Time) -> Result<Option<Time>, Failure> {
    use greenroom_traces::Limit;
    let Some(until) = &config.run.until else { return Ok(None) };
    let limit = Limit::parse("run.until", until.text()).or_exit(Exit::Input)?;
    Ok(Some(match limit {
        Limit::At(ms) => Time::from_ms(ms),
        Limit::After(ms) => begin + Span::from_ms(ms),
    }))
}

const REPORT_IT: &str = "this is a bug of Greenroom: please report it with the command line, the \
                         version and, if you can, the trace";

/// Laws that were broken end the run with a code of their own.
pub(crate) fn hold(laws: &Laws, ledger: &Breaches) -> Result<(), Failure> {
    let (breaches, count) = laws.breaches();
    if count == 0 && ledger.is_empty() {
        return Ok(());
    }
    let mut text = format!("{} laws were broken", count + ledger.count);
    for breach in breaches {
        // Writing to text cannot fail.
        let _ = write!(text, "\n  {breach}");
    }
    for (at, breach) in &ledger.told {
        let _ = write!(text, "\n  at {} ms: {breach}", at.as_ms());
    }
    Err(Failure::told(Exit::Law, format!("{text}\n{REPORT_IT}")))
}
