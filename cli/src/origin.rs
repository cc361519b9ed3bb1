//! Where the figures of a run come from, in the words of a report.

use crate::digest::Digest;
use crate::input::InputArgs;
use greenroom_reports::names::Names;
use greenroom_reports::provenance::{Provenance, Repair, Setting, Source};
use greenroom_scheduler::id::{PoolId, TeamId};
use greenroom_sim::config::{Config, Layer};
use greenroom_sim::feed::{Feed, Rows};
use greenroom_sim::run::Omissions;
use greenroom_traces as traces;

/// What is known of a run besides its entries.
pub(crate) struct Origin<'a> {
    pub(crate) input: &'a InputArgs,
    pub(crate) config: &'a Config,
    /// What the configuration was made of.
    pub(crate) layers: &'a [Layer],
    /// Of each file of the trace, in the order given.
    pub(crate) digests: &'a [Option<Digest>],
}

/// The provenance of a run, once it is over.
pub(crate) fn provenance(
    origin: &Origin<'_>,
    feed: &Feed,
    names: &Names,
    omissions: Omissions,
) -> Provenance {
    let Origin { input, config, digests, .. } = origin;
    let mut provenance = Provenance {
        program: format!("greenroom {}", env!("CARGO_PKG_VERSION")),
        settings: settings(config),
        hints_left_out: omissions.hints_left_out,
        predecessors_unknown: omissions.predecessors_unknown,
        ..Provenance::default()
    };
    match feed.rows() {
        Rows::Trace(trace) => read(trace.provenance(), digests, &mut provenance),
        Rows::Generated(generator) => {
            let spec = generator.spec();
            provenance.sources.push(Source {
                name: input.name(),
                format: "generated".to_owned(),
                rows: u64::from(spec.jobs),
                ..Source::default()
            });
            provenance.limits.push(
                "The jobs are made up from published figures of other organisations; only your \
                 own history (--trace) says what your fleet costs."
                    .to_owned(),
            );
        }
    }
    for sentence in config.idle_keys() {
        provenance.limits.push(format!("{sentence}."));
    }
    provenance.limits.extend(unused(config, names).into_iter().map(|idle| format!("{idle}.")));
    if omissions.hints_left_out > 0 {
        provenance.limits.push(format!(
            "GitHub left {} hints of jobs out of its messages because too many waited to be told; \
             the statistics told of those jobs all the same.",
            omissions.hints_left_out
        ));
    }
    if omissions.predecessors_unknown > 0 {
        provenance.limits.push(format!(
            "{} predecessors that jobs name were not there or long gone; the jobs did not wait for \
             them.",
            omissions.predecessors_unknown
        ));
    }
    provenance
}

/// Pools and teams that are configured and have no job: mostly a slip of the name.
pub(crate) fn unused(config: &Config, names: &Names) -> Vec<String> {
    let pools: Vec<String> = (0..names.pools() as u32).map(|id| names.pool(PoolId(id))).collect();
    let teams: Vec<String> = (0..names.teams() as u32).map(|id| names.team(TeamId(id))).collect();
    // A pool whose sizes come from the trace is told apart by its size: `linux (2 vCPU, ...)`.
    let is_pool = |known: &String, name: &String| {
        known
            .strip_prefix(name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
    };
    let pool = |name: &&String| !pools.iter().any(|known| is_pool(known, name));
    let team = |name: &&String| !teams.contains(name);
    let pools = config.pool.keys().filter(pool).map(|name| format!("pool.{name}"));
    let teams = config.team.keys().filter(team).map(|name| format!("team.{name}"));
    pools.chain(teams).map(|key| format!("{key} has no effect: no job of the run is its")).collect()
}

fn read(from: &traces::Provenance, digests: &[Option<Digest>], into: &mut Provenance) {
    for (number, (path, format)) in from.files.0.iter().enumerate() {
        let digest = digests.get(number).cloned().flatten();
        into.sources.push(Source {
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            format: format.name().to_owned(),
            bytes: digest.as_ref().map(|digest| digest.bytes),
            rows: from.rows_by_file.get(number).copied().unwrap_or(0),
            hash: digest.map(|digest| digest.hash),
            ..Source::default()
        });
    }
    // Which file an unreadable row stood in is told with the row.
    if let Some(first) = into.sources.first_mut() {
        first.rows += from.rows_unreadable;
        first.rows_skipped = from.rows_unreadable;
    }
    for (rule, rows) in from.repairs.totals() {
        let days = from.repairs.by_day.iter().filter(|((of, _), _)| *of == rule);
        into.repairs.push(Repair {
            rule: rule.name().to_owned(),
            meaning: rule.remedy().to_owned(),
            rows,
            by_day: days.map(|((_, day), count)| (from.day(*day), *count)).collect(),
        });
    }
    if from.time_is_relative {
        let sentence = "The trace counts time from its own start, so weekdays and hours of the \
                        day are unknown and not shown.";
        into.limits.push(sentence.to_owned());
    }
    for line in &from.unreadable {
        into.limits.push(format!("Left out, unreadable: {line}."));
    }
    let unmatched: u64 = from.unmatched.values().sum();
    if unmatched > 0 {
        let names: Vec<String> =
            from.unmatched.iter().map(|(name, rows)| format!("{name} ({rows})")).collect();
        into.limits.push(format!(
            "{unmatched} jobs of {} names have no runner class in the classes file and form a \
             class of their own: {}.",
            names.len(),
            names.join(", ")
        ));
    }
    if !from.unknown_columns.is_empty() {
        let names: Vec<&str> = from.unknown_columns.keys().map(String::as_str).collect();
        into.limits.push(format!("Columns that are not used: {}.", names.join(", ")));
    }
    into.limits.extend(from.remarks.iter().cloned());
}

/// The keys that differ from the defaults.
fn settings(config: &Config) -> Vec<Setting> {
    let (Ok(set), Ok(plain)) =
        (toml::Value::try_from(config), toml::Value::try_from(Config::default()))
    else {
        return Vec::new();
    };
    let mut settings = Vec::new();
    differences("", &set, Some(&plain), &mut settings);
    settings
}

fn differences(key: &str, set: &toml::Value, plain: Option<&toml::Value>, into: &mut Vec<Setting>) {
    if Some(set) == plain {
        return;
    }
    if let toml::Value::Table(table) = set {
        for (name, value) in table {
            let below = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            differences(&below, value, plain.and_then(|plain| plain.get(name)), into);
        }
        return;
    }
    into.push(Setting {
        key: key.to_owned(),
        value: set.to_string(),
        origin: "configuration".to_owned(),
    });
}
