//! The figures of a run for a terminal.

use crate::replications::MEANING;
use crate::summary::{Bound, Cost, Distribution, Group, Quantiles, Summary};
use crate::words::{count, hours, percent, seconds, usd};
use std::fmt::Write;

/// Most rows of a table on a terminal; the rest is summed up in one line.
const ROWS_MAX: usize = 12;

/// The figures of a run as text, at most about 110 columns wide.
pub fn text(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to text cannot fail.
    let _ = tell(&mut text, summary);
    text
}

fn tell(text: &mut String, summary: &Summary) -> std::fmt::Result {
    let Summary { jobs, cost_usd: cost, node_seconds, nodes, .. } = summary;
    writeln!(
        text,
        "{}: policy {}, world {}, seed {}\n",
        summary.trace, summary.policy, summary.world, summary.seed
    )?;
    write!(
        text,
        "Jobs            {} arrived: {} succeeded",
        count(jobs.arrived),
        count(jobs.completed)
    )?;
    let rest = [
        (jobs.failed, "failed"),
        (jobs.cancelled, "cancelled"),
        (jobs.lost, "infrastructure failures"),
        (jobs.running, "still running"),
        (jobs.waiting, "still waiting"),
    ];
    for (n, name) in rest.into_iter().filter(|&(n, _)| n > 0) {
        write!(text, ", {} {name}", count(n))?;
    }
    writeln!(text, "; {} attempts", count(jobs.attempts))?;
    writeln!(text, "Queue time      {}", distribution(summary.queue_s))?;
    if let Some(recorded) = summary.recorded_queue_s {
        writeln!(text, "  in the record {}", distribution(Some(recorded)))?;
    }
    if let Some(share) = summary.start_share {
        writeln!(
            text,
            "Started within  5 s {}, 15 s {}, 30 s {}",
            percent(share.le_5s),
            percent(share.le_15s),
            percent(share.le_30s)
        )?;
    }
    writeln!(text, "Modelled cost   {}: {}", usd(cost.total), spent(&by_kind(cost)))?;
    writeln!(text, "  spent on      {}", spent(&by_use(cost)))?;
    if nodes.launched > 0 {
        writeln!(
            text,
            "Node time       {}: busy {}, idle {}, node startup {}",
            hours(node_seconds.total),
            hours(node_seconds.busy),
            hours(node_seconds.idle),
            hours(node_seconds.startup)
        )?;
        write!(
            text,
            "Nodes           {} launched, {} at most at once, {} never used, {} interrupted",
            count(nodes.launched),
            count(nodes.peak),
            count(nodes.never_used),
            count(nodes.interrupted)
        )?;
        match summary.spot_share_of_minutes {
            Some(share) => writeln!(text, "; {} of node time on spot", percent(share))?,
            None => writeln!(text)?,
        }
    }
    if let Some(overhead) = summary.overhead {
        writeln!(
            text,
            "Overhead        {} (node time over job time, less one)",
            percent(overhead)
        )?;
    }
    if let Some(bound) = summary.bound {
        writeln!(text, "In hindsight    {}", hindsight(&bound))?;
    }
    if summary.quantiles == Quantiles::Hdr3 {
        writeln!(
            text,
            "                quantiles to three digits: too many jobs to keep each value"
        )?;
    }
    if let Some(replications) = &summary.replications {
        tell_intervals(text, replications)?;
    }
    for (name, groups) in [("Team", &summary.by_team), ("Class", &summary.by_class)] {
        if groups.len() > 1 {
            writeln!(text)?;
            write!(text, "{}", groups_table(name, groups))?;
        }
    }
    writeln!(
        text,
        "\nQueue time is from ready to the first step of the job. Cost is modelled, not billed."
    )
}

/// The bound, and how far the run was from it.
pub(crate) fn hindsight(bound: &Bound) -> String {
    let gap = bound.gap.map_or_else(String::new, |gap| {
        let value = usd(bound.wait_value_usd_per_hour);
        format!("; avoidable {} at {value} an hour of waiting", percent(gap))
    });
    let (least, ratio) = (usd(bound.cost_usd), bound.cost_ratio);
    format!("machines for {least} if nobody waits, {ratio:.2} times that here{gap}")
}

/// A figure with an interval: its path, its name, and how to write it.
type Shown = (&'static str, &'static str, fn(f64) -> String);

