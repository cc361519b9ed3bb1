//! What no side of a comparison can lie below, whatever it does: the envelope of bounds.
//!
//! For each value of waiting `v` no policy has less of machines' cost plus `v` times queue time on
//! critical paths than `LB(v)`. So at a queue time `Q` none costs less than `LB(v) - v Q`, and the
//! best of these for all `v` is a curve that falls as `Q` grows.

use serde::Serialize;

/// The curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frontier {
    /// By input: sides in other worlds have other bounds, and the lowest is that of all.
    curves: Vec<Curve>,
}

/// The bounds of one input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Queue time on critical paths that nobody can avoid, in seconds.
    pub unavoidable_queue_s: f64,
    /// One a value of waiting.
    pub bounds: Vec<Bound>,
}

/// One value of waiting, and the least of cost and waiting together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// USD an hour.
    pub wait_value_usd_per_hour: f64,
    /// USD.
    pub lower_bound_usd: f64,
}

impl Frontier {
    /// Of one input.
    pub fn new(curve: Curve) -> Self {
        Self { curves: vec![curve] }
    }

    /// What holds for all of them; none if for one nothing is known.
    pub(super) fn of_all<'a>(all: impl Iterator<Item = Option<&'a Self>>) -> Option<Self> {
        let mut curves: Vec<Curve> = Vec::new();
        for frontier in all {
            for curve in &frontier?.curves {
                if !curves.contains(curve) {
                    curves.push(curve.clone());
                }
            }
        }
        (!curves.is_empty()).then_some(Self { curves })
    }

    /// Queue time that nobody can have less of, in seconds.
    pub fn queue_s_min(&self) -> f64 {
        self.curves.iter().map(|curve| curve.unavoidable_queue_s).fold(f64::INFINITY, f64::min)
    }

    /// What machines cost at least at a queue time of so many seconds.
    pub fn cost_usd(&self, queue_s: f64) -> f64 {
        self.curves.iter().map(|curve| curve.cost_usd(queue_s)).fold(f64::INFINITY, f64::min)
    }
}

impl Curve {
    fn cost_usd(&self, queue_s: f64) -> f64 {
        let at = |bound: &Bound| {
            bound.lower_bound_usd - bound.wait_value_usd_per_hour * queue_s / 3_600.0
        };
        self.bounds.iter().map(at).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(bounds: &[(f64, f64)]) -> Frontier {
        let bounds = bounds.iter().map(|&(wait_value_usd_per_hour, lower_bound_usd)| Bound {
            wait_value_usd_per_hour,
            lower_bound_usd,
        });
        Frontier::new(Curve { unavoidable_queue_s: 3_600.0, bounds: bounds.collect() })
    }

    #[test]
    fn the_envelope_falls_and_never_below_what_costs_without_any_value() {
        // Nobody below 10; at 5 USD an hour nobody below 20 together: 15 at one hour, 10 at two.
        let frontier = curve(&[(0.0, 10.0), (5.0, 20.0)]);
        let at = |hours: f64| frontier.cost_usd(hours * 3_600.0);
        assert_eq!([at(1.0), at(1.5), at(2.0), at(50.0)], [15.0, 12.5, 10.0, 10.0]);
    }

    #[test]
    fn what_holds_for_all_is_the_lowest_of_each() {
        let (low, high) = (curve(&[(0.0, 4.0)]), curve(&[(0.0, 9.0)]));
        let both = Frontier::of_all([Some(&low), Some(&high), Some(&low)].into_iter());
        assert_eq!(both.as_ref().map(|both| both.cost_usd(0.0)), Some(4.0));
        assert_eq!(both.map(|both| both.curves.len()), Some(2));
        assert_eq!(Frontier::of_all([Some(&low), None].into_iter()), None);
    }
}
