//! The published schema: it takes what the loader takes, refuses what has another form, and leaves
//! no key without a word.
//!
//! The validator here is small and knows only what the schema uses; a keyword beyond that stops
//! the test. The libraries that know all of JSON Schema bring forty crates for this one test.

use crate::program::printed;
use serde_json::{Map, Value, json};
use std::path::Path;

fn schema() -> Value {
    let text = printed(Path::new("."), &["schema"]);
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn from_toml(text: &str) -> Value {
    let table: toml::Table = text.parse().expect("a sample of this test is TOML");
    serde_json::to_value(table).expect("TOML fits into JSON")
}

/// A schema, by its reference if it is one.
fn resolved<'a>(root: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').expect("references stay in the document");
    root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        name => panic!("unknown type {name}"),
    }
}

/// Every place where `value` is not what `schema` says.
fn faults(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let Value::Object(keywords) = schema else {
        return if schema == &json!(false) { vec![format!("{path}: refused")] } else { Vec::new() };
    };
    keywords
        .iter()
        .flat_map(|(word, says)| fault(root, keywords, word, says, value, path))
        .collect()
}

fn fault(
    root: &Value,
    keywords: &Map<String, Value>,
    word: &str,
    says: &Value,
    value: &Value,
    path: &str,
) -> Vec<String> {
    let items = || says.as_array().expect("a list of schemas");
    let count = |length: Option<usize>| length.map(|length| length as f64);
    let holds = match word {
        "$schema" | "$defs" | "title" | "description" | "default" | "format" | "pattern" => true,
        "$ref" => {
            let reference = says.as_str().expect("a reference is text");
            return faults(root, resolved(root, reference), value, path);
        }
        "type" => match says {
            Value::String(name) => is_of_type(value, name),
            _ => items().iter().any(|name| is_of_type(value, name.as_str().expect("a name"))),
        },
        "const" => value == says,
        "enum" => items().contains(value),
        "anyOf" => items().iter().any(|one| faults(root, one, value, path).is_empty()),
        "oneOf" => {
            items().iter().filter(|one| faults(root, one, value, path).is_empty()).count() == 1
        }
        "minimum" => value.as_f64() >= says.as_f64() || !value.is_number(),
        "maximum" => value.as_f64() <= says.as_f64() || !value.is_number(),
        "exclusiveMinimum" => value.as_f64() > says.as_f64() || !value.is_number(),
        "minLength" => value.as_str().is_none_or(|text| count(Some(text.len())) >= says.as_f64()),
        "minItems" => !value.is_array() || count(value.as_array().map(Vec::len)) >= says.as_f64(),
        "maxItems" => !value.is_array() || count(value.as_array().map(Vec::len)) <= says.as_f64(),
        "required" => value.as_object().is_none_or(|table| {
            items().iter().all(|key| table.contains_key(key.as_str().expect("a key is text")))
        }),
        "prefixItems" => {
            let pairs = value.as_array().into_iter().flatten().zip(items());
            return pairs.flat_map(|(value, one)| faults(root, one, value, path)).collect();
        }
        "items" => {
            let values = value.as_array().into_iter().flatten();
            return values.flat_map(|value| faults(root, says, value, path)).collect();
        }
        "properties" => {
            let known = says.as_object().expect("a table of schemas");
            let present = value.as_object().into_iter().flatten();
            return present
                .filter_map(|(key, value)| Some((key, known.get(key)?, value)))
                .flat_map(|(key, one, value)| faults(root, one, value, &format!("{path}.{key}")))
                .collect();
        }
        "additionalProperties" => {
            let known = keywords.get("properties").and_then(Value::as_object);
            let present = value.as_object().into_iter().flatten();
            return present
                .filter(|(key, _)| !known.is_some_and(|known| known.contains_key(*key)))
                .flat_map(|(key, value)| faults(root, says, value, &format!("{path}.{key}")))
                .collect();
        }
        word => panic!("this test does not know the keyword {word}"),
    };
    if holds { Vec::new() } else { vec![format!("{path}: {value} against {word} {says}")] }
}

