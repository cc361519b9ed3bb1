//! The distribution of queue time: which share of jobs had started after how long.

use super::Data;
use super::axis::{Scale, human_ticks};
use super::ink;
use super::sheet::{Align, Drawn, SMALL, Sheet, WIDTH, text_width};
use crate::words;
use plotters::prelude::DrawingBackend;

pub(super) const HEIGHT: u32 = 330;

const LEFT: f64 = 58.0;
const RIGHT: f64 = WIDTH - 24.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = HEIGHT as f64 - 44.0;

/// Shortest queue time that the axis tells apart, in seconds.
const SHORTEST_S: f64 = 0.1;

pub(super) fn draw<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let simulated = data.simulated.cumulative();
    let recorded = data.recorded.cumulative();
    let ends = || simulated.iter().chain(&recorded).map(|point| point.0);
    let from = ends().fold(f64::INFINITY, f64::min).clamp(SHORTEST_S, 1.0);
    let to = ends().fold(10.0, f64::max);
    let x = Scale { from: libm::log10(from), to: libm::log10(to), first: LEFT, last: RIGHT };
    let x_at = |s: f64| x.at(libm::log10(s.max(from)));
    let y = Scale { from: 0.0, to: 1.0, first: BOTTOM, last: TOP };
    for percent in [0, 25, 50, 75, 100] {
        let at = y.at(f64::from(percent) / 100.0);
        sheet.line(&[(LEFT, at), (RIGHT, at)], ink::GRID, 1.0)?;
        let name = format!("{percent} %");
        sheet.text((LEFT - 8.0, at), Align::Right, SMALL, ink::MUTED, &name)?;
    }
    let mut free = 0.0;
    for (s, name) in human_ticks(from, to) {
        sheet.line(&[(x_at(s), TOP), (x_at(s), BOTTOM)], ink::GRID, 1.0)?;
        // Names that would touch are left out.
        let half = text_width(name, SMALL) / 2.0;
        if x_at(s) - half > free {
            sheet.text((x_at(s), BOTTOM + 14.0), Align::Middle, SMALL, ink::MUTED, name)?;
            free = x_at(s) + half + 6.0;
        }
    }
    let under = "queue time, logarithmic scale";
    sheet.text(
        (f64::midpoint(LEFT, RIGHT), BOTTOM + 34.0),
        Align::Middle,
        SMALL,
        ink::MUTED,
        under,
    )?;
    sheet.text(
        (LEFT, 14.0),
        Align::Left,
        SMALL + 1.0,
        ink::TEXT,
        "Share of jobs that waited no longer",
    )?;
    let curve = |points: &[(f64, f64)]| {
        let mut curve = vec![(LEFT, y.at(0.0))];
        curve.extend(points.iter().map(|&(s, share)| (x_at(s), y.at(share))));
        curve.push((RIGHT, y.at(points.last().map_or(0.0, |point| point.1))));
        curve
    };
    let mut legend = Vec::new();
    if data.recorded.total() > 0 {
        sheet.line(&curve(&recorded), ink::MEASURED, 2.0)?;
        legend.push((ink::MEASURED, "recorded (measured)"));
    }
    sheet.line(&curve(&simulated), ink::MODELLED, 2.5)?;
    legend.push((ink::MODELLED, "simulated (modelled)"));
    sheet.legend(RIGHT, 14.0, &legend)?;
    if let Some(queue) = data.summary.queue_s {
        for (share, s, name) in [(0.5, queue.p50, "median"), (0.95, queue.p95, "p95")] {
            let at = (x_at(s), y.at(share));
            sheet.dot(at, 4.0, ink::MODELLED)?;
            let text = format!("{name} {}", words::seconds(s));
            // A curve rises to the right, so it passes neither up and left of a point nor down
            // and right of it. The record's curve may, and is kept off the text.
            let wide = text_width(&text, SMALL);
            let (x, y) = if share < 0.8 {
                (at.0 - 9.0 - wide, at.1 - 11.0)
            } else {
                (at.0 + 9.0, at.1 + 13.0)
            };
            sheet.area((x - 2.0, y - 8.0), (wide + 4.0, 16.0), ink::PAPER, 0.85)?;
            let (x, align) = if share < 0.8 { (x + wide, Align::Right) } else { (x, Align::Left) };
            sheet.text((x, y), align, SMALL, ink::TEXT, &text)?;
        }
    }
    Ok(())
}
