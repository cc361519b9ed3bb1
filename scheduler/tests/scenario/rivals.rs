//! Policies that count machines. What a line does not say has the configuration's default.

use super::words::{Words, number, span};
use greenroom_scheduler::config::{PolicyConfig, PolicyName};
use greenroom_scheduler::spec::PolicySpec;

pub(super) fn policy(name: &str, words: &mut Words<'_>) -> Result<PolicySpec, String> {
    let known = PolicyName::ALL.into_iter().find(|known| known.name() == name);
    let name = known.ok_or_else(|| format!("{name}: no such policy"))?;
    let mut policy = PolicyConfig { name, ..PolicyConfig::default() }.resolved(0, 0);
    let mut count = |key, value: &mut u32| {
        *value = words.value(key, number)?.unwrap_or(*value);
        Ok::<(), String>(())
    };
    match &mut policy {
        PolicySpec::Taskcluster(rule) => {
            count("ratio-milli", &mut rule.ratio_milli)?;
            count("min", &mut rule.min)?;
            count("max", &mut rule.max)?;
        }
        PolicySpec::Gitlab(rule) => {
            count("idle", &mut rule.idle_count)?;
            count("factor-milli", &mut rule.factor_milli)?;
            count("limit", &mut rule.limit)?;
        }
        PolicySpec::Cron(rule) => count("max", &mut rule.max)?,
        PolicySpec::Buildkite(rule) => {
            count("buffer", &mut rule.buffer)?;
            count("max", &mut rule.max)?;
            let cooldown = words.value("in-cooldown", span)?;
            rule.in_cooldown = cooldown.unwrap_or(rule.in_cooldown);
        }
        PolicySpec::Placeholder(rule) => {
            count("pairs", &mut rule.pairs)?;
            count("burst", &mut rule.burst_max)?;
            count("shards", &mut rule.shards)?;
        }
        _ => {}
    }
    Ok(policy)
}
