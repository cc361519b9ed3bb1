//! From what the search found to what people are told.

use super::field::{Candidate, Field, Ground, Played};
use super::stress::stress;
use super::survey::Survey;
use super::{Args, OTHER_RUNS_MAX};
use crate::failure::Failure;
use crate::input::Again;
use greenroom_reports::compare::{Comparison, Days, Metric, Over, Runs, Side};
use greenroom_reports::plan::{
    Answer, Capacity, Choice, Extent, Found, MONTH_H, Measure, PeakNodes, Point, QUOTA_STEP_VCPU,
    QuotaRequest, Search, Slo, Turned, Wish, changes, points, risks,
};
use greenroom_reports::replications::{self, CONFIDENCE, Interval};
use greenroom_reports::summary::Summary;
use greenroom_scheduler::config::{DialConfig, PolicyName};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Span;
use greenroom_sim::config::{Config, LookaheadConfig, TiersConfig, keys, to_toml};
use greenroom_sim::ec2::QuotaGroup;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A month made of less than this would be nonsense.
const SPAN_H_MIN: f64 = 1.0 / 60.0;

/// Time of the input that counts, in hours.
pub(super) fn span_h(survey: &Survey, config: &Config) -> f64 {
    let begin = survey.begin + Span::from_secs_f64(config.run.warmup_s);
    (survey.end.since(begin).as_secs_f64() / 3_600.0).max(SPAN_H_MIN)
}

/// Everything that the answer is made of.
pub(super) struct Plan<'a> {
    pub(super) args: &'a Args,
    pub(super) slo: &'a Slo,
    /// The objectives' limits, and the one for lost jobs.
    pub(super) limits: &'a [f64],
    pub(super) survey: &'a Survey,
    pub(super) ground: &'a Ground<'a>,
    pub(super) field: &'a Field,
    pub(super) found: &'a Found,
    pub(super) played: &'a BTreeMap<(Point, u64), Played>,
    pub(super) explores_beginning: bool,
}

