//! Modelled cost against queue time, a point for each side of a comparison.

use super::axis::{Scale, tick_text, ticks};
use super::ink::{self, Ink};
use super::sheet::{Align, ChartError, SMALL, Sheet, WIDTH, fitted, text_width};
use super::svg::{TITLE_HEIGHT, sheet_of, title};
use crate::compare::Frontier;
use crate::replications::Interval;
use plotters::prelude::DrawingBackend;

const HEIGHT: f64 = 420.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = WIDTH - 30.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = HEIGHT - 50.0;

/// Widest name beside a point, in pixels.
const NAME: f64 = 190.0;

const INKS: [Ink; 6] =
    [ink::MODELLED, ink::SPOT, ink::WAITING, ink::STARTUP, ink::ON_DEMAND, ink::OTHER];

/// A side: its name, and what it made people wait and pay.
#[derive(Clone, Debug)]
pub struct Rival {
    /// Its name.
    pub name: String,
    /// Queue time on the critical paths of all runs, over the replications.
    pub waiting_s: Interval,
    /// Modelled cost.
    pub cost_usd: Interval,
}

/// Points of the frontier's curve.
const CURVE: u32 = 160;

/// The chart as SVG text; with the frontier stands what it is.
///
/// # Errors
/// The drawing library refuses.
pub fn rivals(
    points: &[Rival],
    frontier: Option<(&Frontier, &str)>,
    trace: &str,
) -> Result<String, ChartError> {
    let height = HEIGHT + TITLE_HEIGHT;
    sheet_of(height as u32, TITLE_HEIGHT, |sheet| {
        title(sheet, height, "What waiting less costs", &format!("modelled: {trace}"))?;
        draw(points, frontier, sheet)?;
        sheet.finish()
    })
}

fn draw<B: DrawingBackend>(
    points: &[Rival],
    frontier: Option<(&Frontier, &str)>,
    sheet: &mut Sheet<B>,
) -> Result<(), ChartError> {
    let most = |of: fn(&Rival) -> f64| points.iter().map(of).fold(0.0, f64::max) * 1.08;
    let usd = ticks(most(|point| point.cost_usd.high), 6);
    let end = |ticks: &[f64]| ticks.last().copied().unwrap_or(1.0);
    let x = Hours::of(points, frontier.map(|(frontier, _)| frontier));
    let y = Scale { from: 0.0, to: end(&usd), first: BOTTOM, last: TOP };
    for (at, name) in x.ticks() {
        sheet.line(&[(at, TOP), (at, BOTTOM)], ink::GRID, 1.0)?;
        sheet.text((at, BOTTOM + 14.0), Align::Middle, SMALL, ink::MUTED, &name)?;
    }
    for &tick in &usd {
        let at = y.at(tick);
        sheet.line(&[(LEFT, at), (RIGHT, at)], ink::GRID, 1.0)?;
        let name = format!("${}", tick_text(tick, usd[1]));
        sheet.text((LEFT - 8.0, at), Align::Right, SMALL, ink::MUTED, &name)?;
    }
    let under = if x.is_log {
        "hours that runs waited on their critical path (people's waiting; logarithmic)"
    } else {
        "hours that runs waited on their critical path (people's waiting)"
    };
    let middle = f64::midpoint(LEFT, RIGHT);
    sheet.text((middle, BOTTOM + 36.0), Align::Middle, SMALL, ink::MUTED, under)?;
    let beside = "modelled cost; bars are 95 % intervals over the randomness of the world";
    sheet.text((LEFT, 16.0), Align::Left, SMALL, ink::TEXT, beside)?;
    if let Some((frontier, name)) = frontier {
        draw_frontier(frontier, name, (x, y), sheet)?;
    }
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for (place, point) in points.iter().enumerate() {
        let ink = INKS[place % INKS.len()];
        let at = (x.at(point.waiting_s.mean), y.at(point.cost_usd.mean));
        let across = [point.waiting_s.low, point.waiting_s.high].map(|s| x.at(s));
        let along = [point.cost_usd.low, point.cost_usd.high].map(|usd| y.at(usd));
        sheet.line(&[(across[0], at.1), (across[1], at.1)], ink, 1.5)?;
        sheet.line(&[(at.0, along[0]), (at.0, along[1])], ink, 1.5)?;
        sheet.dot(at, 5.0, ink)?;
        let name = fitted(&point.name, SMALL, NAME);
        let width = text_width(&name, SMALL);
        let (from, align) = if at.0 + 12.0 + width > RIGHT {
            (at.0 - 12.0 - width, Align::Right)
        } else {
            (at.0 + 12.0, Align::Left)
        };
        let height = free(&taken, from, width, at.1 - 10.0);
        taken.push((from, width, height));
        let anchor = if align == Align::Right { at.0 - 12.0 } else { from };
        sheet.text((anchor, height), align, SMALL, ink, &name)?;
    }
    Ok(())
}

