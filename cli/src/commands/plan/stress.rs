//! How a configuration bears more jobs: what breaks first.

use super::field::{Candidate, Ground, sizes};
use super::survey::survey;
use crate::failure::Failure;
use crate::input::refused;
use greenroom_reports::plan::{Break, Extent, Slo, Stress, StressStep};
use greenroom_reports::wait::{CauseTotals, Waits, cause_name};
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Time;
use greenroom_sim::config::{Config, Layer};
use greenroom_sim::setup::{Seed, plan};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Steps on the way to the most.
pub(super) const STEPS: u32 = 4;

/// Runs of each step.
const RUNS: u64 = 2;

/// Runs that stress makes.
pub(super) const STRESS_RUNS_MAX: usize = (STEPS as usize + 1) * RUNS as usize;

/// Causes that are limits: a wait that was never there before is one that was reached.
const LIMITS: [Cause; 8] = [
    Cause::TeamMax,
    Cause::PoolMax,
    Cause::Guaranteed,
    Cause::Budget,
    Cause::NoMachineFits,
    Cause::AccountQuota,
    Cause::InsufficientCapacity,
    Cause::AllBusy,
];

/// What stress shows.
pub(super) struct Shown {
    pub(super) stress: Stress,
    /// Most vCPUs at once, by quota, at any step.
    pub(super) vcpu: BTreeMap<(usize, CapacityType), u32>,
}

/// What jobs waited for.
#[derive(Default)]
pub(super) struct Causes {
    waits: Waits,
    totals: CauseTotals,
}

impl Sink for Causes {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if let Some(story) = self.waits.step(at, entry)
            && story.result.is_some()
        {
            self.totals.add(story);
        }
    }
}

/// One step: means over its runs.
struct Step {
    factor: f64,
    figures_s: Vec<f64>,
    lost_share: f64,
    /// Seconds of waiting a job, by cause.
    waited_s: [f64; Cause::ALL.len()],
    vcpu: BTreeMap<(usize, CapacityType), u32>,
}

/// Runs the candidate with jobs that arrive up to `most` times as fast.
pub(super) fn stress(
    ground: &Ground<'_>,
    candidate: &Candidate,
    most: f64,
    limits: &[f64],
) -> Result<Shown, Failure> {
    let factors = (0..=STEPS).map(|step| {
        let factor = 1.0 + (most - 1.0) * f64::from(step) / f64::from(STEPS);
        (factor * 1e4).round() / 1e4
    });
    let factors: Vec<f64> = factors.collect();
    let steps: Vec<Step> = factors
        .par_iter()
        .map(|factor| step(ground, candidate, *factor))
        .collect::<Result<_, Failure>>()?;
    let mut vcpu = BTreeMap::new();
    for (quota, own) in steps.iter().flat_map(|step| &step.vcpu) {
        let most: &mut u32 = vcpu.entry(*quota).or_default();
        *most = (*most).max(*own);
    }
    let breaks = breaks(&steps, ground.slo, limits);
    let told = steps.into_iter().map(|step| {
        let Step { factor, figures_s, lost_share, .. } = step;
        StressStep { factor, figures_s, lost_share }
    });
    Ok(Shown { stress: Stress { factor: most, steps: told.collect(), breaks }, vcpu })
}

fn step(ground: &Ground<'_>, candidate: &Candidate, factor: f64) -> Result<Step, Failure> {
    let mut config: Config = candidate.config.clone();
    config.run.rate_scale *= factor;
    let mut layers = candidate.layers.clone();
    layers.push(Layer::set(&format!("run.rate_scale={}", config.run.rate_scale)));
    let seed = Seed { seed: ground.input.seed, replication: 0 };
    let plan = plan(&config, seed, None, None).map_err(|error| refused(&layers, &error))?;
    // Generated jobs are others at another rate, so that rows are looked at again.
    let opened = ground.input.open(&config)?;
    let again = opened.again();
    let members = survey(ground.input, &config, &plan, &mut again.opened(), ground.slo)?.members;
    let zones = ground.zones.clone();
    let own = Ground { members, sizes: sizes(&plan), zones, ..*ground };
    let faster = Candidate { config, layers };
    let mut sum = Step {
        factor,
        figures_s: vec![0.0; ground.slo.objectives.len()],
        lost_share: 0.0,
        waited_s: [0.0; Cause::ALL.len()],
        vcpu: BTreeMap::new(),
    };
    for replication in 0..RUNS {
        let mut causes = Causes::default();
        let run = (Extent::Whole, replication);
        let played = own.play(&faster, &mut again.opened(), run, &mut causes)?;
        let share = 1.0 / RUNS as f64;
        let mut values = played.outcome.values.iter().map(|value| value.unwrap_or(0.0));
        for figure in &mut sum.figures_s {
            *figure += values.next().unwrap_or(0.0) * share;
        }
        sum.lost_share += values.next().unwrap_or(0.0) * share;
        let jobs = played.summary.jobs.arrived.max(1) as f64;
        for (sum, ms) in sum.waited_s.iter_mut().zip(causes.totals.over(|_| true)) {
            *sum += ms as f64 / 1e3 / jobs * share;
        }
        for (quota, own) in played.vcpu {
            let most = sum.vcpu.entry(quota).or_default();
            *most = (*most).max(own);
        }
    }
    Ok(sum)
}

/// What holds at the first step and not at a later one, in the order in which it goes.
fn breaks(steps: &[Step], slo: &Slo, limits: &[f64]) -> Vec<Break> {
    let Some((calm, faster)) = steps.split_first() else { return Vec::new() };
    let mut breaks: Vec<Break> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for step in faster {
        let mut broke = |name: String, what: String| {
            if !told.contains(&name) {
                told.push(name);
                breaks.push(Break { factor: step.factor, what });
            }
        };
        for cause in LIMITS {
            let place = cause as usize;
            if calm.waited_s[place] == 0.0 && step.waited_s[place] > 0.0 {
                let what = format!("jobs begin to wait for a limit: {}", cause_name(cause));
                broke(format!("{cause:?}"), what);
            }
        }
        for (place, objective) in slo.objectives.iter().enumerate() {
            let (now, limit) = (step.figures_s[place], limits[place]);
            if now > limit && calm.figures_s[place] <= limit {
                let cause = grown(calm, step);
                let what = format!("{objective} is missed with {now:.1}s, mostly for {cause}");
                broke(objective.to_string(), what);
            }
        }
        let lost_max = limits.last().copied().unwrap_or(1.0);
        if step.lost_share > lost_max && calm.lost_share <= lost_max {
            let what = format!("{:.1} % of the jobs are lost", step.lost_share * 100.0);
            broke("lost".to_owned(), what);
        }
    }
    breaks
}

/// What jobs wait longer for than before, most of all.
fn grown(calm: &Step, step: &Step) -> &'static str {
    let growth = |cause: &Cause| step.waited_s[*cause as usize] - calm.waited_s[*cause as usize];
    let most = Cause::ALL.into_iter().max_by(|a, b| growth(a).total_cmp(&growth(b)));
    most.map_or("no cause", cause_name)
}
