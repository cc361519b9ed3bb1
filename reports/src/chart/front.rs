//! Modelled cost of a month against queue time: everything that was run, and what nothing beats.

use super::axis::{Scale, tick_text, ticks};
use super::ink;
use super::sheet::{Align, ChartError, SMALL, Sheet, WIDTH, text_width};
use super::svg::{TITLE_HEIGHT, sheet_of, title};
use crate::plan::{Answer, ChartPoint};
use crate::replications::Interval;
use crate::words;
use plotters::prelude::DrawingBackend;

const HEIGHT: f64 = 440.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = WIDTH - 30.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = HEIGHT - 52.0;

/// Shares of a limit that are named on the axis where there are several objectives.
const SHARES: [f64; 13] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// Times that are named where there is one, in seconds.
const TIMES_S: [f64; 28] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0,
    600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0,
    345_600.0, 864_000.0,
];

/// Names on the axis keep this many pixels apart.
const APART: f64 = 44.0;

/// The axis begins here at least: shorter is no wait.
const SHARE_MIN: f64 = 1e-3;

/// The chart as SVG text.
///
/// # Errors
/// The drawing library refuses.
pub fn front(answer: &Answer, points: &[ChartPoint]) -> Result<String, ChartError> {
    let height = HEIGHT + TITLE_HEIGHT;
    sheet_of(height as u32, TITLE_HEIGHT, |sheet| {
        let run = format!("modelled: {}", answer.trace);
        title(sheet, height, "What meeting the objectives costs", &run)?;
        draw(answer, points, sheet)?;
        sheet.finish()
    })
}

