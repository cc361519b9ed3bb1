//! Best in hindsight, as users see it: beside every run, alone, and as a run of its own.

use crate::program::printed;
use serde_json::Value;
use std::path::Path;

const INPUT: [&str; 6] = ["--jobs", "600", "--seed", "3", "--world", "one-slot"];

fn json(arguments: &[&str]) -> Value {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    json_in(world.path(), arguments)
}

fn json_in(world: &Path, arguments: &[&str]) -> Value {
    let all: Vec<&str> = arguments.iter().chain(&INPUT).copied().chain(["--json"]).collect();
    serde_json::from_str(&printed(world, &all)).expect("JSON")
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer}: {value}"))
}

#[test]
fn a_run_stands_beside_the_bounds_that_are_printed_alone() {
    let summary = json(&["simulate", "--no-report", "--set", "wait_value_usd_per_hour=5"]);
    let bounds = json(&["bound", "--wait-value", "5"]);
    let least = number(&summary, "/bound/cost_usd");
    assert!((number(&bounds, "/zero_wait_cost_usd") - least).abs() < 1e-6);
    let spent = number(&summary, "/cost_usd/on_demand");
    assert!((number(&summary, "/bound/cost_ratio") - spent / least).abs() < 1e-9);
    assert_eq!(number(&summary, "/bound/wait_value_usd_per_hour"), 5.0);
    let had = spent + 5.0 * number(&summary, "/critical_path_queue_s") / 3600.0;
    let gap = had / number(&bounds, "/bounds/0/lower_bound_usd") - 1.0;
    assert!((number(&summary, "/bound/gap") - gap).abs() < 1e-6);
    assert!(gap > 0.0);
    // Every class of this world has nodes for itself; jobs belong to runs, so no class has a gap.
    let classes = summary["by_class"].as_array().expect("classes");
    let sum: f64 = classes.iter().map(|class| number(class, "/bound/cost_usd")).sum();
    assert!((sum - least).abs() < 1e-6, "{sum} {least}");
    assert!(classes.iter().all(|class| class["bound"]["gap"].is_null()));
}

#[test]
fn the_bound_grows_with_the_value_of_waiting_up_to_what_waiting_for_nobody_costs() {
    let bounds = json(&["bound"]);
    let rows = bounds["bounds"].as_array().expect("rows");
    let values: Vec<&Value> = rows.iter().map(|row| &row["wait_value_usd_per_hour"]).collect();
    assert_eq!(
        serde_json::json!(values),
        serde_json::json!([0.0, 1.0, 5.0, 20.0, 75.0, "infinity"])
    );
    let costs: Vec<f64> = rows.iter().map(|row| number(row, "/avoidable_from_usd")).collect();
    assert!(costs.is_sorted(), "{costs:?}");
    assert!(costs[5] <= number(&bounds, "/zero_wait_cost_usd") + 1e-9);
    assert!(rows[5]["lower_bound_usd"].is_null());
}

#[test]
fn the_oracle_costs_the_best_in_hindsight_and_lets_nobody_wait() {
    let summary = json(&["simulate", "--no-report", "--policy", "oracle"]);
    // Bills are rounded up to seconds.
    let ratio = number(&summary, "/bound/cost_ratio");
    assert!((1.0..1.01).contains(&ratio), "{ratio}");
    assert_eq!(number(&summary, "/queue_s/max"), 5.0);
    assert_eq!(number(&summary, "/nodes/never_used"), 0.0);
}

#[test]
fn a_journal_of_the_oracle_gives_its_bound_back() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let path = world.path();
    let run = json_in(path, &["simulate", "--policy", "oracle", "--journal", "a.journal"]);
    let told = printed(path, &["report", "a.journal", "--json"]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(run["bound"], told["bound"]);
    assert!(run["bound"].is_object());
    printed(path, &["replay", "a.journal"]);
}

/// Of a run that is cut, or of which a part is not counted, nothing is known.
#[test]
fn nothing_is_claimed_where_a_bound_says_nothing() {
    for set in ["run.until=\"1h\"", "run.warmup_s=600", "report.bound=false"] {
        assert!(json(&["simulate", "--no-report", "--set", set])["bound"].is_null(), "{set}");
    }
}