fn tell_intervals(
    text: &mut String,
    replications: &crate::replications::Replications,
) -> std::fmt::Result {
    writeln!(text, "\n95 % intervals of {} replications ({MEANING}):", replications.n)?;
    let shown: [Shown; 5] = [
        ("queue_s.p50", "median queue time", seconds),
        ("queue_s.p95", "p95 queue time", seconds),
        ("cost_usd.total", "modelled cost", usd),
        ("overhead", "overhead", percent),
        ("jobs.lost", "infrastructure failures", |n| format!("{n:.1}")),
    ];
    for (path, name, show) in shown {
        if let Some(interval) = replications.fields.get(path) {
            let (mean, low, high) = (interval.mean, interval.low, interval.high);
            writeln!(text, "  {name:<24}{} ({} to {})", show(mean), show(low), show(high))?;
        }
    }
    Ok(())
}

fn distribution(distribution: Option<Distribution>) -> String {
    distribution.map_or_else(
        || "no job was ready".to_owned(),
        |d| {
            format!(
                "median {}, p90 {}, p95 {}, p99 {}, longest {}, mean {}",
                seconds(d.p50),
                seconds(d.p90),
                seconds(d.p95),
                seconds(d.p99),
                seconds(d.max),
                seconds(d.mean)
            )
        },
    )
}

/// Parts of the cost by how capacity was bought.
pub(crate) const fn by_kind(cost: &Cost) -> [(&'static str, f64); 4] {
    [
        ("spot", cost.spot),
        ("on-demand", cost.on_demand),
        ("GitHub-hosted", cost.hosted),
        ("beside machines", cost.beside),
    ]
}

/// Parts of the cost by what it was spent on.
pub(crate) const fn by_use(cost: &Cost) -> [(&'static str, f64); 5] {
    [
        ("used", cost.used),
        ("idle", cost.idle),
        ("node startup", cost.startup),
        ("interrupted work", cost.interrupted),
        ("other", cost.other),
    ]
}

fn spent(parts: &[(&str, f64)]) -> String {
    let some: Vec<String> = parts
        .iter()
        .filter(|(_, amount)| *amount > 0.0)
        .map(|(name, amount)| format!("{name} {}", usd(*amount)))
        .collect();
    if some.is_empty() { "nothing".to_owned() } else { some.join(", ") }
}

fn groups_table(name: &str, groups: &[Group]) -> String {
    let mut largest: Vec<&Group> = groups.iter().collect();
    largest.sort_by(|a, b| b.cost_usd.total.total_cmp(&a.cost_usd.total));
    let (shown, rest) = largest.split_at(largest.len().min(ROWS_MAX));
    let mut rows = vec![
        [name, "jobs", "median", "p95", "cost", "used", "idle", "startup", "interr.", "other"]
            .map(ToOwned::to_owned),
    ];
    for group in shown {
        let time = |of: fn(&Distribution) -> f64| {
            group.queue_s.as_ref().map_or_else(|| "-".to_owned(), |queue| seconds(of(queue)))
        };
        let cost = &group.cost_usd;
        rows.push([
            shorten(&group.name),
            count(group.jobs.arrived),
            time(|queue| queue.p50),
            time(|queue| queue.p95),
            usd(cost.total),
            usd(cost.used),
            usd(cost.idle),
            usd(cost.startup),
            usd(cost.interrupted),
            usd(cost.other),
        ]);
    }
    if !rest.is_empty() {
        let sum = |of: fn(&Cost) -> f64| usd(rest.iter().map(|group| of(&group.cost_usd)).sum());
        rows.push([
            format!("{} others", rest.len()),
            count(rest.iter().map(|group| group.jobs.arrived).sum()),
            String::new(),
            String::new(),
            sum(|cost| cost.total),
            sum(|cost| cost.used),
            sum(|cost| cost.idle),
            sum(|cost| cost.startup),
            sum(|cost| cost.interrupted),
            sum(|cost| cost.other),
        ]);
    }
    aligned(&rows)
}

/// Longest name in a table, in characters.
const NAME_MAX: usize = 24;

fn shorten(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    let start: String = name.chars().take(NAME_MAX - 1).collect();
    format!("{start}…")
}

/// Columns as wide as their widest cell, numbers to the right.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    columns(rows, |place| place == 0)
}

/// Columns as wide as their widest cell; those that `is_left` names begin at their left end.
pub(crate) fn columns<R: AsRef<[String]>>(rows: &[R], is_left: impl Fn(usize) -> bool) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.as_ref().len()), 0);
        for (width, cell) in widths.iter_mut().zip(row.as_ref()) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (place, (cell, &width)) in row.as_ref().iter().zip(&widths).enumerate() {
            let between = if place == 0 { "" } else { "  " };
            let _ = if is_left(place) {
                write!(line, "{between}{cell:<width$}")
            } else {
                write!(line, "{between}{cell:>width$}")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