impl Plan<'_> {
    /// The answer, with the runs that only the two configurations in it get.
    pub(super) fn answer(&self, again: &Again) -> Result<Answer, Failure> {
        let Self { found, slo, limits, survey, .. } = *self;
        let start = found.space.start();
        let span_h = span_h(survey, &self.candidate(&start).config);
        let mut measure = Measure::by_day(Arc::clone(&self.survey.members));
        let comparison = self.comparison(again, &mut measure)?;
        let over_days = measure.spread_over_days_s(slo);
        let (today, chosen) = (self.choice(&start, span_h), self.choice(&found.nearest, span_h));
        let candidate = self.candidate(&found.nearest);
        let shown = stress(self.ground, &candidate, self.args.stress, limits)?;
        let month = |usd: f64| -usd * MONTH_H / span_h;
        let saves = |is_wanted: fn(Over) -> bool| {
            let cost = Metric::Cost.path();
            let mut pairs = comparison.paired.iter();
            let pair = pairs.find(|pair| pair.metric == cost && is_wanted(pair.over))?;
            Some(Interval {
                mean: month(pair.difference),
                low: month(pair.high.unwrap_or(pair.difference)),
                high: month(pair.low.unwrap_or(pair.difference)),
            })
        };
        let nothing = Interval { mean: 0.0, low: 0.0, high: 0.0 };
        let is_today = found.nearest == start;
        let mut risks = if is_today { Vec::new() } else { risks(&comparison) };
        for (objective, days) in slo.objectives.iter().zip(&over_days) {
            if let Some(Interval { high, .. }) = days.filter(|days| days.high > objective.limit_s) {
                risks.push(format!(
                    "on other days like these {objective} may be missed: {high:.1}s"
                ));
            }
        }
        Ok(Answer {
            trace: self.args.input.name(),
            world: candidate.config.world.name().to_owned(),
            seed: self.args.input.seed,
            jobs: survey.jobs,
            span_h,
            slo: Wish::of(slo, |place| survey.members.count(place)),
            lost_share_max: limits[limits.len() - 1],
            is_met: found.best.is_some(),
            confidence: CONFIDENCE,
            search: self.search(),
            front: points(found, limits, span_h, false),
            changes: if is_today { Vec::new() } else { self.changes(&start) },
            saves_per_month_usd: saves(|over| over != Over::Days).unwrap_or(nothing),
            saves_over_days_per_month_usd: saves(|over| over == Over::Days),
            risks,
            chosen_over_days_s: over_days,
            capacity: Capacity {
                nodes: peaks(self.of(&found.nearest).into_iter()),
                quotas: self.quotas(&candidate.config, &shown.vcpu),
            },
            stress: shown.stress,
            today,
            chosen,
        })
    }

    fn candidate(&self, point: &[usize]) -> Arc<Candidate> {
        self.field.candidate(point)
    }

    /// The runs of the whole input of a configuration, in order.
    fn of(&self, point: &Point) -> Vec<&Played> {
        self.played
            .range((point.clone(), 0)..=(point.clone(), u64::MAX))
            .map(|(_, run)| run)
            .collect()
    }

    fn summaries(&self, point: &Point) -> Vec<Summary> {
        self.of(point).into_iter().map(|run| run.summary.clone()).collect()
    }

    fn choice(&self, point: &Point, span_h: f64) -> Choice {
        let set = self.found.space.changes(point);
        let tried = &self.found.tried[point];
        Choice::new(set, tried, &self.summaries(point), self.limits, span_h)
            .expect("both were run on the whole input")
    }

    /// Today's and the chosen configuration, paired run by run, and by day.
    fn comparison(&self, again: &Again, measure: &mut Measure) -> Result<Comparison, Failure> {
        let side = |name: &str, point: &Point, measure: Option<&mut Measure>| {
            let mut days = Days::default();
            let run = (Extent::Whole, 0);
            self.ground.play(
                &self.candidate(point),
                &mut again.opened(),
                run,
                (&mut days, measure),
            )?;
            let summaries = self.summaries(point);
            Ok::<_, Failure>(Side {
                name: name.to_owned(),
                runs: Runs::of(name, &summaries),
                summary: replications::fold(&summaries).expect("it was run"),
                days: Some(days),
                frontier: None,
            })
        };
        let today = side("today", &self.found.space.start(), None)?;
        Ok(Comparison::new(vec![today, side("recommended", &self.found.nearest, Some(measure))?]))
    }

    fn search(&self) -> Search {
        let Self { found, args, .. } = self;
        let keys = found.space.axes.iter().zip(&found.idle).map(|(axis, is_idle)| Turned {
            key: axis.key.clone(),
            values: axis.values.iter().map(|value| value.text.clone()).collect(),
            has_effect: !is_idle,
        });
        Search {
            keys: keys.collect(),
            combinations: found.space.size(),
            is_complete: found.is_complete,
            configurations: found.tried.len(),
            beginning_jobs: self.explores_beginning.then_some(self.ground.beginning_jobs),
            runs: found.runs + OTHER_RUNS_MAX + 1,
            runs_max: args.runs as usize,
            replications: args.replications,
        }
    }

    fn changes(&self, start: &Point) -> Vec<greenroom_reports::plan::Change> {
        let of = |config: &Config| keys(&tidied(config));
        changes(
            &of(&self.candidate(start).config),
            &of(&self.candidate(&self.found.nearest).config),
        )
    }

    fn quotas(
        &self,
        config: &Config,
        under_stress: &BTreeMap<(usize, CapacityType), u32>,
    ) -> Vec<QuotaRequest> {
        let mut peaks: BTreeMap<(usize, CapacityType), u32> = BTreeMap::new();
        for (quota, vcpu) in self.of(&self.found.nearest).into_iter().flat_map(|run| &run.vcpu) {
            let most = peaks.entry(*quota).or_default();
            *most = (*most).max(*vcpu);
        }
        let request = |(&(group, capacity), &peak_vcpu): (&(usize, CapacityType), &u32)| {
            let stressed = under_stress.get(&(group, capacity)).copied().unwrap_or_default();
            let peak_under_stress_vcpu = stressed.max(peak_vcpu);
            let group = QuotaGroup::ALL[group];
            let limits = config.ec2.quota.get(&group).copied().unwrap_or_default();
            QuotaRequest {
                quota: group.title(capacity),
                peak_vcpu,
                peak_under_stress_vcpu,
                limit_vcpu: match capacity {
                    CapacityType::Spot => limits.spot_vcpu,
                    CapacityType::OnDemand => limits.on_demand_vcpu,
                },
                file_vcpu: peak_under_stress_vcpu.next_multiple_of(QUOTA_STEP_VCPU),
            }
        };
        // The one-slot world has no machines of EC2.
        let all = peaks.iter().filter(|_| !self.ground.sizes.is_empty());
        all.map(request).collect()
    }

    /// The recommended configuration as a document that `simulate --config` reads.
    pub(super) fn document(&self, answer: &Answer) -> String {
        let config = tidied(&self.candidate(&self.found.nearest).config);
        let runs = self.args.replications;
        let mut text = format!(
            "# Meets {} on {} in {runs} runs of the\n# modelled world (seed {}). What is not said \
             here is the default. Made by `greenroom plan`.\n",
            self.slo, answer.trace, answer.seed
        );
        for (wish, figure) in answer.slo.iter().zip(&answer.chosen.figures_s) {
            let Interval { mean, low, high } = figure;
            let wish = &wish.objective;
            // Writing to text cannot fail.
            let _ = writeln!(text, "# {wish}: {mean:.1}s ({low:.1}s to {high:.1}s)");
        }
        let Interval { mean, low, high } = answer.chosen.month_usd;
        let _ =
            writeln!(text, "# Modelled cost of a month: ${mean:.0} (${low:.0} to ${high:.0})\n");
        // What another default would change.
        text.push_str(&to_toml(&config, &["world", "policy.name", "nodes.by"]));
        text
    }
}

