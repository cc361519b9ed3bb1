//! Cost by team, class, repository and workflow, and intervals.

use super::markup::{Page, Side};
use crate::ledger::Use;
use crate::names::PLATFORM;
use crate::replications::MEANING;
use crate::report::Finished;
use crate::summary::{Group, Summary};
use crate::table::by_use;
use crate::words;
use std::collections::BTreeMap;

/// Most rows of a table on a page; the rest is one row.
const ROWS_MAX: usize = 25;

const GROUP_HEAD: [(&str, Side); 10] = [
    ("", Side::Left),
    ("jobs", Side::Right),
    ("median", Side::Right),
    ("p95", Side::Right),
    ("cost", Side::Right),
    ("used", Side::Right),
    ("idle", Side::Right),
    ("startup", Side::Right),
    ("interrupted", Side::Right),
    ("other", Side::Right),
];

pub(super) fn cost(page: &mut Page, report: &Finished) {
    let summary = &report.summary;
    page.raw("<h3>By team</h3>\n");
    groups(page, "team", &summary.by_team);
    page.note(report.fold().run().idle_rule.explained());
    if summary.by_team.iter().any(|group| group.name == PLATFORM) {
        page.note("What belongs to no team is the platform's.");
    }
    page.raw("<h3>By runner class</h3>\n");
    groups(page, "class", &summary.by_class);
    by_label(page, report);
    beside(page, report);
}

fn groups(page: &mut Page, name: &str, groups: &[Group]) {
    let mut largest: Vec<&Group> = groups.iter().collect();
    largest.sort_by(|a, b| b.cost_usd.total.total_cmp(&a.cost_usd.total));
    let (shown, rest) = largest.split_at(largest.len().min(ROWS_MAX));
    let mut rows: Vec<Vec<String>> = shown
        .iter()
        .map(|group| {
            let time = |s: Option<f64>| s.map_or_else(|| "–".to_owned(), words::seconds);
            let mut row = vec![
                group.name.clone(),
                words::count(group.jobs.arrived),
                time(group.queue_s.map(|queue| queue.p50)),
                time(group.queue_s.map(|queue| queue.p95)),
            ];
            row.push(words::usd(group.cost_usd.total));
            row.extend(by_use(&group.cost_usd).map(|part| words::usd(part.1)));
            row
        })
        .collect();
    if !rest.is_empty() {
        let mut row = vec![
            format!("{} others", rest.len()),
            words::count(rest.iter().map(|group| group.jobs.arrived).sum()),
            String::new(),
            String::new(),
        ];
        row.push(words::usd(rest.iter().map(|group| group.cost_usd.total).sum()));
        row.extend((0..5).map(|part| {
            words::usd(rest.iter().map(|group| by_use(&group.cost_usd)[part].1).sum())
        }));
        rows.push(row);
    }
    let mut head = GROUP_HEAD;
    head[0].0 = name;
    page.table(&head, &rows);
}

fn by_label(page: &mut Page, report: &Finished) {
    let names = report.fold().names();
    let mut repositories: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    let mut workflows: BTreeMap<(&str, &str), [u64; 5]> = BTreeMap::new();
    for (number, paid) in report.fold().ledger().by_label().iter().enumerate() {
        let Some(label) = names.label(number as u32) else { continue };
        if !label.repository.is_empty() {
            add(repositories.entry(&label.repository).or_default(), paid);
        }
        if !label.workflow.is_empty() {
            add(workflows.entry((&label.repository, &label.workflow)).or_default(), paid);
        }
    }
    let total = (report.summary.cost_usd.total * 1e6).round() as u64;
    let rest = "no repository: nodes that ran no job, and what is charged beside machines";
    if !repositories.is_empty() {
        page.raw("<h3>By repository</h3>\n");
        let paid = repositories.into_iter().map(|(name, paid)| (name.to_owned(), paid));
        labels(page, "repository", paid.collect(), total, rest);
    }
    if !workflows.is_empty() {
        page.raw("<h3>By workflow</h3>\n");
        let paid = workflows.into_iter().map(|((repository, workflow), paid)| {
            let of = if repository.is_empty() { "" } else { ": " };
            (format!("{repository}{of}{workflow}"), paid)
        });
        let rest = "no workflow: nodes that ran no job, and what is charged beside machines";
        labels(page, "workflow", paid.collect(), total, rest);
    }
}