/// A document that uses every kind of value.
const SAMPLE: &str = r#"
world = "eks"
reruns_max = 2
[run]
warmup_s = 3600
from = "3d"
rate_scale = 1.5
[policy]
name = "reactive"
fixed.runners = 4
reactive.keep_alive_s = 60
[lookahead.given]
share = 0
lead_s = 60
[tiers]
stopped = { count = 0, price_ratio = 0.1 }
hot.count = 2
[pool."ubuntu-22.04"]
max = 40
arch = "amd64"
labels = ["linux", "x64"]
families = ["m7i", "c7i"]
capacity = ["spot", "on-demand"]
requests = { cpu = "3500m", memory = "16GiB" }
[pool.big]
requests = { cpu = 4, memory = "64 GB", gpu = 0 }
[pool.mac]
kind = "hosted"
usd_per_minute = 0.08
[team.web]
max = 100
isolated = true
forge = "enterprise"
[latency.ec2]
pending = { p50_s = 11, p99_s = 17.6 }
"#;

#[test]
fn what_the_loader_takes_the_schema_takes() {
    let schema = schema();
    let folder = tempfile::tempdir().expect("a folder for this test");
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/benches/full.toml");
    let bench = std::fs::read_to_string(bench).expect("the bench's configuration is committed");
    for sample in ["", SAMPLE, &bench] {
        std::fs::write(folder.path().join("sample.toml"), sample).expect("the folder is ours");
        printed(folder.path(), &["check-config", "sample.toml"]);
        let faults = faults(&schema, &schema, &from_toml(sample), "");
        assert!(faults.is_empty(), "{sample}\n{}", faults.join("\n"));
    }
}

#[test]
fn what_has_another_form_the_schema_refuses_too() {
    let schema = schema();
    for wrong in [
        "wrld = \"eks\"",
        "world = \"moon\"",
        "world = 3",
        "pool.a.max = \"many\"",
        "pool.a.max = -1",
        "pool.a.labels = \"linux\"",
        "pool.a.requests.memory = 16",
        "pool.a = [1]",
        "run.rate_scale = \"fast\"",
        "latency.ec2.pending = 3",
        "tiers.hot.count = \"many\"",
    ] {
        let faults = faults(&schema, &schema, &from_toml(wrong), "");
        assert!(!faults.is_empty(), "the schema takes {wrong}");
    }
}

/// Every key, as a path, with the schema that says what it may hold, and that of its table.
fn keys<'a>(schema: &'a Value, path: &str, into: &mut Vec<(String, &'a Value, &'a Value)>) {
    match schema {
        Value::Object(table) => {
            for (word, inner) in table {
                let named = matches!(word.as_str(), "properties" | "$defs");
                match (named, inner) {
                    (true, Value::Object(members)) => {
                        for (name, member) in members {
                            let path = format!("{path}.{name}");
                            if word == "properties" {
                                into.push((path.clone(), member, schema));
                            }
                            keys(member, &path, into);
                        }
                    }
                    _ if matches!(word.as_str(), "default" | "const" | "enum") => {}
                    _ => keys(inner, path, into),
                }
            }
        }
        Value::Array(several) => several.iter().for_each(|one| keys(one, path, into)),
        _ => {}
    }
}

/// Keys without a word on what they mean. The one key of a variant shares the variant's.
fn unexplained(schema: &Value) -> Vec<String> {
    let mut all = Vec::new();
    keys(schema, "", &mut all);
    let tells =
        |schema: &Value| schema["description"].as_str().is_some_and(|text| text.trim().len() >= 5);
    let is_variant = |table: &Value| table["properties"].as_object().is_some_and(|p| p.len() == 1);
    all.into_iter()
        .filter(|(_, key, table)| !(tells(key) || is_variant(table) && tells(table)))
        .map(|(path, ..)| path)
        .collect()
}

#[test]
fn every_key_is_explained() {
    let schema = schema();
    let mut all = Vec::new();
    keys(&schema, "", &mut all);
    assert!(all.len() > 150, "only {} keys were found", all.len());
    assert_eq!(unexplained(&schema), Vec::<String>::new());
}

#[test]
fn a_key_without_a_word_is_reported() {
    let mut schema = schema();
    let spot = schema.pointer_mut("/$defs/PoolConfig/properties/max").expect("pools have a limit");
    spot.as_object_mut().expect("a schema").remove("description");
    assert_eq!(unexplained(&schema), [".PoolConfig.max"]);
}

#[test]
fn every_default_is_what_its_key_may_hold() {
    let schema = schema();
    let mut all = Vec::new();
    keys(&schema, "", &mut all);
    let mut checked = 0;
    for (path, key, _) in all {
        if let Some(default) = key.get("default") {
            let faults = faults(&schema, key, default, &path);
            assert!(faults.is_empty(), "{}", faults.join("\n"));
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} defaults were found");
}
