//! Everything that was run on the whole input, as points of the chart.

use super::answer::{MONTH_H, Point};
use super::search::Found;
use super::trial::{Standing, Tried, front};

/// The points, each by its first run, all with the same luck, the cheapest first; of those that others beat only today's and the chosen one unless
/// `all` are wanted.
pub fn points(found: &Found, limits: &[f64], span_h: f64, all: bool) -> Vec<Point> {
    let standing = |tried: &Tried| tried.first_standing(limits);
    let standings: Vec<(&Tried, Standing)> =
        found.tried.values().filter_map(|tried| Some((tried, standing(tried)?))).collect();
    let on: Vec<&Tried> = front(&standings).into_iter().map(|(tried, _)| tried).collect();
    let start = found.space.start();
    let mut points: Vec<Point> = standings
        .iter()
        .map(|(tried, standing)| Point {
            set: found.space.changes(&tried.point),
            month_usd: standing.cost_usd * MONTH_H / span_h,
            figures_s: (0..limits.len() - 1)
                .map(|place| tried.value(place).unwrap_or(0.0))
                .collect(),
            share_of_limit: standing.ratio,
            runs: tried.whole.len(),
            is_on_front: on.iter().any(|other| other.point == tried.point),
            is_today: tried.point == start,
            is_chosen: tried.point == found.nearest,
        })
        .filter(|point| all || point.is_on_front || point.is_today || point.is_chosen)
        .collect();
    points.sort_by(|a, b| {
        a.month_usd.total_cmp(&b.month_usd).then(a.share_of_limit.total_cmp(&b.share_of_limit))
    });
    points
}
