//! One self-contained page: figures, charts, and what they mean.

mod figures;
mod markup;
mod origin;
mod prose;
mod style;
mod tables;

use crate::chart::{Chart, ChartError, Framing, svg};
use crate::report::Finished;
use crate::wait::explain;
use markup::{Page, escape};

/// The report as HTML. It loads nothing: style and charts are part of it.
pub fn html(report: &Finished) -> Result<String, ChartError> {
    let summary = &report.summary;
    let mut page = Page::new();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.raw(&format!("<title>Greenroom: {}</title>\n", escape(&summary.trace)));
    page.raw(&format!("<style>\n{}</style>\n</head>\n<body>\n<main>\n", style::css()));
    figures::header(&mut page, report);
    figures::tiles(&mut page, report);
    page.raw(prose::HOW_TO_READ);
    let data = report.data();
    for chart in Chart::ALL {
        if let Some(drawing) = svg(chart, &data, Framing::OnPage)? {
            page.section_kept(chart.file_stem(), chart.title());
            page.paragraph(prose::before(chart));
            page.raw(&format!(
                "<figure class=\"chart\" aria-label=\"{}\">\n{drawing}</figure>\n</div>\n",
                escape(chart.title())
            ));
            page.note(prose::after(chart));
            match chart {
                Chart::Causes => worst(&mut page, report),
                Chart::Cost => tables::cost(&mut page, report),
                Chart::Demand | Chart::QueueTime | Chart::Week | Chart::Recorded => {}
            }
            page.raw("</section>\n");
        }
    }
    tables::intervals(&mut page, summary);
    origin::sections(&mut page, report);
    page.section("words", "Words");
    page.raw(prose::WORDS);
    page.raw("</section>\n</main>\n</body>\n</html>\n");
    Ok(page.finish())
}

/// The longest waits, each told in full.
fn worst(page: &mut Page, report: &Finished) {
    let stories = report.worst();
    if stories.iter().all(|story| story.waited.is_zero()) {
        return;
    }
    page.raw("<h3>The longest waits</h3>\n");
    for story in stories.iter().filter(|story| !story.waited.is_zero()) {
        let text = explain(report.fold().names(), story);
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        // The last line says what no controller can choose; the page says it once, below.
        let rest = rest.trim_end().rsplit_once('\n').map_or("", |(rest, _)| rest);
        page.raw(&format!(
            "<details><summary>{}</summary><pre>{}</pre></details>\n",
            escape(first),
            escape(rest)
        ));
    }
    page.note(prose::GITHUBS_CHOICE);
}