fn draw<B: DrawingBackend>(
    answer: &Answer,
    points: &[ChartPoint],
    sheet: &mut Sheet<B>,
) -> Result<(), ChartError> {
    let share = |point: &ChartPoint| point.share_of_limit.max(SHARE_MIN);
    let least = points.iter().map(share).fold(1.0, f64::min) / 1.3;
    let most = points.iter().map(share).fold(1.0, f64::max) * 1.3;
    let x = Scale { from: least.ln(), to: most.ln(), first: LEFT, last: RIGHT };
    let costs = || points.iter().map(|point| point.month_usd);
    let usd = steps(costs().fold(f64::INFINITY, f64::min), costs().fold(0.0, f64::max));
    let ends = [usd.first(), usd.last()].map(|end| end.copied().unwrap_or_default());
    let y = Scale { from: ends[0], to: ends[1], first: BOTTOM, last: TOP };
    // Where the limits are kept.
    let at_limit = x.at(0.0);
    sheet.area((LEFT, TOP), (at_limit - LEFT, BOTTOM - TOP), ink::SPOT, 0.08)?;
    let names: Vec<(f64, String)> = match &answer.slo[..] {
        [wish] => TIMES_S.map(|s| (s / wish.limit_s, words::seconds(s))).to_vec(),
        _ => SHARES.map(|share| (share, format!("{} %", share * 100.0))).to_vec(),
    };
    let mut named_until = LEFT;
    for (share, name) in names.into_iter().filter(|(share, _)| (least..most).contains(share)) {
        let at = x.at(share.ln());
        if at < named_until {
            continue;
        }
        named_until = at + APART;
        sheet.line(&[(at, TOP), (at, BOTTOM)], ink::GRID, 1.0)?;
        sheet.text((at, BOTTOM + 14.0), Align::Middle, SMALL, ink::MUTED, &name)?;
    }
    let step = usd.get(1).map_or(1.0, |second| second - usd[0]);
    for &tick in &usd {
        let at = y.at(tick);
        sheet.line(&[(LEFT, at), (RIGHT, at)], ink::GRID, 1.0)?;
        let name = format!("${}", tick_text(tick, step));
        sheet.text((LEFT - 8.0, at), Align::Right, SMALL, ink::MUTED, &name)?;
    }
    let (limit, under) = match &answer.slo[..] {
        [wish] => (
            format!("at most {}", words::seconds(wish.limit_s)),
            format!("{} (logarithmic)", figure(&wish.objective)),
        ),
        _ => ("limit".to_owned(), "the worst objective, as a share of its limit".to_owned()),
    };
    sheet.line(&[(at_limit, TOP), (at_limit, BOTTOM)], ink::SPOT, 1.5)?;
    sheet.text((at_limit, TOP - 10.0), Align::Middle, SMALL, ink::SPOT, &limit)?;
    let middle = f64::midpoint(LEFT, RIGHT);
    sheet.text((middle, BOTTOM + 36.0), Align::Middle, SMALL, ink::MUTED, &under)?;
    let beside = "modelled cost of a month; bars are 95 % intervals";
    sheet.text((16.0, 12.0), Align::Left, SMALL, ink::TEXT, beside)?;
    let legend = [
        (ink::OTHER, "was run"),
        (ink::MODELLED, "nothing beats it"),
        (ink::ON_DEMAND, "today"),
        (ink::WAITING, if answer.is_met { "recommended" } else { "nearest" }),
    ];
    sheet.legend(RIGHT, 12.0, &legend)?;
    let place = |point: &ChartPoint| (x.at(share(point).ln()), y.at(point.month_usd));
    for point in points.iter().filter(|point| !point.is_on_front) {
        sheet.dot(place(point), 2.5, ink::OTHER)?;
    }
    // Between two points of the front one gets the next one's wait for its cost, and no less.
    let mut stairs: Vec<(f64, f64)> = Vec::new();
    for point in points.iter().filter(|point| point.is_on_front) {
        let at = place(point);
        stairs.extend(stairs.last().map(|before| (before.0, at.1)));
        stairs.push(at);
    }
    if stairs.len() > 1 {
        sheet.line(&stairs, ink::MODELLED, 1.5)?;
    }
    for point in points.iter().filter(|point| point.is_on_front) {
        sheet.dot(place(point), 3.5, ink::MODELLED)?;
    }
    for (choice, ink) in [(&answer.today, ink::ON_DEMAND), (&answer.chosen, ink::WAITING)] {
        let of = |end: fn(&Interval) -> f64| {
            let figures = choice.figures_s.iter().map(end).zip(&answer.slo);
            let shares = figures.map(|(figure, wish)| figure / wish.limit_s);
            let lost = end(&choice.lost_share) / answer.lost_share_max;
            x.at(shares.fold(lost, f64::max).max(SHARE_MIN).ln())
        };
        let across = [of(|figure| figure.low), of(|figure| figure.high)].map(|at| at.max(LEFT));
        let at = (of(|figure| figure.mean), y.at(choice.month_usd.mean));
        let along = [choice.month_usd.low, choice.month_usd.high].map(|usd| y.at(usd));
        sheet.line(&[(across[0], at.1), (across[1], at.1)], ink, 1.5)?;
        sheet.line(&[(at.0, along[0]), (at.0, along[1])], ink, 1.5)?;
        sheet.dot(at, 6.0, ink)?;
        let name = words::usd(choice.month_usd.mean);
        let is_right = at.0 + 12.0 + text_width(&name, SMALL) < RIGHT;
        let (from, align) =
            if is_right { (at.0 + 11.0, Align::Left) } else { (at.0 - 11.0, Align::Right) };
        sheet.text((from, at.1 - 10.0), align, SMALL, ink, &name)?;
    }
    Ok(())
}

/// Round steps around two amounts. Costs that differ by little would all lie on one line if the axis
/// began at nothing.
fn steps(least: f64, most: f64) -> Vec<f64> {
    if !least.is_finite() {
        return ticks(1.0, 5);
    }
    let step = ticks((most - least).max(most * 0.02), 5).get(1).copied().unwrap_or(1.0);
    let (from, to) = ((least / step).floor(), (most / step).ceil());
    // An edge through a point hides it.
    let from = if least > 0.0 && least / step - from < 0.05 { (from - 1.0).max(0.0) } else { from };
    let to = if to - most / step < 0.05 { to + 1.0 } else { to };
    (0..=(to - from) as usize).map(|place| (from + place as f64) * step).collect()
}

/// An objective's figure without its limit.
fn figure(objective: &str) -> String {
    let name = objective.split(" <= ").next().unwrap_or(objective);
    format!("queue time, {name}")
}
