//! Configurations by the points that stand for them, and their runs.

use super::knobs::Turn;
use crate::failure::Failure;
use crate::input::{InputArgs, Opened, configuration};
use crate::play;
use greenroom_reports::plan::{
    Extent, Measure, Members, Outcome, PeakNodes, Peaks, Point, Slo, Space, TypeSize,
};
use greenroom_reports::summary::{Fold, Options, Summary};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::CapacityType;
use greenroom_sim::check::Laws;
use greenroom_sim::config::{Config, Layer};
use greenroom_sim::ec2::QuotaGroup;
use greenroom_sim::run::{Plan, WorldPlan};
use greenroom_sim::setup::{Seed, plan};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A configuration and what it was made of.
pub(super) struct Candidate {
    pub(super) config: Config,
    pub(super) layers: Vec<Layer>,
}

/// Configurations that were asked for so far.
pub(super) struct Field {
    base: Vec<Layer>,
    turns: Vec<Turn>,
    seed: u64,
    normal: HashMap<Point, Option<Point>>,
    candidates: HashMap<Point, Arc<Candidate>>,
    /// The point that stands for all that make the same configuration.
    by_config: HashMap<String, Point>,
}

impl Field {
    pub(super) fn new(base: Vec<Layer>, turns: Vec<Turn>, seed: u64) -> Self {
        let (normal, candidates) = (HashMap::new(), HashMap::new());
        Self { base, turns, seed, normal, candidates, by_config: HashMap::new() }
    }

    /// The configuration of a point that [`Self::normal`] answered.
    pub(super) fn candidate(&self, point: &[usize]) -> Arc<Candidate> {
        Arc::clone(&self.candidates[point])
    }

    /// The point that stands for the same configuration: with today's value of every key that the
    /// others leave without effect. None for what is no configuration.
    pub(super) fn normal(&mut self, space: &Space, point: &[usize]) -> Option<Point> {
        if let Some(known) = self.normal.get(point) {
            return known.clone();
        }
        let normal = self.find(space, point);
        self.normal.insert(point.to_vec(), normal.clone());
        normal
    }

    fn find(&mut self, space: &Space, point: &[usize]) -> Option<Point> {
        let mut own = point.to_vec();
        // What is idle hangs on the other keys, and those may be idle themselves.
        let candidate = loop {
            let layers = self.layers(space, &own);
            let config = configuration(&layers).ok()?;
            let idle = |(place, turn): (&usize, &Turn)| *place != 0 && !(turn.when)(&config);
            let Some(number) = own.iter().zip(&self.turns).position(idle) else {
                break Candidate { config, layers };
            };
            own[number] = 0;
        };
        let text = format!("{:?}", candidate.config);
        if let Some(known) = self.by_config.get(&text) {
            return Some(known.clone());
        }
        let seed = Seed { seed: self.seed, replication: 0 };
        plan(&candidate.config, seed, None, None).ok()?;
        self.by_config.insert(text, own.clone());
        self.normal.insert(own.clone(), Some(own.clone()));
        self.candidates.insert(own.clone(), Arc::new(candidate));
        Some(own)
    }

    fn layers(&self, space: &Space, point: &[usize]) -> Vec<Layer> {
        let mut layers = self.base.clone();
        for ((axis, turn), &place) in space.axes.iter().zip(&self.turns).zip(point) {
            if place != 0 {
                layers.extend(turn.layers(&axis.values[place].text));
            }
        }
        layers
    }
}

/// What runs have in common.
pub(super) struct Ground<'a> {
    pub(super) input: &'a InputArgs,
    pub(super) slo: &'a Slo,
    pub(super) members: Arc<Members>,
    pub(super) sizes: Vec<TypeSize>,
    pub(super) zones: Vec<String>,
    /// How many jobs the beginning is.
    pub(super) beginning_jobs: u64,
}

/// What a run leaves.
pub(super) struct Played {
    pub(super) summary: Summary,
    pub(super) outcome: Outcome,
    pub(super) nodes: Vec<PeakNodes>,
    pub(super) vcpu: BTreeMap<(usize, CapacityType), u32>,
}

impl Ground<'_> {
    /// One run, held to the laws; `more` sees its entries too.
    pub(super) fn play<S: Sink>(
        &self,
        candidate: &Candidate,
        opened: &mut Opened,
        (extent, replication): (Extent, u64),
        more: S,
    ) -> Result<Played, Failure> {
        let told = (&candidate.config, &candidate.layers[..]);
        let bar = ProgressBar::hidden();
        let mut ready = play::ready(self.input, told, opened, replication, bar)?;
        if extent == Extent::Beginning {
            ready.watched.end_after(self.beginning_jobs);
        }
        let mut laws = Laws::default();
        let mut fold = Fold::new(ready.who.clone(), Options::default());
        let mut measure = Measure::new(Arc::clone(&self.members));
        let mut peaks = Peaks::new(self.sizes.clone(), self.zones.clone());
        let outcome = ready.play((&mut laws, (&mut fold, (&mut measure, (&mut peaks, more)))))?;
        play::hold(&laws, fold.breaches())?;
        let summary = fold.summary();
        ready.agree(&summary, &outcome)?;
        let mut values = measure.values_s(self.slo);
        let jobs = summary.jobs;
        values.push((jobs.arrived > 0).then(|| jobs.lost as f64 / jobs.arrived as f64));
        let outcome = Outcome { cost_usd: summary.cost_usd.total, values };
        let (nodes, vcpu) = (peaks.nodes(), peaks.vcpu().clone());
        Ok(Played { summary, outcome, nodes, vcpu })
    }
}

/// What the types of a run count against.
pub(super) fn sizes(plan: &Plan) -> Vec<TypeSize> {
    let WorldPlan::Eks(world) = &plan.world else { return Vec::new() };
    let quota = |category: &str| {
        let group = QuotaGroup::of(category);
        QuotaGroup::ALL.iter().position(|other| *other == group).unwrap_or_default()
    };
    let all = world.catalogue.iter();
    all.map(|(_, kind)| TypeSize { vcpu: kind.vcpu, quota: quota(kind.category()) }).collect()
}