/// The axis of queue time, logarithmic where the sides are far apart.
#[derive(Clone, Copy)]
struct Hours {
    scale: Scale,
    is_log: bool,
}

/// Sides whose queue times differ by more than this factor are shown on a logarithmic axis.
const FAR_APART: f64 = 50.0;

impl Hours {
    fn of(points: &[Rival], frontier: Option<&Frontier>) -> Self {
        let waits = || points.iter().map(|point| point.waiting_s);
        let most = waits().map(|waiting| waiting.high).fold(0.0, f64::max) * 1.08 / 3_600.0;
        let least = waits().map(|waiting| waiting.mean).fold(f64::INFINITY, f64::min);
        let least = frontier.map_or(least, |frontier| least.min(frontier.queue_s_min()));
        let least = least / 3_600.0;
        let is_log = least > 0.0 && most > least * FAR_APART;
        let (from, to) = if is_log {
            (libm::log10(least * 0.8), libm::log10(most * 1.5))
        } else {
            (0.0, ticks(most, 6).last().copied().unwrap_or(1.0))
        };
        Self { scale: Scale { from, to, first: LEFT, last: RIGHT }, is_log }
    }

    /// Pixels of so many seconds.
    fn at(self, s: f64) -> f64 {
        let hours = s / 3_600.0;
        let value = if self.is_log { libm::log10(hours.max(f64::MIN_POSITIVE)) } else { hours };
        self.scale.at(value.max(self.scale.from))
    }

    fn last_s(self) -> f64 {
        let to = self.scale.to;
        (if self.is_log { libm::pow(10.0, to) } else { to }) * 3_600.0
    }

    /// A share of the way between two numbers of seconds, as the axis has it.
    fn between(self, from: f64, to: f64, share: f64) -> f64 {
        if self.is_log { from * libm::pow(to / from, share) } else { from + (to - from) * share }
    }

    /// Where ticks stand, and their names.
    fn ticks(self) -> Vec<(f64, String)> {
        let Scale { from, to, .. } = self.scale;
        let hours: Vec<(f64, String)> = if self.is_log {
            let decades = from.ceil() as i32..=to.floor() as i32;
            let name = |decade: i32| {
                tick_text(libm::pow(10.0, f64::from(decade)), libm::pow(10.0, f64::from(decade)))
            };
            decades.map(|decade| (libm::pow(10.0, f64::from(decade)), name(decade))).collect()
        } else {
            let all = ticks(to, 6);
            all.iter().map(|&tick| (tick, tick_text(tick, all[1]))).collect()
        };
        hours.into_iter().map(|(hours, name)| (self.at(hours * 3_600.0), name)).collect()
    }
}

/// Where nobody can be: under the curve, and left of the queue time that nobody can avoid.
fn draw_frontier<B: DrawingBackend>(
    frontier: &Frontier,
    name: &str,
    (x, y): (Hours, Scale),
    sheet: &mut Sheet<B>,
) -> Result<(), ChartError> {
    let from = frontier.queue_s_min();
    let to = x.last_s();
    if from.is_nan() || from >= to {
        return Ok(());
    }
    let steps = (0..=CURVE).map(|step| f64::from(step) / f64::from(CURVE));
    let waits = steps.map(|share| x.between(from, to, share));
    let usd = |queue_s: f64| frontier.cost_usd(queue_s).min(y.to);
    let mut curve = vec![(x.at(from), TOP)];
    curve.extend(waits.map(|queue_s| (x.at(queue_s), y.at(usd(queue_s)))));
    let mut under = curve.clone();
    under.extend([(RIGHT, BOTTOM), (LEFT, BOTTOM), (LEFT, TOP)]);
    sheet.shape(&under, ink::OTHER, 0.15)?;
    sheet.line(&curve, ink::OTHER, 1.5)?;
    let height = (y.at(usd(to)) + 14.0).min(BOTTOM - 8.0);
    sheet.text((RIGHT - 6.0, height), Align::Right, SMALL, ink::MUTED, name)
}

/// The height nearest above or at `wish` where a name touches none before it.
fn free(taken: &[(f64, f64, f64)], from: f64, width: f64, wish: f64) -> f64 {
    const LINE: f64 = 15.0;
    let touches = |height: f64| {
        taken.iter().any(|&(start, length, at)| {
            from < start + length && start < from + width && (at - height).abs() < LINE
        })
    };
    let steps = (0..=taken.len() as u32 * 2).map(|step| {
        let away = f64::from(step.div_ceil(2)) * LINE;
        if step % 2 == 1 { wish - away } else { wish + away }
    });
    steps.into_iter().find(|&height| !touches(height)).unwrap_or(wish)
}
