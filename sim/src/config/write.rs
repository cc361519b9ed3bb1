//! From a configuration back to a document.

use super::document::Config;
use super::layer::Layer;
use super::load::load;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// How deep sections are taken apart at most: deeper than any key is.
const DEPTH_MAX: usize = 8;

/// A document that says what differs from the defaults and the values of some keys in any case, and
/// gives this configuration back when it is read.
pub fn to_toml(config: &Config, in_any_case: &[&str]) -> String {
    let (whole, plain) = (table(config), table(&Config::default()));
    let mut document = Table::new();
    for (section, value) in &whole {
        let default = plain.get(section);
        // A table may also be one value of several keys, which has to be written whole.
        let cut = (0..=DEPTH_MAX).rev().find_map(|depth| {
            let own = differing(value, default, &section_of(section), depth)?;
            let mut alone = Table::from_iter([(section.clone(), own.clone())]);
            // What a section may say hangs on the world.
            if section != "world" {
                alone.extend(whole.get("world").map(|world| ("world".to_owned(), world.clone())));
            }
            reads_back(&alone, section, value).then_some(own)
        });
        let is_plain = default == Some(value);
        if !is_plain {
            document.insert(section.clone(), cut.unwrap_or_else(|| value.clone()));
        }
    }
    for key in in_any_case {
        let parts: Vec<&str> = key.split('.').collect();
        if let Some(value) =
            parts.iter().try_fold(&Value::Table(whole.clone()), |value, part| value.get(*part))
        {
            say(&mut document, &parts, value.clone());
        }
    }
    toml::to_string(&document).expect("a table of a table is a document")
}

/// Puts a value where a key wants it.
fn say(table: &mut Table, parts: &[&str], value: Value) {
    match parts {
        [] => {}
        [last] => drop(table.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            let inner = table.entry(*first).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                say(inner, rest, value);
            }
        }
    }
}

/// Every key with its value as TOML, without those that say nothing.
pub fn keys(config: &Config) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (key, value) in table(config) {
        gather(&key, &value, &mut all);
    }
    all
}

fn gather(key: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) => {
            for (part, value) in table {
                gather(&format!("{key}.{}", quoted(part)), value, into);
            }
        }
        value => {
            into.insert(key.to_owned(), value.to_string());
        }
    }
}

/// A part of a key, in quotes where TOML wants them.
pub fn quoted(part: &str) -> String {
    let is_bare = !part.is_empty()
        && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_bare { part.to_owned() } else { Value::String(part.to_owned()).to_string() }
}

fn table(config: &Config) -> Table {
    Table::try_from(config).expect("a configuration has keys of text and values that TOML knows")
}

/// The default of an entry of a section whose keys are names.
fn section_of(section: &str) -> Table {
    let entry = |name: &str| {
        let layer = Layer::text("default", &format!("[{name}.x]\n"));
        let config = load(&[layer]).ok()?;
        table(&config).get(name)?.get("x")?.as_table().cloned()
    };
    match section {
        "pool" | "team" => entry(section).unwrap_or_default(),
        _ => Table::new(),
    }
}

/// What of a value is not the default; none if all is. `entry` is the default of what the default
/// does not have.
fn differing(value: &Value, default: Option<&Value>, entry: &Table, depth: usize) -> Option<Value> {
    if default == Some(value) {
        return None;
    }
    let (Value::Table(own), true) = (value, depth > 0) else { return Some(value.clone()) };
    let plain = default.and_then(Value::as_table);
    let mut differs = Table::new();
    for (key, value) in own {
        let default = plain.and_then(|plain| plain.get(key));
        let part = match default {
            Some(default) => differing(value, Some(default), entry, depth - 1),
            // A pool or a team that the defaults do not name stays, even if all of it is usual.
            None if !entry.is_empty() && value.is_table() => {
                let usual = Value::Table(entry.clone());
                let part = differing(value, Some(&usual), &Table::new(), depth - 1);
                Some(part.unwrap_or_else(|| Value::Table(Table::new())))
            }
            None => Some(value.clone()),
        };
        differs.extend(part.map(|part| (key.clone(), part)));
    }
    Some(Value::Table(differs))
}

/// Whether a document of this section alone gives its value back.
fn reads_back(document: &Table, section: &str, value: &Value) -> bool {
    let Ok(text) = toml::to_string(document) else { return false };
    let read = load(&[Layer::text("written", &text)]);
    // A section that does not agree with the defaults of others cannot be read alone.
    read.is_ok_and(|config| table(&config).get(section) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn config(sets: &[&str]) -> Config {
        let layers: Vec<Layer> = sets.iter().map(|set| Layer::set(set)).collect();
        load(&layers).unwrap_or_else(|errors| panic!("{errors}"))
    }

    #[test]
    fn the_defaults_say_nothing() {
        assert_eq!(to_toml(&Config::default(), &[]), "");
    }

    #[test]
    fn what_is_written_is_what_differs_and_reads_back() {
        let config = config(&[
            "world=one-slot",
            "nodes.by=core",
            "policy.name=greenroom",
            "tiers.hot.count=5",
            "one_slot.boot={ mean_s = 60 }",
            "pool.\"ubuntu 24\".capacity=[\"on-demand\"]",
            "pool.plain={}",
            "pool.sized.requests={ cpu = \"500m\", memory = \"3GiB\" }",
            "team.web.budget_usd_per_month=4000",
            "run.until=2025-09-04",
            "ec2.quota.standard.on_demand_vcpu=640",
            "karpenter.consolidate_after_s=30",
        ]);
        let text = to_toml(&config, &["policy.name", "run.rate_scale", "run.from"]);
        expect![[r#"
            world = "one-slot"

            [ec2.quota.standard]
            on_demand_vcpu = 640

            [karpenter]
            consolidate_after_s = 30

            [nodes]
            by = "core"

            [one_slot.boot]
            mean_s = 60.0

            [policy]
            name = "greenroom"

            [pool.plain]

            [pool.sized.requests]
            cpu = "500m"
            gpu = 0
            memory = "3GiB"

            [pool."ubuntu 24"]
            capacity = ["on-demand"]

            [run]
            rate_scale = 1.0
            until = "2025-09-04"

            [team.web]
            budget_usd_per_month = 4000.0

            [tiers.hot]
            count = 5
        "#]]
        .assert_eq(&text);
        let again = load(&[Layer::text("written", &text)]);
        assert_eq!(again, Ok(config));
    }

    /// A distribution is one value of several keys: what it has in common with the default must
    /// be written too.
    #[test]
    fn a_value_of_several_keys_is_written_whole() {
        let config = config(&["spot.market.outage={ mean_s = 600, plus_s = 30 }"]);
        let again = load(&[Layer::text("written", &to_toml(&config, &[]))]);
        assert_eq!(again, Ok(config));
    }

    #[test]
    fn keys_stand_with_their_values() {
        let of = keys(&config(&["pool.\"a b\".max=3"]));
        assert_eq!(of.get("pool.\"a b\".max").map(String::as_str), Some("3"));
        assert_eq!(of.get("tiers.hot.count").map(String::as_str), Some("0"));
    }
}
