//! Charts as SVG.

use super::sheet::{Align, ChartError, Drawn, Sheet, WIDTH};
use super::{Chart, Data, ink};
use plotters::prelude::SVGBackend;

/// Units of the drawing to a pixel of the page: the library draws in whole units.
const SCALE: u32 = 4;

/// Whether a chart stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// In a file of its own: with its title, on paper.
    Alone,
    /// On a page that has its title and background.
    OnPage,
}

/// Room for the title.
pub(super) const TITLE_HEIGHT: f64 = 40.0;

/// A chart as SVG text; none where there is nothing to draw.
pub fn svg(chart: Chart, data: &Data<'_>, framing: Framing) -> Result<Option<String>, ChartError> {
    if !chart.has_data(data) {
        return Ok(None);
    }
    let top = if framing == Framing::Alone { TITLE_HEIGHT } else { 0.0 };
    let height = chart.height(data) + top as u32;
    let text = sheet_of(height, top, |sheet| draw(chart, data, framing, sheet, f64::from(height)))?;
    Ok(Some(text))
}

/// The text of a drawing so many pixels high, whose chart begins at `top`.
pub(super) fn sheet_of(
    height: u32,
    top: f64,
    draw: impl FnOnce(&mut Sheet<SVGBackend<'_>>) -> Drawn,
) -> Result<String, ChartError> {
    let width = WIDTH as u32;
    let mut text = String::new();
    {
        let backend = SVGBackend::with_string(&mut text, (width * SCALE, height * SCALE));
        let mut sheet = Sheet::new(backend, f64::from(SCALE), top);
        draw(&mut sheet)?;
    }
    // Its size on a page is that of the page's pixels; the finer units stay in the view box.
    let fine = format!("width=\"{}\" height=\"{}\"", width * SCALE, height * SCALE);
    let size = format!("width=\"{width}\" height=\"{height}\" role=\"img\"");
    Ok(text.replacen(&fine, &size, 1))
}

pub(super) fn draw<B: plotters::prelude::DrawingBackend>(
    chart: Chart,
    data: &Data<'_>,
    framing: Framing,
    sheet: &mut Sheet<B>,
    height: f64,
) -> Result<(), ChartError> {
    if framing == Framing::Alone {
        let run = format!("modelled: {}, {}", data.summary.trace, data.summary.policy);
        title(sheet, height, chart.title(), &run)?;
    }
    chart.draw(data, sheet)?;
    sheet.finish()
}

/// Paper, a title, and what was run.
pub(super) fn title<B: plotters::prelude::DrawingBackend>(
    sheet: &mut Sheet<B>,
    height: f64,
    title: &str,
    run: &str,
) -> Drawn {
    sheet.area((0.0, -TITLE_HEIGHT), (WIDTH, height), ink::PAPER, 1.0)?;
    sheet.text((16.0, -20.0), Align::Left, 17.0, ink::TEXT, title)?;
    let run = super::sheet::fitted(run, 12.0, 380.0);
    sheet.text((WIDTH - 16.0, -20.0), Align::Right, 12.0, ink::MUTED, &run)
}
