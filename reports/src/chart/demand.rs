//! Demand against capacity over time: jobs, nodes by state, nodes by how they were bought.

use super::Data;
use super::axis::{Scale, calendar_ticks, tick_text, ticks};
use super::ink::{self, Ink};
use super::sheet::{Align, Drawn, SMALL, Sheet, WIDTH};
use crate::series::Level;
use greenroom_scheduler::time::{Span, Time};
use plotters::prelude::DrawingBackend;

const LEFT: f64 = 58.0;
const RIGHT: f64 = WIDTH - 18.0;
const HEAD: f64 = 30.0;
const PLOT: f64 = 120.0;
const GAP: f64 = 16.0;
const FOOT: f64 = 26.0;

struct Panel {
    name: &'static str,
    layers: &'static [(Level, Ink, &'static str)],
}

/// Layers from the bottom up.
const PANELS: [Panel; 3] = [
    Panel {
        name: "Jobs",
        layers: &[
            (Level::Running, ink::MODELLED, "running"),
            (Level::Waiting, ink::WAITING, "waiting"),
        ],
    },
    Panel {
        name: "Nodes by state",
        layers: &[
            (Level::Busy, ink::MODELLED, "with jobs"),
            (Level::Idle, ink::IDLE, "idle"),
            (Level::Starting, ink::STARTUP, "starting"),
        ],
    },
    Panel {
        name: "Nodes by purchase",
        layers: &[(Level::Spot, ink::SPOT, "spot"), (Level::OnDemand, ink::ON_DEMAND, "on-demand")],
    },
];

pub(super) const fn height() -> u32 {
    (PANELS.len() as f64 * (HEAD + PLOT) + (PANELS.len() - 1) as f64 * GAP + FOOT) as u32
}

pub(super) fn draw<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let levels = data.timeline.levels();
    let means = levels.means();
    let (start, end) = (levels.start(), levels.end());
    let x = |at: Time| {
        let ms = at.since(start).as_ms() as f64;
        LEFT + (RIGHT - LEFT) * ms / end.since(start).as_ms().max(1) as f64
    };
    let edges: Vec<f64> = (0..=means.len())
        .map(|bin| {
            x((start + Span::from_ms((bin as u64).saturating_mul(levels.width().as_ms()))).min(end))
        })
        .collect();
    let days = calendar_ticks(start, end, 8);
    for (place, panel) in PANELS.iter().enumerate() {
        let top = place as f64 * (HEAD + PLOT + GAP) + HEAD;
        draw_panel(sheet, panel, &means, &edges, top, &days, &x)?;
    }
    let bottom = f64::from(height()) - FOOT;
    for (at, name) in &days {
        // Names at the edges would be cut off.
        if (LEFT..RIGHT - 20.0).contains(&x(*at)) {
            sheet.text((x(*at), bottom + 12.0), Align::Middle, SMALL, ink::MUTED, name)?;
        }
    }
    if data.warmup > start && data.warmup < end {
        let at = x(data.warmup);
        sheet.line(&[(at, HEAD), (at, bottom)], ink::MUTED, 1.0)?;
        sheet.text((at - 4.0, HEAD + 8.0), Align::Right, SMALL, ink::MUTED, "warm-up")?;
    }
    Ok(())
}

fn draw_panel<B: DrawingBackend>(
    sheet: &mut Sheet<B>,
    panel: &Panel,
    means: &[[f64; 7]],
    edges: &[f64],
    top: f64,
    days: &[(Time, String)],
    x: &impl Fn(Time) -> f64,
) -> Drawn {
    let stack = |bin: &[f64; 7], layers: usize| -> f64 {
        panel.layers[..layers].iter().map(|layer| bin[layer.0 as usize]).sum()
    };
    let most = means.iter().map(|bin| stack(bin, panel.layers.len())).fold(0.0, f64::max);
    let marks = ticks(most, 4);
    let step = marks[1];
    let highest = marks[marks.len() - 1];
    let y = Scale { from: 0.0, to: highest, first: top + PLOT, last: top };
    for &mark in &marks {
        sheet.line(&[(LEFT, y.at(mark)), (RIGHT, y.at(mark))], ink::GRID, 1.0)?;
        let name = tick_text(mark, step);
        sheet.text((LEFT - 8.0, y.at(mark)), Align::Right, SMALL, ink::MUTED, &name)?;
    }
    for (at, _) in days {
        sheet.line(&[(x(*at), top), (x(*at), top + PLOT)], ink::GRID, 1.0)?;
    }
    for (place, layer) in panel.layers.iter().enumerate() {
        let mut outline = Vec::with_capacity(4 * means.len());
        for (bin, edge) in means.iter().zip(edges.windows(2)) {
            let high = y.at(stack(bin, place + 1));
            outline.extend([(edge[0], high), (edge[1], high)]);
        }
        for (bin, edge) in means.iter().zip(edges.windows(2)).rev() {
            let low = y.at(stack(bin, place));
            outline.extend([(edge[1], low), (edge[0], low)]);
        }
        sheet.shape(&outline, layer.1, 1.0)?;
    }
    sheet.line(&[(LEFT, top + PLOT), (RIGHT, top + PLOT)], ink::MUTED, 1.0)?;
    let unit = format!("{}, mean at a time", panel.name);
    sheet.text((LEFT, top - 14.0), Align::Left, SMALL + 1.0, ink::TEXT, &unit)?;
    let entries: Vec<(Ink, &str)> = panel.layers.iter().map(|layer| (layer.1, layer.2)).collect();
    sheet.legend(RIGHT, top - 14.0, &entries)
}
