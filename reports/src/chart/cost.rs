//! Modelled cost by team and class, cut by what it was spent on.

use super::Data;
use super::ink::{self, Ink};
use super::sheet::{Align, Drawn, SMALL, Sheet, WIDTH, fitted};
use crate::summary::{Cost, Group};
use crate::table::by_use;
use crate::words;
use plotters::prelude::DrawingBackend;

const LEFT: f64 = 160.0;
const RIGHT: f64 = WIDTH - 160.0;
const ROW: f64 = 24.0;
const BAR: f64 = 15.0;
const HEAD: f64 = 30.0;
const GAP: f64 = 14.0;
const LEGEND: f64 = 34.0;

/// Most bars of a panel; the rest is one bar.
const BARS_MAX: usize = 12;

const INKS: [Ink; 5] = [ink::MODELLED, ink::IDLE, ink::STARTUP, ink::INTERRUPTED, ink::OTHER];

/// A name and its cost by use.
type Bar = (String, [f64; 5]);

fn bars(groups: &[Group]) -> Vec<Bar> {
    let parts = |cost: &Cost| by_use(cost).map(|part| part.1);
    let mut bars: Vec<Bar> = groups
        .iter()
        .filter(|group| group.cost_usd.total > 0.0)
        .map(|group| (group.name.clone(), parts(&group.cost_usd)))
        .collect();
    let total = |bar: &Bar| bar.1.iter().sum::<f64>();
    bars.sort_by(|a, b| total(b).total_cmp(&total(a)));
    if bars.len() > BARS_MAX {
        let rest = bars.split_off(BARS_MAX - 1);
        let mut sum = [0.0; 5];
        for (_, parts) in &rest {
            for (sum, part) in sum.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        bars.push((format!("{} others", rest.len()), sum));
    }
    bars
}

fn panels(data: &Data<'_>) -> Vec<(&'static str, Vec<Bar>)> {
    let summary = data.summary;
    vec![("By team", bars(&summary.by_team)), ("By runner class", bars(&summary.by_class))]
}

pub(super) fn height(data: &Data<'_>) -> u32 {
    let panels = panels(data);
    let rows: usize = panels.iter().map(|panel| panel.1.len()).sum();
    (LEGEND + panels.len() as f64 * (HEAD + GAP) + ROW * rows as f64) as u32
}

pub(super) fn draw<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let total = data.summary.cost_usd.total;
    let names = by_use(&data.summary.cost_usd);
    let legend: Vec<(Ink, &str)> = INKS.into_iter().zip(names.map(|part| part.0)).collect();
    sheet.legend(WIDTH - 16.0, 16.0, &legend)?;
    let mut top = LEGEND;
    for (name, bars) in panels(data) {
        sheet.text((16.0, top + HEAD / 2.0), Align::Left, SMALL + 1.0, ink::TEXT, name)?;
        top += HEAD;
        let most = bars.iter().map(|bar| bar.1.iter().sum::<f64>()).fold(0.0, f64::max);
        let bottom = top + ROW * bars.len() as f64;
        sheet.line(&[(LEFT, top), (LEFT, bottom)], ink::MUTED, 1.0)?;
        for (place, (name, parts)) in bars.iter().enumerate() {
            let middle = top + ROW * (place as f64 + 0.5);
            let name = fitted(name, SMALL, LEFT - 26.0);
            sheet.text((LEFT - 10.0, middle), Align::Right, SMALL, ink::TEXT, &name)?;
            let mut x = LEFT;
            for (part, ink) in parts.iter().zip(INKS) {
                let length = (RIGHT - LEFT) * part / most;
                sheet.area((x, middle - BAR / 2.0), (length, BAR), ink, 1.0)?;
                x += length;
            }
            let sum: f64 = parts.iter().sum();
            let text = format!("{}, {}", words::usd(sum), words::percent(sum / total));
            sheet.text((x + 8.0, middle), Align::Left, SMALL, ink::TEXT, &text)?;
        }
        top = bottom + GAP;
    }
    Ok(())
}
