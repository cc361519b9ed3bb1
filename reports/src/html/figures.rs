//! The head of a page: what was run, and the figures to remember.

use super::markup::{Page, escape};
use crate::report::Finished;
use crate::summary::Quantiles;
use crate::words;

pub(super) fn header(page: &mut Page, report: &Finished) {
    let summary = &report.summary;
    let levels = report.data().timeline.levels();
    page.raw("<header>\n");
    page.raw(&format!("<h1>{}</h1>\n", escape(&summary.trace)));
    let span = if levels.end() > levels.start() {
        format!(" from {} to {}", words::instant(levels.start()), words::instant(levels.end()))
    } else {
        String::new()
    };
    page.raw(&format!(
        "<p class=\"lead\">{} jobs under the policy <b>{}</b> in the world <b>{}</b>, seed {}{}.</p>\n",
        words::count(summary.jobs.arrived),
        escape(&summary.policy),
        escape(&summary.world),
        summary.seed,
        escape(&span)
    ));
    if report.fold().cut() == Some(true) {
        page.raw("<p class=\"warn\">The run was cut before its last job and node were gone: ");
        page.raw(&format!(
            "{} jobs still ran and {} still waited.</p>\n",
            words::count(summary.jobs.running),
            words::count(summary.jobs.waiting)
        ));
    }
    let breaches = report.fold().breaches();
    if !breaches.is_empty() {
        page.raw(&format!(
            "<p class=\"warn\">The entries contradict each other {} times; the first: {}.</p>\n",
            words::count(breaches.count),
            escape(&breaches.told.first().map_or_else(String::new, |told| told.1.to_string()))
        ));
    }
    page.raw("</header>\n");
}

pub(super) fn tiles(page: &mut Page, report: &Finished) {
    let summary = &report.summary;
    page.raw("<div class=\"tiles\">\n");
    if let Some(queue) = summary.queue_s {
        let small = format!(
            "p95 {}, p99 {}, longest {}",
            words::seconds(queue.p95),
            words::seconds(queue.p99),
            words::seconds(queue.max)
        );
        tile(page, "", &words::seconds(queue.p50), "median queue time", &small);
    }
    if let Some(queue) = summary.recorded_queue_s {
        let small = format!(
            "p95 {}, p99 {}; measured",
            words::seconds(queue.p95),
            words::seconds(queue.p99)
        );
        tile(page, " m", &words::seconds(queue.p50), "median in the record", &small);
    }
    if let Some(share) = summary.start_share {
        let small = format!(
            "{} within 5 s, {} within 15 s",
            words::percent(share.le_5s),
            words::percent(share.le_15s)
        );
        tile(page, "", &words::percent(share.le_30s), "started within 30 s", &small);
    }
    let cost = &summary.cost_usd;
    let per_job = cost.total / summary.jobs.arrived.max(1) as f64;
    let small = format!(
        "{} a job; {} of it used",
        words::usd(per_job),
        words::percent(if cost.total > 0.0 { cost.used / cost.total } else { 0.0 })
    );
    tile(page, "", &words::usd(cost.total), "modelled cost", &small);
    if summary.nodes.launched > 0 {
        let time = &summary.node_seconds;
        let small = format!(
            "idle {}, startup {} of {}",
            words::percent(time.idle / time.total),
            words::percent(time.startup / time.total),
            words::hours(time.total)
        );
        tile(page, "", &words::percent(time.busy / time.total), "of node time in use", &small);
        let nodes = &summary.nodes;
        let small = format!(
            "{} at most at once, {} never used, {} interrupted",
            words::count(nodes.peak),
            words::count(nodes.never_used),
            words::count(nodes.interrupted)
        );
        tile(page, "", &words::count(nodes.launched), "nodes launched", &small);
    }
    let jobs = &summary.jobs;
    let small = format!(
        "{} failed by their own doing, {} cancelled",
        words::count(jobs.failed),
        words::count(jobs.cancelled)
    );
    tile(page, "", &words::count(jobs.lost), "infrastructure failures", &small);
    if let Some(bound) = summary.bound {
        let gap = bound.gap.map_or_else(String::new, |gap| {
            let value = words::usd(bound.wait_value_usd_per_hour);
            format!("; avoidable {} at {value} an hour of waiting", words::percent(gap))
        });
        let small = format!(
            "times the best in hindsight when nobody waits ({}){gap}",
            words::usd(bound.cost_usd)
        );
        tile(page, "", &format!("{:.2}", bound.cost_ratio), "cost of machines", &small);
    }
    let small = "queue time on the chains of jobs that runs waited for";
    tile(page, "", &words::hours(summary.critical_path_queue_s), "on critical paths", small);
    page.raw("</div>\n");
    if summary.quantiles == Quantiles::Hdr3 {
        page.note("Quantiles are to three digits: there are too many jobs to keep each value.");
    }
}

fn tile(page: &mut Page, class: &str, figure: &str, name: &str, small: &str) {
    page.raw(&format!(
        "<div class=\"tile{class}\"><b>{}</b><span>{}</span><small>{}</small></div>\n",
        escape(figure),
        escape(name),
        escape(small)
    ));
}
