//! `greenroom bound`: what no policy could have spent less than, with hindsight.

use crate::failure::{Exit, Failure, OrExit};
use crate::hindsight::gather;
use crate::input::{InputArgs, configuration, refused};
use crate::print;
use greenroom_reports::table::aligned;
use greenroom_sim::bound::{Bounds, LowerBound};
use greenroom_sim::setup::{Seed, plan};
use serde::Serialize;

/// The values of waiting that are told unless somebody asks for others, in USD an hour: nothing, a
/// nightly job's hour, an interactive one's, a blocked developer's, and that nobody may wait.
const WAIT_VALUES: [f64; 6] = [0.0, 1.0, 5.0, 20.0, 75.0, f64::INFINITY];

/// Options of `bound`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// What an hour of waiting is worth, in USD, or `infinity`; may stand several times. Default: 0,
    /// 1, 5, 20, 75 and infinity
    #[arg(long = "wait-value", value_name = "USD_PER_HOUR", value_parser = wait_value)]
    wait_values: Vec<f64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A value of waiting that means something.
fn wait_value(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| *value >= 0.0);
    value.ok_or_else(|| "expected USD an hour, 0 or more, or infinity".to_owned())
}

/// What is printed.
#[derive(Serialize)]
struct Told {
    trace: String,
    world: &'static str,
    jobs: u64,
    /// Least cost of machines if nobody may wait; null for nothing to pay.
    zero_wait_cost_usd: Option<f64>,
    bounds: Vec<Row>,
    by_class: Vec<Class>,
}

/// One value of waiting.
#[derive(Serialize)]
struct Row {
    wait_value_usd_per_hour: WaitValue,
    /// Least cost of machines and value of waiting together; null where waiting is infinitely dear.
    lower_bound_usd: Option<f64>,
    /// The same without the waiting that nobody can avoid.
    avoidable_from_usd: f64,
    /// That waiting: one dispatch on each critical path.
    unavoidable_queue_s: f64,
}

/// JSON has no infinity.
#[derive(Serialize)]
#[serde(untagged)]
enum WaitValue {
    Finite(f64),
    Infinite(&'static str),
}

/// One class that has nodes for itself.
#[derive(Serialize)]
struct Class {
    name: String,
    zero_wait_cost_usd: f64,
    /// Empty where jobs belong to runs, whose critical paths lie in several classes.
    bounds: Vec<Row>,
}

/// Does it.
pub(crate) fn run_command(args: &Args) -> Result<(), Failure> {
    let layers = args.input.layers(None)?;
    let config = configuration(&layers)?;
    let plan = plan(&config, Seed { seed: args.input.seed, replication: 0 }, None, None)
        .map_err(|error| refused(&layers, &error))?;
    let mut opened = args.input.open(&config)?;
    let bounds = gather(&args.input, &config, &plan, &mut opened)?;
    let mut values = args.wait_values.clone();
    if values.is_empty() {
        values.extend(WAIT_VALUES);
        values.extend(config.wait_value_usd_per_hour);
    }
    values.sort_by(f64::total_cmp);
    values.dedup();
    let told = told(args.input.name(), config.world.name(), &bounds, &values);
    if args.json {
        let text = serde_json::to_string_pretty(&told).or_exit(Exit::Output)?;
        return print::out(&format!("{text}\n"));
    }
    print::out(&text(&told))
}

fn told(trace: String, world: &'static str, bounds: &Bounds, values: &[f64]) -> Told {
    let mut by_class: Vec<Class> = Vec::new();
    for &value in values {
        for (place, class) in bounds.by_class(value).into_iter().enumerate() {
            if place == by_class.len() {
                let (name, zero_wait_cost_usd) = (class.name, class.zero_wait_usd);
                by_class.push(Class { name, zero_wait_cost_usd, bounds: Vec::new() });
            }
            by_class[place].bounds.extend(class.lower.map(row));
        }
    }
    Told {
        trace,
        world,
        jobs: bounds.counts().jobs,
        zero_wait_cost_usd: bounds.zero_wait_usd(),
        bounds: values.iter().filter_map(|&value| bounds.lower(value)).map(row).collect(),
        by_class,
    }
}

fn row(lower: LowerBound) -> Row {
    let value = lower.wait_value;
    Row {
        wait_value_usd_per_hour: if value.is_finite() {
            WaitValue::Finite(value)
        } else {
            WaitValue::Infinite("infinity")
        },
        lower_bound_usd: Some(lower.total_usd()).filter(|total| total.is_finite()),
        avoidable_from_usd: lower.cost_usd,
        unavoidable_queue_s: lower.unavoidable_s,
    }
}

fn text(told: &Told) -> String {
    let usd = |usd: f64| format!("${usd:.2}");
    let zero_wait = told.zero_wait_cost_usd.map_or_else(|| "unknown".to_owned(), usd);
    let mut text = format!(
        "{}: world {}, {} jobs\n\nMachines if nobody waits      {zero_wait} at least\n\n",
        told.trace, told.world, told.jobs
    );
    let mut rows = vec![
        ["An hour of waiting", "cost and waiting, at least", "without dispatch"]
            .map(ToOwned::to_owned),
    ];
    for row in &told.bounds {
        let value = match row.wait_value_usd_per_hour {
            WaitValue::Finite(value) => usd(value),
            WaitValue::Infinite(name) => name.to_owned(),
        };
        let total = row.lower_bound_usd.map_or_else(|| "-".to_owned(), usd);
        rows.push([value, total, usd(row.avoidable_from_usd)]);
    }
    text.push_str(&aligned(&rows));
    if told.by_class.len() > 1 {
        text.push('\n');
        let mut rows = vec![["Class", "if nobody waits"].map(ToOwned::to_owned)];
        let classes = told.by_class.iter();
        rows.extend(classes.map(|class| [class.name.clone(), usd(class.zero_wait_cost_usd)]));
        text.push_str(&aligned(&rows));
    }
    text.push_str(
        "\nBest in hindsight: whoever knows all jobs beforehand cannot have less of machines' cost \
         plus\nqueue time on critical paths. The first line is one only for who lets nobody wait.\n",
    );
    text
}