fn add(sum: &mut [u64; 5], paid: &[u64; 5]) {
    for (sum, paid) in sum.iter_mut().zip(paid) {
        *sum = sum.saturating_add(*paid);
    }
}

fn labels(page: &mut Page, name: &str, mut paid: Vec<(String, [u64; 5])>, total: u64, rest: &str) {
    let usd = |micros: u64| words::usd(micros as f64 / 1e6);
    let sum = |paid: &[u64; 5]| paid.iter().fold(0_u64, |sum, &part| sum.saturating_add(part));
    paid.sort_by(|a, b| sum(&b.1).cmp(&sum(&a.1)).then_with(|| a.0.cmp(&b.0)));
    let attributed = paid.iter().fold(0_u64, |all, paid| all.saturating_add(sum(&paid.1)));
    let row = |name: String, paid: &[u64; 5]| {
        let mut row = vec![name, usd(sum(paid))];
        row.extend(Use::ALL.map(|on| usd(paid[on as usize])));
        row
    };
    let mut rows: Vec<Vec<String>> =
        paid.iter().take(ROWS_MAX).map(|(name, paid)| row(name.clone(), paid)).collect();
    if paid.len() > ROWS_MAX {
        let mut others = [0; 5];
        for (_, paid) in &paid[ROWS_MAX..] {
            add(&mut others, paid);
        }
        rows.push(row(format!("{} others", paid.len() - ROWS_MAX), &others));
    }
    if total > attributed {
        let mut row = vec![rest.to_owned(), usd(total - attributed)];
        row.extend(Use::ALL.map(|_| String::new()));
        rows.push(row);
    }
    let head: Vec<(&str, Side)> = [(name, Side::Left)]
        .into_iter()
        .chain(
            ["cost", "used", "idle", "startup", "interrupted", "other"]
                .map(|name| (name, Side::Right)),
        )
        .collect();
    page.table(&head, &rows);
}

fn beside(page: &mut Page, report: &Finished) {
    let lines = report.fold().ledger().beside_lines();
    if lines.is_empty() {
        return;
    }
    page.raw("<h3>Beside machines</h3>\n");
    let rows: Vec<Vec<String>> = lines
        .into_iter()
        .map(|(line, money)| vec![line.name().to_owned(), words::usd(money.as_usd())])
        .collect();
    page.table(&[("line", Side::Left), ("cost", Side::Right)], &rows);
}

/// Figures that intervals are shown for: path, name, and how to write it.
type Shown = (&'static str, &'static str, fn(f64) -> String);

const SHOWN: [Shown; 9] = [
    ("queue_s.p50", "median queue time", words::seconds),
    ("queue_s.p95", "p95 queue time", words::seconds),
    ("queue_s.mean", "mean queue time", words::seconds),
    ("start_share.le_30s", "started within 30 s", words::percent),
    ("cost_usd.total", "modelled cost", words::usd),
    ("cost_usd.idle", "modelled cost of idle time", words::usd),
    ("overhead", "overhead", words::percent),
    ("nodes.launched", "nodes launched", one_digit),
    ("jobs.lost", "infrastructure failures", one_digit),
];

fn one_digit(n: f64) -> String {
    format!("{n:.1}")
}

pub(super) fn intervals(page: &mut Page, summary: &Summary) {
    let Some(replications) = &summary.replications else { return };
    page.section("replications", "Replications");
    page.paragraph(&format!(
        "The same input was run {} times with different seeds. Each interval holds the mean of the \
         modelled world in 95 of 100 such experiments. It is {MEANING}: how far the model is from \
         your clusters is not in it.",
        replications.n
    ));
    let rows: Vec<Vec<String>> = SHOWN
        .iter()
        .filter_map(|(path, name, show)| {
            let interval = replications.fields.get(*path)?;
            let cells = [interval.mean, interval.low, interval.high].map(show);
            Some(std::iter::once((*name).to_owned()).chain(cells).collect())
        })
        .collect();
    let head = [
        ("figure", Side::Left),
        ("mean", Side::Right),
        ("low", Side::Right),
        ("high", Side::Right),
    ];
    page.table(&head, &rows);
    page.note("All other figures and charts on this page are the first replication's.");
    page.raw("</section>\n");
}
