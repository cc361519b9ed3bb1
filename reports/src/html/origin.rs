//! Where the figures come from.

use super::markup::{Page, Side};
use crate::report::Finished;
use crate::words;

/// Most days that are listed of a repair.
const DAYS_MAX: usize = 31;

pub(super) fn sections(page: &mut Page, report: &Finished) {
    let provenance = &report.provenance;
    page.section("origin", "Where the figures come from");
    if !provenance.sources.is_empty() {
        let rows: Vec<Vec<String>> = provenance
            .sources
            .iter()
            .map(|source| {
                let (from, to) = source.span.clone().unwrap_or_default();
                vec![
                    source.name.clone(),
                    source.format.clone(),
                    source.bytes.map(words::count).unwrap_or_default(),
                    words::count(source.rows),
                    words::count(source.rows_skipped),
                    from,
                    to,
                    source.hash.clone().unwrap_or_default(),
                ]
            })
            .collect();
        let head = [
            ("job history", Side::Left),
            ("format", Side::Left),
            ("bytes", Side::Right),
            ("rows", Side::Right),
            ("left out", Side::Right),
            ("from", Side::Left),
            ("to", Side::Left),
            ("XXH128", Side::Left),
        ];
        page.table(&head, &rows);
    }
    page.raw("<h3>Repairs</h3>\n");
    if provenance.repairs.is_empty() {
        page.paragraph("No row of the job history had to be mended.");
    } else {
        page.paragraph("Rows of the job history that could not be taken as they were, by rule.");
        let rows: Vec<Vec<String>> = provenance
            .repairs
            .iter()
            .map(|repair| {
                let mut days: Vec<String> = repair
                    .by_day
                    .iter()
                    .take(DAYS_MAX)
                    .map(|(day, rows)| format!("{day}: {}", words::count(*rows)))
                    .collect();
                if repair.by_day.len() > DAYS_MAX {
                    days.push(format!("and {} more days", repair.by_day.len() - DAYS_MAX));
                }
                vec![
                    repair.rule.clone(),
                    words::count(repair.rows),
                    repair.meaning.clone(),
                    days.join(", "),
                ]
            })
            .collect();
        let head = [
            ("rule", Side::Left),
            ("rows", Side::Right),
            ("what it does", Side::Left),
            ("by day", Side::Left),
        ];
        page.table(&head, &rows);
    }
    if !provenance.settings.is_empty() {
        page.raw("<h3>Settings</h3>\n");
        let rows: Vec<Vec<String>> = provenance
            .settings
            .iter()
            .map(|setting| vec![setting.key.clone(), setting.value.clone(), setting.origin.clone()])
            .collect();
        page.table(&[("key", Side::Left), ("value", Side::Left), ("from", Side::Left)], &rows);
    }
    if !provenance.limits.is_empty() {
        page.raw("<h3>What the figures do not cover</h3>\n");
        for limit in &provenance.limits {
            page.paragraph(limit);
        }
    }
    if !provenance.program.is_empty() {
        page.note(&format!("Made by Greenroom {}.", provenance.program));
    }
    page.raw("</section>\n");
}
