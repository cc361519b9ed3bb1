//! How likely a spot node is taken back, by its age.

use super::spot_config::AgeBand;
use greenroom_scheduler::time::Span;

/// Hours of a month, as the advisor counts one.
const HOURS_PER_MONTH: f64 = 720.0;

/// The hazard an hour that takes this share of nodes in a month: -ln(1 - share) / 720.
pub fn monthly_to_hourly(share: f64) -> f64 {
    -libm::log1p(-share) / HOURS_PER_MONTH
}

/// A hazard that depends on the age of a node: a base rate, times a factor while it is young.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    per_hour: f64,
    bands: Vec<AgeBand>,
}

impl Hazard {
    /// `per_hour` for a node older than every band. `bands` ascend.
    pub fn new(per_hour: f64, bands: Vec<AgeBand>) -> Self {
        Self { per_hour, bands }
    }

    /// The hazard an hour at this age.
    pub fn at(&self, age: Span) -> f64 {
        let band = self.bands.iter().find(|band| age < Span::from_secs(band.until_s));
        self.per_hour * band.map_or(1.0, |band| band.factor)
    }

    /// Hazard gathered up to this age; the probability to get there is exp(-that).
    pub fn gathered(&self, age: Span) -> f64 {
        let age_s = age.as_secs_f64();
        let (mut from_s, mut sum) = (0.0, 0.0);
        for band in &self.bands {
            let to_s = age_s.min(band.until_s as f64);
            sum += (to_s - from_s).max(0.0) * band.factor;
            from_s = band.until_s as f64;
        }
        sum += (age_s - from_s).max(0.0);
        sum * self.per_hour / 3600.0
    }

    /// The age at which `gathered` has been gathered: the inverse of [`Hazard::gathered`]. With an
    /// exponential of mean 1 it gives the age of interruption. `None` when that age never comes.
    pub fn age_at(&self, gathered: f64) -> Option<Span> {
        if self.per_hour <= 0.0 {
            return None;
        }
        let mut left_s = gathered * 3600.0 / self.per_hour;
        let mut from_s = 0.0;
        for band in &self.bands {
            let length_s = band.until_s as f64 - from_s;
            if left_s <= length_s * band.factor {
                // A factor of 0 is never enough, unless nothing is left to gather.
                let into_s = if band.factor > 0.0 { left_s / band.factor } else { 0.0 };
                return Some(Span::from_secs_f64(from_s + into_s));
            }
            left_s -= length_s * band.factor;
            from_s = band.until_s as f64;
        }
        Some(Span::from_secs_f64(from_s + left_s))
    }
}
