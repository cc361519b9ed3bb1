//! How the rate of arrivals changes with the hour of the day and the day of the week.

/// Hours in a week.
pub const WEEK_H: usize = 168;
/// Milliseconds in an hour.
pub(super) const HOUR_MS: u64 = 3_600_000;

/// Monday 2026-01-05 00:00 UTC: generated traces begin here, so that weekday and hour mean
/// something. Any Monday would do.
pub const EPOCH_MS: u64 = 1_767_571_200_000;

/// A working week, by three figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Jobs in the busiest hour of a weekday.
    pub peak_jobs_per_hour: f64,
    /// How many times the quietest hour of a weekday the busiest one has; at least 1.
    pub day_to_night: f64,
    /// How many times an hour of the weekend the busiest one of a weekday has; at least 1.
    pub day_to_weekend: f64,
    /// The hour of UTC at which the clock of the people shows midnight.
    pub midnight_utc_h: u8,
}

/// Height between the quietest (0) and the busiest (1) hour of a weekday, from local midnight.
/// PyTorch's load report fixes the trough at 2-3 and the peak at 10-11 (see the preset); the hours
/// between are an assumption: a morning's rise, a flat afternoon, a slow evening.
const WEEKDAY: [f64; 24] = [
    0.15, 0.06, 0.00, 0.02, 0.08, 0.20, 0.36, 0.55, 0.78, 0.94, 1.00, 0.97, 0.93, 0.93, 0.94, 0.90,
    0.80, 0.65, 0.52, 0.44, 0.38, 0.33, 0.28, 0.22,
];

impl Profile {
    /// Jobs expected in each hour of a week from Monday 00:00 UTC.
    pub fn jobs_per_hour(&self) -> [f64; WEEK_H] {
        let peak = self.peak_jobs_per_hour;
        let (night, weekend) = (peak / self.day_to_night, peak / self.day_to_weekend);
        std::array::from_fn(|hour_utc| {
            let hour = (hour_utc + WEEK_H - usize::from(self.midnight_utc_h)) % WEEK_H;
            if hour >= 5 * 24 { weekend } else { night + (peak - night) * WEEKDAY[hour % 24] }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: Profile = Profile {
        peak_jobs_per_hour: 8500.0,
        day_to_night: 3.5,
        day_to_weekend: 8.5,
        midnight_utc_h: 5,
    };

    #[test]
    fn the_named_hours_have_the_named_rates() {
        let rates = OFFICE.jobs_per_hour();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        // Monday 10-11 and 2-3 Eastern (UTC-5), then Saturday noon UTC.
        near(rates[15], 8500.0);
        near(rates[7], 8500.0 / 3.5);
        near(rates[5 * 24 + 12], 1000.0);
        // Monday 00:00 UTC is still Sunday evening there.
        near(rates[0], 1000.0);
    }
}