/// The same as people would write it: who claims nodes is always said, and what the policy does not
/// look at is not.
fn tidied(config: &Config) -> Config {
    let mut config = config.clone();
    config.nodes.by = Some(config.nodes.resolved(config.policy.name));
    if config.policy.name != PolicyName::Greenroom {
        config.tiers = TiersConfig::default();
        config.dial = DialConfig::default();
        config.lookahead = LookaheadConfig::default();
    }
    config
}

/// Most nodes at once in any run.
fn peaks<'a>(runs: impl Iterator<Item = &'a Played>) -> Vec<PeakNodes> {
    let mut most: BTreeMap<(String, String, CapacityType), u32> = BTreeMap::new();
    for peak in runs.flat_map(|run| &run.nodes) {
        let place = (peak.instance_type.clone(), peak.zone.clone(), peak.capacity);
        let own = most.entry(place).or_default();
        *own = (*own).max(peak.nodes);
    }
    let all = most.into_iter().map(|((instance_type, zone, capacity), nodes)| PeakNodes {
        instance_type,
        zone,
        capacity,
        nodes,
    });
    all.collect()
}

/// Why the command fails.
pub(super) fn unmet(answer: &Answer) -> String {
    let mut told = vec!["no configuration meets the objectives; the nearest:".to_owned()];
    for ((wish, figure), is_kept) in
        answer.slo.iter().zip(&answer.chosen.figures_s).zip(&answer.chosen.keeps)
    {
        let verdict = if *is_kept { "kept  " } else { "missed" };
        let Interval { mean, low, high } = figure;
        told.push(format!(
            "{verdict}  {}: found {mean:.1}s ({low:.1}s to {high:.1}s)",
            wish.objective
        ));
    }
    if answer.chosen.lost_share.high > answer.lost_share_max {
        let (found, most) = (answer.chosen.lost_share.mean * 100.0, answer.lost_share_max * 100.0);
        told.push(format!("missed  jobs lost: found {found:.1} %, expected {most:.1} % at most"));
    }
    told.join("\n  ")
}
