//! Where the figures of a run come from, in the words of a report.

use crate::input::InputArgs;
use greenroom_reports::provenance::{Provenance, Repair, Setting, Source};
use greenroom_sim::config::Config;
use greenroom_sim::feed::{Feed, Rows};
use greenroom_traces as traces;

/// The provenance of a run, once it is over.
pub(crate) fn provenance(input: &InputArgs, config: &Config, feed: &Feed) -> Provenance {
    let mut provenance = Provenance {
        program: format!("greenroom {}", env!("CARGO_PKG_VERSION")),
        settings: settings(config),
        ..Provenance::default()
    };
    match feed.rows() {
        Rows::Trace(trace) => read(trace.provenance(), &mut provenance),
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
    provenance
}

fn read(from: &traces::Provenance, into: &mut Provenance) {
    for (path, format) in &from.files.0 {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let format = format.name().to_owned();
        into.sources.push(Source { name, format, ..Source::default() });
    }
    if let Some(first) = into.sources.first_mut() {
        (first.rows, first.rows_skipped) = (from.rows_read, from.rows_unreadable);
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
