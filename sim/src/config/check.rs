//! What can be read but makes no sense.

use super::ahead::{Level, LookaheadConfig, TiersConfig};
use super::document::Config;
use super::run::{OneSlotConfig, RunConfig, World};
use crate::karpenter::config::KarpenterConfig;
use greenroom_scheduler::config::{
    Check, DialConfig, PolicyName, Problem, check_agreement, fleets,
};
use greenroom_scheduler::model::NodesBy;

/// A year in seconds: nothing in a configuration lasts longer.
const YEAR_S: f64 = 366.0 * 86_400.0;

/// Ten thousand USD an hour is beyond any value of waiting and any machine.
const USD_PER_HOUR_MAX: f64 = 10_000.0;

impl Config {
    /// Adds everything that makes no sense to `problems`.
    pub fn check(&self, problems: &mut Vec<Problem>) {
        let check = &mut Check::new(problems);
        self.run.check(&mut check.under("run"));
        self.policy.check(&mut check.under("policy"));
        check_agreement(self.nodes, &self.policy, check);
        self.spot.check(&mut check.under("spot"));
        self.karpenter.check(&mut check.under("karpenter"));
        self.one_slot.check(&mut check.under("one_slot"));
        self.lookahead.check(&mut check.under("lookahead"));
        self.tiers.check(&mut check.under("tiers"));
        for (name, pool) in &self.pool {
            pool.check(&mut check.under("pool").under(name));
        }
        for (name, team) in &self.team {
            team.check(&mut check.under("team").under(name));
        }
        fleets(&self.pool, &mut check.under("pool"));
        self.dial.check(&mut check.under("dial"));
        if let Some(value) = self.wait_value_usd_per_hour {
            check.number("wait_value_usd_per_hour", value, 0.0..=USD_PER_HOUR_MAX);
        }
        check.count("reruns_max", self.reruns_max, 0..=10);
        check.number("intent_ttl_s", self.intent_ttl_s, 1.0..=86_400.0);
        if let Some(disruptions_max) = self.disruptions_max {
            check.count("disruptions_max", disruptions_max, 1..=u32::MAX);
        }
        self.check_one_slot(check);
        self.check_ahead(check);
    }

    /// What only the idealised world has so far.
    fn check_ahead(&self, check: &mut Check<'_>) {
        if self.world == World::OneSlot {
            let stopped = self.tiers.stopped;
            if stopped.count.is_any() && stopped.start_s < self.one_slot.dispatch_s {
                let dispatch_s = self.one_slot.dispatch_s;
                let expected = format!("one_slot.dispatch_s = {dispatch_s} at least, a part of it");
                check.under("tiers").under("stopped").fault("start_s", stopped.start_s, expected);
            }
            return;
        }
        if self.lookahead.given.share > 0.0 {
            let expected =
                "0, or world = \"one-slot\": nobody foresees jobs of world = \"eks\" yet";
            let share = self.lookahead.given.share;
            check.under("lookahead").under("given").fault("share", share, expected);
        }
        if self.tiers.stopped.count.is_any() {
            let expected = "0, or world = \"one-slot\": world = \"eks\" stops no nodes yet";
            let count = match self.tiers.stopped.count {
                Level::Nodes(nodes) => nodes.to_string(),
                Level::Auto => "\"auto\"".to_owned(),
            };
            check.under("tiers").under("stopped").fault("count", count, expected);
        }
    }

    /// Keys that say something which this policy or world does not look at, as sentences.
    pub fn idle_keys(&self) -> Vec<String> {
        let mut idle = Vec::new();
        let is_plain = self.policy.name != PolicyName::Greenroom;
        let by = format!("with policy.name = \"{}\"", self.policy.name);
        let unlimited = self.policy.name != PolicyName::Fixed
            && self.pool.values().all(|pool| pool.max.is_none());
        for (name, team) in &self.team {
            if team.guaranteed > 0 && unlimited {
                let why = "no pool has a max, so nobody needs a guarantee";
                idle.push(format!("team.{name}.guaranteed has no effect: {why}"));
            }
            if team.service_class.is_some() && is_plain {
                idle.push(format!("team.{name}.service_class has no effect {by}"));
            }
        }
        if is_plain && self.dial != DialConfig::default() {
            idle.push(format!("dial has no effect {by}"));
        }
        if is_plain && self.lookahead != LookaheadConfig::default() {
            idle.push(format!("lookahead has no effect {by}"));
        }
        if is_plain && self.tiers != TiersConfig::default() {
            idle.push(format!("tiers has no effect {by}"));
        }
        if self.world == World::Eks && self.one_slot != OneSlotConfig::default() {
            idle.push("one_slot has no effect in world = \"eks\"".to_owned());
        }
        let by_core = self.nodes.resolved(self.policy.name) == NodesBy::Core;
        if by_core && self.karpenter != KarpenterConfig::default() {
            idle.push("karpenter has no effect with nodes.by = \"core\"".to_owned());
        }
        if !by_core && !is_plain && self.tiers.hot.count.is_any() {
            idle.push("tiers.hot has no effect with nodes.by = \"karpenter\"".to_owned());
        }
        idle
    }

    /// The idealised world has one kind of node and nobody but the core to claim it.
    fn check_one_slot(&self, check: &mut Check<'_>) {
        if self.world != World::OneSlot {
            if self.policy.name == PolicyName::Oracle {
                let expected = "a policy without hindsight: \"oracle\" needs world = \"one-slot\"";
                check.under("policy").fault("name", "\"oracle\"", expected);
            }
            return;
        }
        if self.policy.name == PolicyName::Arc {
            let expected =
                "a policy that claims nodes itself: world = \"one-slot\" has no Karpenter";
            check.under("policy").fault("name", "\"arc\"", expected);
        } else if self.nodes.by == Some(NodesBy::Karpenter) {
            let expected = "\"core\" (or nothing): world = \"one-slot\" has no Karpenter";
            check.under("nodes").fault("by", "\"karpenter\"", expected);
        }
    }
}

impl RunConfig {
    fn check(&self, check: &mut Check<'_>) {
        check.number("warmup_s", self.warmup_s, 0.0..=YEAR_S);
        check.number("rate_scale", self.rate_scale, 0.001..=1_000.0);
    }
}

impl OneSlotConfig {
    fn check(&self, check: &mut Check<'_>) {
        check.number("price_usd_per_hour", self.price_usd_per_hour, 0.0..=USD_PER_HOUR_MAX);
        check.number("boot_s", self.boot_s, 0.0..=86_400.0);
        check.number("dispatch_s", self.dispatch_s, 0.0..=86_400.0);
        check.number("duration_min_s", self.duration_min_s, 0.0..=86_400.0);
    }
}
