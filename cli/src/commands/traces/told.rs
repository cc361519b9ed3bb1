//! What became of a trace while it was read, told on standard error.

use crate::print;
use greenroom_traces::Provenance;
use std::fmt::Write as _;

/// Days and names that one line lists. The count covers the rest.
const LISTED_MAX: usize = 10;

/// Tells everything that somebody who relies on the trace must know.
pub(super) fn tell(provenance: &Provenance) {
    for line in lines(provenance) {
        print::note(&line);
    }
}

fn lines(from: &Provenance) -> Vec<String> {
    let mut lines = Vec::new();
    for (rule, rows) in from.repairs.totals() {
        let days: Vec<_> = from.repairs.by_day.iter().filter(|((of, _), _)| *of == rule).collect();
        let listed = days.iter().map(|((_, day), count)| format!("{}: {count}", from.day(*day)));
        let mut line = format!("{}: {rule}: {} ({}", many(rows), rule.remedy(), list(listed));
        if let Some(example) = from.repairs.examples.get(&rule).and_then(|all| all.first()) {
            write!(line, "; first at {}", example.place).expect("a string takes any text");
        }
        line.push(')');
        lines.push(line);
    }
    lines.extend(from.unreadable.iter().map(|row| format!("left out: {row}")));
    let listed = from.unreadable.len() as u64;
    if from.rows_unreadable > listed {
        let more = from.rows_unreadable - listed;
        lines.push(format!("{} more that cannot be read left out", many(more)));
    }
    if from.rows_outside > 0 {
        lines.push(format!("{} outside --from and --to left out", many(from.rows_outside)));
    }
    if !from.unmatched.is_empty() {
        let rows = from.unmatched.values().sum();
        let names = from.unmatched.iter().map(|(name, rows)| format!("{name} ({rows})"));
        lines.push(format!(
            "{}: {} job names have no runner class in the classes file and form a class of their \
             own: {}",
            many(rows),
            from.unmatched.len(),
            list(names)
        ));
    }
    if !from.unknown_columns.is_empty() {
        lines.push(format!(
            "columns that are not used: {}",
            list(from.unknown_columns.keys().cloned())
        ));
    }
    lines.extend(from.remarks.iter().cloned());
    lines
}

fn many(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

fn list(all: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = all.collect();
    if all.len() > LISTED_MAX {
        let more = all.len() - LISTED_MAX;
        all.truncate(LISTED_MAX);
        all.push(format!("and {more} more"));
    }
    all.join(", ")
}
