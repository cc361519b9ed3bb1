//! What was shown, in a sentence that claims no more than the intervals do.

use super::{Finding, Metric, Over, Paired};
use crate::words;

/// The figures that a verdict is about.
const ABOUT: [Metric; 2] = [Metric::Cost, Metric::QueueP95];

/// One sentence about a side and the first one.
pub(super) fn verdict(side: &str, against: &str, paired: &[&Paired]) -> String {
    let told: Vec<String> = ABOUT
        .into_iter()
        .filter_map(|metric| {
            let pair = paired.iter().find(|pair| {
                pair.metric == metric.path() && pair.over != Over::Days && pair.side_b == side
            })?;
            Some(clause(metric, pair))
        })
        .collect();
    if told.is_empty() {
        return format!("{side} against {against}: no job ran, so nothing can be said");
    }
    format!("{side} against {against}: {}", told.join("; "))
}

fn clause(metric: Metric, pair: &Paired) -> String {
    let title = metric.title();
    match pair.finding() {
        Finding::Same => format!("{title} is the same"),
        Finding::Less => format!("{title} is lower by {}", amount(metric, pair)),
        Finding::More => format!("{title} is higher by {}", amount(metric, pair)),
        Finding::Open => open(metric, pair),
    }
}

/// How much, with the interval; of the share where there is one.
fn amount(metric: Metric, pair: &Paired) -> String {
    let ends = [pair.low.unwrap_or_default(), pair.high.unwrap_or_default()];
    let [near, far] = if pair.difference < 0.0 { [-ends[1], -ends[0]] } else { ends };
    let size = pair.difference.abs();
    if pair.a > 0.0 {
        let [size, near, far] = [size, near, far].map(|amount| words::percent(amount / pair.a));
        format!("{size} ({near} to {far})")
    } else {
        let [size, near, far] = [size, near, far].map(|amount| metric.text(amount));
        format!("{size} ({near} to {far})")
    }
}

fn open(metric: Metric, pair: &Paired) -> String {
    let title = metric.title();
    let (Some(low), Some(high)) = (pair.low, pair.high) else {
        let difference = metric.signed(pair.difference);
        return format!(
            "{title} differs by {difference} in one run, which shows nothing of the next"
        );
    };
    let between = format!("{} to {}", metric.signed(low), metric.signed(high));
    match pair.further_runs {
        Some(1) => format!("{title} is undecided ({between}; about one further run would tell)"),
        Some(n) => {
            let n = words::count(n);
            format!("{title} is undecided ({between}; about {n} further runs would tell)")
        }
        None => format!("{title} is undecided ({between})"),
    }
}
